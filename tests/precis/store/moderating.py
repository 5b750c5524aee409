"""What tests of moderation in the store share: messages scored, summaries refused, decisions."""

from datetime import timedelta

from precis.conversation import Conversation
from precis.job import (
    SUMMARY_TARGET,
    WATCH_QUEUE,
    Citation,
    Flag,
    FlagAction,
    JobRequest,
    Refused,
    Result,
    Scored,
    Style,
    Summary,
    SummarySentence,
)
from precis.moderation import Decision, Verdict
from tests.precis.store.chats import LEASE, MODEL, done, held_at

LIMITS = {"toxicity": 0.8, "insult": 0.7}
SOON = timedelta(minutes=2)


def watch(moderation, store, messages, *, toxic=(), place=None, scores=None, **asked):
    """Messages are taken and scored: 0.9 those in `toxic` (ids), 0.1 the others; the job's id.

    `scores`: by id, in the place of these.
    """
    talk = Conversation(source="discord", messages=tuple(messages))
    fields = {"task": "score", "queue": WATCH_QUEUE, "frontend": "discord", **asked}
    job_id = moderation.take(JobRequest(**fields), talk, place or held_at("c1"), SOON)
    found = {
        each.id: {"toxicity": 0.9 if each.id in toxic else 0.1, "insult": 0.1} for each in messages
    }
    assert score(store, job_id, {**found, **(scores or {})})
    return job_id


def score(store, job_id, scores, gate="g"):
    """End a job that scores; whether it was to be had."""
    held = store.claim(job_id, "worker", LEASE, 3)
    found = Scored(gate=gate, scores=scores, thresholds=LIMITS, own_thresholds=LIMITS)
    return store.finish_scored(held, found)


def sentence(text, *cited):
    return SummarySentence(
        text=text,
        citations=tuple(Citation(id=each) for each in cited),
        speakers=("Ana",),
        origin="generated",
    )


def refused(*sentences, instead=(), action=FlagAction.EXTRACTED):
    flag = Flag(
        target=SUMMARY_TARGET,
        label="toxicity",
        threshold=0.8,
        scores={"toxicity": 0.9, "insult": 0.2},
        action=action,
    )
    return Refused(flag=flag, sentences=sentences, instead=instead)


def noted(message_id):
    return Flag(
        target=message_id,
        label="toxicity",
        threshold=0.8,
        scores={"toxicity": 0.9, "insult": 0.2},
        action=FlagAction.NOTED,
    )


def result(*said, refused=(), flags=(), **more):
    """A summary that says these sentences, or nothing: withheld."""
    summary = Summary(style=Style.BRIEF, sentences=said) if said else None
    return Result(summary=summary, model=MODEL, refused=refused, flags=flags, thresholds=LIMITS,
                  own_thresholds=LIMITS, **more)  # fmt: skip


def summarised(store, conversation, made, place=None, **asked):
    return done(store, conversation, made, place or held_at("c1"), **asked)


def cases(moderation, **which):
    return moderation.list_cases(open_only=False, **which)


def only_case(moderation):
    (case,) = cases(moderation)
    return case


def decide(moderation, *found, verdict=Verdict.KEPT, person="mod", server="s1", **more):
    decision = Decision(person=person, verdict=verdict, **more)
    return moderation.decide("discord", server, [case.id for case in found], decision)
