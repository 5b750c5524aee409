"""The list of somebody's digests as Slack's blocks, and what stands below a digest. Pure.

The list is shown in the App Home, in a modal, and in a message to one person alone.
"""

from bot.slack.blocks import Block, actions, button
from bot.texts import Texts

ACTIONS = "precis:digest:"
OPEN = f"{ACTIONS}open"


def below_digest(texts: Texts) -> list[Block]:
    """Opens the list of whoever clicks."""
    return [actions([button(OPEN, texts.digests.mine)])]
