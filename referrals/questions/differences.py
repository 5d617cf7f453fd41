"""What is different between two versions of the questions, in sentences."""

from collections.abc import Iterator, Mapping, Sequence

from referrals.enums import QuestionKind
from referrals.questions.chart import Box, Choice
from referrals.translations import language_in_english
from referrals.words import join_in_words

_SWITCHES = {
    "is_required": ("must be answered now", "need not be answered any more"),
    "offers_not_sure": ("ends with “Something else, or not sure” now", "has no “Something else, or not sure” any more"),
    "is_active": ("is asked again", "is switched off: it is not asked any more"),
}


def describe_differences(before: Sequence[Box], after: Sequence[Box], names: Mapping[int, str]) -> list[str]:
    """`names`: of categories by their keys. One that is not among them is left out."""
    old, new = ({box.id: box for box in boxes} for boxes in (before, after))
    titles = {box.id: box.text for box in (*before, *after)}
    kept = [key for key in old if key in new]
    found = [f"“{box.text}” is deleted." for box in before if box.id not in new]
    found += [
        sentence
        for box in after
        for sentence in (
            _describe_change(old[box.id], box, titles, names) if box.id in old else _describe_new(box, titles, names)
        )
    ]
    if kept != [key for key in new if key in old]:
        found.append("The questions are in another order.")
    return found


def _describe_new(box: Box, titles: Mapping[int, str], names: Mapping[int, str]) -> Iterator[str]:
    answers = f", with the answers {_quoted([choice.text for choice in box.choices])}" if box.choices else ""
    yield f"“{box.text}” is new ({QuestionKind(box.kind).label.lower()}){answers}."
    for choice in box.choices:
        yield from _describe_effects(Choice(id=choice.id), choice, box, titles, names)


def _describe_change(old: Box, new: Box, titles: Mapping[int, str], names: Mapping[int, str]) -> Iterator[str]:
    if old.text != new.text:
        yield f"“{old.text}” reads “{new.text}” now."
    if old.text_to_self != new.text_to_self:
        yield f"To those who ask for themselves, “{new.text}” is put as “{new.text_to_self or new.text}”."
    if old.help_text != new.help_text:
        yield (
            f"The hint of “{new.text}” is “{new.help_text}” now."
            if new.help_text
            else (f"“{new.text}” has no hint any more.")
        )
    if languages := _languages_that_differ(old, new):
        yield f"“{new.text}” reads differently in {languages}."
    if old.kind != new.kind:
        yield f"“{new.text}” is answered by {QuestionKind(new.kind).label.lower()} now."
    for name, (on, off) in _SWITCHES.items():
        if getattr(old, name) != getattr(new, name):
            yield f"“{new.text}” {on if getattr(new, name) else off}."
    before, after = ({choice.id: choice for choice in box.choices} for box in (old, new))
    for choice in old.choices:
        if choice.id not in after:
            yield f"“{new.text}” has no answer “{choice.text}” any more."
    for choice in new.choices:
        earlier = before.get(choice.id)
        if earlier is None:
            yield f"“{new.text}” has a new answer, “{choice.text}”."
        elif earlier.text != choice.text:
            yield f"The answer “{earlier.text}” to “{new.text}” reads “{choice.text}” now."
        elif languages := _languages_that_differ(earlier, choice):
            yield f"The answer “{choice.text}” to “{new.text}” reads differently in {languages}."
        yield from _describe_effects(earlier or Choice(id=choice.id), choice, new, titles, names)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield f"The answers to “{new.text}” are in another order."


def _languages_that_differ(old: Box | Choice, new: Box | Choice) -> str:
    """Return "Polish and Welsh", "" for none."""
    codes = sorted({*old.translations, *new.translations})
    return join_in_words(
        [language_in_english(code) for code in codes if old.translations.get(code) != new.translations.get(code)]
    )


def _describe_effects(
    old: Choice, new: Choice, box: Box, titles: Mapping[int, str], names: Mapping[int, str]
) -> Iterator[str]:
    answer = f"The answer “{new.text}” to “{box.text}”"
    for keys, leads, now in (
        ([key for key in new.reveals if key not in old.reveals], "leads to", "now"),
        ([key for key in old.reveals if key not in new.reveals], "does not lead to", "any more"),
    ):
        if keys:
            yield f"{answer} {leads} {_quoted([titles[key] for key in keys if key in titles])} {now}."
    for needs, adds, now in (
        (new.needs - old.needs, "adds the need", "now"),
        (old.needs - new.needs, "does not add the need", "any more"),
    ):
        known = sorted(names[need] for need in needs if need in names)
        if known:
            yield f"{answer} {adds} {_quoted(known)} {now}."
    if old.is_urgent != new.is_urgent:
        yield f"{answer} {'is urgent now' if new.is_urgent else 'is not urgent any more'}."


def _quoted(texts: Sequence[str]) -> str:
    return join_in_words([f"“{text}”" for text in texts])
