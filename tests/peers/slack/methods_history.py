"""conversations.history and conversations.replies: reading, a page at a time."""

from __future__ import annotations

from typing import Any

from tests.peers.slack import render
from tests.peers.slack.errors import SlackError
from tests.peers.slack.http import Call, method
from tests.peers.slack.messages import Message, between, micros
from tests.peers.slack.methods_conversations import seen
from tests.peers.slack.paging import cursor, place
from tests.peers.slack.places import Channel

Answer = dict[str, Any]


@method(
    "conversations.history",
    "channel* cursor include_all_metadata inclusive latest limit oldest",
)
def history(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.history

    The newest of the span first; a cursor goes on to older ones. Replies are not in it but those
    sent to the channel too.
    """
    channel = _readable(call)
    limit = _limit(call, default=100, most=999)
    oldest, latest, inclusive = _span(call)
    found = between(channel.log.main, oldest, latest, inclusive=inclusive)
    if (before := place(call)) is not None:
        found = between(found, 0, int(before), inclusive=False)
    page = found[max(0, len(found) - limit) :]
    more = len(found) > len(page)
    return {
        "messages": [_shown(call, message) for message in reversed(page)],
        "has_more": more,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        **({"response_metadata": {"next_cursor": _cursor(page[0])}} if more else {}),
    }


@method(
    "conversations.replies",
    "channel* ts* cursor include_all_metadata inclusive latest limit oldest",
)
def replies(call: Call) -> Answer:
    """docs.slack.dev/reference/methods/conversations.replies

    The parent first, then the replies from the oldest on; the parent is on every page.
    """
    channel = _readable(call)
    limit = _limit(call, default=1000, most=1000)
    named = channel.log.by_ts.get(call.text("ts"))
    if named is None:
        raise SlackError("thread_not_found")
    parent = channel.log.by_ts.get(named.thread_ts or named.ts, named)
    oldest, latest, inclusive = _span(call)
    found = between(parent.replies, oldest, latest, inclusive=inclusive)
    if (after := place(call)) is not None:
        found = between(found, int(after), None, inclusive=False)
    page = found[: max(1, limit - 1)]
    more = len(found) > len(page)
    last = page[-1] if page else parent
    return {
        "messages": [_shown(call, message) for message in [parent, *page]],
        "has_more": more,
        **({"response_metadata": {"next_cursor": _cursor(last)}} if more else {}),
    }


def _readable(call: Call) -> Channel:
    """docs.slack.dev/reference/methods/conversations.history: `not_in_channel`"""
    channel = seen(call, "history")
    if call.app.bot not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _limit(call: Call, *, default: int, most: int) -> int:
    """Pages of apps outside the Marketplace are smaller, whatever they ask for
    (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps).
    """
    unlimited = call.text("limit") == "0"  # as if it were not given
    limit = default if unlimited else call.number("limit", default, most)
    return min(limit, call.limits.page) if call.limits.page else limit


def _span(call: Call) -> tuple[int, int | None, bool]:
    """`oldest` and `latest` in microseconds, and whether they belong to it."""
    return _moment(call, "oldest") or 0, _moment(call, "latest"), call.flag("inclusive")


def _moment(call: Call, name: str) -> int | None:
    if not call.text(name):
        return None
    try:
        return micros(call.text(name))
    except ValueError:
        call.violate("invalid arguments", {name: call.text(name)})
        raise SlackError(f"invalid_ts_{name}") from None


def _cursor(message: Message) -> str:
    return cursor(micros(message.ts))


def _shown(call: Call, message: Message) -> Answer:
    return render.message(message, metadata=call.flag("include_all_metadata"))
