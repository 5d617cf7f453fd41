"""The Referrals screen among a million: filters and tabs, a search with a slip in it, a page far back, a long file."""

import resource
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.bench.cases import coordinator_of
from backoffice.workspace.paging import PAGE_SIZE
from referrals.bench.measuring import Comparison, Sample, case
from referrals.bench.pages import compare_pages
from referrals.bench.sample_referrals import REFERRALS, make_referrals
from referrals.enums import AssignmentStatus, OrganisationRole
from referrals.models import Assignment, Network, OrganisationMember, Person, Referral, User

LONG_FILE = 100_000
FAR_BACK = 200
MEMBER = "member@bench.example"

# What each asks of the list's address, as parameters; "q" is sent by POST, as the screen does.
LISTS: dict[str, Callable[[Network], dict]] = {
    "list": lambda network: {},
    "status": lambda network: {"status": "seeking"},
    "need": lambda network: {"need": network.categories.filter(parent=None).first().pk},
    "assigned": lambda network: {"assigned": network.services.first().organisation_id},
    "overdue": lambda network: {"answer": "overdue"},
    "rejected": lambda network: {"answer": "rejected"},
    "source": lambda network: {"source": "Surgery 12"},
    "dates": lambda network: {"sent_from": "2025-01-01", "sent_to": "2025-06-30"},
    "urgent": lambda network: {"tab": "urgent"},
    "waiting": lambda network: {"tab": "waiting"},
    "name": lambda network: {"q": _name().upper()},
    "slip": lambda network: {"q": _misspelt(_name())},
    "phone": lambda network: {"q": Person.objects.exclude(phone="").latest("pk").phone},
    f"page_{FAR_BACK}": lambda network: {"after": _reference_at(network, PAGE_SIZE * (FAR_BACK - 1))},
}


def compare_list(make: Callable[[Network], dict], sample: Sample, *, by_member: bool = False) -> Comparison:
    network = make_referrals(settings.VAR_DIR / "postcodes")
    client = _member_of(network) if by_member else coordinator_of(network)
    return compare_pages(sample, client, [_address(client, make(network))])


for _name_of_list, _make in LISTS.items():
    case(f"referrals.{_name_of_list}", target=3, sized=False, repeats=15)(partial(compare_list, _make))
# What members alone can ask.
OF_MEMBER: dict[str, Callable[[Network], dict]] = {
    "of_member": lambda network: {},
    "mine": lambda network: _take_cases(network) | {"owner": "mine"},
    "nobodys": lambda network: _take_cases(network) | {"owner": "nobody"},
    "due": lambda network: _take_cases(network) | {"next_action": "due"},
}
for _name_of_list, _make in OF_MEMBER.items():
    case(f"referrals.{_name_of_list}", target=3, sized=False, repeats=15)(partial(compare_list, _make, by_member=True))


@case("referrals.csv", sized=False, repeats=1)
def long_file(sample: Sample) -> Comparison:
    network = make_referrals(settings.VAR_DIR / "postcodes")
    client = coordinator_of(network)
    first = Referral.objects.order_by("-created_at").values_list("created_at", flat=True)[LONG_FILE]
    address = f"{reverse('backoffice:workspace_export', args=['csv'])}?sent_from={first.date()}"
    before = _peak_megabytes()
    rows = _count_lines(client, address) - 1
    note = f"{rows:,} rows, {_peak_megabytes() - before:.0f} MB more at its peak; bare: the rows and their people"
    statement = """SELECT * FROM referrals_referral sent JOIN referrals_person person ON person.id = sent.person_id
                   WHERE sent.created_at >= %s ORDER BY sent.created_at DESC"""

    def bare(number: int) -> None:
        with sample.bare.cursor("rows") as cursor:
            for _ in cursor.execute(statement, [first.date()]):
                pass

    return Comparison(lambda number: _count_lines(client, address), bare, note, size=REFERRALS)


def _count_lines(client: Client, address: str) -> int:
    return sum(piece.count(b"\r\n") for piece in client.get(address, secure=True).streaming_content)


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _address(client: Client, given: dict) -> str:
    screen = reverse("backoffice:referrals")
    if "q" in given:
        return client.post(screen, given, secure=True)["Location"]
    return f"{screen}?{'&'.join(f'{name}={value}' for name, value in given.items())}"


def _member_of(network: Network) -> Client:
    organisation = network.services.order_by("pk").first().organisation
    user, _ = User.objects.get_or_create(email=MEMBER)
    OrganisationMember.objects.get_or_create(organisation=organisation, user=user, role=OrganisationRole.OWNER)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def _take_cases(network: Network) -> dict:
    """Let the member look after every third case of their organisation, with something to be done today."""
    member = OrganisationMember.objects.get(user__email=MEMBER)
    cases = Assignment.objects.filter(organisation=member.organisation_id, status=AssignmentStatus.ACCEPTED)
    third = [key for key in cases.values_list("pk", flat=True) if key % 3 == 0]
    cases.filter(pk__in=third).update(owner=member, next_action="Ring again", next_action_on=timezone.localdate())
    return {}


def _name() -> str:
    return Person.objects.order_by("pk")[REFERRALS // 2].name


def _misspelt(name: str) -> str:
    return f"{name[:-2]}{name[-1]}{name[-2]}"


def _reference_at(network: Network, place: int) -> str:
    newest = Referral.objects.filter(network=network).order_by("-created_at", "-pk")
    return newest.values_list("reference", flat=True)[place - 1]
