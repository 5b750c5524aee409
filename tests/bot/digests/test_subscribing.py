"""Who may subscribe what, what becomes of it, and who sees and changes it afterwards."""

import dataclasses

import pytest

from bot.digests.poster import Subscriber
from precis.digest import MOST_SOURCES, PauseReason, Target
from precis.errors import InputError
from precis.schedule import Every
from tests.bot.digests.posters import ANA, HERE, MANAGER, ME

BEN = Subscriber("s1", "ben", manager=False)
ELSEWHERE = Subscriber("s2", "mod", manager=True)


def only(scene):
    [made] = scene.store.subscriptions()
    return made


async def test_a_channel_is_subscribed_with_what_was_given(scene):
    told = await scene.subscribe(
        days="weekdays", time="7:30am", zone="Europe/Berlin", least=9, channels=("c2",)
    )
    made = only(scene)
    assert (made.sources, made.least, made.created_by) == (("c1", "c2"), 9, "mod")
    assert (made.schedule.days, made.schedule.hour, made.schedule.minute) == (
        (0, 1, 2, 3, 4),
        7,
        30,
    )
    assert "#c1, #c2, on weekdays at 07:30 (Europe/Berlin)" in told
    assert "Wednesday, March 11" in told


async def test_again_it_changes_what_is_given_alone_and_adds_the_channel(scene):
    await scene.subscribe(time="7:30", least=9)
    told = await scene.subscribe(source="c2", time="9:00")
    made = only(scene)
    assert (made.sources, made.schedule.hour, made.least) == (("c1", "c2"), 9, 9)
    assert told.startswith("Added")
    assert (await scene.subscribe(least=3)).startswith("Changed")
    assert only(scene).schedule.hour == 9


async def test_again_it_goes_on_with_one_that_was_paused(scene):
    await scene.subscribe()
    await scene.digests.pause(MANAGER, only(scene).id)
    await scene.subscribe()
    assert only(scene).paused is None


async def test_a_weekly_one_is_beside_the_daily_one(scene):
    await scene.subscribe()
    await scene.subscribe(weekly=True, days="Fri")
    await scene.subscribe(weekly=True, time="8:00")
    daily, weekly = sorted(scene.store.subscriptions(), key=lambda each: each.schedule.every)
    assert (daily.schedule.every, weekly.schedule.every) == (Every.DAY, Every.WEEK)
    assert (weekly.schedule.days, weekly.schedule.hour) == ((4,), 8)
    with pytest.raises(InputError, match="one day"):
        await scene.subscribe(weekly=True, days="Mon Fri")


async def test_where_there_is_a_weekly_one_alone_that_is_meant(scene):
    await scene.subscribe(weekly=True)
    await scene.subscribe(time="8:00")
    assert only(scene).schedule.every is Every.WEEK


@pytest.mark.parametrize(
    "given", [{"days": "Blursday"}, {"time": "25:00"}, {"zone": "Mars/Base"}, {"zone": "a\n@here"}]
)
async def test_what_cannot_be_used_changes_nothing(scene, given):
    with pytest.raises(InputError) as error:
        await scene.subscribe(**given)
    assert "\n" not in str(error.value)
    assert scene.store.subscriptions() == []


async def test_channels_are_for_managers(scene):
    told = await scene.subscribe(ANA)
    assert "/digest me" in told
    assert scene.store.subscriptions() == []


async def test_to_me_is_to_nobody_else_whatever_is_given(scene):
    await scene.subscribe(ANA, Target(kind="person", id="ben"))
    assert only(scene).target == ME


async def test_who_may_not_ask_may_not_subscribe(scene):
    scene.settings(roles=("study",))
    await scene.subscribe(ANA, ME)
    assert scene.store.subscriptions() == []
    await scene.subscribe(dataclasses.replace(ANA, roles=("study",)), ME)
    assert only(scene).target == ME


async def test_of_what_one_cannot_read_there_is_no_digest(scene):
    scene.poster.unreadable.add(("ana", "c2"))
    await scene.subscribe(ANA, ME, channels=("c2",))
    scene.settings(never_read=("c3",))
    await scene.subscribe(source="c3")
    assert scene.store.subscriptions() == []


async def test_nor_where_others_would_read_what_they_cannot(scene):
    scene.poster.private.add("c1")
    told = await scene.subscribe(target=Target(kind="channel", id="c9"))
    assert ("#c9" in told, "#c1" in told) == (True, True)
    assert scene.store.subscriptions() == []
    await scene.subscribe()
    assert only(scene).target == HERE


async def test_nor_where_who_asks_cannot_see_what_is_posted(scene):
    scene.poster.unreadable.add(("mod", "c9"))
    await scene.subscribe(target=Target(kind="channel", id="c9"))
    assert scene.store.subscriptions() == []


async def test_nor_where_the_bot_cannot_write(scene):
    scene.poster.closed.add("c1")
    assert "#c1" in await scene.subscribe()
    assert scene.store.subscriptions() == []


async def test_a_digest_covers_so_many_channels(scene):
    many = tuple(f"x{n}" for n in range(MOST_SOURCES))
    with pytest.raises(InputError, match=str(MOST_SOURCES)):
        await scene.subscribe(channels=many)
    assert scene.store.subscriptions() == []


async def test_channels_can_be_taken_out_wherever_that_is_typed(scene):
    await scene.subscribe(channels=("c2", "c3"))
    scene.poster.unreadable.add(("mod", "c4"))
    told = await scene.subscribe(source="c4", without=("c1", "c3", "gone"))
    assert told.startswith("Changed")
    assert only(scene).sources == ("c2",)
    await scene.subscribe(source="c5", channels=("c6",), without=("c2", "c5"))
    assert only(scene).sources == ("c6",)
    with pytest.raises(InputError, match="Nothing would be left"):
        await scene.subscribe(without=("c6",))
    with pytest.raises(InputError, match="no such digest"):
        await scene.subscribe(without=("c6",), weekly=True)
    assert only(scene).sources == ("c6",)


async def test_everybody_sees_their_own_and_managers_those_of_channels(scene):
    await scene.subscribe()
    await scene.subscribe(ANA, ME)
    listed = {who.person: await scene.digests.listing(who) for who in (MANAGER, ANA, BEN)}
    assert [len(listed[who]) for who in ("mod", "ana", "ben")] == [1, 1, 0]
    assert await scene.digests.listing(ELSEWHERE) == []
    [mine] = listed["ana"]
    assert mine.label == "to you (#c1): daily at 18:00"
    assert "to you: #c1, daily at 18:00 (UTC) · from 5 messages · next Tuesday" in mine.text
    [channels] = listed["mod"]
    assert channels.label == "#c1: daily at 18:00"


async def test_who_made_one_may_still_change_it_when_they_manage_no_more(scene):
    await scene.subscribe()
    demoted = dataclasses.replace(MANAGER, manager=False)
    assert "Paused" in await scene.digests.pause(demoted, only(scene).id)
    assert only(scene).paused is PauseReason.ASKED


@pytest.mark.parametrize("who", [BEN, MANAGER, ELSEWHERE, Subscriber("s2", "ana", manager=False)])
@pytest.mark.parametrize("act", ["pause", "resume", "without", "stop", "preview"])
async def test_somebodys_own_is_nobody_elses_to_change(scene, who, act):
    await scene.subscribe(ANA, ME)
    before = only(scene)
    told = await getattr(scene.digests, act)(who, before.id)
    assert told == "There is no such digest any more."
    assert only(scene) == before
    assert scene.store.unended("discord") == 0


@pytest.mark.parametrize("forged", ["", "0" * 32, "' OR 1=1 --", "x" * 5_000])
async def test_a_forged_id_is_nothing(scene, forged):
    await scene.subscribe()
    for act in (scene.digests.pause, scene.digests.stop, scene.digests.preview):
        assert await act(MANAGER, forged) == "There is no such digest any more."
    assert only(scene).paused is None


async def test_pause_resume_and_stop(scene):
    await scene.subscribe()
    made = only(scene)
    digests = scene.digests
    assert "resumes" in await digests.pause(MANAGER, made.id)
    assert "already" in await digests.pause(MANAGER, made.id)
    assert "paused" in (await digests.listing(MANAGER))[0].text
    assert "goes on" in await digests.resume(MANAGER, made.id)
    assert "isn't paused" in await digests.resume(MANAGER, made.id)
    assert "Stopped" in await digests.stop(MANAGER, made.id)
    assert await digests.listing(MANAGER) == []


async def test_in_the_servers_language(scene):
    scene.settings(language="de")
    told = await scene.subscribe(days="Mo Mi")
    assert "am Mo, Mi um 18:00" in told
    assert "Mittwoch, 11. März" in told
    for given, text in (
        ({"days": "Mo Xy"}, "Tage: “xy” ist kein Tag"),
        ({"days": "Mo -"}, "Tage: nenne welche"),
        ({"time": "25:00"}, "Uhrzeit: “25:00” ist keine"),
        ({"zone": "Mars/Base"}, "Zeitzone: “Mars/Base” ist keine"),
        ({"weekly": True, "days": "Mo Mi"}, "Tage: ein wöchentlicher"),
    ):
        with pytest.raises(InputError, match=text):
            await scene.subscribe(**given)
