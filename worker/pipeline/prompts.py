"""Renders a dialogue into the study's prompts: zero, one or a few worked examples.

Two templates: `instruction` (`Summarize the following conversation. … Summary:`) and `question`
(FLAN's `Dialogue: … What was going on?`). The examples are written for this project, in
DialogSum's manner. Knows nothing of models or windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Template = Literal["instruction", "question", "dialogue"]
Shots = Literal[0, 1, 3]


@dataclass(frozen=True, slots=True)
class Example:
    dialogue: str
    summary: str


EXAMPLES = (
    Example(
        "#Person1#: Did you manage to book the room for Thursday?\n"
        "#Person2#: The big one is taken. I got the small one next to the library, from 4 to 6.\n"
        "#Person1#: That will do, we're only five. Shall I bring the projector?\n"
        "#Person2#: Please. And tell Kofi that we start with chapter seven.",
        "#Person2# booked the small room next to the library for Thursday from 4 to 6. "
        "#Person1# will bring the projector and tell Kofi that they start with chapter seven.",
    ),
    Example(
        "#Person1#: My program prints the last line twice and I don't see why.\n"
        "#Person2#: Do you check for the end of the file before or after you read?\n"
        "#Person1#: Before. Oh, so the last read fails and I print the old line again?\n"
        "#Person2#: Exactly. Loop over the file itself and it can't happen.\n"
        "#Person1#: That works, thank you!",
        "#Person1#'s program prints the last line twice because it checks for the end of the "
        "file before reading. #Person2# advises looping over the file itself, which works.",
    ),
    Example(
        "#Person1#: I'd rather take the train, the bus made me sick last time.\n"
        "#Person2#: The train is twice the price, though.\n"
        "#Person3#: If we book today there's a group ticket. It's barely more than the bus.\n"
        "#Person2#: Fine, the train then. Who books?\n"
        "#Person3#: I will, tonight.",
        "#Person1# prefers the train to the bus, which #Person2# finds expensive. #Person3# "
        "knows of a group ticket, so they choose the train, and #Person3# will book tonight.",
    ),
)

_HEAD: dict[Template, str] = {
    "instruction": "Summarize the following conversation.\n\n",
    "question": "Dialogue:\n\n",
    "dialogue": "",
}
_TAIL: dict[Template, str] = {
    "instruction": "\n\nSummary:",
    "question": "\n\nWhat was going on?",
    "dialogue": "",
}


def render(
    dialogue: str,
    template: Template = "instruction",
    shots: Shots = 0,
    examples: Sequence[Example] = EXAMPLES,
) -> str:
    """The prompt for `dialogue` after `shots` of `examples`, each with its summary."""
    worked = "".join(
        f"{_HEAD[template]}{example.dialogue}{_TAIL[template]} {example.summary}\n\n\n"
        for example in examples[:shots]
    )
    return f"{worked}{_HEAD[template]}{dialogue}{_TAIL[template]}"
