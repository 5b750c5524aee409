"""What operators see of requests on Discord: lines, numbers and spans, from command to answer."""

import io
import json
import logging

import pytest
from sqlalchemy import select

from precis.monitoring.logs import JsonFormatter, add_ids
from precis.monitoring.metrics import METRICS
from precis.monitoring.traces import spans_to
from precis.store.tables import asks
from tests.bot.discord.serving import answered, bot_running
from tests.measuring import Rise
from tests.services import wait_until


@pytest.fixture
def lines(caplog):
    """Gives the log's lines about one thing so far, as objects."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(add_ids)
    handler.setFormatter(JsonFormatter())
    caplog.set_level(logging.INFO)
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda about: [
        each for each in map(json.loads, written.getvalue().splitlines()) if about in each.values()
    ]
    root.removeHandler(handler)


@pytest.fixture
def spans():
    """Gives the finished spans."""
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    exporter = memory.InMemorySpanExporter()
    with spans_to(export.SimpleSpanProcessor(exporter), "test"):
        yield exporter.get_finished_spans


def request_and_job(store):
    """Ids of the one request, once it has ended, and of its job."""

    def ended():
        with store.database.reading() as connection:
            return connection.execute(
                select(asks.c.id, asks.c.job_id).where(asks.c.ended_at.is_not(None))
            ).one_or_none()

    wait_until(ended, what="the end of the request")
    return tuple(ended())


def ended(outcome, command="summarize"):
    return Rise("precis_requests_total", platform="discord", command=command, outcome=outcome)


def counted(rise):
    wait_until(lambda: rise.by == 1, what="the count")


def test_a_summarys_lines_have_its_ids_in_the_bot_and_in_the_worker(
    lines, server, bot, store, algebra, people
):
    answered(server.slash(people[0], algebra, "summarize", last=5))
    request, job = request_and_job(store)
    wait_until(lambda: any("answered" in each["message"] for each in lines(request)))
    both = [each for each in lines(request) if each.get("job") == job]
    assert {each["logger"].split(".")[0] for each in both} == {"bot", "worker"}
    assert [each["message"] for each in lines(request)] == [
        f"ask {request}: try 1 begins",
        f"ask {request} waits for job {job} of 5 messages",
        f"job {job}: try 1 begins",
        f"job {job}: done",
        f"ask {request}: answered",
    ]


def test_a_summary_is_one_trace_from_the_command_to_the_answer(
    spans, server, bot, store, algebra, people
):
    answered(server.slash(people[0], algebra, "summarize", last=5))
    request, _ = request_and_job(store)
    parts = {"request", "gather", "queue", "job", "deliver"}
    wait_until(lambda: parts <= {each.name for each in spans()}, what="all spans")
    made = {each.name: each for each in spans()}
    assert {each.context.trace_id for each in made.values()} == {int(request, 16)}
    assert made["request"].attributes["outcome"] == "answered"
    text = "".join(each.to_json() for each in spans())
    assert "exercise four" not in text
    assert server.token not in text


def test_an_answer_counts_with_how_long_it_took(server, bot, algebra, people):
    rise = ended("answered", "catchup")
    taken = Rise("precis_request_seconds_count", platform="discord", command="catchup")
    acknowledged = Rise("precis_acknowledgement_seconds_count", platform="discord")
    in_time = Rise("precis_acknowledgement_seconds_bucket", platform="discord", le="3.0")
    calls = Rise("precis_platform_responses_total", platform="discord", status="2xx")
    answered(server.slash(people[0], algebra, "catchup"))
    counted(rise)
    assert (taken.by, acknowledged.by, in_time.by) == (1, 1, 1)
    assert calls.by >= 3


def test_a_summary_that_is_withheld_counts_as_such(server, bot, summariser, algebra, people):
    summariser.withhold = True
    rise = ended("withheld")
    answered(server.slash(people[0], algebra, "summarize", last=5))
    counted(rise)


def test_a_job_that_fails_counts_as_a_failed_request(server, bot, summariser, algebra, people):
    summariser.fail = "It can't be done."
    rise = ended("failed")
    answered(server.slash(people[0], algebra, "summarize", last=5))
    counted(rise)


def test_a_channel_without_messages_counts_as_a_refusal(server, bot, guild, people):
    rise = ended("refused")
    answered(server.slash(people[0], guild.add_text_channel("empty"), "summarize"))
    counted(rise)


def test_one_request_too_many_counts_as_limited(server, guild, settings, store, algebra, people):
    settings = settings.model_copy(update={"person_limit": 1})
    rise = ended("limited")
    with bot_running(server, settings, store):
        answered(server.slash(people[0], algebra, "summarize", last=5))
        answered(server.slash(people[0], algebra, "summarize", last=5))
    assert rise.by == 1


def test_no_series_of_what_ran_here_names_anybody_or_anything(
    server, bot, store, guild, algebra, people
):
    answered(server.slash(people[0], algebra, "summarize", last=5))
    request, job = request_and_job(store)
    values = {
        value
        for family in METRICS.registry.collect()
        for sample in family.samples
        for value in sample.labels.values()
    }
    for secret in (request, job, str(guild.id), str(algebra.id), str(people[0].id), "algebra"):
        assert secret not in values
