"""What tests of digests in the store share: subscriptions, and a digest from step to step."""

from datetime import UTC, datetime

from precis.digest import DigestState, Mark, Part, Subscription, Target
from precis.job import Citation, JobRequest, Result, Style, Summary, SummarySentence
from precis.schedule import Schedule
from precis.store.subscription_rows import NEW
from tests.precis.store.chats import LEASE, MODEL

DAILY = Schedule(hour=18)
DUE, WORKING = DigestState.DUE, DigestState.WORKING


def subscribe(kept, target="c1", *, server="s1", kind="channel", **given):
    values = {"sources": ("c1",), "schedule": DAILY, "created_by": "mod", **given}

    def change(now):
        if now is not None:
            return now.model_copy(update=values)
        return Subscription(
            id=NEW,
            platform="discord",
            server=server,
            target=Target(kind=kind, id=target),
            created_at=datetime(1970, 1, 1, tzinfo=UTC),
            **values,
        )

    every = values["schedule"].every
    return kept.change("discord", server, Target(kind=kind, id=target), every, change)


def at(clock, *parts):
    clock.now = datetime(*parts, tzinfo=UTC)


def due(kept):
    kept.make_due("discord")
    return opened(kept, DUE)


def opened(kept, state):
    return [digest_id for digest_id, _ in kept.open("discord", state)]


def claimed(kept):
    [digest_id] = due(kept)
    return kept.claim(digest_id)


def with_job(kept, held, conversation, place="c1", **more):
    last = conversation.messages[-1]
    part = Part(
        source="c1",
        place=place,
        messages=len(conversation.messages),
        mark=Mark(at=last.time, message=last.id),
        **more,
    )
    job_id, _ = kept.add_part(
        held, part, JobRequest(task="digest", queue="digest", frontend="discord"), conversation
    )
    return job_id


def ended(store, job_id, *sentences):
    result = Result(summary=Summary(style=Style.BRIEF, sentences=sentences), model=MODEL)
    assert store.finish(store.claim(job_id, "worker", LEASE, 3), result)


def sentence(kind, *ids):
    return SummarySentence(
        text="…",
        citations=tuple(Citation(id=each) for each in ids),
        speakers=("Ana",),
        origin="extracted",
        kind=kind,
    )


def posted(kept, store, *conversations):
    """A digest from its claim to its post."""
    held = claimed(kept)
    for each in conversations:
        ended(store, with_job(kept, held, each))
    assert kept.gathered(held)
    [digest_id] = opened(kept, WORKING)
    held = kept.claim(digest_id)
    assert kept.posted(held)
    return held
