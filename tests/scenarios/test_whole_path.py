"""A study group and its bot, from the command to the answer, each part a process of its own."""

import pytest

from tests.bot.processes import QUICKLY, deployed, worker_process
from tests.scenarios.conftest import STAGES
from tests.scenarios.digests import Subscribed
from tests.scenarios.stage import NAMES
from tests.services import database, wait_until

pytestmark = pytest.mark.slow

TALK = (
    "Has anybody solved exercise four of the algebra sheet?",
    "I got as far as the second part, then the integral defeated me.",
    "The trick is to substitute u for the inner function first.",
    "Professor Lindqvist said that the exam is on the third of March.",
    "Then we should meet on Thursday at six in the library to revise.",
    "I will bring the old exams from last year, there are four of them.",
    "The proof of the second theorem will certainly be asked.",
    "Could somebody explain why the kernel is a normal subgroup?",
    "Because conjugation maps it to itself, look at page ninety.",
    "Room twelve is booked for us until eight o'clock.",
)
MODEL = "extractive (all-MiniLM-L6-v2)"


@pytest.fixture(scope="module", params=sorted(STAGES))
def stage(request):
    with STAGES[request.param]() as made:
        yield made


@pytest.fixture(scope="module")
def variables(stage, redis_url, postgresql):
    """Those of a bot and a worker, on Redis and PostgreSQL."""
    with database(postgresql) as url:
        yield deployed(redis_url, url)


@pytest.fixture(scope="module")
def bot(stage, variables):
    with worker_process(variables), stage.bot_process(variables) as process:
        yield process


def written(stage, place, count=300):
    """Messages by five people, a minute apart; what each says differs."""
    texts = [f"{TALK[n % len(TALK)]} ({n // len(TALK) + 1})" for n in range(count)]
    return stage.fill(place, texts)


@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
@pytest.mark.parametrize("kind", ["channel", "thread"])
def test_a_study_group_reads_what_was_said(stage, bot, kind, private):
    place = getattr(stage, kind)()
    written(stage, place)
    ana, others = stage.people[0], stage.people[1:]
    question = stage.ask(ana, place, last=300, private=private)
    told = question.told(60)
    assert question.acknowledged_in_time()
    read(stage, told, place)
    assert told.buttons == ("👍", "👎", "Share" if private else "Delete", "Report")
    assert stage.seen(ana, place) == [told]
    for other in others:
        assert stage.seen(other, place) == ([] if private else [told])


def read(stage, told, place, count=300):
    """As a person would: title, each sentence and where it leads, the footer."""
    assert told.title == f"Summary of {stage.name(place)}"
    assert 2 <= len(told.lines) <= 30
    for line in told.lines:
        speaker, _, words = line.text.partition(": ")
        assert speaker in NAMES
        who, what = stage.said(line.messages[0])
        assert who == speaker
        assert words.replace("\\", "").startswith(what.split(" (")[0])
    assert told.covers.startswith(f"{count} messages, ")
    assert abs((told.last - told.first).total_seconds() - (count - 1) * 60) <= 60
    assert told.model == MODEL


def test_while_it_works_it_says_what_it_does(stage, bot, ben):
    place = stage.channel()
    written(stage, place, 60)
    hang = stage.hang_reading()
    question = stage.ask(ben, place, last=60)
    wait_until(lambda: question.text == "Reading the messages…", what="word of what it does")
    wait_until(lambda: hang.waiting, what="the reading")
    hang.release()
    assert question.told().lines


def test_asking_again_for_an_unchanged_window_is_answered_from_the_store(stage, bot, ana, ben):
    place = stage.channel()
    written(stage, place, 60)
    first = stage.ask(ana, place, last=60).told()
    question = stage.ask(ben, place, last=60)
    assert question.told() == first
    assert "before you in the queue" not in question.text


def test_two_channels_are_told_apart(stage, bot, ana):
    one, other = stage.channel("one"), stage.channel("other")
    mine = stage.fill(one, [f"Integrals are easy, part {n}." for n in range(10)])
    stage.fill(other, [f"Groups are hard, part {n}." for n in range(10)])
    told = stage.ask(ana, one, last=300).told()
    assert {message for line in told.lines for message in line.messages} <= set(mine)


def test_a_digest_comes_where_somebody_subscribed_to_it(stage, bot, variables, ana):
    place = stage.channel()
    stage.fill(place, TALK)
    stage.digest(ana, place, "here", least=5)
    subscribed = Subscribed(stage, variables["PRECIS_STORE"])
    digest = subscribed.of(place)
    subscribed.due(digest)
    shown = subscribed.posted(digest, place, 60)
    subscribed.close()
    assert shown.title.startswith("Digest for ")
    assert "10 messages" in shown.text
    assert "5 people" in shown.text
    assert [line for line in TALK if line.rstrip(".?") in shown.text.replace("\\", "")]
    assert stage.pinged() == set()


@pytest.fixture
def own_stage(request, stage):
    """A platform that no other bot is connected to."""
    with STAGES[stage.platform]() as made:
        yield made


def test_one_process_does_it_all_and_goes_on_after_a_restart(tmp_path, own_stage):
    stage = own_stage
    place = stage.channel()
    written(stage, place, 200)
    variables = {**QUICKLY, "PRECIS_HOME": str(tmp_path), "PRECIS_PROFILE": "extractive"}
    with stage.bot_process(variables, "--embedded") as process:
        first = stage.ask(stage.people[3], place, last=100, private=False)
        read(stage, first.told(60), place, count=100)
        left = stage.ask(stage.people[0], place, last=200, private=False)
        wait_until(lambda: "200 messages" in left.text, what="the job that is left")
        assert process.stop(20) == 0
    assert (tmp_path / "precis.db").exists()
    with stage.bot_process(variables, "--embedded"):
        told = left.told(60)
    assert stage.seen(stage.people[4], place) == [first.told(), told]
    assert told.covers.startswith("200 messages, ")
