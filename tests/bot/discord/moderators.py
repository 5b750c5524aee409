"""A study group with moderators, who are shown cards: what their tests share."""

from dataclasses import dataclass
from typing import Any

from precis.store import ChatStore, ModerationStore
from tests.bot.discord.summarisers import Judging
from tests.peers.discord_server import BOT_PERMISSIONS, Permission
from tests.services import wait_until

RUDE = f"you are an {Judging.RUDE}"
KIND = "thank you, that helps"
ABLE = BOT_PERMISSIONS | Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS
"""What a bot may do where it is to remove messages and to time people out."""


@dataclass
class Moderated:
    """The server's moderators, their channel and what is in it."""

    server: Any
    guild: Any
    store: Any
    role: Any
    channel: Any
    """The moderators'."""
    watched: Any
    people: Any
    bot: Any = None
    judge: Any = None
    """Who scores."""

    @property
    def moderator(self):
        return self.people[3]

    @property
    def other(self):
        """Another moderator."""
        return self.people[4]

    @property
    def author(self):
        return self.people[2]

    @property
    def member(self):
        """Somebody who moderates nothing."""
        return self.people[1]

    @property
    def cases(self):
        return ModerationStore(self.store).list_cases(open_only=False)

    @property
    def case(self):
        [case] = self.cases
        return case

    @property
    def cards(self):
        """What the moderators' channel shows, oldest first."""
        return [each for each in self.server.messages_by_bot(self.channel) if each.embeds]

    def say(self, text, author=None, place=None):
        return self.server.say(place or self.watched, author or self.author, text)

    def card(self, count=1):
        """The latest of the cards, once there are so many."""
        wait_until(lambda: len(self.cards) == count, 15, f"{count} cards")
        return self.cards[-1]

    def raised(self, text=RUDE, author=None, place=None):
        """Somebody says something; the message, and the card that it is on, as it is shown."""
        said = self.say(text, author, place)
        wait_until(lambda: self.about(said), 15, "a card")
        return said, self.about(said)

    def about(self, message):
        """The card that links to a message."""
        found = [card for card in self.cards if str(message.id) in card.text]
        return found[-1] if found else None

    def press(self, person, card, label):
        """Press a button; what they alone are told."""
        use = self.server.click(person, card, label)
        return self.told(use)

    def told(self, use):
        """What they alone are told, once they are."""
        wait_until(lambda: own(use), 15, "a word for a moderator")
        assert all(each.only_for is use.user for each in own(use))
        return "\n".join(each.text for each in own(use))

    def form(self, person, card, label):
        """Press a button that opens a form; the use of it."""
        use = self.server.click(person, card, label)
        wait_until(lambda: use.modal or own(use), 15, "a form")
        assert use.modal, use.text
        return use

    def closed(self, card):
        wait_until(lambda: not card.buttons, 15, "a closed card")
        return card.text


def own(use):
    """What a use of a button or a form was answered with: not the message that it is on."""
    return [each for each in use.messages if each is not use.source]


def moderated(server, guild, store, people, watched):
    """Dina and Emil moderate Ana's server; the channel `watched` is."""
    role = guild.add_role("Moderators", Permission.MANAGE_MESSAGES | Permission.MODERATE_MEMBERS)
    for each in people[3:5]:
        guild.members[each.id].add_role(role)
    channel = guild.add_text_channel("moderators").make_private(role, server.bot)
    return Moderated(server, guild, store, role, channel, watched, people)


def watch(store, where, **settings):
    """As a manager sets it, before the bot starts."""
    changes = {
        "watched": (str(where.watched.id),),
        "moderators_channel": str(where.channel.id),
        **settings,
    }
    ChatStore(store).change_settings(
        "discord", str(where.guild.id), "test", lambda now: now.model_copy(update=changes)
    )
