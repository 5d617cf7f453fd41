"""Everything typed so far, in one signed field of the page.

Signed, not encrypted: it is the referrer's own data. The signature prevents forged lists, cautions and submission keys.
A page that was opened long ago, or before an upgrade, keeps what was typed and begins again at the first step, since
the network's lists may have changed.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from django.core import signing

from referrals.referral_form.entry import FormEntry
from referrals.referral_form.errors import FormUnavailable

LIFETIME = timedelta(hours=12)
SHAPE = 5  # raise it when the fields below change: pages from before an upgrade then count as old

MOST_ADDED = 10
MOST_DIGITS = 18  # more than a bigint has would be an error of the database

Typed = dict[str, list[str]]


class AskedPart(NamedTuple):
    """Keys: the network, some of its needs, and the services to ask for them, best first."""

    network: int
    needs: list[int]
    services: list[int]


@dataclass(slots=True)
class State:
    """
    key: the submission key; one form makes one referral.
    typed: step -> field -> values, exactly as they were sent.
    passed: marks of the cautions that have been shown.
    asked: names of the fields that the page asks for.
    parts: who is asked for what, as it is on the page.
    removed: services whose organisations were taken off the list.
    added: services put on the list by name, in this order.
    wording_ids: the consent wordings on the page.
    flows: by network, the version of its questions that this form began under, None if there was none.
    preferred: the service from whose public page the form was opened.
    is_old: opened long ago, or before an upgrade.
    """

    key: UUID = field(default_factory=uuid4)
    step: str = "person"
    typed: dict[str, Typed] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    parts: list[AskedPart] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    added: list[int] = field(default_factory=list)
    wording_ids: set[int] = field(default_factory=set)
    flows: dict[int, int | None] = field(default_factory=dict)
    preferred: int | None = None
    is_old: bool = False

    @property
    def choices(self) -> dict[int, list[int]]:
        """The services to ask, by network, in the order shown."""
        choices: dict[int, list[int]] = {}
        for part in self.parts:
            own = choices.setdefault(part.network, [])
            own += [service for service in part.services if service not in own]
        return choices

    @property
    def wanted(self) -> str:
        """The name of an organisation that is looked for on the page of suggestions."""
        return "".join(self.typed.get("suggestions", {}).get("wanted", [])[:1]).replace("\0", "").strip()[:100]

    def change_list(self, action: str, target: str) -> None:
        """Add a service to the list, remove it or restore it, by the key in `target`.

        Whether it may be added, matching decides.
        """
        if not (target.isascii() and target.isdecimal() and len(target) <= MOST_DIGITS):
            return
        service = int(target)
        match action:
            case "add" if service not in self.added and len(self.added) < MOST_ADDED:
                self.added.append(service)
            case "remove" if service in self.added:
                self.added.remove(service)
            case "remove" if any(service in part.services for part in self.parts):
                self.removed.add(service)
        if action in ("add", "restore"):
            self.removed.discard(service)

    def inherit(self, newest: "State") -> None:
        """Take over what later steps of the same form have chosen, after the browser went back to an earlier one."""
        if newest.key != self.key or newest.is_old:
            return
        self.typed = newest.typed | {self.step: self.typed.get(self.step, {})}
        self.passed, self.removed, self.added = newest.passed, newest.removed, newest.added
        self.flows = newest.flows

    def pack(self, entry: FormEntry) -> str:
        content = {
            "shape": SHAPE,
            "key": str(self.key),
            "step": self.step,
            "typed": self.typed,
            "passed": sorted(self.passed),
            "asked": sorted(self.asked),
            "parts": self.parts,
            "removed": sorted(self.removed),
            "added": self.added,
            "wordings": sorted(self.wording_ids),
            "flows": list(self.flows.items()),
            "preferred": self.preferred,
        }
        return signing.dumps(content, salt=entry.salt, compress=True)


def unpack(text: str, entry: FormEntry) -> State:
    """Raises FormUnavailable when the state is not signed by us."""
    try:
        content, is_old = signing.loads(text, salt=entry.salt, max_age=LIFETIME), False
    except signing.SignatureExpired:
        content, is_old = signing.loads(text, salt=entry.salt), True
    except signing.BadSignature:
        raise FormUnavailable("unreadable", 400, entry=entry) from None
    if is_old or content.get("shape") != SHAPE:
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
        parts=[AskedPart._make(part) for part in content["parts"]],
        removed=set(content["removed"]),
        added=content["added"],
        wording_ids=set(content["wordings"]),
        flows=dict(content["flows"]),
        preferred=content["preferred"],
    )
