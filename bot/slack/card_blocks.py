"""A moderators' card as Slack's blocks, within its limits; its forms and what they say. Pure.

What is in a card is safe already: the use cases made it with the desk's own escaping.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.moderation.deciding import Given
from bot.moderation.desk import Action, CardButton, CardView, Shown
from bot.moderation.reviewing import Review
from bot.slack.blocks import Block, View, actions, button, header, modal, plain
from bot.texts import Texts
from precis.moderation import MOST_EDITED, MOST_NOTE

ACTIONS = "precis:case:"
OPEN = "precis:review:open"
PAGE = "precis:review:page"
FORM = "precis:case-form"
VALUE = "value"
MOST_SECTION = 3_000
MOST_HEADER = 150
MOST_SHOWN_BLOCKS = 90
_VALUE = re.compile(r"([0-9a-f]{32}):([0-9]{1,6})")
_PAGE = re.compile(r"(oldest|severity|channel):([0-9]{1,5})")
_CARD = re.compile("[0-9a-f]{32}")


def card_blocks(card: CardView) -> list[Block]:
    """What a card says, and its buttons."""
    blocks = [header(card.title[:MOST_HEADER]), *_sections(card.lines)]
    if card.buttons:
        blocks.append(actions([_button(each, card) for each in card.buttons]))
    return blocks


def card_text(card: CardView) -> str:
    """What notifications say: the title, and no more."""
    return card.title


def card_modal(card: CardView, texts: Texts) -> View:
    """A card that was opened from the list."""
    return modal(texts.moderation.review_open, card_blocks(card), texts.slack.close)


def shown_modal(shown: Shown, texts: Texts) -> View:
    """What is shown to one moderator alone."""
    return modal(shown.title, _sections(shown.lines)[:MOST_SHOWN_BLOCKS], texts.slack.close)


def form_modal(action: Action, card_id: str, seen: int, texts: Texts, *, text: str = "") -> View:
    """A note, or what a summary is to say. What it is about is asked again when it is sent."""
    words = texts.moderation
    is_note = action is Action.NOTE
    element: Block = {
        "type": "plain_text_input",
        "action_id": VALUE,
        "multiline": True,
        "max_length": MOST_NOTE if is_note else MOST_EDITED,
    }
    if text:
        element["initial_value"] = text
    field = {
        "type": "input",
        "block_id": VALUE,
        "label": plain(words.note_button if is_note else words.edit_field),
        "element": element,
    }
    return modal(
        words.note_title if is_note else words.edit_title,
        [field],
        texts.slack.cancel,
        callback_id=FORM,
        submit=plain(texts.slack.save),
        private_metadata=json.dumps({"action": action.value, "card": card_id, "seen": seen}),
    )


def read_form(view: Mapping[str, Any]) -> tuple[Action, str, int, Given] | None:
    """What a sent form says; None for a forged one."""
    try:
        about = json.loads(str(view.get("private_metadata") or ""))
        action, card_id, seen = Action(about["action"]), str(about["card"]), int(about["seen"])
    except (ValueError, KeyError, TypeError):
        return None
    if action not in (Action.NOTE, Action.EDIT) or not _CARD.fullmatch(card_id):
        return None
    values = (view.get("state") or {}).get("values") or {}
    text = ((values.get(VALUE) or {}).get(VALUE) or {}).get("value")
    return action, card_id, seen, Given(text=str(text or ""))


def read_click(clicked: Mapping[str, Any]) -> tuple[Action, str, int] | None:
    """What a button of a card says; None for a forged one."""
    try:
        action = Action(str(clicked.get("action_id")).removeprefix(ACTIONS))
    except ValueError:
        return None
    found = _VALUE.fullmatch(str(clicked.get("value")))
    return (action, found[1], int(found[2])) if found else None


def review_blocks(review: Review, texts: Texts) -> list[Block]:
    """A page of what waits, each line with a button that opens its card."""
    words = texts.moderation
    blocks = [header(review.title[:MOST_HEADER])]
    blocks += [
        {
            **line_block(line.text[:MOST_SECTION]),
            "accessory": button(OPEN, words.review_open, line.card_id),
        }
        for line in review.lines
    ]
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": review.footer}]})
    ways = []
    if review.page > 1:
        ways.append(("back", words.previous, f"{review.order}:{review.page - 1}"))
    if review.page < review.pages:
        ways.append(("on", words.next, f"{review.order}:{review.page + 1}"))
    if review.lines:
        ways += [
            (order, getattr(words, f"order_{order}"), f"{order}:1")
            for order in ("oldest", "severity", "channel")
            if order != review.order
        ]
    if ways:  # also from a page that is empty by now
        blocks.append(actions([button(f"{PAGE}:{n}", label, value) for n, label, value in ways]))
    return blocks


def read_page(clicked: Mapping[str, Any]) -> tuple[str, int] | None:
    """Order and page of a button of the list; None for a forged one."""
    found = _PAGE.fullmatch(str(clicked.get("value")))
    return (found[1], int(found[2])) if found else None


def read_card(clicked: Mapping[str, Any]) -> str | None:
    """The card that a line of the list opens; None for a forged one."""
    card_id = str(clicked.get("value"))
    return card_id if _CARD.fullmatch(card_id) else None


def line_block(text: str) -> Block:
    """Text in which nothing is made a link that wasn't written as one."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _button(each: CardButton, card: CardView) -> Block:
    more = {"style": "danger"} if each.danger else {}
    if each.action is Action.SHOW:
        more = {"style": "primary"}
    value = f"{card.card_id}:{card.seen}"
    return button(f"{ACTIONS}{each.action.value}", each.label, value, **more)


def _sections(lines: Sequence[str]) -> list[Block]:
    """The lines, as many together as a section holds; a longer one is cut."""
    texts: list[str] = []
    for line in (each[:MOST_SECTION] for each in lines):
        if texts and len(texts[-1]) + 1 + len(line) <= MOST_SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [line_block(text) for text in texts]
