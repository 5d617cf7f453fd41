"""Who can sign in to the demonstration, and with which password."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import check_password

from referrals.demo.files import Fixtures
from referrals.models import Network, User


@dataclass(frozen=True, slots=True)
class SignIn:
    """has_password: False once the user has chosen another than the demonstration's."""

    email: str
    name: str
    role: str
    has_password: bool


def demo_addresses() -> dict[str, str]:
    slugs = [row["slug"] for row in Fixtures().networks]
    names = dict(Network.objects.filter(slug__in=slugs).values_list("slug", "name"))
    forms = {f"Referral form, {names[slug]}": f"/refer/{slug}/" for slug in slugs if slug in names}
    pages = {"Public site": "/", **forms, "Back office": "/backoffice/", "Pages and pictures": "/cms/"}
    return {name: f"{settings.PUBLIC_URL}{path}" for name, path in pages.items()}


def demo_password() -> str:
    return Fixtures().users["password"]


def demo_sign_ins() -> list[SignIn]:
    """Return the users marked as shown in the fixtures, in that order, that still exist.

    load_demo gives all of them the same hash, so checking the password costs one hash.
    """
    roles = _shown_roles()
    users = {user.email: user for user in User.objects.filter(email__in=roles, is_active=True)}
    password = demo_password()
    opens = {stored: check_password(password, stored) for stored in {user.password for user in users.values()}}
    return [
        SignIn(email=email, name=users[email].name, role=role, has_password=opens[users[email].password])
        for email, role in roles.items()
        if email in users
    ]


def _shown_roles() -> dict[str, str]:
    fixtures = Fixtures()
    roles = {row["email"]: row["shown"] for row in fixtures.users["people"]}
    for organisation in fixtures.organisations:
        for person in organisation["people"]:
            if "shown" in person:
                roles[person["email"]] = f"{organisation['name']}: {person['shown']}"
    return roles
