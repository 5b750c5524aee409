"""Conversations: channels, direct messages, group messages; who is in them and may read them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.peers.loop import on_loop
from tests.peers.slack import chat
from tests.peers.slack.kinds import PUBLIC
from tests.peers.slack.messages import Log, Message

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.workspaces import Workspace
    from tests.peers.slack.world import World


class Channel:
    """A conversation. Tests read it; its methods may be called from any thread."""

    def __init__(self, workspace: Workspace, channel_id: str, name: str, kind: str) -> None:
        self.workspace = workspace
        self.world: World = workspace.world
        self.id = channel_id
        self.name = name
        self.kind = kind
        self.created = int(workspace.world.clock.now()) - 30 * 24 * 3600
        self.members: dict[User, None] = {}
        self.topic = ""
        self.purpose = ""
        self.archived = False
        self.deleted = False
        # The other workspaces of a Slack Connect channel.
        self.shared_with: list[Workspace] = []
        self.log = Log()
        self.ephemerals: list[Message] = []

    # What there is to read

    @property
    def messages(self) -> list[Message]:
        """All that everybody in it can read, replies too, oldest first."""
        return self.log.all()

    @property
    def messages_by_bot(self) -> list[Message]:
        """What the app under test posted for everybody."""
        return [m for m in self.messages if m.posted_by is not None]

    def visible_to(self, user: User) -> list[Message]:
        """What a person can read, what only they see included, oldest first."""
        everything = [*self.messages, *self.ephemerals]
        seen = [message for message in everything if message.visible_to(user)]
        return sorted(seen, key=lambda message: message.ts)

    def message(self, ts: str) -> Message:
        return self.log.by_ts[ts]

    # Who is in it

    @property
    def private(self) -> bool:
        return self.kind != PUBLIC

    @property
    def external(self) -> bool:
        """Whether it is shared with another organisation."""
        return bool(self.shared_with)

    @property
    def workspaces(self) -> list[Workspace]:
        return [self.workspace, *self.shared_with]

    @property
    def mention(self) -> str:
        return f"<#{self.id}|{self.name}>"

    def readable_by(self, user: User) -> bool:
        """Members read it, and of a public channel everybody in its workspaces but guests."""
        if user.deleted or self.deleted:
            return False
        if user in self.members:
            return True
        return self.kind == PUBLIC and user.guest is None and user.workspace in self.workspaces

    @on_loop
    def add(self, *users: User, by: User | None = None, quietly: bool = False) -> None:
        """People, or the bot, join or are invited; somebody of another workspace makes the channel
        a Slack Connect channel. `quietly`: without a message and without events.
        """
        for user in users:
            if user.workspace not in self.workspaces:
                user.workspace.take_in(self)
            chat.join(self, user, by=by, quietly=quietly)

    @on_loop
    def remove(self, *users: User, by: User | None = None, quietly: bool = False) -> None:
        """People, or the bot, leave or are removed."""
        for user in users:
            chat.leave(self, user, by=by, quietly=quietly)

    def add_bot(self, by: User | None = None) -> None:
        """Invite the app's bot."""
        self.add(self.workspace.bot, by=by)

    def remove_bot(self, by: User | None = None) -> None:
        self.remove(self.workspace.bot, by=by)

    # What people do

    @on_loop
    def post(
        self,
        user: User | None,
        text: str,
        at: datetime | float | None = None,
        thread: Message | None = None,
        *,
        broadcast: bool = False,
        blocks: list[dict[str, Any]] | None = None,
        files: Iterable[str | dict[str, Any]] = (),
        subtype: str | None = None,
        ts: str | None = None,
        username: str | None = None,
        quietly: bool = False,
        **more: Any,
    ) -> Message:
        """Write a message, and tell the apps in the channel.

        `text` is mrkdwn as Slack stores it («a &lt; b», «<@U1>»). Without `blocks` a person's
        message gets the rich_text block that Slack's client makes. `at` backdates it; `ts` names
        it; `thread` is the parent; `files` are names or file objects. `subtype` is as in
        "me_message"; "bot_message" is an old app's, of `username`. `quietly`: without events.
        Further keywords are fields of `Message`, as `attachments`.
        """
        return chat.say(
            self, user, text, at=at, thread=thread, broadcast=broadcast, blocks=blocks,
            files=list(files), subtype=subtype, ts=ts, username=username, quietly=quietly, **more,
        )  # fmt: skip

    @on_loop
    def change(
        self, message: Message, text: str, blocks: list[dict[str, Any]] | None = None
    ) -> None:
        """Edit a message as its author does; also `message.edit`."""
        chat.edit(message, text, blocks)

    @on_loop
    def erase(self, message: Message) -> None:
        """Delete a message as its author does; also `message.delete`."""
        chat.delete(message)

    @on_loop
    def archive(self, by: User | None = None) -> None:
        self.archived = True
        chat.announce_place(self, "archive", by)

    @on_loop
    def unarchive(self, by: User | None = None) -> None:
        self.archived = False
        chat.announce_place(self, "unarchive", by)

    @on_loop
    def rename(self, name: str) -> None:
        self.name = name
        chat.announce_place(self, "rename", None)

    @on_loop
    def delete(self, by: User | None = None) -> None:
        """For good, with all its messages."""
        chat.announce_place(self, "deleted", by)
        self.deleted = True
        for workspace in self.workspaces:
            workspace.channels.pop(self.id, None)

    def __repr__(self) -> str:
        return f"<Channel {self.workspace.id}/{self.id} {self.name}>"
