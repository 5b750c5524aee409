"""The world that the server shows: who exists, what the application may do, what time it is.

Holds everything in memory and lets other threads change it only on the server's own thread
(`World.run`, `on_loop`). Knows nothing of HTTP or WebSockets: what the bot should hear of is handed
to `emit`, which the gateway sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.peers.loop import Clock, Looped

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Guild, Member
    from tests.peers.discord.interactions import Interaction
    from tests.peers.discord.places import DirectMessages, Place

EPOCH = 1_420_070_400_000  # Reference > Snowflakes

# Gateway > List of Intents
GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
GUILD_MESSAGES = 1 << 9
GUILD_MESSAGE_REACTIONS = 1 << 10
DIRECT_MESSAGES = 1 << 12
DIRECT_MESSAGE_REACTIONS = 1 << 13
MESSAGE_CONTENT = 1 << 15

PRIVILEGED = {
    "presences": GUILD_PRESENCES,
    "members": GUILD_MEMBERS,
    "message_content": MESSAGE_CONTENT,
}

# Application > Application Flags: the _LIMITED ones are those of an application that is not
# verified.
_INTENT_FLAGS = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}


@dataclass(eq=False)
class User:
    """Somebody on Discord. `accepts_dms` False refuses the bot's direct messages (code 50007).

    `locale` is that of their client (Reference > Locales).
    """

    id: int
    name: str
    global_name: str | None = None
    bot: bool = False
    accepts_dms: bool = True
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def __repr__(self) -> str:
        return f"<User {self.name}>"


def user_of(somebody: User | Member) -> User:
    """The user behind a member; a user as it is."""
    return somebody if isinstance(somebody, User) else somebody.user


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Violation:
    """Something that a well-behaved bot never does, whatever a test stages.

    Rules: "unknown field", "unknown route", "invalid form body", "empty message", "flag that
    cannot be set", "acknowledged twice", "gateway protocol", "no DiscordBot user agent", "before,
    after and around together". Answers that a bot may meet without fault are none: missing
    permissions, unknown messages, rate limits, late acknowledgements and expired tokens.
    """

    rule: str
    where: str
    detail: Any = None


@dataclass
class Application:
    """The bot's registration, as its owner set it up in the developer portal."""

    id: int
    bot: User
    token: str
    owner: User
    name: str = "Test bot"
    intents: set[str] = field(default_factory=lambda: {"message_content", "members"})
    # By guild (None: global), what the bot registered, as the API returns it.
    commands: dict[int | None, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def flags(self) -> int:
        return sum(_INTENT_FLAGS[name] for name in self.intents)

    @property
    def allowed_intents(self) -> int:
        return sum(PRIVILEGED[name] for name in self.intents)


class World(Looped):
    """All that exists. One per server."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.clock = Clock()
        self._serial = 0
        self._guild_day = datetime(2021, 3, 4, tzinfo=UTC)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Place] = {}
        self.dms: dict[int, DirectMessages] = {}
        self.interactions: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, str], int] = {}
        self.violations: list[Violation] = []
        owner = self.add_user("developer", "Developer")
        bot = self.add_user("test-bot", None, bot=True)
        self.application = Application(bot.id, bot, token, owner)
        self.emit: Callable[..., bool] = lambda *_args, **_options: False
        self.ack_seconds = 3.0
        self.token_seconds = 15 * 60.0

    @property
    def bot(self) -> User:
        return self.application.bot

    def snowflake(self, at: datetime | None = None) -> int:
        """A fresh id, carrying `at` or now; later calls give larger ids within a millisecond."""
        self._serial += 1
        milliseconds = int((at or self.clock.moment()).timestamp() * 1000) - EPOCH
        return milliseconds << 22 | self._serial & 0x3FFFFF

    def guild_snowflake(self) -> int:
        """Ids a millisecond apart, so that guilds in a row fall on shards in a row."""
        self._guild_day += timedelta(milliseconds=1)
        return self.snowflake(self._guild_day) >> 22 << 22 | self._serial & 0xFFF

    def add_user(
        self, name: str, global_name: str | None, *, bot: bool = False, accepts_dms: bool = True
    ) -> User:
        user = User(self.snowflake(), name, global_name, bot, accepts_dms)
        self.users[user.id] = user
        return user

    def violate(self, rule: str, where: str, detail: Any = None) -> None:
        self.violations.append(Violation(rule, where, detail))
