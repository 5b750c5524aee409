"""What every use case works with: a platform, the store, and what sends jobs.

`cli` puts it together; the queue's library stays behind `JobSender`. Knows no platform.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from bot.delays import Delays
from bot.deleted import Deleted
from bot.offloading import Offloading
from bot.platform import ChatPlatform
from bot.texts import Texts, texts_in
from precis.ask import Limits, ServerSettings
from precis.errors import DamagedError, StoreError
from precis.job import QueueName
from precis.settings import Settings
from precis.store import ChatStore, DigestStore, ModerationStore, Store

ANSWERS_AT_ONCE = 32
"""Conversations that a process holds in memory at a time."""


SOON = 1.5
"""Seconds for what must be known before something is said that may take three."""


class JobSender(Protocol):
    """Sends stored jobs to workers."""

    def send(self, job_id: str, queue: QueueName) -> bool:
        """False if the broker is down; the job is sent when it is back."""


@dataclass
class Context:
    platform: ChatPlatform
    settings: Settings
    jobs: Store
    chat: ChatStore
    sender: JobSender
    blocking: Offloading = field(default_factory=Offloading)
    deleted: Deleted = field(default_factory=Deleted)
    gathering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ANSWERS_AT_ONCE))
    delays: Delays = field(default_factory=Delays)
    _languages: dict[str | None, str] = field(default_factory=dict)
    """Servers' languages as they were last."""

    @cached_property
    def moderation(self) -> ModerationStore:
        """The part of the store that moderators' cases are in."""
        return ModerationStore(self.jobs, self.settings.lease)

    @cached_property
    def digests(self) -> DigestStore:
        """The part of the store that subscriptions and digests are in."""
        return DigestStore(self.jobs, self.settings.lease)

    @property
    def limits(self) -> Limits:
        settings = self.settings
        return Limits(
            person=settings.person_limit,
            server=settings.server_limit,
            seconds=settings.limit_window.total_seconds(),
        )

    async def opted_out(self, people: Sequence[str]) -> set[str]:
        """Which of these people are not to be read. Raises StoreError."""
        return await self.blocking(self.chat.opted_out, self.platform.name, people)

    async def send(self, job_id: str, queue: QueueName) -> bool:
        """Send a stored job; False where the broker is down, or hangs: then it is sent later."""
        try:
            return await self.blocking(self.sender.send, job_id, queue)
        except StoreError:
            return False

    async def server_settings(self, server: str | None) -> ServerSettings:
        """Raises StoreError; DamagedError where what is forbidden can't be known."""
        settings = await self.blocking(self.chat.server_settings, self.platform.name, server)
        self._languages[server] = settings.language
        return settings

    def texts_of(self, language: str) -> Texts:
        """A language's texts, in the platform's own words."""
        return texts_in(language, self.platform.name)

    async def texts(self, server: str | None) -> Texts:
        """In the language of a server. Raises StoreError."""
        try:
            return self.texts_of((await self.server_settings(server)).language)
        except DamagedError:
            return self.texts_of("en")

    async def texts_soon(self, server: str | None) -> Texts:
        """In the language of a server; as it was last, where the store takes too long to tell."""
        try:
            async with asyncio.timeout(SOON):
                return await self.texts(server)
        except (TimeoutError, StoreError):
            return self.last_texts(server)

    def last_texts(self, server: str | None) -> Texts:
        """In the language that a server had when somebody last looked; else English."""
        return self.texts_of(self._languages.get(server, "en"))
