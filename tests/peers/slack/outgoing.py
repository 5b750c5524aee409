"""HTTP mode: signed requests to the app's Request URL
(docs.slack.dev/authentication/verifying-requests-from-slack).

Knows signatures, bodies and retry headers; when an answer is due is the delivery's affair.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import urllib.parse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.peers.slack.delivery import COMMANDS, EVENTS, Delivery, Envelope

if TYPE_CHECKING:
    from tests.peers.slack.world import World

HANGS_AFTER = 120.0
"""Seconds after which an app counts as gone; that it is late is noted long before."""
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass
class Posted:
    """A signed request as it was sent, and the app's answer. `status` 0: there was none."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answer: str = ""


class Outgoing:
    """Posts envelopes to an app that listens."""

    too_late = "http_timeout"

    def __init__(self, world: World, delivery: Delivery, url: str) -> None:
        self.world = world
        self.delivery = delivery
        self.url = url
        self.posted: list[Posted] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, envelope: Envelope) -> bool:
        task = asyncio.get_running_loop().create_task(self._send(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _send(self, envelope: Envelope) -> None:
        posted = self.sign(*body_of(envelope))
        if envelope.retry:
            posted.headers |= {"X-Slack-Retry-Num": str(envelope.retry)}
            posted.headers |= {"X-Slack-Retry-Reason": envelope.reason or "http_timeout"}
        headers = await self.post(posted)
        if posted.status == 0:
            self.delivery.lose(envelope, "connection_failed")
        elif 200 <= posted.status < 300:
            self.delivery.acknowledge(envelope, _answer(envelope, posted.answer))
        else:
            again = headers.get("X-Slack-No-Retry") != "1"
            self.delivery.refuse(envelope, posted.status, again=again)

    def sign(
        self, body: bytes, kind: str, *, age: float = 0.0, secret: str | None = None
    ) -> Posted:
        """A request to the app. `age` backdates it; `secret` signs with another secret."""
        stamp = str(int(time.time() - age))
        key = (secret or self.world.app.signing_secret).encode()
        base = f"v0:{stamp}:".encode() + body
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={hmac.new(key, base, hashlib.sha256).hexdigest()}",
        }
        return Posted(self.url, headers, body)

    async def post(self, posted: Posted) -> dict[str, str]:
        """Send it, note the answer, and give its headers."""
        self.posted.append(posted)
        timeout = aiohttp.ClientTimeout(total=HANGS_AFTER)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(posted.url, data=posted.body, headers=posted.headers) as response,
            ):
                posted.answer = await response.text()
                posted.status = response.status
                return dict(response.headers)
        except (aiohttp.ClientError, TimeoutError):
            return {}

    async def verify(self) -> bool:
        """docs.slack.dev/reference/events/url_verification: whether the app gives the challenge
        back.
        """
        challenge = hashlib.sha256(str(time.time()).encode()).hexdigest()
        token = self.world.app.verification_token
        body = {"token": token, "challenge": challenge, "type": "url_verification"}
        posted = self.sign(json.dumps(body).encode(), _JSON)
        await self.post(posted)
        if posted.status != 200:
            return False
        try:
            said = json.loads(posted.answer)
        except ValueError:
            return posted.answer.strip() == challenge
        return isinstance(said, dict) and said.get("challenge") == challenge


def body_of(envelope: Envelope) -> tuple[bytes, str]:
    """The body of a request and its content type, by what it tells of."""
    if envelope.kind == EVENTS:
        return json.dumps(envelope.payload).encode(), _JSON
    if envelope.kind == COMMANDS:
        return urllib.parse.urlencode(envelope.payload).encode(), _FORM
    return urllib.parse.urlencode({"payload": json.dumps(envelope.payload)}).encode(), _FORM


def _answer(envelope: Envelope, text: str) -> Any:
    """What the app says to a command or an interaction; of an event nobody reads it."""
    if envelope.kind == EVENTS or not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}
