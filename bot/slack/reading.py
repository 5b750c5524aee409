"""Slack's messages as a conversation's: what is there now, as plain text. Pure.

Takes messages as `conversations.history`, `conversations.replies` and the events give them.
"""

from collections.abc import Mapping
from typing import Any

from bot.platform import Heard
from bot.slack.ids import is_ts, message_id, person_id, place_id, ts_time
from bot.slack.permalinks import permalink
from precis.conversation import Message
from precis.normalisation import is_command, with_marks
from precis.readers import json_fields as get
from precis.readers import slack_message as slack
from precis.readers.reading import DamageError, build


def heard(  # noqa: PLR0913 - all are told apart by their names
    message: dict[str, Any],
    *,
    team: str,
    channel: str,
    people: Mapping[str, str],
    channels: Mapping[str, str],
    groups: Mapping[str, str],
    workspace_url: str,
    bot_user: str | None = None,
) -> Heard:
    """A message of a channel as it stands.

    `team` is the workspace that the bot reads in, `workspace_url` its address, `bot_user` the
    bot's own id there; `people`, `channels` and `groups` map ids to names. ValueError for what
    isn't a message: it has no `ts`.
    """
    ts = str(message.get("ts", ""))
    try:
        author = _author(message, team, bot_user)
        names = slack.Names(people, channels, groups)
        made = (
            _plain(message, (team, channel, ts), author, names, workspace_url) if author else None
        )
    except DamageError:
        author, made = None, None
    thread = thread_of(message)
    place = place_id(channel, thread) if thread and thread != ts else None
    return Heard(message_id(team, channel, ts), author, ts_time(ts), made, place)


def _author(message: dict[str, Any], team: str, bot_user: str | None) -> str | None:
    """Who wrote it, if a person did.

    What somebody asks of the bot is nothing that they wrote, as on Discord: "since my last
    message" would begin with the question itself.
    """
    user = get.text(message, "user")
    if not user or not slack.is_spoken(message):
        return None
    if bot_user and slack.speaks_to(message, bot_user):
        return None
    return person_id(home_of(message, team), user)


def people_in(message: dict[str, Any]) -> set[str]:
    """Ids of the users whose names are needed to read it: its author, and those it mentions."""
    try:
        return slack.people_in(message) if slack.is_spoken(message) else set()
    except DamageError:
        return set()


def home_of(message: dict[str, Any], team: str) -> str:
    """The workspace that its author is of: in a shared channel, maybe another than the bot's."""
    return get.text(message, "user_team") or get.text(message, "team") or team


def thread_of(message: dict[str, Any]) -> str | None:
    """The `ts` of its thread's first message, which may be itself; None outside threads."""
    thread = get.text(message, "thread_ts")
    return thread if is_ts(thread) else None


def _plain(
    message: dict[str, Any],
    place: tuple[str, str, str],
    author: str,
    names: slack.Names,
    workspace_url: str,
) -> Message | None:
    team, channel, ts = place
    content = slack.said(message, names)
    if is_command(content):
        return None
    attached = slack.attachments_of(message)
    thread = thread_of(message)
    first = message_id(team, channel, thread) if thread else None
    return build(
        id=message_id(team, channel, ts),
        author_id=author,
        author_name=slack.author_name(message, names.people),
        text=with_marks(content, attached),
        time=ts_time(ts),
        reply_to=first if thread != ts else None,
        thread=first,
        permalink=permalink(workspace_url, channel, ts, thread),
        edited=bool(message.get("edited")),
        attachments=attached,
        reactions=slack.reactions_of(message),
    )
