from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.shortcuts import resolve_url

from referrals import demo
from referrals.models import Network, Postcode, Referral, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_postcode_files_and_quick_hashes(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_it_reports_what_it_loaded_and_loads_once():
    assert "2 referrals" in run("load_demo", "--referrals", "2")
    with pytest.raises(CommandError, match=r"already\..*nothing was changed"):
        run("load_demo", "--referrals", "2")
    assert run("load_demo", "--if-empty") == "The demonstration was not loaded: there is already a network.\n"
    assert Referral.objects.count() == 2


def test_counts_are_whole_numbers():
    with pytest.raises(CommandError, match="-5 is not a whole number"):
        run("load_demo", "--referrals=-5")
    assert not Network.objects.exists()


def test_postcodes_are_imported_first_when_there_are_files(tmp_path):
    (tmp_path / "postcodes").mkdir()
    rows = [
        f'"NW1{number}{letter}Z",10,{529000 + number},183000' for number in range(10) for letter in "ABDEFGHJLNPQRSTUW"
    ]
    (tmp_path / "postcodes" / "nw.csv").write_text("\n".join(rows) + "\n")
    out = run("load_demo", "--referrals", "0")
    assert "Contains OS data © Crown copyright" in out
    assert Postcode.objects.find("NW1 3BZ")


def test_no_postcodes_leaves_the_files_alone(tmp_path):
    (tmp_path / "postcodes").mkdir()
    (tmp_path / "postcodes" / "nw.csv").write_text("nonsense\n")
    run("load_demo", "--referrals", "0", "--no-postcodes")
    assert not Postcode.objects.find("NW1 3BZ")


def test_broken_postcode_files_stop_it_with_a_sentence(tmp_path):
    (tmp_path / "postcodes").mkdir()
    (tmp_path / "postcodes" / "nw.csv").write_text("nonsense\n")
    with pytest.raises(CommandError, match="The postcodes could not be loaded"):
        run("load_demo", "--referrals", "0")
    assert not Network.objects.exists()


def test_no_sign_ins_before_it_is_loaded():
    out = run("demo_sign_ins")
    assert "/backoffice/" in out
    assert "/refer/" not in out
    assert "password" not in out


def test_sign_ins_are_those_that_exist():
    run("load_demo", "--referrals", "0")
    User.objects.filter(email="tobias@northside.example").delete()
    changed = User.objects.get(email="vivienne@northside.example")
    changed.set_password("a word of her own")
    changed.save()
    out = run("demo_sign_ins")
    assert "/refer/northside/" in out
    assert demo.demo_password() in out
    assert "tobias@northside.example" not in out
    assert "figures, never a person's details (has another password now)" in out
    rows = {row.email: row for row in demo.demo_sign_ins()}
    assert rows["josephine@northside.example"].has_password
    assert len(rows) >= 10


def test_the_password_opens_every_account(client):
    run("load_demo", "--referrals", "0")
    for email in ("priyanka@chestnutminds.example", "operator@northside.example"):
        signed_in = client.post(resolve_url(settings.LOGIN_URL), {"username": email, "password": demo.demo_password()})
        assert signed_in.status_code == 302
