import django.contrib.gis.db.models.functions
import django.db.models.functions.math
from django.db import migrations, models

# Counts the rows of `changes`, each with `change` = 1 or -1, that are listed and have a place. 1024 and 4294967296 are
# CELLS and SUM_SCALE of `referrals.models.listings`.
COUNT = """
    INSERT INTO referrals_listingcell (network_id, east_cell, south_cell, number, east_sum, south_sum)
    SELECT network_id, floor(east * 1024)::int, floor(south * 1024)::int, sum(change),
           sum(change * floor(east * 4294967296)::bigint), sum(change * floor(south * 4294967296)::bigint)
    FROM ({changes}) listing WHERE is_listed AND point IS NOT NULL
    GROUP BY 1, 2, 3
    HAVING (sum(change), sum(change * floor(east * 4294967296)::bigint),
            sum(change * floor(south * 4294967296)::bigint)) <> (0, 0, 0);
"""
NOW = "SELECT *, 1 AS change FROM {rows}"
BEFORE = "SELECT *, -1 AS change FROM changed_before"
WAYS = {
    "insert": ("NEW TABLE AS changed_now", NOW.format(rows="changed_now")),
    "update": (
        "OLD TABLE AS changed_before NEW TABLE AS changed_now", f"{NOW.format(rows='changed_now')} UNION ALL {BEFORE}"
    ),
    "delete": ("OLD TABLE AS changed_before", BEFORE),
}


def count_when(way: str, seen: str, changes: str) -> str:
    return f"""
CREATE FUNCTION referrals_publiclisting_counts_on_{way}() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    {COUNT.format(changes=changes)}
    RETURN NULL;
END
$$;
CREATE TRIGGER referrals_publiclisting_counts_on_{way} AFTER {way} ON referrals_publiclisting REFERENCING {seen}
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_publiclisting_counts_on_{way}();
"""


# Not TRUNCATE, which fails where one statement truncates both tables.
EMPTY = """
CREATE FUNCTION referrals_publiclisting_counts_on_truncate() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM referrals_listingcell;
    RETURN NULL;
END
$$;
CREATE TRIGGER referrals_publiclisting_counts_on_truncate AFTER TRUNCATE ON referrals_publiclisting
    FOR EACH STATEMENT EXECUTE FUNCTION referrals_publiclisting_counts_on_truncate();
"""
# The triggers first: they lock the listings, so that none changes unseen before they are counted.
TRIGGERS = "".join([
    *(count_when(way, *rule) for way, rule in WAYS.items()),
    EMPTY,
    COUNT.format(changes=NOW.format(rows="referrals_publiclisting")),
])
NO_TRIGGERS = "".join(
    f"DROP FUNCTION referrals_publiclisting_counts_on_{way}() CASCADE;\n" for way in (*WAYS, "truncate")
)


def cell(side: str) -> django.contrib.gis.db.models.functions.Cast:
    return django.contrib.gis.db.models.functions.Cast(
        django.db.models.functions.math.Floor(models.F(side) * 1024), models.IntegerField()
    )


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0029_plainer_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListingCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('network_id', models.BigIntegerField(help_text='Not a foreign key: the network may be gone before it adds up to 0.')),
                ('east_cell', models.IntegerField()),
                ('south_cell', models.IntegerField()),
                ('number', models.BigIntegerField()),
                ('east_sum', models.BigIntegerField(help_text="Of the places, in parts of the world's square.")),
                ('south_sum', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['network_id', 'east_cell', 'south_cell'], name='listing_cell_place')],
            },
        ),
        migrations.AddIndex(
            model_name='publiclisting',
            index=models.Index(models.F('network'), cell('east'), cell('south'), condition=models.Q(('is_listed', True)), name='listing_cell'),
        ),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
