"""The labels of rows and columns, and their order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Max
from django.db.models.functions import Lower, Trim

from referrals.enums import ReferralStatus, RejectReason
from referrals.models import Area, Category, Network, Organisation, Referral, ReferralLink
from referrals.network.figures.rows import Row
from referrals.network.figures.tables import Table

NOT_KNOWN = "Not known"
SOURCES = {"form": "The network's form", "elsewhere": "Another network's form"}  # and the links of the network


def is_known(key: str) -> bool:
    """Whether the value is known: "" and "0" stand for one that is not, such as an unknown ward."""
    return key not in ("", "0")


class Labels:
    """The names of the keys that were counted. It costs one statement for each kind of name that the tables need."""

    def __init__(self, network: Network, counts: Mapping[str, Mapping[tuple, object]], tables: Sequence[Table]) -> None:
        used = {name for table in tables for name in (table.rows, table.across)}
        keys = {name: _keys_of(name, tables, counts) for name in ("ward", "organisation")}
        self._names: dict[str, dict[str, str]] = {
            "status": {value: str(label) for value, label in ReferralStatus.choices},
            "reason": {value: str(label) for value, label in RejectReason.choices},
            "source": dict(SOURCES),
            "ward": _names(Area.objects.filter(pk__in=keys["ward"])),
            "organisation": _names(Organisation.objects.filter(pk__in=keys["organisation"])),
        }
        if "sender" in used:
            typed = Trim("source_organisation")
            senders = Referral.objects.filter(strands__network=network).order_by()
            spelt = senders.values_list(Lower(typed)).annotate(name=Max(typed))
            self._names["sender"] = dict(spelt)
        if "source" in used:
            self._names["source"] |= _names(ReferralLink.objects.filter(network=network))
        self._paths: dict[str, list[str]] = {}  # by need: the keys from the top category down to its own
        if used & {"need", "top"}:
            tree = list(Category.objects.in_tree_order([network.pk]))
            self._names["need"] = self._names["top"] = {str(one.pk): one.name for one in tree}
            self._paths = {str(one.pk): [str(key) for key in one.tree_path] for one in tree}

    def of(self, dimension: str, key: str) -> str:
        if dimension == "month":
            return f"{date.fromisoformat(f'{key}-01'):%b %Y}"
        if not is_known(key):
            return NOT_KNOWN
        return self._names.get(dimension, {}).get(key, key)  # a district is its own name

    def depth(self, dimension: str, key: str) -> int:
        return len(self._paths.get(key, "-")) - 1 if dimension == "need" else 0

    def with_ancestors(self, keys: Iterable[str]) -> set[str]:
        """Return the keys and, of needs, those of the categories above them."""
        return {above for key in keys for above in self._paths.get(key, [key])}

    def sort_keys(self, dimension: str, keys: Iterable[str]) -> list[str]:
        """Sort in the order in which the network or the project lists them, and the rest by name."""
        listed = {key: number for number, key in enumerate(self._names.get(dimension, ()))}
        return sorted(keys, key=lambda key: (listed.get(key, len(listed)), self.of(dimension, key)))

    def in_order(self, dimension: str, rows: Collection[Row], *, by: int) -> list[Row]:
        """Sort rows without an order of their own by the figure in that column as it is shown, the largest first."""
        if dimension in ("need", "top", "status"):
            return list(rows)
        return sorted(rows, key=lambda row: (not is_known(row.key), -(row.cells[by].value or 0), row.label))


def _names(rows: Iterable) -> dict[str, str]:
    return {str(row.pk): row.name for row in rows}


def _keys_of(dimension: str, tables: Sequence[Table], counts: Mapping[str, Mapping[tuple, object]]) -> list[int]:
    found = {
        key[position]
        for table in tables
        for position, name in ((1, table.rows), (2, table.across))
        if name == dimension
        for key in counts[table.slug]
    }
    return sorted(int(key) for key in found if key)
