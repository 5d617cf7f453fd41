"""What the networks of a form ask for. Kept in the process for one content version: every step reads all of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch

from referrals.models import Category, ConsentWording, Demographic, DemographicOption, Network
from referrals.public_changes import content_version, keep_for_version
from referrals.questions import FlowChart, find_in_force, load_published_chart

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class AskedLists:
    """Categories in the order of the list, demographics with their options, and by network its questions' version.

    untouched: by language, the list of categories as it is drawn with nothing ticked.
    """

    categories: Sequence[Category]
    demographics: Sequence[Demographic]
    in_force: Mapping[int, int | None]
    untouched: dict[str | None, Any] = field(default_factory=dict)


class ListReader:
    """Reads the version once, before anything else: what changes meanwhile is then at most read once too often."""

    @cached_property
    def _version(self) -> str:
        # Inside a transaction, what it has changed itself is in no version yet.
        return "" if connection.in_atomic_block else content_version()

    def read_network(self, **by: Any) -> Network | None:
        return self._keep(("network", *by.items()), lambda: _find_network(**by))

    def read_linked(self, network: Network, *, with_closed: bool) -> Sequence[Network]:
        """The linked networks with a wording to agree to; those without a public form only `with_closed`."""
        return self._keep(("linked", network.pk, with_closed), lambda: _find_linked(network, with_closed=with_closed))

    def read_lists(self, network_ids: Sequence[int]) -> AskedLists:
        """Network after network, as given."""
        return self._keep(("lists", *network_ids), lambda: _load_lists(network_ids))

    def read_chart(self, version_ids: Sequence[int], network_ids: Sequence[int], lists: AskedLists) -> FlowChart:
        """The questions of these versions, with the categories of the networks in their `lists`."""
        key = ("chart", *version_ids, "of", *network_ids)
        return self._keep(key, lambda: load_published_chart(version_ids, lists.categories))

    def read_wordings(self, networks: Sequence[Network]) -> list[ConsentWording]:
        """The newest wording of each network that has one, in their order."""
        return self._keep(("wordings", *(network.pk for network in networks)), lambda: _find_wordings(networks))

    def _keep(self, key: tuple, make: Callable[[], Made]) -> Made:
        return keep_for_version(self._version, ("form", *key), make) if self._version else make()


def _find_network(**by: Any) -> Network | None:
    # A boundary can have thousands of corners, and most steps draw no map.
    return Network.objects.filter(**by).select_related("area").defer("area__boundary").first()


def _find_linked(network: Network, *, with_closed: bool) -> list[Network]:
    linked = network.linked_networks.filter(Exists(ConsentWording.objects.filter(network=OuterRef("pk"))))
    return list(linked if with_closed else linked.filter(has_public_form=True))


def _find_wordings(networks: Sequence[Network]) -> list[ConsentWording]:
    wordings = ConsentWording.objects.filter(network__in=networks).order_by("network_id", "-version")
    newest = wordings.distinct("network_id").in_bulk(field_name="network_id")
    for network in networks:
        if network.pk in newest:
            newest[network.pk].network = network
    return [newest[network.pk] for network in networks if network.pk in newest]


def _load_lists(network_ids: Sequence[int]) -> AskedLists:
    categories = Category.objects.in_tree_order(network_ids).order_by("position", "name", "pk")
    options = Prefetch("options", DemographicOption.objects.offered())
    demographics = Demographic.objects.offered().filter(network__in=network_ids).prefetch_related(options)
    return AskedLists(
        sorted(categories, key=lambda category: network_ids.index(category.network_id)),
        sorted(demographics, key=lambda demographic: network_ids.index(demographic.network_id)),
        find_in_force(network_ids),
    )
