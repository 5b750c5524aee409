"""Users, and their groups. Knows nothing of where they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.peers.loop import on_loop

if TYPE_CHECKING:
    from tests.peers.slack.workspaces import Workspace
    from tests.peers.slack.world import World


@dataclass(eq=False)
class User:
    """Somebody of a workspace, a person or a bot (docs.slack.dev/reference/objects/user-object).

    `guest`: None, "single" (single-channel, `is_ultra_restricted`) or "multi" (`is_restricted`).
    """

    workspace: Workspace
    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    admin: bool = False
    owner: bool = False
    guest: str | None = None
    bot_id: str | None = None
    # Whether it is the bot of the app under test, rather than another app's.
    ours: bool = False
    deleted: bool = False
    # Whether they look at Slack just now, as `users.getPresence` tells.
    away: bool = False
    tz: str = "Europe/Madrid"
    tz_offset: int = 3600

    @property
    def world(self) -> World:
        return self.workspace.world

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def person(self) -> str:
        """As in T1/U1: the home team and the id."""
        return f"{self.workspace.id}/{self.id}"

    @property
    def is_bot(self) -> bool:
        return self.bot_id is not None

    @on_loop
    def deactivate(self) -> None:
        """As an administrator does: gone from all channels, what they wrote stays."""
        self.deleted = True
        for channel in list(self.workspace.channels.values()):
            channel.members.pop(self, None)

    @on_loop
    def rename(self, display_name: str, real_name: str | None = None) -> None:
        self.display_name = display_name
        self.real_name = real_name or self.real_name

    def __repr__(self) -> str:
        return f"<User {self.name} {self.person}>"


@dataclass(eq=False)
class Group:
    """A user group (docs.slack.dev/reference/objects/usergroup-object)."""

    workspace: Workspace
    id: str
    name: str
    handle: str
    users: list[User] = field(default_factory=list)
    disabled: bool = False

    @property
    def mention(self) -> str:
        return f"<!subteam^{self.id}>"
