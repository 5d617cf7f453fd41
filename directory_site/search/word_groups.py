"""What people say and what it stands for, as editors keep it, for those who read words elsewhere."""

from django.db.models import F

from directory_site.models.search_words import PhraseMeaning, split_terms
from directory_site.models.synonyms import SynonymGroup


def read_word_groups() -> list[tuple[list[str], list[str]]]:
    """Return words as said, and what they stand for: of synonyms, all of them. One query.

    settings.WORD_GROUPS_READER names this function.
    """
    synonyms = SynonymGroup.objects.order_by().values_list("words", F("words"))
    meanings = PhraseMeaning.objects.order_by().values_list("phrases", "meaning")
    return [(split_terms(said), split_terms(meant)) for said, meant in synonyms.union(meanings, all=True)]
