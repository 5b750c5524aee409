"""The list of somebody's digests as Slack's blocks, and what stands below a digest. Pure.

The list is shown in the App Home, in a modal, and in a message to one person alone. All that its
buttons bring may be forged: what they are for is looked up anew.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.digests.digesting import Listed
from bot.slack.blocks import Block, View, actions, button, confirm, header, modal, section
from bot.slack.card_blocks import line_block
from bot.texts import Texts

ACTIONS = "precis:digest:"
OPEN = f"{ACTIONS}open"
PAGE = f"{ACTIONS}page"
CHANGES = ("pause", "resume", "without", "preview", "stop")
A_PAGE = 8
"""Two blocks each; a message has 50."""
MOST_TEXT = 3_000
_VALUE = re.compile(r"([0-9A-Za-z_-]{1,50}):([0-9]{1,4})", re.ASCII)
_PAGE = re.compile(r"[0-9]{1,4}", re.ASCII)


def below_digest(texts: Texts) -> list[Block]:
    """Opens the list of whoever clicks."""
    return [actions([button(OPEN, texts.digests.mine)])]


def list_blocks(
    found: Sequence[Listed], texts: Texts, *, page: int = 1, said: str = "", begin: str = ""
) -> list[Block]:
    """A page of the list, numbered; `said` is what was just done, `begin` how to begin."""
    blocks = [header(texts.digests.list_title)]
    if begin:
        blocks.append(section(begin))
    if said:
        blocks.append(line_block(said[:MOST_TEXT]))
    if not found and not begin:
        blocks.append(section(texts.digests.none))
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(max(page, 1), pages)
    for number in range((page - 1) * A_PAGE, min(page * A_PAGE, len(found))):
        blocks += _one(found[number], number + 1, page, texts)
    ways = []
    if page > 1:
        ways.append(button(f"{PAGE}:back", texts.moderation.previous, str(page - 1)))
    if page < pages:
        ways.append(button(f"{PAGE}:on", texts.moderation.next, str(page + 1)))
    return [*blocks, actions(ways)] if ways else blocks


def list_modal(blocks: Sequence[Block], texts: Texts) -> View:
    # The header says the same as the modal's title.
    return modal(texts.digests.list_title, blocks[1:], texts.slack.close)


def read_change(clicked: Mapping[str, Any]) -> tuple[str, str, int] | None:
    """What a button is to do, to which subscription, from which page; None for a forged one."""
    action = str(clicked.get("action_id")).removeprefix(ACTIONS)
    found = _VALUE.fullmatch(str(clicked.get("value")))
    return (action, found[1], int(found[2])) if found and action in CHANGES else None


def read_page(clicked: Mapping[str, Any]) -> int | None:
    """The page that a button leads to; None for a forged one."""
    value = str(clicked.get("value"))
    turns = str(clicked.get("action_id")).startswith(f"{PAGE}:")
    return int(value) if turns and _PAGE.fullmatch(value) else None


def _one(listed: Listed, number: int, page: int, texts: Texts) -> list[Block]:
    words, value = texts.digests, f"{listed.id}:{page}"
    change = "resume" if listed.subscription.paused else "pause"
    without = [button(f"{ACTIONS}without", words.without, value)]
    if not listed.subscription.can_do_without:
        without = []
    sure = confirm(words.stop, words.cmd_stop, words.stop, texts.slack.cancel)
    buttons = [
        button(f"{ACTIONS}{change}", getattr(words, change), value),
        *without,
        button(f"{ACTIONS}preview", words.preview, value),
        button(f"{ACTIONS}stop", words.stop, value, style="danger", confirm=sure),
    ]
    return [line_block(f"*{number}.* {listed.text}"[:MOST_TEXT]), actions(buttons)]
