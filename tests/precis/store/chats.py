"""What tests of the store as bots use it share: asks, conversations, jobs with their results."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from precis.ask import AskRequest, Limits, Place
from precis.conversation import Conversation
from precis.job import (
    Citation,
    JobRequest,
    ModelUsed,
    Result,
    Style,
    Summary,
    SummarySentence,
)
from precis.store.tables import metadata
from tests.conversations import message

LEASE = timedelta(seconds=60)
NO_LIMITS = Limits(person=1_000, server=1_000, seconds=60)
MODEL = ModelUsed(profile="p", generator="g", adapter=None, gate="e")


def request(person="ana", **more):
    fields = {"platform": "discord", "server": "s1", "source": "c1", "place": "c1"}
    return AskRequest(**{**fields, "person": person, "reply": {"token": "secret"}, **more})


def talk(*lines, source="discord", first=0):
    """Messages `Author: text` with ids from `first` on, of people with ids in small letters."""
    pairs = [line.split(": ", 1) for line in lines]
    said = (message(first + n, author, text) for n, (author, text) in enumerate(pairs))
    return Conversation(source=source, channel="study", messages=tuple(said))


def summary_of(*cited):
    """A summary with a sentence for each tuple of cited ids."""
    sentences = tuple(
        SummarySentence(
            text=f"Sentence {n}.",
            citations=tuple(Citation(id=each) for each in ids),
            speakers=("Ana",),
            origin="generated",
        )
        for n, ids in enumerate(cited)
    )
    return Result(summary=Summary(style=Style.BRIEF, sentences=sentences), model=MODEL)


def done(store, conversation, result, place=None, **asked):
    """A job that has ended with this result; its id."""
    job_id, _ = store.submit_or_join(
        JobRequest(frontend="discord", **asked), conversation, place=place
    )
    assert store.finish(store.claim(job_id, "worker", LEASE, 3), result)
    return job_id


def sentences(store, job_id):
    return [sentence.text for sentence in store.result(job_id).summary.sentences]


def ids(store, job_id):
    """Of the messages that are stored."""
    return [message.id for message in store.conversation(job_id).messages]


def held_at(place, server="s1", parent=None):
    return Place(server=server, place=place, parent=parent)


def tables_with(store, words):
    """The names of the tables in which something says `words`."""
    with store.database.reading() as connection:
        return {
            table.name
            for table in metadata.tables.values()
            if any(words in repr(tuple(row)) for row in connection.execute(select(table)))
        }


def at_once(*calls):
    """What the calls return, all begun at the same moment."""
    start = threading.Barrier(len(calls))

    def call(each):
        start.wait()
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call, each) for each in calls]]
