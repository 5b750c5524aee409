"""What a message may be made of: text, blocks, attachments; for chat.* and response_urls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.peers.slack import blocks as block_kit
from tests.peers.slack.errors import SlackError, with_messages
from tests.peers.slack.world import World

# docs.slack.dev/reference/methods/chat.postMessage, «Truncating content»; …/chat.update, «Errors».
POST_MOST, UPDATE_MOST = 40_000, 4_000
_ATTACHMENTS = 100


@dataclass(frozen=True)
class Content:
    """What was sent; None where a field was left out."""

    text: str | None
    blocks: list[dict[str, Any]] | None
    attachments: list[dict[str, Any]] | None


def content(
    world: World, where: str, sent: dict[str, Any], *, most: int = POST_MOST, together: bool = True
) -> Content:
    """Check a message as Slack does: `invalid_blocks`, `msg_blocks_too_long`, `msg_too_long`,
    `no_text`. `together`: whether the blocks' size altogether is limited, as in chat.postMessage.
    """
    text, blocks, attachments = sent.get("text"), sent.get("blocks"), sent.get("attachments")
    if text is not None and not isinstance(text, str):
        world.violate("invalid arguments", where, "text")
        raise SlackError("invalid_arguments")
    if text is not None and len(text) > most:
        world.violate("text too long", where, len(text))
        raise SlackError("msg_too_long")
    if blocks is not None:
        blocks = _checked(world, where, blocks)
        if together and block_kit.too_long(blocks):
            world.violate("text too long", where, "blocks")
            raise SlackError("msg_blocks_too_long")
    if attachments is not None and (
        not isinstance(attachments, list) or len(attachments) > _ATTACHMENTS
    ):
        world.violate("invalid arguments", where, "attachments")
        raise SlackError("too_many_attachments")
    for attachment in attachments or []:
        if attachment.get("blocks"):
            attachment["blocks"] = _checked(world, where, attachment["blocks"])
    if not (text or blocks or attachments):
        world.violate("no text", where)
        raise SlackError("no_text")
    return Content(text, blocks, attachments)


def _checked(world: World, where: str, blocks: Any) -> list[dict[str, Any]]:
    complaints = block_kit.complaints_of(blocks, "message")
    if complaints:
        world.violate("invalid blocks", where, complaints)
        raise with_messages("invalid_blocks", complaints)
    return block_kit.with_ids(blocks)
