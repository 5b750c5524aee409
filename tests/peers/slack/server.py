"""The stand-in itself: starts and stops the server, and is what tests hold in their hands.

It runs in a thread of its own on 127.0.0.1. Every method may be called from any thread and returns
when the thing is done on the server; nothing here waits for the bot (use
`tests.services.wait_until`, or the `wait_for_…` of a `Use`).

Point a bot at it by the base of the Web API, `PRECIS_SLACK_API` = `server.api` (for slack_sdk:
`AsyncWebClient(token=workspace.install(), base_url=server.api)`), and its secrets
`server.app_token`, `server.signing_secret`, `server.client_id`, `server.client_secret`. Socket Mode
finds its socket by apps.connections.open; for HTTP, call `server.use_http(url)` once it listens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from tests.peers.loop import on_loop
from tests.peers.slack import chat, invoke
from tests.peers.slack.http import Request
from tests.peers.slack.messages import Message
from tests.peers.slack.people import User
from tests.peers.slack.places import Channel
from tests.peers.slack.staging import Staging
from tests.peers.slack.uses import Use
from tests.peers.slack.views import View
from tests.peers.slack.workspaces import Workspace
from tests.peers.slack.world import App, Violation


class SlackServer(Staging):
    """A Slack of one's own, with one app: the bot under test.

    What it can be made to do wrong is in `Staging`, its addresses in `Host`.
    """

    # The app

    @property
    def app(self) -> App:
        """The app's registration; may be changed before the bot starts."""
        return self.world.app

    @property
    def app_token(self) -> str:
        return self.world.app.app_token

    @property
    def signing_secret(self) -> str:
        return self.world.app.signing_secret

    @property
    def client_id(self) -> str:
        return self.world.app.client_id

    @property
    def client_secret(self) -> str:
        return self.world.app.client_secret

    @on_loop
    def add_workspace(
        self, name: str, domain: str | None = None, *, same_ids_as: Workspace | None = None
    ) -> Workspace:
        """A workspace without the app (`workspace.install()`), without people.

        `same_ids_as`: users and channels added in the same order get the same ids as there.
        """
        number = len(self.world.workspaces) + 1
        base = same_ids_as.base if same_ids_as else number << 16
        known = domain or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        return Workspace(self.world, name, known, f"T0{number:08X}", base)

    # What people do; writing is in `Channel` and `Message`

    @on_loop
    def slash(self, user: User, channel: Channel, command: str, text: str = "") -> Use:
        """Use a slash command. Where the bot has no connection it is lost, and `.delivered` is
        False.
        """
        return invoke.slash(self.delivery, user, channel, command, text)

    @on_loop
    def shortcut(self, user: User, message: Message, callback_id: str) -> Use:
        """Use a shortcut of a message's menu."""
        return invoke.shortcut(self.delivery, user, message, callback_id)

    @on_loop
    def global_shortcut(self, user: User, callback_id: str) -> Use:
        """Use a shortcut that belongs to no message."""
        return invoke.shortcut(self.delivery, user, None, callback_id)

    @on_loop
    def click(
        self,
        user: User,
        source: Message | View,
        action_id: str,
        value: Any = None,
        *,
        forged: dict[str, Any] | None = None,
    ) -> Use:
        """Press a button of a message, a modal or a home tab, named by its action id or its label;
        or choose `value` in a menu.

        `value` of a button replaces its own. `forged` are fields of the payload to send in place of
        the true ones; with it, even if empty, anybody may press anything.
        """
        return invoke.click(self.delivery, user, source, action_id, value, forged=forged)

    @on_loop
    def submit(
        self, user: User, view: View, values: dict[str, Any] | None = None, **more: Any
    ) -> Use:
        """Enter values in a modal, by action id, block id or label, and send it.

        The use's `.errors`, by block id, are what the app complains of; `view.closed` tells whether
        the modal is gone; `.view` is what the app showed instead.
        """
        return invoke.submit(self.delivery, user, view, {**(values or {}), **more})

    @on_loop
    def close_view(self, user: User, view: View) -> Use | None:
        """Close a modal; None where the app doesn't want to hear of it."""
        return invoke.close(self.delivery, user, view)

    @on_loop
    def mention(
        self, user: User, channel: Channel, text: str, thread: Message | None = None
    ) -> Message:
        """Write a message that begins with a mention of the app's bot."""
        return channel.post(user, f"{channel.workspace.bot.mention} {text}", thread=thread)

    @on_loop
    def open_home(self, user: User, tab: str = "home") -> None:
        """Open the app's home ("home"), or its messages ("messages"). What is shown there:
        `workspace.home_of(user)`.
        """
        invoke.open_home(user, tab)

    @on_loop
    def fill(
        self,
        channel: Channel,
        people: list[User],
        texts: int | Iterable[str],
        start: datetime | None = None,
        step: timedelta | float = 20.0,
    ) -> list[Message]:
        """Write a long history at once, people in turn, without events.

        `texts` are what they write, or how many times «message N». Without `start` the last
        message is a step ago.
        """
        words = [f"message {n}" for n in range(1, texts + 1)] if isinstance(texts, int) else texts
        words = list(words)
        seconds = step.total_seconds() if isinstance(step, timedelta) else float(step)
        first = start.timestamp() if start else self.world.clock.now() - seconds * len(words)
        return chat.fill(channel, people, words, start=first, step=seconds)

    # What the bot did

    @property
    def uses(self) -> list[Use]:
        """All uses so far, in order."""
        return list(self.world.uses)

    @property
    def requests(self) -> list[Request]:
        """Every request to the Web API and to response_urls, in order of arrival."""
        return list(self.calls.requests)

    def requests_to(self, method: str) -> list[Request]:
        """The requests to a method, or to all of a pattern as "conversations.*"; posts to a
        response_url are those to "response_url".
        """
        return [request for request in self.requests if fnmatchcase(request.method, method)]

    @property
    def violations(self) -> list[Violation]:
        """What a well-behaved bot never does; tests assert that it is empty. May be cleared."""
        return self.world.violations


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    """A running server, without workspaces."""
    server = SlackServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
