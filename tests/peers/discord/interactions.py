"""An interaction from the side of the person who started it: what became of it, and what they see.

Knows the life of an interaction's token (Interactions > Responding to an Interaction); not how it
was started (`invoke.py`) nor how the bot's calls arrive (`callbacks.py`).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.peers.discord import render
from tests.peers.discord.errors import ApiError
from tests.peers.discord.messages import EPHEMERAL, Message
from tests.peers.discord.state import User, World, user_of
from tests.services import wait_until

if TYPE_CHECKING:
    from tests.peers.discord.guilds import Member
    from tests.peers.discord.places import Place

# Interactions > Interaction Type
APPLICATION_COMMAND = 2
MESSAGE_COMPONENT = 3
AUTOCOMPLETE = 4
MODAL_SUBMIT = 5

# Interactions > Interaction Callback Type
MESSAGE = 4
DEFERRED_MESSAGE = 5
DEFERRED_UPDATE = 6
UPDATE = 7
AUTOCOMPLETE_RESULT = 8
MODAL = 9


@dataclass(frozen=True)
class Response:
    """The first answer: its callback type, its flags, its data as sent."""

    type: int
    flags: int
    data: dict[str, Any]


class Interaction:
    """One use of a command, button, menu or modal. Tests read it; its methods may be called from
    any thread.
    """

    def __init__(
        self,
        world: World,
        kind: int,
        user: User,
        place: Place,
        data: dict[str, Any],
        *,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> None:
        self.world = world
        self.id = world.snowflake()
        self.token = secrets.token_urlsafe(96)
        self.type = kind
        self.user = user
        self.place = place
        self.data = data
        # The message whose component was used, and the interaction whose modal was submitted.
        self.source = source
        self.parent = parent
        self._created = world.clock.patient()
        self._sent = time.monotonic()
        self.delivered = False
        self.acknowledged_after: float | None = None
        self.latency: float | None = None
        self.response: Response | None = None
        self.refused: list[ApiError] = []
        self.expired_by_test = False
        self.original_message: Message | None = None
        self._followups: list[Message] = []
        self.modal: dict[str, Any] | None = None
        self.choices: list[dict[str, Any]] | None = None
        world.interactions[self.token] = self

    # What the person sees

    @property
    def acknowledged(self) -> bool:
        return self.response is not None

    @property
    def ephemeral(self) -> bool:
        """Whether the first answer is for the person's eyes alone."""
        return self.response is not None and bool(self.response.flags & EPHEMERAL)

    @property
    def thinking(self) -> bool:
        """Whether the deferred answer still only says that the bot is thinking."""
        message = self.original_message
        return message is not None and message.loading and not message.deleted

    @property
    def original(self) -> Message | None:
        """The original response as it reads now; None while thinking, or when deleted.

        For a button or menu answered by an update it is the message that the component is on.
        """
        message = self.original_message
        if message is None or message.loading or message.deleted:
            return None
        return message

    @property
    def followups(self) -> list[Message]:
        """The follow-up messages that still exist, in order."""
        return [message for message in self._followups if not message.deleted]

    @property
    def messages(self) -> list[Message]:
        """All answers that can be read now: the original, then the follow-ups."""
        return [*([self.original] if self.original else []), *self.followups]

    @property
    def text(self) -> str:
        """The words of all answers."""
        return "\n".join(message.text for message in self.messages)

    def visible_to(self, somebody: User | Member) -> list[Message]:
        """Those of the answers that a person can read."""
        user = user_of(somebody)
        return [message for message in self.messages if message.visible_to(user)]

    @property
    def failed(self) -> bool:
        """Whether Discord told the person that the application did not respond (too late, or
        never).
        """
        return self.response is None and self.age > self.world.ack_seconds

    # Waiting

    def wait_for_ack(self, seconds: float = 10.0) -> Interaction:
        """Wait until the bot has acknowledged it; fails the test otherwise."""
        wait_until(lambda: self.acknowledged, seconds, f"an acknowledgement of {self}")
        return self

    def wait_for_answer(self, seconds: float = 30.0) -> Message:
        """Wait until the original response can be read (not merely deferred), and give it."""
        wait_until(lambda: self.original, seconds, f"an answer to {self}")
        assert self.original is not None
        return self.original

    def wait_for_followup(self, count: int = 1, seconds: float = 30.0) -> Message:
        """Wait until there are `count` follow-ups, and give the last."""
        wait_until(lambda: len(self.followups) >= count, seconds, f"follow-ups to {self}")
        return self.followups[count - 1]

    # The life of the token

    @property
    def age(self) -> float:
        """Patient seconds since it was made (`server.advance` moves that clock on)."""
        return self.world.clock.patient() - self._created

    @property
    def expired(self) -> bool:
        return self.expired_by_test or self.age > self.world.token_seconds

    def acknowledge(self, response: Response) -> None:
        self.acknowledged_after = self.age
        self.latency = time.monotonic() - self._sent
        self.response = response

    def add_followup(self, message: Message) -> None:
        self._followups.append(message)

    def find(self, message_id: int) -> Message | None:
        """A message that this token may touch."""
        found = [m for m in self._followups if m.id == message_id]
        if self.original_message is not None and self.original_message.id == message_id:
            found.append(self.original_message)
        return next((m for m in found if not m.deleted), None)

    @property
    def command(self) -> str:
        """The command with its group and subcommand, or the custom id."""
        names = [self.data.get("name", self.data.get("custom_id", ""))]
        options = self.data.get("options", [])
        while options and options[0]["type"] in {1, 2}:
            names.append(options[0]["name"])
            options = options[0].get("options", [])
        return " ".join(names)

    def metadata(self) -> dict[str, Any]:
        """Message > Message Interaction Metadata Object."""
        data: dict[str, Any] = {
            "id": str(self.id),
            "type": self.type,
            "user": render.user(self.user),
            "authorizing_integration_owners": self.owners(),
        }
        if self.type == MESSAGE_COMPONENT and self.source is not None:
            data["interacted_message_id"] = str(self.source.id)
        elif self.type == MODAL_SUBMIT and self.parent is not None:
            data["triggering_interaction_metadata"] = self.parent.metadata()
        elif self.data.get("type") == 3:
            data["target_message_id"] = self.data["target_id"]
        return data

    def owners(self) -> dict[str, str]:
        """Interactions > Authorizing Integration Owners Object, for an app installed to servers."""
        return {"0": str(self.place.guild.id) if self.place.guild else "0"}

    def __repr__(self) -> str:
        return f"<Interaction {self.command!r} by {self.user.name}>"
