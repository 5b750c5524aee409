"""Who may be told of what, when that is looked at, what pauses a digest, and previews."""

import pytest

from bot.platform import Refusal
from precis.digest import DigestState, PauseReason, SkipReason, Target
from tests.bot.digests.posters import ANA, MANAGER, ME, SIX, lines


async def test_what_the_bot_cannot_read_any_more_pauses_and_is_told_once(written):
    await written.subscribe(channels=("c2",))
    written.poster.unreadable.add((None, "c2"))
    await written.day(*SIX)
    await written.looked()
    [(person, text, _)] = written.poster.told
    assert (person, "#c2" in text, "/digest resume" in text) == ("mod", True, True)
    assert written.poster.posts == []
    [paused] = written.store.subscriptions()
    assert (paused.paused, paused.paused_for) == (PauseReason.UNREADABLE, "c2")
    await written.day(2026, 3, 11, 18, 0, 5)
    assert len(written.poster.told) == 1
    written.poster.unreadable.clear()
    assert "goes on" in await written.digests.resume(MANAGER, paused.id)
    await written.day(2026, 3, 12, 18, 0, 5)
    assert lines(written.poster.views[0])[1] == "5 messages · 1 person"


async def test_of_several_channels_it_can_go_on_without_one(written):
    await written.subscribe(channels=("c2",))
    written.platform.refusals["c2"] = Refusal.CHANNEL_GONE
    await written.day(*SIX)
    [(_, text, _)] = written.poster.told
    assert "go on without that channel" in text
    [paused] = written.store.subscriptions()
    told = await written.digests.without(MANAGER, paused.id)
    assert told.startswith("It goes on without #c2.")
    [running] = written.store.subscriptions()
    assert (running.sources, running.paused) == (("c1",), None)
    assert "isn't paused" in await written.digests.without(MANAGER, paused.id)
    await written.day(2026, 3, 11, 18, 0, 5)
    assert lines(written.poster.views[0])[1] == "5 messages · 1 person"


async def test_a_list_that_is_out_of_date_takes_nothing_else_out(written):
    await written.subscribe(channels=("c2", "c3"))
    [made] = written.store.subscriptions()
    await written.digests.pause(MANAGER, made.id)
    assert "paused already" in await written.digests.without(MANAGER, made.id)
    written.store.resume(made.id)
    assert written.store.pause(made.id, PauseReason.UNREADABLE, "c3")
    assert written.store.resume(made.id, without="c2").paused is PauseReason.UNREADABLE
    [paused] = written.store.subscriptions()
    assert (paused.sources, paused.paused_for) == (("c1", "c2", "c3"), "c3")


@pytest.mark.parametrize("how", ["gone", "forbidden", "closed", "audience"])
async def test_other_reasons_pause_it_too(written, how):
    target = Target(kind="channel", id="c9")
    await written.subscribe(target=target)
    match how:
        case "gone":
            written.platform.refusals["c1"] = Refusal.CHANNEL_GONE
        case "forbidden":
            written.settings(never_read=("c1",))
        case "closed":
            written.poster.closed.add("c9")
        case "audience":
            written.poster.private.add("c1")
    await written.day(*SIX)
    reasons = {"closed": PauseReason.UNWRITABLE, "audience": PauseReason.AUDIENCE}
    [paused] = written.store.subscriptions()
    assert paused.paused is reasons.get(how, PauseReason.UNREADABLE)
    [(_, text, _)] = written.poster.told
    assert "without" not in text, "of the only one"
    assert "paused already" in await written.digests.without(MANAGER, paused.id)
    assert written.store.subscriptions() == [paused]


async def test_permissions_are_looked_at_again_before_it_is_shown(written):
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.work()
    written.poster.unreadable.add((None, "c1"))
    await written.looked()
    assert written.poster.posts == []
    assert written.states() == [(DigestState.SKIPPED, SkipReason.PAUSED)]


async def test_a_personal_one_covers_only_what_its_reader_can_read_then(written):
    written.write("c2", "secret", author="Ben")
    await written.subscribe(ANA, ME, channels=("c2",))
    written.poster.unreadable.add(("ana", "c2"))
    await written.day(*SIX)
    [view] = written.poster.views
    assert written.poster.posts[0][0] == "ana"
    assert "secret" not in " ".join(lines(view))
    assert "c2" not in " ".join(lines(view))
    written.poster.unreadable.add(("ana", "c1"))
    written.write("c1", *"abcdef")
    await written.day(2026, 3, 11, 18, 0, 5)
    assert len(written.poster.views) == 1
    assert written.states() == [(DigestState.SKIPPED, SkipReason.QUIET)]
    assert written.poster.told == []


async def test_who_opted_out_is_not_in_it_and_what_was_deleted_neither(written):
    written.write("c1", "mine", author="Ben")
    written.frontend.context.chat.opt_out("discord", "ben")
    await written.subscribe()
    written.clock.at(*SIX)
    await written.looked()
    written.work()
    written.frontend.context.chat.forget_messages("discord", ["1001"])
    await written.looked()
    told = " ".join(lines(written.poster.views[0]))
    assert ("mine" in told, "one" in told, "two" in told) == (False, False, True)
    assert lines(written.poster.views[0])[1] == "4 messages · 1 person"


async def test_a_preview_is_for_who_asks_and_changes_nothing(written):
    await written.subscribe()
    [made] = written.store.subscriptions()
    assert "direct message" in await written.digests.preview(MANAGER, made.id)
    await written.looked()
    written.work()
    await written.looked()
    assert {target for target, _, _ in written.poster.posts} == {"mod"}
    assert [queue for _, queue in written.sender.sent] == ["interactive"]  # somebody waits
    assert lines(written.poster.views[0])[0] == "Preview of the digest, Tuesday, March 10"
    await written.day(*SIX)
    assert [lines(view)[1] for view in written.poster.views] == ["5 messages · 1 person"] * 2


async def test_a_preview_of_nothing_says_so(scene):
    await scene.subscribe()
    [made] = scene.store.subscriptions()
    await scene.digests.preview(MANAGER, made.id)
    await scene.looked()
    assert [person for person, _, _ in scene.poster.told] == ["mod"]
    assert scene.poster.posts == []


async def test_a_thread_that_is_forbidden_meanwhile_is_left_out(scene):
    await scene.subscribe(least=1)
    scene.write("c1", "open")
    scene.write("c1/t", "hidden")
    scene.clock.at(*SIX)
    await scene.looked()
    scene.work()
    scene.settings(never_read=("c1/t",))
    await scene.looked()
    told = " ".join(lines(scene.poster.views[0]))
    assert ("open" in told, "hidden" in told) == (True, False)


async def test_who_may_not_ask_any_more_gets_none(written):
    await written.subscribe(ANA, ME)
    written.settings(roles=("study",))
    await written.day(*SIX)
    assert written.poster.posts == []
    written.poster.roles["ana"] = ("study",)
    await written.day(2026, 3, 11, 18, 0, 5)
    assert len(written.poster.views) == 1


async def test_previews_are_limited_as_asks_are(written):
    await written.subscribe()
    [made] = written.store.subscriptions()
    told = [await written.digests.preview(MANAGER, made.id) for _ in range(9)]
    assert "direct message" in told[0]
    assert "direct message" not in told[-1]
    assert written.store.unended("discord") == 1
