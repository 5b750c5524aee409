"""Moderators on a stage: their channel and its cards; the same on each platform."""

from dataclasses import dataclass
from typing import Any

from precis.store import ChatStore, ModerationStore, Store


@dataclass(frozen=True)
class ShownCard:
    """A card as a moderator sees it."""

    text: str
    buttons: tuple[str, ...]
    message: Any


class Moderated:
    """A server of a stage with moderators, a channel for them, and a store to look into."""

    def __init__(self, stage, store_url, moderators):
        self.stage = stage
        self.store = Store.open(store_url)
        self.cases = ModerationStore(self.store)
        self.moderators = moderators
        self.channel = stage.moderators_channel(moderators)

    def watch(self, *places, **settings):
        """As a manager sets it, before the bot starts."""
        stage = self.stage
        watched = [stage.place_key(place) for place in places]
        named = [stage.person_key(each) for each in self.moderators]
        changes = {
            "watched": watched,
            "moderators_channel": stage.place_key(self.channel),
            "moderators": named if stage.names_moderators else [],
            **settings,
        }
        ChatStore(self.store).change_settings(
            stage.platform,
            stage.server_key,
            "test",
            lambda now: now.model_copy(
                update={
                    name: tuple(value) if isinstance(value, list) else value
                    for name, value in changes.items()
                }
            ),
        )
        for place in watched:
            self.cases.start_watching(stage.platform, stage.server_key, place, None)

    @property
    def open_cases(self):
        found, _ = self.cases.open_cases(self.stage.platform, self.stage.server_key, limit=1_000)
        return found

    @property
    def all_cases(self):
        return self.cases.list_cases(open_only=False, limit=10_000)

    @property
    def cards(self):
        """What the moderators' channel shows, in order."""
        return self.stage.cards(self.channel)

    def close(self):
        self.store.close()
