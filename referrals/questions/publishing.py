"""Publishing the draft, after which the form asks it, and going back to an older version."""

import hashlib
import json
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from referrals.models import Category, FlowVersion, Network, User
from referrals.questions.chart import Box
from referrals.questions.content import read_content, write_content
from referrals.questions.differences import describe_differences
from referrals.questions.draft import load_draft, store_draft
from referrals.questions.editing import lock_draft
from referrals.questions.examples import run_examples
from referrals.questions.paths import Paths, find_paths
from referrals.refusals import AlreadyDone, Refusal
from referrals.words import join_in_words

TOLD = 3  # of what somebody else has published meanwhile


def digest_draft(boxes: tuple[Box, ...]) -> str:
    """Something short that is different for every other draft."""
    return hashlib.sha256(json.dumps(write_content(boxes), sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def publish(
    network: Network,
    *,
    actor: User,
    note: str = "",
    seen_number: int | None = None,
    seen_draft: str | None = None,
    despite_examples: bool = False,
    at: datetime | None = None,
) -> FlowVersion:
    """Compile the draft into a new version. Forms that are being filled in go on under theirs. Raises Refusal.

    seen_number, seen_draft: the number of the version (0 for none) and the draft that the actor has looked at.
    """
    lock_draft(network.pk, actor)
    boxes, newest = load_draft(network.pk), _find_newest(network)
    if newest and newest.content == write_content(boxes):
        raise AlreadyDone(f"{_who(newest)} published this as {newest}: the form asks it already.")
    if seen_number is not None and seen_number != (newest.number if newest else 0):
        raise Refusal(_tell_meanwhile(network, seen_number, newest))
    if seen_draft is not None and seen_draft != digest_draft(boxes):
        raise Refusal("The draft has been changed since you looked at it. Please look again at what is different.")
    paths = find_paths(boxes)
    if not paths.is_sound:
        raise Refusal(" ".join(describe_faults(boxes, paths)))
    failed = [] if despite_examples else [one for one in run_examples(network, boxes) if one.problems]
    if failed:
        raise Refusal(f"{join_in_words([f'“{one.example}”' for one in failed])} would not come out as they must.")
    return _add_version(network, newest, boxes, actor=actor, note=note, at=at)


@transaction.atomic
def return_to_version(network: Network, number: int, *, actor: User, seen_number: int) -> FlowVersion:
    """Publish a version that equals an older one, and make the draft the same. Raises Refusal."""
    lock_draft(network.pk, actor)
    newest = _find_newest(network)
    old = FlowVersion.objects.filter(network=network, number=number).first()
    if old is None or newest is None:
        raise Refusal("There is no such version.")
    if newest.number != seen_number:
        raise Refusal(_tell_meanwhile(network, seen_number, newest))
    store_draft(network, read_content(old.content, network.pk))
    boxes = load_draft(network.pk)
    if write_content(boxes) == newest.content:
        raise AlreadyDone(f"The form asks this already, as {newest}. The draft is the same again.")
    return _add_version(network, newest, boxes, actor=actor, note=f"As version {number}.", at=None)


def describe_faults(boxes: tuple[Box, ...], paths: Paths) -> list[str]:
    """Say what must not be published."""
    titles = {box.id: f"“{box.text}”" for box in boxes}
    found = []
    if paths.loops:
        found.append(f"{join_in_words([titles[key] for key in paths.loops])}: a question cannot lead back to itself.")
    found += [f"{titles[key]} asks for a choice and has no answers to choose from." for key in paths.dead_ends]
    return found


def _find_newest(network: Network) -> FlowVersion | None:
    return FlowVersion.objects.filter(network=network).select_related("published_by").first()


def _who(version: FlowVersion) -> str:
    return str(version.published_by or "Somebody")


def _tell_meanwhile(network: Network, seen_number: int, newest: FlowVersion | None) -> str:
    if newest is None:
        return "Please look again at what is different."
    seen = FlowVersion.objects.filter(network=network, number=seen_number).first()
    names = dict(Category.objects.filter(network=network).values_list("pk", "name"))
    before = read_content(seen.content, network.pk) if seen else ()
    changes = describe_differences(before, read_content(newest.content, network.pk), names)
    more = f" {len(changes) - TOLD} more." if len(changes) > TOLD else ""
    return (
        f"Meanwhile {_who(newest)} has published {newest}: {' '.join(changes[:TOLD])}{more} "
        "Yours is not published. Please look again at what is different."
    )


def _add_version(
    network: Network,
    newest: FlowVersion | None,
    boxes: tuple[Box, ...],
    *,
    actor: User,
    note: str,
    at: datetime | None,
) -> FlowVersion:
    return FlowVersion.objects.create(
        network=network,
        number=newest.number + 1 if newest else 1,
        content=write_content(boxes),
        note=note,
        published_by=actor,
        published_at=at or timezone.now(),
    )
