from django.conf import settings
from django.core.management.base import BaseCommand

from referrals.demo import demo_password, demo_sign_ins

PLACES = (
    ("Public site", "/"),
    ("Referral form", "/refer/northside/"),
    ("Back office", "/backoffice/"),
)


class Command(BaseCommand):
    help = "Print the addresses of this installation and who of the demonstration's users can sign in to it."

    def handle(self, *args: str, **options: object) -> None:
        sign_ins = demo_sign_ins()
        lines = [f"{name:<16}{settings.PUBLIC_URL}{path}" for name, path in PLACES]
        self.stdout.write("\n".join(lines))
        if not sign_ins:
            self.stdout.write("\nNobody of the demonstration is here: `manage.py load_demo` makes them.")
            return
        width = max(len(row.email) for row in sign_ins)
        self.stdout.write(f"\nSign in to the back office with the password {demo_password()} as\n")
        for row in sign_ins:
            changed = "" if row.has_password else " (has chosen another password)"
            self.stdout.write(f"  {row.email:<{width}}  {row.name}, {row.role}{changed}")
