"""A million referrals in one network with three million offers and cases, as after years of work in a big region.

Of each thousand, 950 are closed, 47 accepted, 2 wait for an answer and one is with the coordinator. Each list has
three organisations: one that rejected, the one that has it or had it, and one that was never asked.
"""

from collections.abc import Iterator
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection, transaction

from referrals.bench import sample_network
from referrals.bench.places import fill_place_table
from referrals.bench.sample_register import make_people
from referrals.models import Assignment, Need, Network, Person, Referral, Strand
from referrals.references import new_reference

REFERRALS = 1_000_000
SERVICES = 1_000
_LISTED = 3

_ROWS = """
INSERT INTO referrals_referral (reference, submission_key, network_id, person_id, status, is_urgent, outcode, details,
    source_name, source_organisation, source_email, source_phone, consent_way, consent_giver, consented_at, created_at,
    closed_at)
SELECT drawn_reference.text, md5('million' || i)::uuid,
       %(network)s, person.id, drawn.status, i %% 20 = 0, split_part(person.postcode, ' ', 1), 'Details.', '',
       CASE WHEN i %% 3 = 0 THEN 'Surgery ' || i %% 500 ELSE '' END, '', '', '', '', sent.at, sent.at,
       CASE WHEN drawn.status = 'closed' THEN sent.at + interval '20 days' END
FROM generate_series(1, %(referrals)s) i
JOIN (SELECT id, postcode, row_number() OVER (ORDER BY id) AS number FROM referrals_person) person ON person.number = i
JOIN drawn_reference ON drawn_reference.number = i
CROSS JOIN LATERAL (SELECT now() - bench_random(i, 50) * interval '1000 days' AS at) sent
CROSS JOIN LATERAL (SELECT CASE WHEN i %% 1000 = 0 THEN 'with_coordinator' WHEN i %% 1000 < 3 THEN 'seeking'
                                WHEN i %% 1000 < 50 THEN 'placed' ELSE 'closed' END AS status) drawn;
INSERT INTO referrals_strand (referral_id, network_id, status, why_coordinator, outcome, coordinator_told_at, closed_at,
    created_at)
SELECT id, network_id, status, CASE WHEN status = 'with_coordinator' THEN 'exhausted' ELSE '' END,
       CASE WHEN status = 'closed' THEN 'supported' ELSE '' END,
       CASE WHEN status = 'with_coordinator' THEN created_at + interval '1 day' END, closed_at, created_at
FROM referrals_referral WHERE network_id = %(network)s;
INSERT INTO referrals_need (referral_id, strand_id, category_id)
SELECT referral_id, id, 1 + %(groups)s + floor(bench_random(id, 51) * %(leaves)s)::int FROM referrals_strand
WHERE network_id = %(network)s;
INSERT INTO referrals_assignment (strand_id, service_id, organisation_id, position, status, reasons, offered_at,
    remind_at, accepted_at, ended_at, reject_reason, note_for_next, outcome)
SELECT strand.id, service.id, service.organisation_id, place, drawn.status, '[]',
       CASE WHEN drawn.status <> 'queued' THEN strand.created_at + place * interval '1 day' END,
       CASE WHEN drawn.status = 'offered' THEN strand.created_at + interval '3 days' END,
       CASE WHEN drawn.status IN ('accepted', 'closed') THEN strand.created_at + interval '2 days' END,
       CASE drawn.status WHEN 'rejected' THEN strand.created_at + interval '1 day' WHEN 'closed' THEN strand.closed_at
                         WHEN 'withdrawn' THEN strand.closed_at END,
       CASE WHEN drawn.status = 'rejected' THEN 'no_room' ELSE '' END, '',
       CASE WHEN drawn.status = 'closed' THEN 'supported' ELSE '' END
FROM referrals_strand strand
CROSS JOIN generate_series(1, %(listed)s) place
JOIN referrals_service service ON service.id = 1 + (strand.id * 7 + place * 101) %% %(services)s
CROSS JOIN LATERAL (SELECT CASE
    WHEN place = 1 OR strand.status = 'with_coordinator' THEN 'rejected'
    WHEN place = 3 THEN CASE WHEN strand.status = 'closed' THEN 'withdrawn' ELSE 'queued' END
    WHEN strand.status = 'seeking' THEN 'offered'
    WHEN strand.status = 'placed' THEN 'accepted' ELSE 'closed' END AS status) drawn
WHERE strand.network_id = %(network)s;
"""


def make_referrals(postcodes: Path) -> Network:
    """Make the network and all its referrals, once; return it."""
    if not Referral.objects.exists():
        places, _ = fill_place_table(postcodes)
        sample_network.reset()
        sample_network.grow(SERVICES, places=places)
        Referral.objects.all().delete()
        Person.objects.all().delete()
        make_people(REFERRALS)
        _fill()
    return Network.objects.get(pk=sample_network.NETWORK)


def _draw_references() -> Iterator[str]:
    """Return as many as there are referrals, each once."""
    drawn: dict[str, None] = {}
    while len(drawn) < REFERRALS:
        drawn[new_reference()] = None
    return iter(drawn)


def _fill() -> None:
    tables = [model._meta.db_table for model in (Referral, Strand, Need, Assignment)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE drawn_reference (number int PRIMARY KEY, text text) ON COMMIT DROP")
        with cursor.copy("COPY drawn_reference FROM STDIN") as copy:
            for row in enumerate(_draw_references(), start=1):
                copy.write_row(row)
        cursor.execute(
            _ROWS,
            {
                "network": sample_network.NETWORK,
                "referrals": REFERRALS,
                "groups": sample_network.GROUPS,
                "leaves": sample_network.LEAVES,
                "services": SERVICES,
                "listed": _LISTED,
            },
        )
        for statement in connection.ops.sequence_reset_sql(no_style(), [Referral, Strand, Need, Assignment]):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
