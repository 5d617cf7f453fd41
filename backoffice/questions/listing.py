"""A flow as a list, with the same content as its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from referrals.enums import QuestionKind
from referrals.questions import Box, Choice
from referrals.questions.paths import list_first
from referrals.questions.untranslated import count_untranslated


@dataclass(frozen=True, slots=True)
class ListedChoice:
    choice: Choice
    reveals: list[Box]
    needs: list[str]


@dataclass(frozen=True, slots=True)
class ListedQuestion:
    """`asked`: when it is asked, in words. `untranslated`: language and number of the texts that it lacks."""

    box: Box
    kind: str
    asked: str
    choices: list[ListedChoice]
    untranslated: list[tuple[str, int]]
    is_first: bool
    is_last: bool


def list_questions(
    boxes: Sequence[Box], names: Mapping[int, str], languages: Sequence[tuple[str, str]] = ()
) -> list[ListedQuestion]:
    """`names`: of categories by their keys."""
    by_key, first = {box.id: box for box in boxes}, set(list_first(boxes))
    leading: dict[int, list[str]] = {}
    for box in boxes:
        for choice in box.choices:
            for target in choice.reveals:
                leading.setdefault(target, []).append(f"“{choice.text}” to “{box.text}”")
    return [
        ListedQuestion(
            box=box,
            kind=QuestionKind(box.kind).label,
            asked=_say_when(box, is_first=box.id in first, answers=leading.get(box.id, [])),
            choices=[
                ListedChoice(
                    choice,
                    [by_key[target] for target in choice.reveals if target in by_key],
                    sorted(names[need] for need in choice.needs if need in names),
                )
                for choice in box.choices
            ],
            untranslated=[
                (language, missing) for code, language in languages if (missing := count_untranslated([box], code)[0])
            ],
            is_first=place == 0,
            is_last=place == len(boxes) - 1,
        )
        for place, box in enumerate(boxes)
    ]


def _say_when(box: Box, *, is_first: bool, answers: Sequence[str]) -> str:
    if not box.is_active:
        return "Switched off"
    if is_first:
        return "Asked of everybody"
    return f"Asked after {' or '.join(answers[:3])}{' or others' if len(answers) > 3 else ''}"
