"""A brigade: 200 messages a minute, a third of them toxic, three moderators who click at once.

Through real queues, while bot, worker and Redis are each lost and come back. Each toxic message is
in the queue once, each is decided once, and no card is lost or shown twice.
"""

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from precis.settings import load_settings
from tests.bot.processes import QUICKLY, worker_process
from tests.peers.discord.options import UnavailableError as GoneOnDiscord
from tests.peers.slack.errors import UnavailableError as GoneOnSlack
from tests.scenarios.moderators import Moderated
from tests.services import database, free_port, redis_server, wait_until
from training.gate_data import template_examples
from worker.gate.embedded import EmbeddedScorer
from worker.gate.policy import crossed

pytestmark = pytest.mark.slow

SECONDS = 60
MESSAGES = 200
LOST_FOR = 5
"""Messages that are written meanwhile."""
ANSWERED = 6.0
"""Seconds in which a click is answered, unless the bot is lost meanwhile."""
ALL_DECIDED = 120.0
VERDICTS = ("Not toxic", "Toxic")


@pytest.fixture(scope="module")
def lines():
    """What is said: every third is toxic by the shipped gate, the others aren't; none twice."""
    gate = EmbeddedScorer(load_settings().models / "gate")

    def toxic(texts):
        scores = gate.score(texts)
        return [crossed(each, gate.thresholds) is not None for each in scores]

    ours = [example for example in template_examples() if example.language == "en"]
    found = list(dict.fromkeys(each.text for each in ours if each.is_toxic))
    rude = [text for text, bad in zip(found, toxic(found), strict=True) if bad]
    plain = [each.text for each in ours if each.kind == "study_chat"]
    found = [f"{text} ({number})" for number in range(5) for text in dict.fromkeys(plain)]
    kind = [text for text, bad in zip(found, toxic(found), strict=True) if not bad]
    assert len(rude) >= MESSAGES // 3 + 1
    assert len(kind) >= MESSAGES
    return [rude.pop() if n % 3 == 0 else kind.pop() for n in range(MESSAGES)]


@dataclass
class Pressed:
    """What moderators pressed, and what they were told."""

    told: list[str] = field(default_factory=list)
    lost: int = 0


def moderate(stage, moderated, person, number, over, pressed):
    """As a moderator does: the oldest card first, with three at the same one at once."""
    while not over.is_set():
        cards = [card for card in moderated.cards if VERDICTS[0] in card.buttons]
        if not cards:
            time.sleep(0.1)
            continue
        try:
            label = VERDICTS[(number + len(pressed.told)) % 2]
            pressed.told.append(stage.press(person, cards[0], label, ANSWERED))
        except (pytest.fail.Exception, GoneOnDiscord, GoneOnSlack):
            pressed.lost += 1  # the bot was lost just then, or somebody was quicker
        time.sleep(0.3)


def brigade(stage, place, lines, people, said):
    """The brigade writes, evenly."""
    begun = time.monotonic()
    for number, text in enumerate(lines):
        time.sleep(max(0.0, begun + number * SECONDS / MESSAGES - time.monotonic()))
        said.append(stage.say(place, people[number % len(people)], text))


def test_a_brigade_is_dealt_with(request, stage, lines, postgresql, tmp_path):
    moderators, people = stage.people[:3], stage.people[3:]
    port = free_port()
    said, over, pressed = [], threading.Event(), Pressed()
    with ExitStack() as whole:
        url = whole.enter_context(database(postgresql))
        moderated = Moderated(stage, url, moderators)
        whole.callback(moderated.close)
        place = stage.channel()
        moderated.watch(place)
        variables = {
            **QUICKLY,
            "PRECIS_BROKER": f"redis://127.0.0.1:{port}/0",
            "PRECIS_STORE": url,
        }
        redis = whole.enter_context(ExitStack())
        redis.enter_context(redis_server(tmp_path, port))
        bot, worker = whole.enter_context(ExitStack()), whole.enter_context(ExitStack())
        doomed_worker = worker.enter_context(worker_process(variables))
        doomed_bot = bot.enter_context(stage.bot_process(variables))
        threads = [
            threading.Thread(
                target=moderate, args=(stage, moderated, person, n, over, pressed), daemon=True
            )
            for n, person in enumerate(moderators)
        ]
        writing = threading.Thread(
            target=brigade, args=(stage, place, lines, people, said), daemon=True
        )
        for each in (writing, *threads):
            each.start()
        written(said, MESSAGES // 5)
        doomed_bot.kill()
        written(said, LOST_FOR)
        bot.enter_context(stage.bot_process(variables))
        written(said, MESSAGES // 8)
        doomed_worker.kill()
        written(said, LOST_FOR)
        worker.enter_context(worker_process(variables))
        written(said, MESSAGES // 8)
        redis.close()
        written(said, LOST_FOR)
        redis.enter_context(redis_server(tmp_path, port))
        wait_until(lambda: not writing.is_alive(), 2 * SECONDS, "the last message")
        toxic = {stage.message_key(message) for message in said[::3]}
        wait_until(lambda: not toxic - subjects(moderated), 30, "all that is toxic")
        assert subjects(moderated) == toxic
        wait_until(lambda: not moderated.open_cases, ALL_DECIDED, "every decision")
        over.set()
        for thread in threads:
            thread.join()
        wait_until(lambda: not any(c.buttons for c in moderated.cards), 30, "cards brought to date")
        each_is_decided_once(moderated, toxic)
        no_card_is_lost(moderated)
    if request.config.getoption("verbose") > 0:
        print(f"{len(pressed.told)} clicks, {pressed.lost} lost")  # noqa: T201


def written(said, more):
    """Wait until so many more messages are written."""
    upto = min(len(said) + more, MESSAGES)
    wait_until(lambda: len(said) >= upto, SECONDS, "the brigade")


def subjects(moderated):
    return {case.subject for case in moderated.all_cases}


def each_is_decided_once(moderated, toxic):
    cases = moderated.all_cases
    assert sorted(case.subject for case in cases) == sorted(toxic)
    decided = [
        entry.case_id for entry in moderated.cases.log() if entry.action in ("dismissed", "kept")
    ]
    assert sorted(decided) == sorted(case.id for case in cases)
    logged = {entry.case_id: entry for entry in moderated.cases.log()}
    for case in cases:
        assert logged[case.id].action == case.verdict
        assert logged[case.id].person == case.decided_by
        assert logged[case.id].scores == case.scores


def is_current(moderated, card_id):
    """Whether the bot has noted that it showed the card as it is."""
    card = moderated.cases.card(card_id)
    return card.shown == card.version


def no_card_is_lost(moderated):
    """Each is shown in one message of the moderators' channel, and says what became of it."""
    cards = {case.card_id for case in moderated.all_cases}
    wait_until(lambda: all(is_current(moderated, card_id) for card_id in cards), what="the notes")
    stored = [moderated.cases.card(card_id) for card_id in cards]
    shown = moderated.cards
    assert len(shown) == len(stored)
    assert {card.version for card in stored} == {card.version for card in stored if card.message}
    for card in shown:
        assert "isn't toxic" in card.text or "it is toxic" in card.text
