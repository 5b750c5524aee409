"""Workspaces: their people, groups and conversations, and the app installed in them."""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.peers.loop import on_loop
from tests.peers.slack import events
from tests.peers.slack.kinds import IM, MPIM, PRIVATE, PUBLIC
from tests.peers.slack.people import Group, User
from tests.peers.slack.places import Channel

if TYPE_CHECKING:
    from tests.peers.slack.views import View
    from tests.peers.slack.world import World


@dataclass(eq=False)
class Installation:
    """The app in a workspace. `ended`: None, or the error that its token is refused with."""

    workspace: Workspace
    token: str
    scopes: tuple[str, ...]
    bot: User
    installer: User | None = None
    ended: str | None = None

    @property
    def bot_id(self) -> str:
        assert self.bot.bot_id is not None
        return self.bot.bot_id


class Workspace:
    """A workspace (team). Tests read it; its methods may be called from any thread.

    Ids of users and channels are counted from `base`; two workspaces with the same base have the
    same ids.
    """

    def __init__(self, world: World, name: str, domain: str, team_id: str, base: int) -> None:
        self.world = world
        self.id = team_id
        self.name = name
        self.domain = domain
        self.base = base
        self._next: dict[str, int] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.homes: dict[str, View] = {}
        self.installation: Installation | None = None
        world.workspaces[team_id] = self

    @property
    def url(self) -> str:
        return f"https://{self.domain}.slack.com/"

    def new_id(self, prefix: str) -> str:
        number = self._next.get(prefix, 0) + 1
        self._next[prefix] = number
        return f"{prefix}0{self.base + number:08X}"

    # The app

    @on_loop
    def install(self, scopes: Iterable[str] | None = None, user: User | None = None) -> str:
        """Install the app, or give it other scopes; gives its bot token.

        As at Slack, another installation keeps the token, and one after an uninstallation keeps the
        bot's user.
        """
        given = tuple(self.world.app.scopes if scopes is None else scopes)
        old = self.installation
        if old is not None and old.ended is None:
            old.scopes, old.installer = given, user or old.installer
            return old.token
        bot = old.bot if old else self.add_bot(self.world.app.name.lower().replace(" ", "_"))
        bot.ours, bot.deleted = True, False
        token = f"xoxb-{self.base}-{secrets.token_hex(16)}"
        self.installation = Installation(self, token, given, bot, user)
        self.world.tokens[token] = self.installation
        return token

    @property
    def installed(self) -> Installation:
        """The installation; an error where the app was never installed."""
        if self.installation is None:
            raise ValueError(f"the app is not installed in {self.name}; call install() first")
        return self.installation

    @property
    def bot(self) -> User:
        """The app's bot user."""
        return self.installed.bot

    @property
    def token(self) -> str:
        return self.installed.token

    @on_loop
    def uninstall(self) -> None:
        """As an administrator does: the token ends (`account_inactive`), the bot leaves all."""
        events.gone(self, "account_inactive", "tokens_revoked", "app_uninstalled")
        self.bot.deleted = True
        for channel in list(self.channels.values()):
            channel.members.pop(self.bot, None)

    @on_loop
    def revoke(self) -> None:
        """End the token only (`token_revoked`)."""
        events.gone(self, "token_revoked", "tokens_revoked")

    @on_loop
    def consent(self, user: User, scopes: Iterable[str] | None = None, **more: Any) -> str:
        """Somebody approves the app on Slack's page; gives the code for oauth.v2.access."""
        code = f"{self.base}.{secrets.token_hex(16)}"
        wanted = tuple(self.world.app.scopes if scopes is None else scopes)
        self.world.codes[code] = {"workspace": self, "user": user, "scopes": wanted, **more}
        return code

    def approve(self, authorize_url: str, user: User) -> str:
        """Follow a bot's link to Slack's page and approve; gives the address that Slack sends the
        browser back to (docs.slack.dev/authentication/installing-with-oauth).
        """
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(authorize_url).query))
        if asked.get("client_id") != self.world.app.client_id:
            raise ValueError(f"not a link to this app: {authorize_url}")
        back = asked.get("redirect_uri") or self.world.app.redirect_url
        if back is None:
            raise ValueError("there is no redirect_uri, and the app has no redirect_url")
        scopes = [scope for scope in asked.get("scope", "").split(",") if scope]
        code = self.consent(user, scopes, redirect_uri=asked.get("redirect_uri"))
        query = urllib.parse.urlencode({"code": code, "state": asked.get("state", "")})
        return f"{back}?{query}"

    def home_of(self, user: User) -> View | None:
        """The app's home tab as a person sees it: the last view published to them."""
        return self.homes.get(user.id)

    # People and places

    @on_loop
    def add_user(
        self,
        name: str,
        real_name: str | None = None,
        *,
        admin: bool = False,
        owner: bool = False,
        guest: bool | str = False,
        display_name: str = "",
        id: str | None = None,  # noqa: A002  # as Slack calls it
        **more: Any,
    ) -> User:
        """A person. `guest`: True or "single" for a single-channel guest, "multi" for the other."""
        restricted = ("single" if guest is True else str(guest)) if guest else None
        user = User(
            self, id or self.new_id("U"), name, real_name or name.capitalize(), display_name,
            admin or owner, owner, restricted, **more,
        )  # fmt: skip
        return self._keep(user)

    @on_loop
    def add_bot(self, name: str, id: str | None = None) -> User:  # noqa: A002  # as Slack calls it
        """The bot user of another app."""
        user = User(self, id or self.new_id("U"), name, name.capitalize(), bot_id=self.new_id("B"))
        return self._keep(user)

    def _keep(self, user: User) -> User:
        if user.id in self.users:
            raise ValueError(f"{user.id} is already taken in {self.name}")
        self.users[user.id] = user
        return user

    @on_loop
    def add_channel(
        self,
        name: str,
        *,
        private: bool = False,
        members: Iterable[User] = (),
        bot: bool = True,
        id: str | None = None,  # noqa: A002  # as Slack calls it
        topic: str = "",
    ) -> Channel:
        """A channel with these members (of other workspaces too: then it is a Slack Connect
        channel), and with the app's bot unless `bot` is False. Tells nobody.
        """
        channel = Channel(self, id or self.new_id("C"), name, PRIVATE if private else PUBLIC)
        channel.topic = topic
        return self._open(channel, members, bot=bot)

    @on_loop
    def add_dm(self, user: User) -> Channel:
        """The app's direct messages with somebody; the same for the same person."""
        for channel in self.channels.values():
            if channel.kind == IM and user in channel.members and self.bot in channel.members:
                return channel
        return self._open(Channel(self, self.new_id("D"), "", IM), [user], bot=True)

    @on_loop
    def add_group_dm(self, members: Iterable[User], *, bot: bool = True) -> Channel:
        """A group message; the same for the same people."""
        people = [*members, self.bot] if bot else [*members]
        for channel in self.channels.values():
            if channel.kind == MPIM and set(channel.members) == set(people):
                return channel
        name = f"mpdm-{'--'.join(user.name for user in people)}-1"
        return self._open(Channel(self, self.new_id("C"), name, MPIM), people, bot=False)

    def _open(self, channel: Channel, members: Iterable[User], *, bot: bool) -> Channel:
        if channel.id in self.channels:
            raise ValueError(f"{channel.id} is already taken in {self.name}")
        self.channels[channel.id] = channel
        channel.add(*members, *([self.bot] if bot else []), quietly=True)
        return channel

    def take_in(self, channel: Channel) -> None:
        """Become another workspace of a Slack Connect channel."""
        if channel.id in self.channels:
            raise ValueError(f"{channel.id} is already taken in {self.name}")
        self.channels[channel.id] = channel
        channel.shared_with.append(self)

    @on_loop
    def add_group(self, name: str, handle: str, users: Iterable[User] = ()) -> Group:
        """A user group, mentioned by `group.mention`."""
        group = Group(self, self.new_id("S"), name, handle, list(users))
        self.groups[group.id] = group
        return group

    def find_user(self, user_id: str) -> User | None:
        """Somebody of it, or a stranger in one of its shared channels."""
        if user_id in self.users:
            return self.users[user_id]
        shared = [channel for channel in self.channels.values() if channel.external]
        strangers = (user for channel in shared for user in channel.members)
        return next((user for user in strangers if user.id == user_id), None)

    def __repr__(self) -> str:
        return f"<Workspace {self.id} {self.name}>"
