from datetime import date, timedelta
from typing import Self

from django.db import connection, models
from django.utils import timezone

MAX_ROWS = 2000
# Days after which a word is forgotten: one that editors are shown, and one that too few have asked for.
KEPT, KEPT_UNSHOWN = 90, 30
DAYS_TO_BE_SHOWN = 3  # what is asked on so many different days is hardly one person's own word

_PAST_TERM = (
    "known.last_asked < %(today)s::date - CASE WHEN known.days < %(shown)s THEN %(kept_unshown)s ELSE %(kept)s END"
)
# One statement, which writes each word once a day, waits for nobody unless two ask for a new word at the same moment,
# and forgets what is old: a word searched for again after that starts at one day. A full table takes no new words.
_NOTE = f"""
WITH forgotten AS (
    DELETE FROM directory_site_unfoundword known WHERE {_PAST_TERM} AND word <> ALL (%(words)s::text[])
)
INSERT INTO directory_site_unfoundword AS known (word, days, last_asked)
SELECT word, 1, %(today)s::date FROM unnest(%(words)s::text[]) word
WHERE NOT EXISTS (
          SELECT FROM directory_site_unfoundword asked WHERE asked.word = word.word AND last_asked >= %(today)s::date)
  AND ((SELECT count(*) FROM directory_site_unfoundword) < %(most)s
       OR EXISTS (SELECT FROM directory_site_unfoundword asked WHERE asked.word = word.word))
ORDER BY word
ON CONFLICT (word) DO UPDATE SET days = CASE WHEN {_PAST_TERM} THEN 1 ELSE known.days + 1 END,
                                 last_asked = excluded.last_asked
WHERE known.last_asked < excluded.last_asked
"""


class UnfoundWordQuerySet(models.QuerySet):
    def shown(self, today: date | None = None) -> Self:
        since = (today or timezone.localdate()) - timedelta(days=KEPT)
        return self.filter(days__gte=DAYS_TO_BE_SHOWN, last_asked__gte=since)

    def note(self, words: list[str], today: date | None = None) -> None:
        given = {"words": words, "today": today or timezone.localdate(), "most": MAX_ROWS}
        kept = {"shown": DAYS_TO_BE_SHOWN, "kept": KEPT, "kept_unshown": KEPT_UNSHOWN}
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, given | kept)


class UnfoundWord(models.Model):
    """A word that visitors searched for and no service has: not who searched, how often in a day, or with what else."""

    word = models.CharField(max_length=60, unique=True)
    days = models.PositiveSmallIntegerField(help_text="On how many different days somebody asked.")
    last_asked = models.DateField()

    objects = UnfoundWordQuerySet.as_manager()

    class Meta:
        ordering = ["-days", "word"]
        verbose_name = "word that nothing was found for"
        verbose_name_plural = "words that nothing was found for"

    def __str__(self) -> str:
        return self.word
