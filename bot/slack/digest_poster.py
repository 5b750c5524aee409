"""Slack as digests see it (`bot.digests.poster.Poster`).

What there is to read and who may; how digests are posted is in `bot.slack.digest_posting`, who is
among a channel's readers in `bot.slack.digest_audience`.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from datetime import datetime
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from bot.digests.pacing import Pace
from bot.digests.poster import OnPosted
from bot.digests.view import DigestView
from bot.platform import PlatformDownError, Refusal, UnreachableError
from bot.slack.digest_audience import Audiences
from bot.slack.digest_blocks import below_digest
from bot.slack.digest_posting import DigestPosting
from bot.slack.ids import split_person, split_place
from bot.slack.membership import Channel, Membership
from bot.slack.outages import telling_outages
from bot.slack.patience import Patience
from bot.slack.platform import SlackPlatform
from bot.slack.workspaces import Workspaces
from precis.ask import AskRequest, Place
from precis.conversation import Message
from precis.digest import Target

UNNAMED = "…"
A_SECOND = 0.5
"""Looks into a workspace: Slack lets a bot make some 50 calls of a kind a minute, and people come
first."""
AT_ONCE = 30
"""Of those, after a pause."""
Given = ParamSpec("Given")
Made = TypeVar("Made")


def _telling_outages(
    method: Callable[Given, Awaitable[Made]],
) -> Callable[Given, Coroutine[Any, Any, Made]]:
    """Raise PlatformDownError, also where the workspace won't have the bot.

    Its digests end when it says so by an event; what is no more than a wrong token ends none.
    """

    @wraps(method)
    async def telling(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        try:
            return await telling_outages(method)(*args, **kwargs)
        except UnreachableError as error:
            raise PlatformDownError from error

    return telling


class SlackPoster:
    """See `Poster`. A channel's history has the replies in its threads, so it is one place."""

    def __init__(self, workspaces: Workspaces, platform: SlackPlatform) -> None:
        self._platform = platform
        self._patience = Patience()
        self._membership = Membership(workspaces)
        self._audiences = Audiences(workspaces, self._membership, self._patience)
        self._posting = DigestPosting(workspaces, self._patience)
        self._paces: dict[str, Pace] = {}

    @_telling_outages
    async def places(self, server: str, channel: str, since: datetime) -> Sequence[Place]:
        found = await self._channel(server, channel, again=False)
        if isinstance(found, Refusal):
            return ()
        return (Place(server=server, place=channel),)

    @_telling_outages
    async def as_now(self, request: AskRequest, message: Message) -> Message | None:
        return await self._platform.as_now(request, message)

    @_telling_outages
    async def may_ask(self, server: str, person: str, roles: Collection[str]) -> bool:
        """On Slack the settings name people, not roles; guests under their home workspace."""
        if person in roles:
            return True
        return await self._platform.is_admin(server, split_person(person)[1])

    @_telling_outages
    async def bot_refusal(self, server: str, place: str) -> Refusal | None:
        found = await self._channel(server, place)
        return found if isinstance(found, Refusal) else None

    @_telling_outages
    async def reader_refusal(self, server: str, place: str, person: str) -> Refusal | None:
        try:
            channel, user = split_place(place)[0], split_person(person)[1]
        except ValueError:
            return Refusal.CHANNEL_GONE
        await self._turn(server)
        call = partial(self._membership.refusal, server, channel, user, again=True)
        return await self._patience(server, "members", call)

    @_telling_outages
    async def all_may_read(self, server: str, source: str, target: str) -> bool:
        try:
            read, written = split_place(source)[0], split_place(target)[0]
        except ValueError:
            return False
        await self._turn(server)
        return await self._audiences.all_may_read(server, read, written)

    @_telling_outages
    async def may_write(self, server: str, target: Target) -> bool:
        """A bot writes where it is in, unless somebody keeps it to a few, which nobody tells it."""
        if target.kind == "person":
            return True
        found = await self._channel(server, target.id)
        return not isinstance(found, Refusal) and not found.archived

    @_telling_outages
    async def post(
        self,
        server: str,
        target: Target,
        view: DigestView,
        posted: Sequence[str],
        on_posted: OnPosted,
    ) -> None:
        await self._turn(server)
        below = below_digest(await self._platform.context.texts_soon(server))
        await self._posting.post(server, target, view, posted, on_posted, below=below)

    @_telling_outages
    async def tell(self, server: str, person: str, text: str, key: str) -> None:
        await self._posting.tell(server, person, text, key)

    async def place(self, server: str, place: str) -> str:
        try:
            return f"<#{split_place(place)[0]}>"
        except ValueError:
            return UNNAMED

    async def _channel(self, server: str, place: str, *, again: bool = True) -> Channel | Refusal:
        """As of now; not `again`: as of a moment ago."""
        try:
            channel = split_place(place)[0]
        except ValueError:
            return Refusal.CHANNEL_GONE
        if again:
            await self._turn(server)
        call = partial(self._membership.channel, server, channel, again=again)
        return await self._patience(server, "members", call)

    async def _turn(self, server: str) -> None:
        pace = self._paces.setdefault(server, Pace(A_SECOND, AT_ONCE))
        await pace.turn()
