"""The addresses of the workspace's verbs, and what they answer."""

from django.urls import reverse

from referrals.models import Referral


def address(action: str, referral: Referral, pk: int | None = None) -> str:
    return reverse(f"backoffice:workspace_{action}", args=[referral.reference, *([pk] if pk else [])])


def messages_of(response) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in response.context["messages"]]
