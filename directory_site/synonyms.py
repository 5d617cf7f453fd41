"""Words that mean the same, as editors keep them."""

from directory_site.models import SynonymGroup


def known_synonyms() -> list[list[str]]:
    """Return groups of terms, each in lower case. One query."""
    return [group.terms for group in SynonymGroup.objects.all()]
