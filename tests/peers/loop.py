"""A world that lives on a server's thread: others may change it only there. And its clock.

Knows nothing of what the world holds.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from tests.clocks import TICK, patient_seconds

ADDRESS = os.environ.get("TEST_ADDRESS", "127.0.0.1")
"""Where the servers listen: another one only where the bots are in containers."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Clock:
    """Real time for what is shown, and patient time (`tests/clocks.py`) for what is due; both with
    the seconds by which a test has moved them on.
    """

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._ahead

    def patient(self) -> float:
        """Seconds to tell by how old something is, and whether it comes too late."""
        return patient_seconds() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def call_later(self, seconds: float, action: Callable[..., None], *args: Any) -> None:
        """Do something on the running loop once so many patient seconds are over; a test that moves
        the clock on doesn't hasten it. What has arrived by then is dealt with before.
        """
        loop, due = asyncio.get_running_loop(), patient_seconds() + seconds

        def look() -> None:
            if patient_seconds() < due:
                loop.call_later(TICK, look)
            else:
                loop.call_later(TICK, action, *args)

        loop.call_later(seconds, look)


class Looped:
    """What lives on a server's loop."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self.thread: int | None = None

    def run(self, action: Callable[[], Result]) -> Result:
        """Do `action` on the server's thread; in place when already there or not running."""
        loop = self.loop
        if loop is None or self.thread == threading.get_ident():
            return action()
        outcome: concurrent.futures.Future[Result] = concurrent.futures.Future()

        def act() -> None:
            try:
                outcome.set_result(action())
            except BaseException as failure:  # noqa: BLE001  # raised in the caller's thread
                outcome.set_exception(failure)

        loop.call_soon_threadsafe(act)
        return outcome.result(60)


def on_loop(method: Callable[Given, Result]) -> Callable[Given, Result]:
    """Make a method of something with a `world` run on the server's thread, and wait for it."""

    @functools.wraps(method)
    def there(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        located: Any = args[0]
        world: Looped = located.world
        return world.run(functools.partial(method, *args, **kwargs))

    return there


class OnThread:
    """A server on a thread of its own; `world` is what lives there."""

    world: Looped

    def __init__(self, name: str) -> None:
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._failure: BaseException | None = None

    def start(self) -> None:
        self._thread.start()
        started = self._started.wait(120)
        if self._failure is not None:
            raise self._failure
        if not started:
            raise TimeoutError("the server did not start")

    def stop(self) -> None:
        loop = self.world.loop
        if loop is not None and loop.is_running():
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join(30)

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._serve())
            self.world.thread = threading.get_ident()
            self.world.loop = loop
        except BaseException as failure:  # noqa: BLE001  # raised in the test's thread
            self._failure = failure
            return
        finally:
            self._started.set()
        loop.run_forever()
        loop.run_until_complete(self._close())
        # From here on what tests still ask is answered in place.
        self.world.loop = None
        loop.close()

    async def _serve(self) -> None:
        """Begin to listen."""
        raise NotImplementedError

    async def _close(self) -> None:
        """Let go of all that waits."""
        raise NotImplementedError
