"""`precis digest run --once`, as cron runs it where no bot does."""

import pytest

from precis.digest import DigestState
from tests.bot.processes import PRECIS, QUICKLY, running, worker_thread
from tests.scenarios.digests import Subscribed, Teller

pytestmark = pytest.mark.slow

RUN = (*PRECIS, "digest", "run", "--once")

NOWHERE = "http://127.0.0.1:9/api/"
OTHERS = {
    "discord": (
        "slack",
        {
            "PRECIS_SLACK_API": NOWHERE,
            "PRECIS_SLACK_BOT_TOKEN": "xoxb-1",
            "PRECIS_SLACK_APP_TOKEN": "xapp-1",
        },
    ),
    "slack": ("discord", {"PRECIS_DISCORD_API": NOWHERE, "PRECIS_DISCORD_TOKEN": "x"}),
}
"""A platform beside the stage's own, which can't be reached."""


@pytest.fixture
def place(stage):
    found = stage.channel()
    stage.fill(found, [f"The {word} is there." for word in ("apple", "pear", "plum")])
    return found


def run(variables, *options):
    """The exit code, and what was printed."""
    with running([*RUN, *options], variables) as process:
        return process.wait(60), process.log


def test_what_is_due_is_posted_and_what_is_left_is_told(stage, variables, place):
    variables = {**stage.bot_variables(), **variables}
    subscribed = Subscribed(stage, variables["PRECIS_STORE"])
    digest = subscribed.subscribe(place)
    code, said = run(variables, "--wait", "1", "--platform", stage.platform)
    assert code == 1
    assert f"precis: {stage.platform}: 1 left" in said  # no worker
    other, unreachable = OTHERS[stage.platform]
    elsewhere = subscribed.subscribe(place, platform=other)
    with worker_thread(variables, Teller()):
        code, said = run({**variables, **unreachable})
    assert code == 1
    assert f"{stage.platform}: 1 posted" in said
    assert "can't be reached" in said
    assert f"{other}: 1 left" in said
    assert "apple" in subscribed.posted(digest, place).text
    assert subscribed.all_of(elsewhere)[0].state is DigestState.DUE
    subscribed.close()


def test_what_was_edited_or_deleted_while_no_bot_ran_is_told_of_as_it_is(stage, variables):
    variables = {**stage.bot_variables(), **variables}
    subscribed = Subscribed(stage, variables["PRECIS_STORE"])
    place = stage.channel()
    asked = ["Who has the notes?", "Where is the lamp?", "When is the exam?"]
    notes, lamp, _ = stage.fill(place, asked)
    digest = subscribed.subscribe(place)
    with worker_thread(variables, Teller()):
        assert run(variables)[0] == 0
        stage.edit(notes, "Who has the slides?")
        stage.delete(lamp)
        stage.say(place, stage.people[0], "The apple is there.")
        subscribed.a_day_passes(digest)
        assert run(variables)[0] == 0
    first, second = stage.digests(place)
    assert [text in first.text for text in asked] == [True] * 3
    assert "Still open" in second.text
    assert [text in second.text for text in asked] == [False, False, True]
    assert "Who has the slides?" in second.text
    subscribed.close()


def test_one_process_does_it_all(stage, place, tmp_path):
    store = f"sqlite:///{tmp_path / 'precis.db'}"
    embedded = {**stage.bot_variables(), **QUICKLY, "PRECIS_PROFILE": "extractive"}
    subscribed = Subscribed(stage, store)
    digest = subscribed.subscribe(place)
    variables = {**embedded, "PRECIS_STORE": store, "PRECIS_HOME": str(tmp_path)}
    code, said = run(variables)
    assert code == 0, said
    assert subscribed.ended(digest).state is DigestState.POSTED
    assert len(stage.digests(place)) == 1
    written = stage.written
    code, said = run(variables)
    assert (code, "Nothing is due." in said, stage.written) == (0, True, written)
    subscribed.close()
