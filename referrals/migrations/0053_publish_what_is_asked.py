from django.db import migrations

# The keys of options are found by their words, which answers have joined with commas or, in the demonstration, with
# semicolons. An option whose words stand within another's, between commas, counts as well: nobody chose between them.
FIND_OPTIONS = """
UPDATE referrals_answer answer SET option_ids = found.keys
FROM (
    SELECT answer.id, array_agg(option.id ORDER BY option.position, option.id) AS keys
    FROM referrals_answer answer JOIN referrals_questionoption option USING (question_id)
    WHERE strpos(', ' || replace(answer.text, '; ', ', ') || ', ', ', ' || replace(option.text, '; ', ', ') || ', ') > 0
    GROUP BY answer.id
) found WHERE found.id = answer.id
"""


def publish_what_is_asked(apps, schema_editor):
    """Version 1 of each network that has questions, in the shape of schema 1."""
    Question = apps.get_model("referrals", "Question")
    FlowVersion = apps.get_model("referrals", "FlowVersion")
    by_network = {}
    for question in Question.objects.order_by("network", "position", "pk").prefetch_related(
        "options__reveals", "options__needs"
    ):
        by_network.setdefault(question.network_id, []).append(question)
    FlowVersion.objects.bulk_create(
        FlowVersion(network_id=network_id, number=1, content={"schema": 1, "questions": _write(questions)})
        for network_id, questions in by_network.items()
    )


def _write(questions):
    places = {question.pk: place for place, question in enumerate(questions)}
    names = ("text", "text_to_self", "help_text", "kind", "is_required", "offers_not_sure", "is_active")
    return [
        {
            "key": question.pk,
            **{name: getattr(question, name) for name in names},
            "options": [
                {
                    "key": option.pk,
                    "text": option.text,
                    "reveals": sorted(
                        (row.pk for row in option.reveals.all() if row.pk in places), key=places.__getitem__
                    ),
                    "needs": sorted(need.pk for need in option.needs.all()),
                    "is_urgent": option.is_urgent,
                }
                for option in sorted(question.options.all(), key=lambda option: (option.position, option.pk))
            ],
        }
        for question in questions
    ]


class Migration(migrations.Migration):

    dependencies = [
        ("referrals", "0052_flow_versions"),
    ]

    operations = [
        migrations.RunPython(publish_what_is_asked, migrations.RunPython.noop),
        migrations.RunSQL(FIND_OPTIONS, migrations.RunSQL.noop),
    ]
