"""Where lines and answers are shown, and what happens where they can't be."""

import asyncio
from datetime import timedelta

import pytest

from bot.platform import PlatformDownError, UnreachableError
from bot.slack.private import EPHEMERAL
from bot.slack.public import EVENT
from bot.texts import ENGLISH
from tests.bot.slack.adapters import LONG, Process, answer_to, ask_of, asked, command, long_ago
from tests.services import wait_until

POST = "chat.postMessage"


@pytest.fixture
def ana(workspace):
    return workspace.add_user("ana", "Ana")


@pytest.fixture
def ben(workspace):
    return workspace.add_user("ben", "Ben")


@pytest.fixture
def channel(workspace, ana, ben):
    return workspace.add_channel("algebra", members=[ana, ben])


@pytest.fixture
def process(server, workspace, settings, store):
    return Process(server, workspace, settings, store)


class Posted:
    """Notes what is posted, as the store does; dies where it is told to."""

    def __init__(self, dies_after=None):
        self.ids = []
        self._dies_after = dies_after

    async def __call__(self, message):
        if len(self.ids) == self._dies_after:
            raise KeyboardInterrupt
        self.ids.append(message)


def say(process, request, *lines, final=False):
    async def work(platform):
        for line in lines:
            await platform.say(request, line, final=final)

    process.run(work)


def answer(process, ask, *texts, posted=None):
    """Show an answer; ids of the messages that were noted."""
    posted = posted or Posted()
    process.run(lambda platform: platform.answer(ask, answer_to(ask, *texts), posted))
    return posted.ids


def withdraw(process, request, text="no", posted=()):
    process.run(lambda platform: platform.withdraw(request, text, posted=posted))


def shown_to(user, channel):
    return [message.shown for message in channel.visible_to(user)]


# To who asked alone


def test_a_commands_answer_is_seen_by_who_asked_alone(process, channel, ana, ben):
    request, use = command(ana, channel)
    say(process, request, "reading")
    assert answer(process, ask_of(request)) == [EPHEMERAL]
    assert [message.shown.partition("\n")[0] for message in use.messages] == [
        "reading", "Summary of algebra",
    ]  # fmt: skip
    assert shown_to(ben, channel) == []


def test_progress_leaves_room_for_an_answer_and_a_fault(process, channel, ana):
    request, use = command(ana, channel)
    say(process, request, *(f"line {number}" for number in range(9)))
    assert use.responses == 2
    answer(process, ask_of(request))
    say(process, request, "a fault", final=True)
    assert use.responses == 4
    assert use.refused == []


def test_an_answer_of_many_parts_is_shown_whole(process, server, channel, ana, ben):
    request, use = command(ana, channel)
    ask, posted = ask_of(request), Posted()

    async def work(platform):
        for line in ("reading", "summarising"):
            await platform.say(request, line)
        await platform.answer(ask, answer_to(ask, *LONG), posted)

    process.run(work)
    text = "\n".join(shown_to(ana, channel))
    assert all(f"{number}: a long" in text for number in range(len(LONG)))
    assert len(posted.ids) > 3
    assert use.refused == []
    assert shown_to(ben, channel) == []


def test_where_another_process_used_it_up_an_answer_is_shown_all_the_same(
    server, process, channel, ana
):
    request, use = command(ana, channel)
    use.responses = 5
    answer(process, ask_of(request))
    assert [request.error for request in server.requests_to("response_url")] == ["used_url"]
    server.violations.clear()
    assert "A summary." in shown_to(ana, channel)[-1]


def test_where_it_has_expired_an_answer_is_shown_all_the_same(process, channel, ana):
    request, use = command(ana, channel)
    use.expire()
    answer(process, ask_of(request))
    assert use.messages == []
    assert "A summary." in shown_to(ana, channel)[-1]


def test_what_was_shown_already_is_not_shown_again(process, channel, ana):
    request, _ = command(ana, channel)
    answer(process, ask_of(request, posted=(EPHEMERAL,), tries=3), *LONG)
    assert "• 0: a long" not in "\n".join(shown_to(ana, channel))
    assert "59: a long" in "\n".join(shown_to(ana, channel))


def test_a_mention_in_a_thread_is_answered_there_for_who_asked_alone(process, channel, ana, ben):
    parent = channel.post(ben, "a question")
    request = asked(ana, channel, thread=parent)
    say(process, request, "reading", "still reading", "too much")
    assert answer(process, ask_of(request)) == [EPHEMERAL]
    seen = [message for message in channel.visible_to(ana) if message.ephemeral]
    assert {message.thread_ts for message in seen} == {parent.ts}
    assert [message.shown.partition("\n")[0] for message in seen] == [
        "reading", "still reading", "Summary of algebra",
    ]  # fmt: skip
    assert shown_to(ben, channel) == ["a question"]


def test_a_late_answer_finds_who_is_there_in_the_channel(process, channel, ana):
    request = long_ago(asked(ana, channel))
    assert answer(process, ask_of(request)) == [EPHEMERAL]
    assert "A summary." in shown_to(ana, channel)[-1]


def test_a_late_answer_is_sent_to_who_is_away(process, workspace, channel, ana):
    ana.away = True
    request = long_ago(asked(ana, channel))
    [noted] = answer(process, ask_of(request))
    [message] = workspace.add_dm(ana).messages
    assert (message.id, channel.ephemerals) == (noted, [])
    assert "A summary." in message.shown
    buttons = [button["action_id"] for button in message.buttons]
    assert buttons == ["precis:good", "precis:bad", "precis:report"]


def test_who_left_the_channel_is_sent_what_there_is_to_say(process, workspace, channel, ana):
    request = asked(ana, channel)
    channel.remove(ana, quietly=True)
    withdraw(process, request, "you can't read it")
    assert shown_to(ana, workspace.add_dm(ana)) == ["you can't read it"]


def test_late_progress_is_told_nobody(process, server, workspace, channel, ana):
    say(process, long_ago(asked(ana, channel)), "reading")
    assert channel.ephemerals == []
    assert server.requests_to("chat.*") == []


def test_the_last_word_is_told_however_late(process, workspace, channel, ana):
    ana.away = True
    say(process, long_ago(asked(ana, channel)), "given up", final=True)
    assert shown_to(ana, workspace.add_dm(ana)) == ["given up"]


def test_who_cannot_be_reached_in_any_way_is_unreachable(process, channel, ana):
    request = asked(ana, channel)
    ana.deactivate()
    with pytest.raises(UnreachableError):
        answer(process, ask_of(request))


# For all


def public(user, channel, **more):
    return asked(user, channel, private=False, **more)


def test_a_public_answer_takes_the_place_of_its_progress(process, channel, ana, ben):
    request = public(ana, channel)
    ask = ask_of(request)
    posted = Posted()

    async def work(platform):
        await platform.say(request, "reading")
        assert shown_to(ben, channel) == ["reading"]
        await platform.say(request, "summarising")
        assert shown_to(ben, channel) == ["summarising"]
        await platform.answer(ask, answer_to(ask), posted)

    process.run(work)
    [message] = channel.messages
    assert posted.ids == [message.id]
    assert "A summary." in message.shown
    assert not message.edited


def test_a_public_answer_in_a_thread_stays_there(process, channel, ana, ben):
    parent = channel.post(ben, "a question")
    noted = answer(process, ask_of(public(ana, channel, thread=parent)), *LONG)
    assert [message.id for message in parent.replies] == noted
    assert channel.log.main == [parent]


def test_further_parts_of_a_public_answer_are_below_the_first(process, channel, ana):
    noted = answer(process, ask_of(public(ana, channel)), *LONG)
    [first] = channel.log.main
    assert noted == [first.id, *(reply.id for reply in first.replies)]
    assert len(noted) > 2


def test_a_public_answer_that_stopped_halfway_is_withdrawn_whole(process, channel, ana, ben):
    request = public(ana, channel)
    noted = answer(process, ask_of(request), *LONG)
    withdraw(process, request, "you can't read it", noted[:-1])
    answer_left = [message.id for message in channel.messages if not message.deleted]
    assert set(answer_left) <= {noted[0], noted[-1]}  # of a parent with replies a mark stays
    withdraw(process, request, "you can't read it", noted)
    assert [each for each in shown_to(ben, channel) if "summary" in each.lower()] == []


def test_nothing_that_is_posted_pings_anybody_or_unfolds(process, server, channel, ana):
    request = public(ana, channel)
    say(process, request, "reading")
    answer(process, ask_of(request), *LONG)
    for post in server.requests_to(POST):
        assert (post.args["parse"], post.args["link_names"]) == ("none", False)
        assert (post.args["unfurl_links"], post.args["unfurl_media"]) == (False, False)


def test_another_process_takes_the_same_message(server, workspace, settings, store, channel, ana):
    request = public(ana, channel)
    say(Process(server, workspace, settings, store), request, "reading")
    [placeholder] = channel.messages
    channel.post(ana, "meanwhile")
    noted = answer(Process(server, workspace, settings, store), ask_of(request))
    assert noted == [placeholder.id]
    assert "A summary." in placeholder.shown


def test_after_a_death_between_post_and_note_nothing_is_posted_twice(
    server, workspace, settings, store, channel, ana
):
    request = public(ana, channel)
    once = answer(Process(server, workspace, settings, store), ask_of(request), *LONG)
    count = len(channel.messages)
    again = asked(ana, channel, private=False)
    for dies_after in range(len(once)):
        posted = Posted(dies_after)
        with pytest.raises(KeyboardInterrupt):
            answer(Process(server, workspace, settings, store), ask_of(again), *LONG, posted=posted)
        ask = ask_of(again, tries=3, posted=tuple(posted.ids))
        rest = answer(Process(server, workspace, settings, store), ask, *LONG)
        assert len(channel.messages) == 2 * count
        assert len({*posted.ids, *rest}) == count


def test_a_post_whose_answer_was_lost_is_not_posted_twice(process, server, channel, ana):
    request = public(ana, channel)
    server.fail(POST, None, times=1, after_effect=True)

    async def work(platform):
        ask = ask_of(request)
        with pytest.raises(PlatformDownError):
            await platform.answer(ask, answer_to(ask), Posted())
        again = ask.model_copy(update={"tries": 3})
        await platform.answer(again, answer_to(again), Posted())

    process.run(work)
    assert len(channel.messages) == 1


def test_others_cannot_pass_their_messages_off_as_the_bots(process, channel, ana, ben):
    request = public(ana, channel)
    say(process, request, "reading")
    [placeholder] = channel.messages
    forged = channel.post(ben, "look", metadata=placeholder.metadata)
    placeholder.delete()
    assert forged.metadata["event_type"] == EVENT
    answer(process, ask_of(request, tries=3))
    assert len(channel.messages_by_bot) == 1
    assert forged.text == "look"


def test_nor_keep_a_part_of_an_answer_from_being_posted(process, channel, ana, ben):
    request = public(ana, channel)
    say(process, request, "reading")
    [first] = channel.messages
    metadata = {**first.metadata, "event_payload": {**first.metadata["event_payload"], "part": 1}}
    channel.post(ben, "look", thread=first, metadata=metadata)
    noted = answer(process, ask_of(request, tries=3), *LONG)
    assert [message.id for message in channel.messages_by_bot] == noted
    assert "• 25: a long" in "\n".join(message.shown for message in channel.messages_by_bot)


def test_a_placeholder_that_was_deleted_is_posted_anew(process, channel, ana):
    request = public(ana, channel)
    ask = ask_of(request)

    async def work(platform):
        await platform.say(request, "reading")
        await asyncio.to_thread(channel.messages[0].delete)
        await platform.answer(ask, answer_to(ask), Posted())

    process.run(work)
    [message] = channel.messages
    assert "A summary." in message.shown


@pytest.mark.parametrize("same", [True, False])
def test_what_is_refused_is_told_who_asked_and_the_public_line_goes(
    process, channel, ana, ben, same, monkeypatch
):
    request, use = command(ana, channel, private=False)
    if same:

        async def work(platform):
            await platform.say(request, "reading")
            await platform.withdraw(request, "no")

        process.run(work)
    else:
        say(process, request, "reading")
        monkeypatch.setattr("bot.slack.private.JUST_NOW", timedelta(0))  # it is some time later
        withdraw(process, request, "no")
    assert shown_to(ben, channel) == []
    assert [message.shown for message in use.messages] == ["no"]


def test_where_the_bot_may_not_write_who_asked_is_told_alone(process, workspace, channel, ana):
    request = public(ana, channel)
    channel.archive()
    answer(process, ask_of(request))
    assert "A summary." in shown_to(ana, workspace.add_dm(ana))[0]
    assert channel.messages == []


def test_an_answer_that_is_shared_is_whole_or_not_there(process, server, channel, ana):
    shared = answer_to(ask_of(asked(ana, channel)), *LONG)

    def publish():
        return process.run(
            lambda platform: platform.publish(
                channel.workspace.id, channel.id, shared, ENGLISH, note="shared"
            )
        )

    noted = publish()
    assert [message.id for message in channel.messages] == noted
    assert "shared" in channel.messages[0].shown
    process.run(lambda platform: platform.delete(noted))
    assert channel.messages == []


def test_an_answer_that_is_not_shared_whole_is_not_there(process, server, channel, ana):
    shared = answer_to(ask_of(asked(ana, channel)), *LONG)
    server.fill(channel, [ana], 1)

    async def work(platform):
        hang = server.hang(POST, after_effect=True)
        publishing = asyncio.create_task(
            platform.publish(channel.workspace.id, channel.id, shared, ENGLISH)
        )
        await asyncio.to_thread(wait_until, lambda: hang.waiting)
        server.fail(POST, error="restricted_action", times=9)
        server.calls.limits.hangs.clear()
        hang.release()
        with pytest.raises(UnreachableError):
            await publishing

    process.run(work)
    assert [message.text for message in channel.messages] == ["message 1"]
