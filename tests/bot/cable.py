"""A connection to a server that a test can cut, or freeze: frozen, it says nothing for ever."""

import asyncio
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.services import free_port


class Cable:
    """Leads from a port of its own to the server at `url`."""

    def __init__(self, url):
        parts = urlsplit(url)
        self._far = parts.hostname, parts.port
        self._port = free_port()
        self.url = url.replace(f":{parts.port}", f":{self._port}")
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._transports = set()
        self._listening = None
        threading.Thread(target=self._loop.run_forever, name="cable", daemon=True).start()
        self._do(self._listen())

    def freeze(self):
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self):
        self._loop.call_soon_threadsafe(self._flowing.set)

    def cut(self):
        """What is connected is lost, and nothing connects until it is mended."""
        self._do(self._cut())

    def mend(self):
        self._do(self._listen())

    def close(self):
        self._do(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, work):
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self):
        self._listening = await asyncio.start_server(self._connect, "127.0.0.1", self._port)

    async def _cut(self):
        self._listening.close()
        for transport in self._transports:
            transport.abort()
        self._transports.clear()

    async def _connect(self, near, to_near):
        far, to_far = await asyncio.open_connection(*self._far)
        self._transports |= {to_near.transport, to_far.transport}
        await asyncio.gather(self._pump(near, to_far), self._pump(far, to_near))

    async def _pump(self, source, sink):
        with suppress(ConnectionError):
            while data := await source.read(1 << 16):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()


@contextmanager
def cable(url):
    laid = Cable(url)
    try:
        yield laid
    finally:
        laid.close()
