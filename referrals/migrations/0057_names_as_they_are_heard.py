import django.contrib.postgres.indexes
from django.db import migrations

import referrals.models.people

# unaccent is not immutable only because somebody could change its rules, which nobody does.
PLAIN_NAME = """
CREATE FUNCTION referrals_plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT
AS $$ SELECT translate(upper(unaccent(name)), '-''’`.', ' ') $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0056_other_languages")]

    operations = [
        migrations.RunSQL(PLAIN_NAME, "DROP FUNCTION referrals_plain_name(text);"),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    referrals.models.people.PlainName("name"),
                    name="gin_trgm_ops",
                ),
                name="person_plain_name",
            ),
        ),
    ]
