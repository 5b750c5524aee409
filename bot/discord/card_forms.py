"""The forms behind a card's buttons: a note, a summary in a moderator's words, a time-out."""

from typing import TYPE_CHECKING, Any

import discord

from bot.discord.failures import Panel, failed
from bot.moderation.deciding import Given
from bot.moderation.desk import Action
from bot.texts import Texts
from precis.moderation import MOST_EDITED, MOST_NOTE

if TYPE_CHECKING:
    from bot.discord.card_clicks import CardClicks

Click = discord.Interaction[Any]
TIME_OUTS = {"one_hour": 60, "one_day": 1_440, "one_week": 10_080}
"""Minutes, by the text that names them."""


class CardForm(discord.ui.Modal):
    """A form that belongs to a card; who may is asked again when it is sent."""

    def __init__(
        self, clicks: "CardClicks", action: Action, card_id: str, seen: int, title: str
    ) -> None:
        super().__init__(title=title, timeout=Panel.SHOWN)
        self._clicks = clicks
        self._action = action
        self._card_id = card_id
        self._seen = seen

    @property
    def given(self) -> Given:
        """What was entered."""
        raise NotImplementedError

    async def on_error(self, click: Click, error: Exception, /) -> None:  # type: ignore[override]
        await failed(click, error)

    async def on_submit(self, click: Click, /) -> None:
        await self._clicks.submitted(click, self._action, self._card_id, self._seen, self.given)


class TextForm(CardForm):
    """A note, or what a summary is to say."""

    def __init__(
        self,
        clicks: "CardClicks",
        action: Action,
        card_id: str,
        seen: int,
        texts: Texts,
        *,
        text: str = "",
    ) -> None:
        words = texts.moderation
        is_note = action is Action.NOTE
        title = words.note_title if is_note else words.edit_title
        super().__init__(clicks, action, card_id, seen, title)
        self._text: discord.ui.TextInput[Any] = discord.ui.TextInput(
            label=words.note_button if is_note else words.edit_field,
            style=discord.TextStyle.paragraph,
            default=text or None,
            max_length=MOST_NOTE if is_note else MOST_EDITED,
        )
        self.add_item(self._text)

    @property
    def given(self) -> Given:
        return Given(text=self._text.value)


class TimeOutForm(CardForm):
    """For how long."""

    def __init__(self, clicks: "CardClicks", card_id: str, seen: int, texts: Texts) -> None:
        words = texts.moderation
        super().__init__(clicks, Action.TIME_OUT, card_id, seen, words.timeout_title)
        self._length: discord.ui.Select[Any] = discord.ui.Select(
            options=[
                discord.SelectOption(
                    label=getattr(words, name), value=str(minutes), default=name == "one_day"
                )
                for name, minutes in TIME_OUTS.items()
            ]
        )
        self.add_item(discord.ui.Label(text=words.timeout_field, component=self._length))

    @property
    def given(self) -> Given:
        chosen = self._length.values
        return Given(minutes=int(chosen[0]) if chosen else None)
