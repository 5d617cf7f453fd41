from django.core.management.base import BaseCommand

from referrals.demo import demo_addresses, demo_password, demo_sign_ins


class Command(BaseCommand):
    help = "Print the addresses of this installation and which of the demonstration's users can sign in."

    def handle(self, *args: str, **options: object) -> None:
        addresses = demo_addresses()
        width = max(len(name) for name in addresses)
        for name, address in addresses.items():
            self.stdout.write(f"{name:<{width}}  {address}")
        self.stdout.write("")
        sign_ins = demo_sign_ins()
        if not sign_ins:
            self.stdout.write("There are no demonstration users here: manage.py load_demo creates them.")
            return
        self.stdout.write(f"Sign in to the back office with the password {demo_password()} as")
        width = max(len(row.email) for row in sign_ins)
        for row in sign_ins:
            changed = "" if row.has_password else " (has another password now)"
            self.stdout.write(f"  {row.email:<{width}}  {row.name}, {row.role}{changed}")
