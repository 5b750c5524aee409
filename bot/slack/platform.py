"""Slack as the use cases see it (`bot.platform.ChatPlatform`)."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.context import Context
from bot.platform import (
    Answer,
    Heard,
    OnPosted,
    PlatformDownError,
    Refusal,
    SourceInfo,
    UnreachableError,
)
from bot.slack.api import code_of
from bot.slack.callers import NAME
from bot.slack.escaping import escaped_name
from bot.slack.history import History, Where
from bot.slack.ids import split_message, split_person, split_place
from bot.slack.kept import KeptPages
from bot.slack.membership import PUBLIC, Membership
from bot.slack.names import Names
from bot.slack.outages import has_ended, outages, telling_outages
from bot.slack.pages import Pages
from bot.slack.patience import Patience
from bot.slack.posting import Content
from bot.slack.public import BarredError
from bot.slack.reading import heard
from bot.slack.rendering import blocks, fallback_text
from bot.slack.replies import Replies
from bot.slack.workspaces import Workspaces
from bot.texts import Texts, texts_in
from precis.ask import Ask, AskRequest
from precis.conversation import Message
from precis.normalisation import clean_name
from precis.settings import Settings

FEWEST = 20
"""Messages on a page, however few are asked for."""
UNNAMED = "…"
"""A channel whose name the bot isn't told."""


class SlackPlatform:
    """See `ChatPlatform`. Needs `attach` before anything is read."""

    name = NAME

    def __init__(self, workspaces: Workspaces, settings: Settings) -> None:
        self._workspaces = workspaces
        self._settings = settings
        self._membership = Membership(workspaces)
        self._patience = Patience()
        self._names = Names(workspaces, self._patience)
        self._replies = Replies(workspaces, self._patience)
        self._context: Context | None = None
        self.caught_up: Callable[[str], Awaitable[None]] | None = None
        """Awaited before a workspace's channels are read."""

    def attach(self, context: Context) -> None:
        """Where pages of channels are kept; the context is made after the platform."""
        self._context = context

    @property
    def context(self) -> Context:
        assert self._context is not None, "attached"  # noqa: S101 - for the type checker
        return self._context

    @telling_outages
    async def source(self, request: AskRequest) -> SourceInfo | Refusal:
        """Also of a channel that the bot isn't in: then who asked is told of it by its name."""
        if request.server is None:
            return Refusal.CHANNEL_GONE
        channel, thread = split_place(request.source)
        found = await self._membership.channel(request.server, channel)
        if found is Refusal.CHANNEL_GONE or found is Refusal.DIRECT_MESSAGES:
            return found
        return SourceInfo(
            name=UNNAMED if isinstance(found, Refusal) else clean_name(found.name),
            shown=f"<#{channel}>",
            within=(request.source, channel) if thread else (channel,),
            parent=channel if thread else None,
        )

    @telling_outages
    async def refusal(self, request: AskRequest, *, again: bool = False) -> Refusal | None:
        if request.server is None:
            return Refusal.CHANNEL_GONE
        channel, user = split_place(request.source)[0], split_person(request.person)[1]
        return await self._membership.refusal(request.server, channel, user, again=again)

    async def audience_fits(self, request: AskRequest) -> bool:
        """Between two channels nothing is known; a thread is read by all who read its channel."""
        return split_place(request.source)[0] == split_place(request.place)[0]

    async def history(self, request: AskRequest) -> AsyncIterator[Heard]:
        channel, thread = split_place(request.source)
        with outages():
            reader = await self._reader(request, channel)
            if reader is None:
                return
            messages = reader.of_thread(thread) if thread else reader.of_channel()
            async with aclosing(messages):
                async for each in messages:
                    yield each

    @telling_outages
    async def as_now(self, request: AskRequest, message: Message) -> Message | None:
        """A message of the channel that is asked for, as it is now; None where it is gone."""
        channel, ts = split_message(message.id)[1:]
        thread = split_message(message.thread)[2] if message.thread else None
        reader = await self._reader(request, channel)
        found = await reader.one(ts, thread) if reader else None
        return found.message if found else None

    @telling_outages
    async def say(self, request: AskRequest, text: str, *, final: bool = False) -> None:
        await self._replies.say(request, text, final=final)

    @telling_outages
    async def answer(self, ask: Ask, answer: Answer, posted: OnPosted) -> None:
        parts = await self._parts(str(ask.request.server), answer, texts_in(answer.language, NAME))
        await self._replies.answer(ask, parts, posted)

    @telling_outages
    async def withdraw(self, request: AskRequest, text: str, *, posted: Sequence[str] = ()) -> None:
        if not request.private:
            await self._replies.public.delete(posted)
        await self._replies.withdraw(request, text)

    @telling_outages
    async def publish(
        self, team: str, place: str, answer: Answer, texts: Texts, *, note: str | None = None
    ) -> list[str]:
        """Post an answer that was shown to one person, for all; ids of its messages.

        Whole or not at all. Raises UnreachableError where the bot may not write.
        """
        parts = await self._parts(team, answer, texts, note)
        try:
            return await self._replies.public.publish(team, place, parts)
        except BarredError:
            raise UnreachableError from None

    @telling_outages
    async def show(self, request: AskRequest, answer: Answer, texts: Texts) -> list[str]:
        """Show an answer to who asks for it again, alone. Raises UnreachableError."""
        parts = await self._parts(str(request.server), answer, texts)
        return await self._replies.show(request, parts)

    @telling_outages
    async def tell(self, request: AskRequest, content: Content) -> None:
        """Show something to who asked alone, where they did. Raises UnreachableError."""
        await self._replies.privately(request, content)

    @telling_outages
    async def replace(self, response_url: str, content: Content) -> bool:
        """Show something in the place of what somebody clicked on; whether it is shown."""
        return await self._replies.replace(response_url, content)

    @telling_outages
    async def as_heard(
        self, team: str, channel: str, messages: Sequence[dict[str, Any]]
    ) -> list[Heard]:
        """Messages, as events and shortcuts bring them along, as a history has them."""
        found = await self._membership.channel(team, channel)
        if isinstance(found, Refusal):
            return []
        known = await self._names.of(team, messages)
        workspace = await self._workspaces.find(team)
        url = await self._workspaces.url(team)
        return [
            heard(
                each,
                team=team,
                channel=channel,
                people=known.people,
                channels={**known.channels, channel: found.name},
                groups=known.groups,
                workspace_url=url,
                bot_user=workspace.bot_user if workspace else None,
            )
            for each in messages
        ]

    @telling_outages
    async def names(self, team: str, users: Sequence[str]) -> dict[str, str]:
        """What people are called, escaped, by their ids."""
        names = await self._names.of_people(team, users)
        return {user: escaped_name(name) for user, name in names.items()}

    @telling_outages
    async def delete(self, messages: Sequence[str]) -> None:
        """Delete messages of the bot's own, by their ids, as far as they are still there."""
        await self._replies.public.delete(messages)

    @telling_outages
    async def is_admin(self, team: str, user: str) -> bool:
        """Whether somebody administers, or owns, a workspace, as of now."""
        return await self._names.is_admin(team, user)

    @telling_outages
    async def shares(self, team: str, channel: str) -> bool:
        """Whether the bot is in a channel of that workspace that others share."""
        return await self._membership.shares(team, channel)

    @telling_outages
    async def may_read(self, team: str, channel: str, person: str) -> bool:
        """Whether somebody finds a channel on Slack, or is in it, as of now."""
        home, user = split_person(person)
        found = await self._membership.channel(team, channel, again=True)
        if home == team and not isinstance(found, Refusal) and found.kind == PUBLIC:
            return True
        return await self._membership.refusal(team, channel, user, again=True) is None

    @telling_outages
    async def is_in(self, team: str, channel: str) -> bool:
        """Whether the bot is in a channel, as of now."""
        return not isinstance(await self._membership.channel(team, channel, again=True), Refusal)

    @telling_outages
    async def workspace_url(self, team: str) -> str:
        """Such as `https://study.slack.com/`."""
        return await self._workspaces.url(team)

    async def still_there(self, server: str, place: str | None = None) -> bool | None:
        """A private channel that the bot was removed from counts as gone: so it seems."""
        try:
            with outages():
                return await self._is_there(server, place)
        except PlatformDownError:
            return None
        except UnreachableError as error:  # or it is another bot's, on the same store
            return False if has_ended(error) else None

    async def _is_there(self, server: str, place: str | None) -> bool:
        client = await self._workspaces.client(server)
        if place is None:
            await client.auth_test()
            return True
        channel, thread = split_place(place)
        call, method = partial(client.conversations_info, channel=channel), "conversations.info"
        if thread:
            method = "conversations.replies"
            call = partial(client.conversations_replies, channel=channel, ts=thread, limit=1)
        try:
            await self._patience(server, method, call)
        except SlackApiError as error:
            if code_of(error) in ("channel_not_found", "thread_not_found"):
                return False
            if code_of(error) != "not_in_channel":
                raise
        return True

    async def _reader(self, request: AskRequest, channel: str) -> History | None:
        team = str(request.server)
        found = await self._membership.channel(team, channel)
        if isinstance(found, Refusal):
            return None
        if self.caught_up is not None:
            await self.caught_up(team)
        client = await self._workspaces.client(team)
        workspace = await self._workspaces.find(team)
        where = Where(
            team=team,
            channel=channel,
            name=found.name,
            url=await self._workspaces.url(team),
            bot_user=workspace.bot_user if workspace else "",
        )
        kept = KeptPages(self.context.chat, self.context.blocking, NAME, team, channel)
        size = self._settings.slack_page
        if last := request.wanted.window.last:  # fewer threads are read for nothing
            size = min(size, max(FEWEST, last + 1))
        pages = Pages(client, self._patience, team, channel, size, kept)
        return History(where, request, pages, self._names, kept)

    async def _parts(
        self, team: str, answer: Answer, texts: Texts, note: str | None = None
    ) -> list[Content]:
        url = await self._workspaces.url(team)
        shown = blocks(answer, texts, url, note=note)
        alone = blocks(answer, texts, url, note=note, shared=True)
        text = fallback_text(answer, texts)
        return [Content(text, *each) for each in zip(shown, alone, strict=True)]
