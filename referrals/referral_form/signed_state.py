"""Everything typed so far, in one signed field of the page.

Signed, not encrypted: it is the referrer's own data. The signature prevents forged lists, cautions and submission keys.
A page that was opened long ago, or before an upgrade, keeps what was typed and begins again at the first step, since
the network's lists may have changed.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.core import signing

from referrals.referral_form.entry import FormEntry
from referrals.referral_form.errors import FormUnavailable

LIFETIME = timedelta(hours=12)
SHAPE = 3  # raise it when the fields below change: pages from before an upgrade then count as old

Typed = dict[str, list[str]]


@dataclass(slots=True)
class State:
    """
    key: the submission key; one form makes one referral.
    typed: step -> field -> values, exactly as they were sent.
    passed: marks of the cautions that have been shown.
    asked: names of the fields that the page asks for.
    shown: network -> the services suggested, best first.
    removed: services taken off the list.
    wording_ids: the consent wordings on the page.
    preferred: the service from whose public page the form was opened.
    is_old: opened long ago, or before an upgrade.
    """

    key: UUID = field(default_factory=uuid4)
    step: str = "person"
    typed: dict[str, Typed] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    shown: dict[int, list[int]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    wording_ids: set[int] = field(default_factory=set)
    preferred: int | None = None
    is_old: bool = False

    @property
    def choices(self) -> dict[int, list[int]]:
        """The services to ask, by network, in the order shown, without those removed."""
        return {
            network: [service for service in services if service not in self.removed]
            for network, services in self.shown.items()
        }

    def pack(self, entry: FormEntry) -> str:
        content = {
            "shape": SHAPE,
            "key": str(self.key),
            "step": self.step,
            "typed": self.typed,
            "passed": sorted(self.passed),
            "asked": sorted(self.asked),
            "shown": self.shown,
            "removed": sorted(self.removed),
            "wordings": sorted(self.wording_ids),
            "preferred": self.preferred,
        }
        return signing.dumps(content, salt=entry.salt, compress=True)


def unpack(text: str, entry: FormEntry) -> State:
    """Raises FormUnavailable when the state is not signed by us."""
    try:
        content = signing.loads(text, salt=entry.salt)
    except signing.BadSignature:
        raise FormUnavailable("unreadable", 400, entry=entry) from None
    if content.get("shape") != SHAPE or _is_expired(text, entry):
        return State(
            key=UUID(content["key"]),
            step=content["step"],
            typed=content["typed"],
            preferred=content["preferred"],
            is_old=True,
        )
    return State(
        key=UUID(content["key"]),
        step=content["step"],
        typed=content["typed"],
        passed=set(content["passed"]),
        asked=set(content["asked"]),
        shown={int(network): services for network, services in content["shown"].items()},
        removed=set(content["removed"]),
        wording_ids=set(content["wordings"]),
        preferred=content["preferred"],
    )


def _is_expired(text: str, entry: FormEntry) -> bool:
    try:
        signing.loads(text, salt=entry.salt, max_age=LIFETIME)
    except signing.SignatureExpired:
        return True
    return False
