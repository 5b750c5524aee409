"""The world that the server shows: the app as its developer set it up, and all workspaces.

Knows nothing of HTTP or WebSockets: what the app should hear of is handed to `emit`, which the
delivery sets.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.peers.loop import Clock, Looped

if TYPE_CHECKING:
    from tests.peers.slack.uses import Use
    from tests.peers.slack.views import View
    from tests.peers.slack.workspaces import Installation, Workspace

# docs.slack.dev/reference/scopes: what the bot under test asks for.
BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "team:read",
    "usergroups:read",
    "users:read",
)

# docs.slack.dev/reference/events: what it can subscribe to here.
EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "channel_archive",
        "channel_deleted",
        "channel_left",
        "channel_rename",
        "channel_unarchive",
        "group_archive",
        "group_deleted",
        "group_left",
        "group_rename",
        "group_unarchive",
        "member_joined_channel",
        "member_left_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
        "tokens_revoked",
    }
)


@dataclass(frozen=True)
class Violation:
    """Something that a well-behaved bot never does, whatever a test stages.

    Rules: "unknown method", "unknown argument", "invalid arguments", "invalid blocks", "no text",
    "text too long", "wrong kind of token", "not acknowledged in time", "acknowledged twice",
    "unknown envelope", "wrong acknowledgement", "socket protocol", "response_url used up",
    "reply to a reply", "refused" (an HTTP status other than 2xx). What a bot may meet without fault
    is none: missing scopes and channels, rate limits, revoked tokens, an expired response_url.
    """

    rule: str
    where: str
    detail: Any = None


@dataclass
class App:
    """The app's registration (docs.slack.dev/reference/app-manifest)."""

    id: str = "A0PRECIS01"
    name: str = "Test app"
    client_id: str = "1111111111.2222222222"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    app_token: str = field(default_factory=lambda: f"xapp-1-A0PRECIS01-{secrets.token_hex(16)}")
    scopes: tuple[str, ...] = BOT_SCOPES
    events: set[str] = field(default_factory=lambda: set(EVENTS))
    # None: every command is the app's.
    commands: set[str] | None = None
    redirect_url: str | None = None
    # Seconds for which tokens of OAuth are good; None: for ever.
    token_seconds: int | None = None
    messages_tab: bool = True
    socket_mode: bool = True


class World(Looped):
    """All that exists. One per server."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.app = App()
        self.workspaces: dict[str, Workspace] = {}
        self.refresh_tokens: dict[str, Workspace] = {}
        # By token; revoked ones stay, for they are refused by their own error.
        self.tokens: dict[str, Installation] = {}
        # OAuth codes: who consented to what.
        self.codes: dict[str, dict[str, Any]] = {}
        self.uses: list[Use] = []
        self.views: dict[str, View] = {}
        self.violations: list[Violation] = []
        self.url = ""
        self.ack_seconds = 3.0
        self.trigger_seconds = 3.0
        # Set by the delivery: tell the app of an event, and give it a place to connect to.
        self.emit: Callable[[dict[str, Any]], Any] = lambda _body: None
        self.new_socket_url: Callable[[], str] = lambda: ""
        self._serial = 0

    def violate(self, rule: str, where: str, detail: Any = None) -> None:
        self.violations.append(Violation(rule, where, detail))

    def serial(self) -> int:
        """A number that was not given before."""
        self._serial += 1
        return self._serial
