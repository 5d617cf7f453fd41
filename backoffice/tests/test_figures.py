"""Who sees which figures, and that commissioners get the fixed tables and nothing else, by every way in."""

import csv
import io
import random
import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice.figures.captions import TOO_FEW, caption_of
from backoffice.figures.sections import arrange
from backoffice.tests.tenants import SECRETS
from referrals import workflow
from referrals.enums import Role
from referrals.hours import LONDON
from referrals.models import Need, NetworkRole, Referral, ReferralLink, Strand, User
from referrals.network.figures import (
    EXACT_TABLES,
    PUBLISHED_TABLES,
    Cell,
    Conditions,
    FigureTable,
    Kind,
    Period,
    Row,
    count_exactly,
    publish,
)
from referrals.tests import factories as f
from referrals.tests.depth import draw_cases
from referrals.tests.network.figures_reference import Stored, invent
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db

PAGE, REPORT = "/backoffice/figures/", "/backoffice/figures/report/"
LAST_MONTH = timezone.localdate().replace(day=1) - timedelta(days=1)
RUNNING = f"{timezone.localdate():%Y-%m}"


def table(slug: str) -> str:
    return reverse("backoffice:figures_table", args=[slug])


def send(world, count: int, *, at=LAST_MONTH, **fields) -> None:
    moment = timezone.now().replace(year=at.year, month=at.month, day=1, hour=12) + timedelta(days=3)
    for _ in range(count):
        world.submit(at=moment, **fields)
    Referral.objects.filter(network=world.network).update(created_at=moment, outcode="NW5")


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_a_coordinator_sees_exact_figures_and_may_narrow_them(world, signed_in):
    send(world, 7)
    client = signed_in(world.coordinator)
    page = client.get(PAGE)
    assert "7 referrals in" in page.text
    rows = rows_of(client.get(table("districts")))
    assert rows == [["Postcode district", "Referrals", "Of all"], ["NW5", "7", "100%"], ["All", "7", "100%"]]
    other = f.CategoryFactory(network=world.network)
    for narrowed in (
        "urgent=yes",
        "district=N1",
        f"need={other.pk}",
        "source=elsewhere",
        "until=2020-01-01&since=2019-01-01",
    ):
        assert rows_of(client.get(f"{table('districts')}?{narrowed}"))[1:] == [["All", "0", "\N{EN DASH}"]], narrowed
    for kept in ("urgent=no", "district=nw5", f"need={world.needs[0].pk}", f"organisation={world.organisations[0].pk}"):
        assert rows_of(client.get(f"{table('districts')}?{kept}"))[-1][1] == "7", kept


@pytest.mark.parametrize(
    "wrong",
    [
        "since=2026-02-01&until=2026-01-01",
        "district=%3F",
        "need=0",
        "since=1999-01-01",
        "since=0026-01-01&until=0026-01-31",  # a year of which two digits were typed
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_words(wrong, world, signed_in):
    client = signed_in(world.coordinator)
    page = client.get(f"{PAGE}?{wrong}")
    assert 'role="alert"' in page.text
    assert page.context["sections"] == []
    assert client.get(f"{table('months')}?{wrong}").status_code == 400


def test_a_commissioner_sees_protected_figures_which_all_ways_show_alike(world, signed_in):
    send(world, 23)
    client = signed_in(world.commissioner)
    published = publish(world.network)
    page = client.get(PAGE)
    shown = {figure.table.slug: figure.table for section in page.context["sections"] for figure in section.figures}
    assert shown == {slug: one for slug, one in published.items() if slug != "wards"}
    assert shown["months"].total.cells[0].value in (20, 25)
    for slug, one in published.items():
        rows = rows_of(client.get(table(slug)))
        assert [row[1:] for row in rows[1:]] == [
            [str(cell.value) if cell.kind.value == "count" else str(cell) for cell in row.cells]
            for row in [*one.rows, *filter(None, [one.total])]
        ]
    month = f"{LAST_MONTH:%Y-%m}"
    report = client.get(f"{REPORT}?month={month}")
    reported = {figure.table.slug: figure.table for section in report.context["sections"] for figure in section.figures}
    assert set(reported) == {slug for slug, table in PUBLISHED_TABLES.items() if table.has_months}
    for slug in ("needs-by-month", "districts-by-month", "statuses"):
        assert reported[slug].columns == [f"{LAST_MONTH:%b %Y}"]
        at = published[slug].keys.index(month)
        assert reported[slug].total.cells == [published[slug].total.cells[at]]
        assert reported[slug].rows[0].cells == [published[slug].rows[0].cells[at]]


REFUSED_PARAMETERS = [
    "district=NW5",
    "urgent=yes",
    "need=1",
    "organisation=1",
    "since=2026-01-01",
    "until=2026-01-31",
    "source=form",
    "q=x",
    "period=months&period=2025",
    f"period={RUNNING}",
    "period=2019",
    "period=days",
    "period=9999-12",
    "period=",
    "month=2026-01&district=NW5",
]


@pytest.mark.parametrize("address", [PAGE, REPORT, table("months"), table("needs-by-district")])
def test_free_filters_are_refused_to_commissioners(address, world, signed_in):
    client = signed_in(world.commissioner)
    for parameters in REFUSED_PARAMETERS:
        response = client.get(f"{address}?{parameters}")
        assert response.status_code == 400, parameters
        assert "igures" in response.text
    assert client.post(address, {"district": "NW5"}).status_code == 405


@pytest.mark.parametrize("month", [RUNNING, "2031-01", "2019-12", "2026-13", "2026-1", "x", "", "2026"])
def test_only_months_that_are_over_are_reported_to_commissioners(month, world, signed_in):
    assert signed_in(world.commissioner).get(REPORT, {"month": month}).status_code == 400


@pytest.mark.parametrize("month", ["1000-01", "0026-10", "26-10", "9999-12"])
def test_a_report_of_a_month_at_an_end_of_the_calendar_is_refused_in_words(month, world, signed_in):
    assert signed_in(world.coordinator).get(REPORT, {"month": month}).status_code == 400


def test_the_report_leads_to_the_months_that_are_reported_and_to_no_other(world, signed_in):
    send(world, 1)
    last = f"{LAST_MONTH:%Y-%m}"
    for who, later in ((world.coordinator, f"{REPORT}?month={RUNNING}"), (world.commissioner, "")):
        page = signed_in(who).get(REPORT, {"month": last})
        assert page.context["later"] == later
        back = signed_in(who).get(page.context["earlier"])
        assert back.context["later"] == f"{REPORT}?month={last}"
    assert signed_in(world.coordinator).get(REPORT, {"month": RUNNING}).context["later"] == ""
    assert signed_in(world.coordinator).get(REPORT, {"month": "1900-01"}).context["earlier"] == ""


def test_the_report_has_every_row_since_paper_has_no_file_beside_it(world, signed_in):
    send(world, 1)
    strand = Strand.objects.get()
    for number in range(60):
        need = f.CategoryFactory(network=world.network, name=f"Kind {number}")
        Need.objects.create(referral=strand.referral, strand=strand, category=need)
    assert signed_in(world.coordinator).get(REPORT).text.count(">Kind ") == 60


def test_what_is_as_large_as_the_largest_is_told(world, signed_in):
    send(world, 2)
    link = ReferralLink.objects.create(network=world.network, name="School")
    Referral.objects.filter(pk=Referral.objects.first().pk).update(referral_link=link)
    assert re.search(r"Most came through “.*”: 1 of 2, as many as .*\.", signed_in(world.coordinator).get(PAGE).text)


def test_tables_that_are_not_published_are_not_found_by_commissioners(world, signed_in):
    commissioner, coordinator = signed_in(world.commissioner), signed_in(world.coordinator)
    for slug in EXACT_TABLES.keys() - PUBLISHED_TABLES.keys():
        assert commissioner.get(table(slug)).status_code == 404
        assert coordinator.get(table(slug)).status_code == 200
    for client in (commissioner, coordinator):
        assert client.get(table("no-such-table")).status_code == 404
    # Of a single month, what has two dimensions would have three.
    assert commissioner.get(table("needs-by-district"), {"period": f"{LAST_MONTH:%Y-%m}"}).status_code == 400


def test_everybody_else_finds_no_figures(world, signed_in):
    stranger = f.NetworkRoleFactory(role=Role.COORDINATOR).user
    editor = f.NetworkRoleFactory(network=world.network, role=Role.EDITOR).user
    for user in (world.owners[0], editor, f.UserFactory()):
        for address in (PAGE, REPORT, table("months")):
            assert signed_in(user).get(address).status_code == 404
    for user in (stranger, world.commissioner):
        other = world.network.pk if user == stranger else f.NetworkFactory().pk
        for address in (PAGE, REPORT, table("months")):
            assert signed_in(user).get(address, {"network": other}).status_code == 404
            assert signed_in(user).get(address, {"network": "x"}).status_code == 404


def test_somebody_of_several_networks_chooses_one_and_sees_each_as_their_role_there_allows(world, signed_in):
    other = f.NetworkRoleFactory(user=world.coordinator, role=Role.COMMISSIONER, network__name="A first one").network
    send(world, 7)
    client = signed_in(world.coordinator)
    assert client.get(PAGE).context["choice"].network == other
    assert client.get(PAGE, {"network": other.pk, "district": "NW5"}).status_code == 400
    page = client.get(PAGE, {"network": world.network.pk})
    assert "7 referrals in" in page.text
    assert f"network={other.pk}" in page.text


def test_who_commissions_and_coordinates_sees_exact_figures(world, signed_in):
    NetworkRole.objects.create(network=world.network, user=world.commissioner, role=Role.COORDINATOR)
    send(world, 7)
    assert "7 referrals in" in signed_in(world.commissioner).get(PAGE).text
    operator = User.objects.create_superuser("operator@example.org")
    assert "7 referrals in" in signed_in(operator).get(PAGE).text


def test_a_commissioner_never_reads_of_a_person_or_what_a_stranger_typed(ours, signed_in):
    Referral.objects.update(created_at=timezone.now() - timedelta(days=40))
    client = signed_in(ours.commissioner)
    words = (*SECRETS, ours.referral.reference, ours.referral.person.name, "secret source organisation")
    for address in (PAGE, REPORT, *(table(slug) for slug in PUBLISHED_TABLES)):
        response = client.get(address)
        assert response.status_code == 200
        said = response.content.decode().lower()
        assert not [word for word in words if word.lower() in said], address


def test_a_link_named_like_a_formula_is_no_formula_in_the_file(world, signed_in):
    link = ReferralLink.objects.create(network=world.network, name="=1+1")
    send(world, 1)
    Referral.objects.update(referral_link=link)
    assert rows_of(signed_in(world.coordinator).get(table("sources")))[1][0] == "'=1+1"


def test_spam_never_counts_and_months_without_referrals_are_told(world, signed_in):
    send(world, 2)
    workflow.close_as_spam(Referral.objects.first().pk, actor=world.coordinator)
    client = signed_in(world.coordinator)
    assert rows_of(client.get(table("months")))[-1][1] == "1"
    assert "No referrals sent in this period match what you chose" in client.get(PAGE, {"district": "N1"}).text


@pytest.mark.parametrize("who", ["coordinator", "commissioner"])
def test_pages_cost_the_same_however_much_is_counted(who, world, signed_in):
    def cost(address: str) -> int:
        client = signed_in(getattr(world, who))
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    addresses = [PAGE, REPORT, table("sources")]
    send(world, 1)
    before = [cost(address) for address in addresses]
    for number in range(3):
        world.needs.append(f.CategoryFactory(network=world.network))
        world.add_organisation()
        ReferralLink.objects.create(network=world.network, name=f"Link {number}")
    send(world, 4)
    workflow.accept(live_on(only_strand(Referral.objects.last())).pk, actor=world.owners[0])
    assert [cost(address) for address in addresses] == before
    assert max(before) <= 18


@pytest.mark.parametrize("count", draw_cases("numbers of referrals", [0, 1, 2, 3, 5, 8, 12, 20, 40, 80], share=0.3))
def test_every_table_has_a_sentence_and_a_chart_whatever_was_counted(count):
    today = LAST_MONTH + timedelta(days=1)
    first = datetime(today.year - 1, today.month, 1, tzinfo=LONDON)
    network = Stored(invent(random.Random(count), count, first, first + timedelta(days=330))).network
    exact = count_exactly(network, Period("days", "", first.date(), today), Conditions())
    months = publish(network, f"{LAST_MONTH:%Y-%m}", today=today)
    for tables in (exact, publish(network, today=today), months):
        figures = [figure for section in arrange(tables, places=20, today=today) for figure in section.figures]
        assert len(figures) >= len(tables) - 1
        for figure in figures:
            assert re.fullmatch(r"[A-Z“\d].*\.", figure.caption), figure.caption
            assert "None" not in figure.caption
            if figure.lines:
                assert all(0 <= y <= figure.lines.height for line in figure.lines.lines for _, y in line.dots)


def by_month(slug: str, rows: dict[str, list[int]], *, until: date, is_protected: bool = False) -> FigureTable:
    """Return a table from 20 January 2026 to the day before `until`; the last value of each row is its total."""
    period = Period("days", "", date(2026, 1, 20), until)
    keys = [f"{month:%Y-%m}" for month in period.months]
    shown = [
        Row(label, label, [Cell(Kind.COUNT, value) for value in values]) for label, values in {**rows, "": [90]}.items()
    ]
    columns = [f"{month:%b}" for month in period.months]
    return FigureTable(PUBLISHED_TABLES[slug], period, is_protected, [*columns, "All"], shown[:-1], shown[-1], keys)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (date(2026, 5, 1), "Referrals for it rose from 8 in Feb to 9 in Apr."),
        (date(2026, 4, 20), "Referrals for it rose from 8 in Feb to 20 in Mar."),  # April is cut short
        (date(2026, 3, 20), "referrals."),
    ],
)
def test_only_whole_months_that_are_over_are_compared(until, said):
    months = len(Period("", "", date(2026, 1, 20), until).months)
    table = by_month("needs-by-month", {"Food": [*[2, 8, 20, 9][:months], 39]}, until=until)
    caption = caption_of(table, places=0, today=date(2026, 5, 15))
    assert caption.startswith("Food is asked for most: 39 of 90 referrals")
    assert caption.endswith(said)
    assert "rose" not in caption_of(table, places=0, today=date(2026, 3, 20))  # March is running


def test_figures_that_are_all_0_and_columns_named_all_have_sentences_too():
    today, end = date(2026, 5, 15), date(2026, 3, 1)
    table = by_month("statuses", {"Placed": [5, 0, 0]}, until=end, is_protected=True)
    assert caption_of(table, places=0, today=today) == TOO_FEW
    table = by_month("districts-by-month", {"NW5": [0, 0, 0]}, until=end, is_protected=True)
    table.total.cells[0] = Cell(Kind.COUNT, 0)
    assert caption_of(table, places=0, today=today) == "There were none, or too few to show, in this period."
    table = by_month("needs-by-district", {"NW5": [5, 10, 15]}, until=end)
    table.columns[0] = "All"  # a need may have this name
    assert caption_of(table, places=0, today=today) == "Most from one district: 10 from NW5, for Feb."


def test_the_name_of_a_file_has_the_first_and_the_last_day(world, signed_in):
    name = signed_in(world.coordinator).get(table("months"), {"until": "2025-03-31"})["Content-Disposition"]
    assert f"{world.network.slug}-months-2024-03-01-to-2025-03-31.csv" in name


def test_a_month_that_is_not_over_is_compared_with_none(world, signed_in):
    send(world, 1)
    client = signed_in(world.coordinator)
    assert client.get(REPORT, {"month": RUNNING}).context["change"] == ""
    assert client.get(REPORT).context["change"].startswith("rose from 0 in")
