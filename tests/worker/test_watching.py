"""Jobs that only score: on a queue of their own, behind no summary."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from precis.ask import Place
from precis.conversation import Conversation, Message
from precis.job import WATCH_QUEUE, JobRequest, JobState, Scored
from precis.settings import load_settings
from precis.store import ModerationStore, Store
from tests.services import wait_until
from tests.worker.summarisers import QUICKLY, SOON, Held, Quick
from worker.app import make_app, publish
from worker.asking import JobQueue
from worker.serving import embedded_worker

PLACE = Place(server="1", place="10")


class Judging(Held):
    """Finds every message toxic that says so, while its summaries are held."""

    def score(self, request, conversation, deadline):
        limit = request.thresholds.get("toxicity", 0.5)
        return Scored(
            gate="test",
            scores={m.id: {"toxicity": float("toxic" in m.text)} for m in conversation.messages},
            thresholds={"toxicity": limit},
            own_thresholds={"toxicity": 0.5},
        )


class Breaking(Judging):
    """The same, after it has broken so many times."""

    def __init__(self, times):
        super().__init__()
        self.left = times

    def score(self, request, conversation, deadline):
        if self.left:
            self.left -= 1
            raise RuntimeError("a text that must not be logged")
        return super().score(request, conversation, deadline)


@pytest.fixture(params=["memory", "redis"])
def settings(request, tmp_path):
    url = "memory://"
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        redis.Redis.from_url(url).flushall()
    return load_settings(home=tmp_path / "home", broker=url, concurrency=1, **QUICKLY)


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


def said(*texts):
    now = datetime.now(UTC)
    return Conversation(
        source="discord",
        messages=tuple(
            Message(id=str(n), author_id="ben", author_name="Ben", text=text, time=now)
            for n, text in enumerate(texts)
        ),
    )


def take(settings, store, *texts, **request):
    wanted = JobRequest(task="score", queue=WATCH_QUEUE, frontend="discord", **request)
    cases = ModerationStore(store)
    return cases.take(wanted, said(*texts), PLACE, settings.requeue_after)


def test_scores_do_not_wait_behind_summaries(settings, store):
    summariser = Judging()
    with embedded_worker(settings, store, summariser) as app:
        queue = JobQueue(settings, store, app)
        queue.submit(JobRequest(), said("hello"))
        # The only place for a job is taken.
        wait_until(lambda: summariser.begun.acquire(blocking=False), what="a job in hand")
        job_id = take(settings, store, "hello", "toxic")
        queue.send(job_id, WATCH_QUEUE)
        assert queue.wait(job_id, SOON).state is JobState.DONE
        summariser.let_go.set()
    [case] = ModerationStore(store).open_cases("discord", "1")[0]
    assert (case.subject, case.said.text) == ("1", "toxic")
    assert store.conversation(job_id).messages == ()
    assert store.pending_deliveries("discord") == [job_id]


def test_a_job_that_the_broker_lost_is_sent_again(settings, store):
    job_id = take(settings, store, "toxic")
    with embedded_worker(settings, store, Judging()) as app:
        assert JobQueue(settings, store, app).wait(job_id, SOON).state is JobState.DONE


def test_a_job_that_breaks_is_tried_again_and_logged_without_its_text(settings, store, caplog):
    with embedded_worker(settings, store, Breaking(1)) as app:
        job_id = take(settings, store, "toxic")
        publish(app, job_id, WATCH_QUEUE)
        job = JobQueue(settings, store, app).wait(job_id, SOON)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert "must not be logged" not in caplog.text


def test_the_request_brings_a_servers_thresholds(settings, store):
    with embedded_worker(settings, store, Judging()) as app:
        job_id = take(settings, store, "toxic", thresholds={"toxicity": 1.0})
        publish(app, job_id, WATCH_QUEUE)
        JobQueue(settings, store, app).wait(job_id, timedelta(seconds=30))
    [case] = ModerationStore(store).open_cases("discord", "1")[0]
    assert case.thresholds == {"toxicity": 1.0}


def test_what_is_reported_is_a_case_whatever_its_scores(settings, store):
    with embedded_worker(settings, store, Judging()) as app:
        job_id = take(settings, store, "harmless", reported_by="ana")
        publish(app, job_id, WATCH_QUEUE)
        JobQueue(settings, store, app).wait(job_id, SOON)
    [case] = ModerationStore(store).open_cases("discord", "1")[0]
    assert (case.sources, case.reports, case.label) == (("reported",), 1, "toxicity")


def test_the_message_on_the_queue_is_an_id_alone(tmp_path, redis_url):
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    settings = load_settings(home=tmp_path / "home", broker=redis_url)
    store = Store.open(settings.store_url)
    job_id = take(settings, store, "xylophone")
    publish(make_app(settings), job_id, WATCH_QUEUE)
    wait_until(lambda: client.llen(WATCH_QUEUE), what="the message")
    everything = b"".join(client.dump(key) or b"" for key in client.scan_iter())
    everything += b"".join(client.lrange(WATCH_QUEUE, 0, -1))
    assert b"xylophone" not in everything
    store.close()


def test_a_summariser_of_no_use_fails_the_job_with_a_reason(settings, store):
    """One that scores nothing breaks, as any bug does; the job ends all the same."""
    with embedded_worker(settings, store, Quick()) as app:
        job_id = take(settings, store, "toxic")
        publish(app, job_id, WATCH_QUEUE)
        assert JobQueue(settings, store, app).wait(job_id, SOON).state is JobState.FAILED
