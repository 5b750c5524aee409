"""What is in hand when a process stops is left or finished, and none of it is lost."""

import asyncio

from bot.working import Work

FOR_EVER = 120
"""Seconds that no test takes."""


async def begun(ending):
    """The task that ends the work, once it waits for what is in hand."""
    task = asyncio.create_task(ending)
    for _ in range(10):
        await asyncio.sleep(0)
    assert not task.done(), "something is in hand"
    return task


def test_what_is_to_be_left_is_told_and_may_say_a_last_word():
    said = []

    async def long():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("left")

    async def scenario():
        work = Work()
        work.begin(long())
        await asyncio.sleep(0)
        await work.end(FOR_EVER)

    asyncio.run(scenario())
    assert said == ["left"]


def test_what_has_hardly_been_given_is_begun_before_it_is_left():
    said = []

    async def long():
        try:
            await asyncio.Event().wait()
        finally:
            said.append("left")

    async def scenario():
        work = Work()
        work.begin(long())
        await work.end(FOR_EVER)

    asyncio.run(scenario())
    assert said == ["left"]


def test_what_is_to_be_finished_is_finished():
    said = []

    async def scenario():
        work, go_on = Work(), asyncio.Event()

        async def short():
            await go_on.wait()
            said.append("finished")

        work.begin(short(), finish=True)
        ending = await begun(work.end(FOR_EVER))
        go_on.set()
        await ending

    asyncio.run(scenario())
    assert said == ["finished"]


def test_what_comes_in_meanwhile_is_waited_for():
    said = []

    async def scenario():
        work, go_on = Work(), [asyncio.Event(), asyncio.Event()]

        async def second():
            await go_on[1].wait()
            said.append("second")

        async def first():
            await go_on[0].wait()
            work.begin(second(), finish=True)

        work.begin(first(), finish=True)
        ending = await begun(work.end(FOR_EVER))
        go_on[0].set()
        await asyncio.sleep(0)
        go_on[1].set()
        await ending

    asyncio.run(scenario())
    assert said == ["second"]


def test_the_end_waits_for_what_may_come_in_during_the_lull():
    async def scenario():
        ending = await begun(Work().end(2 * FOR_EVER, lull=FOR_EVER))
        ending.cancel()

    asyncio.run(scenario())


def test_tasks_that_others_began_are_waited_for():
    said = []

    async def scenario():
        go_on = asyncio.Event()

        async def elsewhere():
            await go_on.wait()
            said.append("done")

        theirs = asyncio.create_task(elsewhere())
        ending = await begun(Work(elsewhere=lambda: {theirs}).end(FOR_EVER))
        go_on.set()
        await ending

    asyncio.run(scenario())
    assert said == ["done"]


def test_the_end_comes_in_time_whatever_is_in_hand():
    async def stubborn():
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if done:
                    raise

    done = []

    async def scenario():
        work = Work()
        task = work.begin(stubborn())
        await work.end(0.3)
        done.append(True)
        task.cancel()

    asyncio.run(asyncio.wait_for(scenario(), FOR_EVER))


def test_a_bug_is_logged_by_its_place_and_without_its_words(caplog):
    async def broken():
        raise RuntimeError("what somebody wrote")

    async def scenario():
        work = Work()
        work.begin(broken())
        await work.end(FOR_EVER)

    asyncio.run(scenario())
    [record] = caplog.records
    assert "RuntimeError" in record.getMessage()
    assert "what somebody wrote" not in caplog.text
