"""What coordinators may narrow figures by. Published figures have no conditions: these would let noise average out."""

from dataclasses import dataclass

from referrals.network.figures.sql import OF_NEEDS, OF_ORGANISATION, OF_SOURCE


@dataclass(frozen=True, slots=True)
class Conditions:
    """Only referrals that meet all of them are counted. `source` is "form", "elsewhere" or the key of a link."""

    categories: tuple[int, ...] = ()
    organisation: int | None = None
    is_urgent: bool | None = None
    source: str = ""
    district: str | None = None  # "" is a district that is not known

    @property
    def sql(self) -> str:
        """Return what to put after WHERE, for the alias `referral`."""
        parts = {
            OF_NEEDS: self.categories,
            OF_ORGANISATION: self.organisation is not None,
            "referral.is_urgent = %(is_urgent)s": self.is_urgent is not None,
            f"{OF_SOURCE} = %(source)s": self.source,
            "referral.outcode = %(district)s": self.district is not None,
        }
        return " AND ".join([part for part, is_set in parts.items() if is_set] or ["true"])

    @property
    def parameters(self) -> dict[str, object]:
        return {
            "categories": list(self.categories),
            "organisation": self.organisation,
            "is_urgent": self.is_urgent,
            "source": self.source,
            "district": self.district,
        }
