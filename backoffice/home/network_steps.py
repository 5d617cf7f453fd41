"""What a new network lacks before anything can be sent to it, in the order in which it is best done."""

from collections.abc import Iterator

from django.urls import reverse

from backoffice.first_step import FirstStep
from referrals.models import Network


def list_steps(network: Network) -> list[FirstStep]:
    """Return nothing once referrals can be sent and answered. Expects the counts of the settings page."""
    steps = list(_steps_of(network))
    return [] if all(step.is_done for step in steps if not step.is_optional) else steps


def _steps_of(network: Network) -> Iterator[FirstStep]:
    def page(name: str) -> str:
        return reverse(f"backoffice:{name}", args=[network.pk])

    yield FirstStep(
        "Name a coordinator",
        "Who sets up the rest, and is told when nobody can help.",
        "Invite a coordinator",
        reverse("backoffice:team", args=["network", network.pk]),
        is_done=bool(network.coordinators_count),
    )
    yield FirstStep(
        "List what people may need",
        "Categories such as Debt or Housing. Services are listed under them, and the form asks for them.",
        "Add categories",
        page("settings_categories"),
        is_done=bool(network.categories_count),
    )
    yield FirstStep(
        "Say what people agree to",
        "Without a wording of consent in force, nothing about anybody can be sent.",
        "Write the consent",
        page("settings_consent"),
        is_done=bool(network.wording_version),
    )
    yield FirstStep(
        "Ask about people",
        "Gender or language, say, if services are for some people only. Ages can be used without.",
        "Choose what to ask",
        page("settings_demographics"),
        is_done=bool(network.demographics_count),
        is_optional=True,
    )
    yield FirstStep(
        "Ask what is needed",
        "Questions that lead to the needs, and find out what is urgent. Without any, the form shows the list of needs.",
        "Write the questions",
        page("questions"),
        is_done=bool(network.flow_versions_count),
        is_optional=True,
    )
    yield FirstStep(
        "Invite organisations",
        "They enter their services themselves. Referrals can be answered from the first service on.",
        "Invite an organisation",
        reverse("backoffice:invite_organisation"),
        is_done=bool(network.services_count),
    )
