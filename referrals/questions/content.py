"""The content of a published version: boxes as JSON, and back."""

from typing import Any

from referrals.questions.chart import Box, Choice

SCHEMA = 1  # raise it when the shape changes, and let `read_content` read the older ones too

_OF_QUESTION = ("text", "text_to_self", "help_text", "kind", "is_required", "offers_not_sure", "is_active")


def write_content(boxes: tuple[Box, ...]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "questions": [
            {
                "key": box.id,
                **{name: getattr(box, name) for name in _OF_QUESTION},
                **_translations(box),
                "options": [
                    {
                        "key": choice.id,
                        "text": choice.text,
                        **_translations(choice),
                        "reveals": list(choice.reveals),
                        "needs": sorted(choice.needs),
                        "is_urgent": choice.is_urgent,
                    }
                    for choice in box.choices
                ],
            }
            for box in boxes
        ],
    }


def _translations(row: Box | Choice) -> dict[str, Any]:
    return {"translations": row.translations} if row.translations else {}


def read_content(content: dict[str, Any], network_id: int) -> tuple[Box, ...]:
    """Return the boxes in the order in which they are asked. Raises ValueError for a schema of a later release."""
    if content["schema"] > SCHEMA:
        raise ValueError(f"Questions of schema {content['schema']} cannot be read here, only up to {SCHEMA}.")
    return tuple(
        Box(
            id=question["key"],
            network_id=network_id,
            **{name: question[name] for name in _OF_QUESTION},
            translations=question.get("translations", {}),
            choices=tuple(
                Choice(
                    id=option["key"],
                    text=option["text"],
                    translations=option.get("translations", {}),
                    reveals=tuple(option["reveals"]),
                    needs=frozenset(option["needs"]),
                    is_urgent=option["is_urgent"],
                )
                for option in question["options"]
            ),
        )
        for question in content["questions"]
    )
