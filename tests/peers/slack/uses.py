"""One use of the app from the side of a person: a command, a shortcut, a click, a submitted view.
What became of it, and what they see.

Knows the life of a response_url and of a trigger_id (docs.slack.dev/interactivity/
handling-user-interaction); not how a use was started (`invoke.py`) nor how it travels.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from tests.peers.slack.messages import Message
from tests.services import wait_until

if TYPE_CHECKING:
    from tests.peers.slack.people import User
    from tests.peers.slack.places import Channel
    from tests.peers.slack.views import View
    from tests.peers.slack.workspaces import Installation

RESPONSES, RESPONSE_SECONDS = 5, 30 * 60.0


class Use:
    """Tests read it; its methods may be called from any thread."""

    def __init__(
        self,
        installation: Installation,
        user: User,
        kind: str,
        *,
        channel: Channel | None = None,
        message: Message | None = None,
        source_view: View | None = None,
    ) -> None:
        self.installation = installation
        self.world = installation.workspace.world
        self.user = user
        self.kind = kind
        self.channel = channel
        # The message whose button was pressed or whose menu was opened; the view likewise.
        self.source = message
        self.source_view = source_view
        number = self.world.serial()
        self.trigger_id = f"{number}.{installation.workspace.base}.{secrets.token_hex(16)}"
        self.trigger_used = False
        self.response_url: str | None = None
        self.responses = 0
        self.body: dict[str, Any] = {}
        self.created = self.sent = self.world.clock.patient()
        self.delivered = False
        self.acknowledged_after: float | None = None
        self.latency: float | None = None
        self.ack: dict[str, Any] | None = None
        self.refused: list[str] = []
        self.view: View | None = None
        self.errors: dict[str, str] = {}
        self.shown: list[Message] = []
        self._expired = False
        self.world.uses.append(self)

    def open_response_url(self, family: str) -> str:
        """Give it a response_url, of "commands" or "actions"."""
        team, secret = self.installation.workspace.id, secrets.token_urlsafe(24)
        self.response_url = f"{self.world.url}/{family}/{team}/{secrets.randbits(40)}/{secret}"
        return self.response_url

    # What the person sees

    @property
    def acknowledged(self) -> bool:
        return self.acknowledged_after is not None

    @property
    def messages(self) -> list[Message]:
        """What was shown through its response_url or its acknowledgement, as it reads now."""
        return [message for message in self.shown if not message.deleted]

    @property
    def text(self) -> str:
        """The words of all that."""
        return "\n".join(message.shown for message in self.messages)

    @property
    def failed(self) -> bool:
        """Whether Slack told the person that the app did not respond."""
        waited = self.world.clock.patient() - self.sent
        return not self.acknowledged and waited > self.world.ack_seconds

    def visible_to(self, user: User) -> list[Message]:
        return [message for message in self.messages if message.visible_to(user)]

    # Waiting

    def wait_for_ack(self, seconds: float = 10.0) -> Use:
        """Wait until the bot has acknowledged it; fails the test otherwise."""
        wait_until(lambda: self.acknowledged, seconds, f"an acknowledgement of {self}")
        return self

    def wait_for_answer(self, count: int = 1, seconds: float = 30.0) -> Message:
        """Wait until `count` answers can be read, and give the last."""
        wait_until(lambda: len(self.messages) >= count, seconds, f"an answer to {self}")
        return self.messages[count - 1]

    def wait_for_view(self, seconds: float = 10.0) -> View:
        """Wait until a modal is open, and give it."""
        wait_until(lambda: self.view, seconds, f"a view for {self}")
        assert self.view is not None
        return self.view

    # Time

    @property
    def age(self) -> float:
        """Patient seconds since it was made (`server.advance` moves that clock on)."""
        return self.world.clock.patient() - self.created

    @property
    def expired(self) -> bool:
        """Whether its response_url is no longer good, for its age."""
        return self._expired or self.age > RESPONSE_SECONDS

    @property
    def used_up(self) -> bool:
        return self.responses >= RESPONSES

    @property
    def trigger_expired(self) -> bool:
        return self.age > self.world.trigger_seconds

    def expire(self) -> None:
        """End its response_url and its trigger_id now."""
        self._expired = True
        self.created -= self.world.trigger_seconds + 1

    def __repr__(self) -> str:
        return f"<Use {self.kind} by {self.user.name}>"
