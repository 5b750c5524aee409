"""What is stored of me, out, in, delete: as it stands in the App Home and in a modal. Pure."""

from bot.slack.blocks import Block, View, actions, button, confirm, header, modal, section
from bot.texts import Texts

ACTIONS = "precis:privacy:"
OUT, IN, DELETE = f"{ACTIONS}out", f"{ACTIONS}in", f"{ACTIONS}delete"


def privacy_blocks(told: str, texts: Texts, *, opted_out: bool, done: str = "") -> list[Block]:
    """`told` is what is stored, in words; `done` what was just done about it."""
    choice = (
        button(IN, texts.privacy_opt_in)
        if opted_out
        else button(
            OUT,
            texts.privacy_opt_out,
            confirm=confirm(
                texts.privacy_opt_out,
                texts.slack.opt_out_means,
                texts.privacy_opt_out,
                texts.slack.cancel,
            ),
        )
    )
    delete = button(
        DELETE,
        texts.privacy_delete,
        style="danger",
        confirm=confirm(
            texts.privacy_delete,
            texts.slack.delete_means,
            texts.privacy_delete,
            texts.slack.cancel,
        ),
    )
    said = [section(done)] if done else []
    return [header(texts.privacy_title), *said, section(told), actions([choice, delete])]


def privacy_modal(blocks: list[Block], texts: Texts) -> View:
    # The header says the same as the modal's title.
    return modal(texts.privacy_title, blocks[1:], texts.slack.close)
