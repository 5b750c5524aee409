"""The stand-in itself: starts and stops the server, and is what tests hold in their hands.

It runs in a thread of its own on 127.0.0.1. Every method may be called from any thread and returns
when the thing is done on the server; nothing here waits for the bot (use
`tests.services.wait_until`, or the `wait_for_…` of an interaction).

Point discord.py at it by `discord.http.Route.BASE = server.api` and
`discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)`: discord.py asks
`GET /gateway/bot` for its gateway only in an AutoShardedClient without `shard_count`, and goes to
the default after every invalidated session.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.peers.discord import chat, invoke, routes_guilds
from tests.peers.discord.guilds import BOT_PERMISSIONS, Guild, Member
from tests.peers.discord.http import Request
from tests.peers.discord.interactions import Interaction
from tests.peers.discord.messages import Message
from tests.peers.discord.places import Place
from tests.peers.discord.staging import Staging
from tests.peers.discord.state import Application, User, Violation, user_of
from tests.peers.loop import on_loop


class DiscordServer(Staging):
    """A Discord of one's own, with one application: the bot under test.

    What it can be made to do wrong is in `Staging`, its addresses in `Host`.
    """

    @property
    def application(self) -> Application:
        return self.world.application

    @property
    def application_id(self) -> int:
        return self.world.application.id

    @property
    def token(self) -> str:
        return self.world.application.token

    @property
    def bot(self) -> User:
        """The bot's user."""
        return self.world.bot

    @on_loop
    def grant_intents(self, *names: str) -> None:
        """Allow privileged intents: "message_content", "members", "presences"."""
        self.application.intents |= set(names)

    @on_loop
    def revoke_intents(self, *names: str) -> None:
        """Take privileged intents away; the next identify that asks for one is closed with 4014."""
        self.application.intents -= set(names)

    @property
    def commands(self) -> dict[int | None, list[dict[str, Any]]]:
        """What the bot registered, by guild id; None holds the global commands."""
        return self.world.application.commands

    # People and places

    @on_loop
    def add_user(
        self,
        name: str,
        global_name: str | None = None,
        *,
        bot: bool = False,
        accepts_dms: bool = True,
    ) -> User:
        return self.world.add_user(name, global_name, bot=bot, accepts_dms=accepts_dms)

    @on_loop
    def add_guild(
        self,
        name: str,
        owner: User,
        *,
        bot_permissions: int | None = BOT_PERMISSIONS,
        members: Iterable[User] = (),
    ) -> Guild:
        """A server with the bot in it, with these permissions; None leaves the bot out."""
        guild = Guild(self.world, name, owner)
        for user in members:
            guild.add_member(user)
        if bot_permissions is not None:
            guild.add_bot(bot_permissions)
        return guild

    @on_loop
    def dm_channel(self, user: User | Member) -> Place:
        """The bot's direct messages with a user."""
        return routes_guilds.dm_with(self.world, user_of(user).id)

    # What people do

    @on_loop
    def say(
        self,
        place: Place,
        author: User | Member,
        text: str,
        *,
        at: datetime | None = None,
        reply_to: Message | None = None,
        attachments: Iterable[str | dict[str, Any]] = (),
        embeds: Iterable[dict[str, Any]] = (),
        kind: int | None = None,
    ) -> Message:
        """Write a message, and tell the bot.

        `at` backdates it; attachments are file names or attachment objects; `kind` is a
        message type other than a plain message or reply, as 6 for a pin or 7 for a join.
        """
        files = [chat.attachment(self.world, file) for file in attachments]
        return chat.say(
            place,
            user_of(author),
            text,
            at=at,
            reply_to=reply_to,
            attachments=files,
            embeds=embeds,
            kind=kind,
        )

    @on_loop
    def fill(
        self,
        place: Place,
        authors: list[User],
        texts: int | Iterable[str],
        *,
        start: datetime | None = None,
        step: timedelta = timedelta(seconds=20),
    ) -> list[Message]:
        """Write a long history at once, authors in turn, without gateway events.

        `texts` are what they write, or how many times «message N». Without `start` the last
        message is a step ago.
        """
        words = [f"message {n}" for n in range(1, texts + 1)] if isinstance(texts, int) else texts
        words = list(words)
        start = start or self.world.clock.moment() - step * len(words)
        return chat.fill(place, authors, words, start=start.astimezone(UTC), step=step)

    @on_loop
    def edit(self, message: Message, text: str) -> None:
        chat.edit(message, content=text)

    @on_loop
    def delete(self, message: Message) -> None:
        chat.delete(message)

    @on_loop
    def bulk_delete(self, messages: list[Message]) -> None:
        """Delete messages of one place in one event."""
        chat.bulk_delete(messages[0].place, messages)

    @on_loop
    def slash(
        self,
        user: User | Member,
        place: Place,
        command: str,
        subcommand: str | None = None,
        **options: Any,
    ) -> Interaction:
        """Use a slash command.

        A subcommand in a group is "group subcommand". A trailing `_` of an option's name is
        dropped, as in `from_`. Where the bot has no session the event is lost, and `.delivered`
        is False.
        """
        path = subcommand.split() if subcommand else []
        values = {name.rstrip("_"): value for name, value in options.items()}
        return invoke.slash(self.world, user_of(user), place, command, path, values)

    @on_loop
    def autocomplete(
        self,
        user: User | Member,
        place: Place,
        command: str,
        subcommand: str | None = None,
        *,
        focused: str,
        **options: Any,
    ) -> Interaction:
        """Type in an option and ask for suggestions; the answer is in `.choices`."""
        path = subcommand.split() if subcommand else []
        values = {name.rstrip("_"): value for name, value in options.items()}
        who = user_of(user)
        return invoke.slash(self.world, who, place, command, path, values, focused=focused)

    @on_loop
    def context_menu(
        self,
        user: User | Member,
        target: Message | User | Member,
        command: str,
        place: Place | None = None,
    ) -> Interaction:
        """Use a command of the menu of a message, or of a person (then name the place)."""
        where = target.place if isinstance(target, Message) else place
        if where is None:
            raise ValueError("a person's menu is opened in a place")
        return invoke.context_menu(self.world, user_of(user), target, command, where)

    @on_loop
    def click(self, user: User | Member, message: Message, button: str) -> Interaction:
        """Press a button, named by its custom id, label or emoji."""
        return invoke.click(self.world, user_of(user), message, button)

    @on_loop
    def select(
        self, user: User | Member, message: Message, menu: str, values: list[Any]
    ) -> Interaction:
        """Choose in a menu, named by its custom id or placeholder."""
        return invoke.select(self.world, user_of(user), message, menu, values)

    @on_loop
    def submit_modal(
        self,
        shown: Interaction,
        values: dict[str, Any] | None = None,
        **more: Any,
    ) -> Interaction:
        """Send the modal that an interaction was answered with; values by custom id or label."""
        return invoke.submit_modal(self.world, shown, {**(values or {}), **more})

    # What the bot did

    def messages(self, place: Place) -> list[Message]:
        """The history of a place, oldest first."""
        return place.messages

    def messages_by_bot(self, place: Place) -> list[Message]:
        """The bot's part of a history; a public answer that is still `loading` is in it, empty."""
        return [message for message in place.messages if message.author is self.bot]

    def dms(self, user: User | Member) -> list[Message]:
        """The messages between the bot and a user."""
        channel = self.world.dms.get(user_of(user).id)
        return channel.messages if channel else []

    @property
    def interactions(self) -> list[Interaction]:
        """All interactions so far, in order."""
        return list(self.world.interactions.values())

    @property
    def requests(self) -> list[Request]:
        """Every HTTP request, in order of arrival."""
        return list(self.api_calls.requests)

    def requests_to(self, route: str) -> list[Request]:
        """The requests to "METHOD /path"; braces and `*` stand for anything, as in `rate_limit`."""
        return [request for request in self.requests if request.matches(route)]

    def history_requests(self, place: Place) -> list[Request]:
        """The requests for pages of a place's history."""
        return self.requests_to(f"GET /channels/{place.id}/messages")

    @property
    def violations(self) -> list[Violation]:
        """What a well-behaved bot never does; tests assert that it is empty. May be cleared."""
        return self.world.violations


@contextmanager
def discord_server(
    *, heartbeat_interval: float = 41.25, shards: int = 1
) -> Iterator[DiscordServer]:
    """A running server. `shards` is what Get Gateway Bot recommends; heartbeats in seconds."""
    server = DiscordServer(heartbeat_interval, shards)
    server.start()
    try:
        yield server
    finally:
        server.stop()
