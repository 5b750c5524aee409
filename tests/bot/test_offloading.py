"""Calls that block are kept away from the event loop, and none is waited for too long."""

import asyncio
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.offloading import THREADS, Offloading
from precis.errors import UnansweredError

ROOT = Path(__file__).parents[2]


def test_a_call_gives_what_it_makes_and_raises_what_it_raises():
    async def scenario():
        blocking = Offloading()
        assert await blocking(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await blocking(divmod, 7, 0)

    asyncio.run(scenario())


def test_the_loop_goes_on_while_calls_block():
    let_go = threading.Event()

    async def scenario():
        blocking = Offloading()
        calls = [asyncio.create_task(blocking(let_go.wait, 20)) for _ in range(THREADS)]
        await asyncio.sleep(0)
        let_go.set()  # reached at once, or the calls would time out
        assert await asyncio.gather(*calls) == [True] * THREADS

    asyncio.run(scenario())


def test_a_call_that_hangs_is_given_up_in_words():
    let_go = threading.Event()

    async def scenario():
        with pytest.raises(UnansweredError, match="doesn't answer"):
            await Offloading(patience=0.1)(let_go.wait, 20)

    asyncio.run(scenario())
    let_go.set()


def test_a_call_that_was_given_up_before_it_began_is_never_made():
    let_go, made = threading.Event(), []

    async def scenario():
        blocking = Offloading(patience=0.2)
        hanging = [blocking(let_go.wait, 20) for _ in range(THREADS)]
        late = blocking(made.append, "late")
        outcomes = await asyncio.gather(*hanging, late, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {UnansweredError}
        let_go.set()
        await asyncio.gather(*(blocking(made.append, "then") for _ in range(THREADS)))

    asyncio.run(scenario())
    assert made == ["then"] * THREADS


def test_a_call_that_hangs_for_ever_does_not_keep_the_process():
    program = (
        "import asyncio, threading; from bot.offloading import Offloading\n"
        "async def main():\n"
        "    blocking = Offloading(patience=0.1)\n"
        "    try: await blocking(threading.Event().wait)\n"
        "    finally: blocking.close()\n"
        "try: asyncio.run(main())\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "UnansweredError")


@pytest.mark.parametrize("steps", range(5))
def test_who_is_cancelled_just_as_a_call_ends_is_cancelled(steps):
    begun, let_go = threading.Event(), threading.Event()

    def waiting():
        begun.set()
        return let_go.wait(20)

    async def scenario():
        blocking = Offloading()
        call = asyncio.create_task(blocking(waiting))
        await asyncio.to_thread(begun.wait, 20)
        let_go.set()
        time.sleep(0.05)  # noqa: ASYNC251 - the call ends while the loop stands still
        for _ in range(steps):
            await asyncio.sleep(0)
        if call.cancel():
            with pytest.raises(asyncio.CancelledError):
                await call
        return call.cancelled()

    assert asyncio.run(scenario()) or steps, "at first it hadn't ended"
