"""A small bot on the real discord.py, in a thread of its own, to try the stand-in with."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import discord
import yarl
from discord import app_commands

from tests.peers.discord_server import DiscordServer

Result = TypeVar("Result")


class Bot(discord.AutoShardedClient):
    """Notes what it hears. `setup` adds commands before they are registered."""

    def __init__(
        self,
        server: DiscordServer,
        setup: Callable[["Bot"], None] | None = None,
        *,
        intents: discord.Intents | None = None,
        token: str | None = None,
        **options: Any,
    ) -> None:
        chosen = intents or discord.Intents(guilds=True, messages=True, message_content=True)
        options = {"guild_ready_timeout": 0.1, "shard_count": 1, **options}
        super().__init__(intents=chosen, chunk_guilds_at_startup=False, **options)
        self.server = server
        self.token = token or server.token
        self.tree = app_commands.CommandTree(self)
        self.failure: BaseException | None = None
        self.ready = threading.Event()
        self.heard: list[discord.Message] = []
        self.events: list[tuple[str, Any]] = []
        self._commands_wanted = setup is not None
        if setup:
            setup(self)

    async def setup_hook(self) -> None:
        if self._commands_wanted:
            await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without discord.py's five seconds between shards."""

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_raw_message_delete(self, event: Any) -> None:
        self.events.append(("delete", event.message_id))

    async def on_raw_bulk_message_delete(self, event: Any) -> None:
        self.events.append(("bulk delete", event.message_ids))

    async def on_raw_message_edit(self, event: Any) -> None:
        self.events.append(("edit", event.message.content))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.events.append(("guild remove", guild.id))

    async def on_resumed(self) -> None:
        self.events.append(("resumed", None))

    def do(self, work: Callable[[], Awaitable[Result]], seconds: float = 20.0) -> Result:
        """Run a coroutine function in the bot's loop and give its result."""

        async def there() -> Result:
            return await work()

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(seconds)


@contextmanager
def pointed_at(server: DiscordServer) -> Iterator[None]:
    """Let discord.py take the stand-in for Discord."""
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = server.api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        discord.http.Route.BASE = base
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway


@contextmanager
def running(bot: Bot, *, wait: bool = True) -> Iterator[Bot]:
    """Run a bot in a thread; it is ready when the block begins, and closed when it ends."""

    def run() -> None:
        try:
            asyncio.run(_start(bot))
        except Exception as failure:  # noqa: BLE001  # tests look at it
            bot.failure = failure
        finally:
            bot.ready.set()

    with pointed_at(bot.server):
        thread = threading.Thread(target=run, name="bot")
        thread.start()
        try:
            if wait:
                assert bot.ready.wait(20), "the bot is not ready"
                if bot.failure is not None:
                    raise bot.failure
            yield bot
        finally:
            if not bot.is_closed() and bot.failure is None:
                asyncio.run_coroutine_threadsafe(bot.close(), bot.loop).result(10)
            thread.join(20)


async def _start(bot: Bot) -> None:
    async with bot:
        await bot.start(bot.token)
