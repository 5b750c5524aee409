"""Who used something of the bot's on Slack, and where: as Slack tells it. Pure.

Slack's payloads differ; https://docs.slack.dev/interactivity/ and
https://docs.slack.dev/reference/events/app_mention describe them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.slack.ids import person_id, place_id
from bot.slack.private import REPLY_LIVES
from precis.ask import AskRequest, Wanted

NAME = "slack"
Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever used a command, a shortcut, a mention or a button."""

    team: str
    """The workspace where the bot was used."""
    home: str
    """Their own, which is another one for guests of a shared channel."""
    user: str
    channel: str | None
    """None where they used it in no conversation: in the App Home, in a modal."""
    thread: str | None
    key: str | None
    """What Slack calls this use of the bot; the same when it tells of it again."""
    trigger: str | None
    """Opens a modal, within three seconds."""
    reply: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def person(self) -> str:
        return person_id(self.home, self.user)

    @property
    def people(self) -> list[str]:
        """What they may be called in a workspace's settings: at home, or as seen from there."""
        return [self.person, person_id(self.team, self.user)]

    @property
    def is_at_home(self) -> bool:
        return self.home == self.team

    @property
    def place(self) -> str | None:
        return place_id(self.channel, self.thread) if self.channel else None

    def request(self, source: str, wanted: Wanted, *, private: bool) -> AskRequest:
        """Their question about `source`; an answer for all goes there, where it is known."""
        return AskRequest(
            platform=NAME,
            server=self.team,
            source=source,
            place=(self.place or source) if private else source,
            person=self.person,
            private=private,
            wanted=wanted,
            reply=self.reply,
            reply_until=datetime.now(UTC) + REPLY_LIVES,
            key=self.key,
        )


def of_command(team: str, command: Payload) -> Caller:
    """Of a slash command; they can't be used in threads."""
    channel, trigger = _text(command, "channel_id"), _text(command, "trigger_id")
    return Caller(
        team=team,
        home=team,
        user=_text(command, "user_id") or "",
        channel=channel,
        thread=None,
        key=_key(team, trigger),
        trigger=trigger,
        reply=_reply("command", channel, None, _text(command, "response_url")),
    )


def of_mention(team: str, body: Payload) -> Caller:
    """Of an `app_mention` event, which brings nothing along to answer with."""
    event = _part(body, "event")
    channel, thread = _text(event, "channel"), _text(event, "thread_ts")
    return Caller(
        team=team,
        home=_text(event, "user_team") or _text(event, "team") or team,
        user=_text(event, "user") or "",
        channel=channel,
        thread=thread,
        key=_key(team, _text(body, "event_id")),
        trigger=None,
        reply=_reply("mention", channel, thread, None),
    )


def of_interaction(team: str, body: Payload) -> Caller:
    """Of a shortcut, a button, or a form."""
    user, container = _part(body, "user"), _part(body, "container")
    message = _part(body, "message")
    channel = _text(_part(body, "channel"), "id") or _text(container, "channel_id")
    thread = _text(message, "thread_ts") or _text(container, "thread_ts")
    trigger = _text(body, "trigger_id")
    return Caller(
        team=team,
        home=_text(user, "team_id") or team,
        user=_text(user, "id") or "",
        channel=channel,
        thread=thread,
        key=_key(team, trigger),
        trigger=trigger,
        reply=_reply("action", channel, thread, _text(body, "response_url")),
    )


def _reply(kind: str, channel: str | None, thread: str | None, url: str | None) -> dict[str, str]:
    values = {"kind": kind, "channel": channel, "thread_ts": thread, "response_url": url}
    return {name: value for name, value in values.items() if value}


def _key(team: str, name: str | None) -> str | None:
    return f"{team}/{name}"[:200] if name else None


def _part(payload: Payload, name: str) -> Payload:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}


def _text(payload: Payload, name: str) -> str | None:
    value = payload.get(name)
    return value if isinstance(value, str) and value else None
