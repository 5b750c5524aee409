"""Simulates a month of moderators' decisions, and what the gate learns from it.

1. Talk of a server: posts of the abuse sets and ordinary lines that the gate was never trained on;
   its members have taken to disguises: in half of the posts the telling words are written with
   digits (`1d10t`), which the gate doesn't know. 2. The serving gate scores all; what it flags is
   a case, and readers report some of what it misses. 3. A moderator decides each case rightly, but
   for a few. 4. The store's own export, `training.gate_candidate`, and the comparison of both gates
   on other posts: disguised alike, as they were, and ordinary talk.

Everything goes through a real store. Command: `nice -n 10 python -m training.month --data PATH`.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from precis.ask import Place
from precis.conversation import Conversation, Message
from precis.job import WATCH_QUEUE, JobRequest, Scored
from precis.moderation import Decision, Verdict, over
from precis.store import ChatStore, ModerationStore, Store
from training.export import GATE, export_lessons
from training.gate_candidate import CandidateConfig, train_candidate
from training.gate_comparison import GateComparison, Paired, judge_gates
from training.gate_data import TEMPLATES, GateData
from training.gate_examples import CLEAN, Example
from training.gate_lessons import HeldOut
from training.gate_sources import dialogsum_lines
from worker.gate.embedded import EmbeddedScorer
from worker.gate.scorer import Scores

PLATFORM, SERVER, CHANNEL = "simulated", "server", "channel"
_DIGITS = str.maketrans("aeiost", "431057")
_AT_ONCE = 200
_START = datetime(2026, 1, 1, tzinfo=UTC)
_LEASE = timedelta(minutes=10)


@dataclass(frozen=True)
class Month:
    """What happens in it."""

    abusive: int = 1_200
    """Posts of the abuse sets' validation split: toxic ones, and some that only look so."""
    ordinary: int = 10_000
    """Lines of DialogSum and IRC."""
    disguised: float = 0.5
    """Share of posts whose telling words are disguised."""
    reported: float = 0.25
    """Share of the toxic messages that the gate misses and readers report."""
    mistaken: float = 0.03
    """Share of decisions that are wrong."""
    judged: int = 3_000
    """Posts of the test split that the gates are compared on."""
    seed: int = 0


def simulate(
    data: GateData, serving: Path, folder: Path, month: Month, config: CandidateConfig
) -> tuple[GateComparison, dict[str, int]]:
    """The comparison of the gates before and after, and how much was decided."""
    store = Store.open(f"sqlite:///{folder / 'month.db'}")
    try:
        ChatStore(store).change_settings(
            PLATFORM, SERVER, "manager", lambda now: now.model_copy(update={"trains": True})
        )
        counts = _live(ModerationStore(store), store, _talk(data, month), serving, month)
        exported = export_lessons(store, folder / "lessons")
    finally:
        store.close()
    lessons = folder / "lessons" / GATE
    candidate = train_candidate(serving, data, lessons, config, folder / "candidate", _told)
    compared = judge_gates(serving, candidate, _held_out(data, month))
    return compared, {**counts, **exported.labels}


def disguise(text: str, telling: frozenset[str]) -> str:
    """`text` with digits for letters in its telling words."""
    words = text.split(" ")
    return " ".join(
        word.translate(_DIGITS) if word.casefold().strip(".,!?'\"") in telling else word
        for word in words
    )


def _talk(data: GateData, month: Month) -> list[Example]:
    """What is written in the month, in order; none of it was trained on."""
    chooser = random.Random(month.seed)
    posts = _posts(data, "validation")
    posts = chooser.sample(posts, min(month.abusive, len(posts)))
    learned = {example.text for example in data.clean}
    lines = sorted(set(dialogsum_lines(data.folder / "dialogsum/train.jsonl.gz")) - learned)
    lines = chooser.sample(lines, min(month.ordinary, len(lines)))
    said = _disguised(data, posts, month) + [Example(line, CLEAN, "ordinary") for line in lines]
    chooser.shuffle(said)
    return said


def _posts(data: GateData, split: str) -> list[Example]:
    trained = {e.text for e in data.abuse if e.split == "train"}
    posts = {e.text: e for e in data.abuse if e.split == split and e.source != TEMPLATES}
    return [posts[text] for text in sorted(posts) if text and text not in trained]


def _disguised(data: GateData, posts: Sequence[Example], month: Month) -> list[Example]:
    chooser = random.Random(f"{month.seed} disguise")
    return [
        replace(post, text=disguise(post.text, data.swearing))
        if chooser.random() < month.disguised
        else post
        for post in posts
    ]


def _held_out(data: GateData, month: Month) -> HeldOut:
    chooser = random.Random(month.seed)
    posts = _posts(data, "test")
    posts = chooser.sample(posts, min(month.judged, len(posts)))
    dev = sorted({line for lines in data.held_out_clean.values() for line in lines})
    return HeldOut(tuple(_disguised(data, posts, month)), tuple(posts), tuple(dev))


def _live(
    moderation: ModerationStore, store: Store, said: list[Example], serving: Path, month: Month
) -> dict[str, int]:
    """The month itself: messages are scored, some are reported, cases are decided."""
    chooser = random.Random(f"{month.seed} people")
    gate = EmbeddedScorer(serving)
    truth = {str(number): example.is_toxic for number, example in enumerate(said)}
    missed: list[tuple[Message, Scores]] = []
    for start in range(0, len(said), _AT_ONCE):
        batch = [_message(n, said[n].text) for n in range(start, min(start + _AT_ONCE, len(said)))]
        scores = dict(zip((m.id for m in batch), gate.score([m.text for m in batch]), strict=True))
        _scored(moderation, store, batch, scores, gate)
        missed += [
            (message, scores[message.id])
            for message in batch
            if truth[message.id] and over(scores[message.id], gate.thresholds) is None
        ]
    reported = [each for each in missed if chooser.random() < month.reported]
    for message, each in reported:
        _scored(moderation, store, [message], {message.id: each}, gate, reported_by="reader")
    decided = 0
    while cases := moderation.list_cases(limit=_AT_ONCE):
        for case in cases:
            toxic = truth[case.subject] != (chooser.random() < month.mistaken)
            verdict = Verdict.KEPT if toxic else Verdict.DISMISSED
            decision = Decision(person="moderator", verdict=verdict)
            moderation.decide(PLATFORM, SERVER, [case.id], decision)
            decided += 1
    return {
        "messages": len(said),
        "toxic messages": sum(truth.values()),
        "missed": len(missed),
        "reported": len(reported),
        "decided": decided,
    }


def _scored(
    moderation: ModerationStore,
    store: Store,
    batch: list[Message],
    scores: dict[str, Scores],
    gate: EmbeddedScorer,
    reported_by: str | None = None,
) -> None:
    request = JobRequest(
        task="score", queue=WATCH_QUEUE, frontend=PLATFORM, reported_by=reported_by
    )
    talk = Conversation(source=PLATFORM, messages=tuple(batch))
    job_id = moderation.take(request, talk, Place(server=SERVER, place=CHANNEL), _LEASE)
    held = store.claim(job_id, "month", _LEASE, 1)
    if held is None:
        raise RuntimeError("nobody else works on this store")
    limits = dict(gate.thresholds)
    found = Scored(gate=gate.name, scores=scores, thresholds=limits, own_thresholds=limits)
    store.finish_scored(held, found)


def _message(number: int, text: str) -> Message:
    author = number % 50
    return Message(
        id=str(number),
        author_id=f"member{author}",
        author_name=f"Member-{author}",
        text=text,
        time=_START + timedelta(minutes=number * 4),
    )


def _told(what: str, share: float) -> None:
    sys.stderr.write(f"\r{what}, {share:.0%}  ")


def _table(compared: GateComparison) -> str:
    """In Markdown."""
    rows = [
        (f"{words}: {name}", getattr(figures, name.lower()))
        for words, figures in (
            ("disguised as on the server", compared.decided),
            ("as they were", compared.old),
        )
        if figures is not None
        for name in ("AUC", "Precision", "Recall")
    ]
    if compared.called_toxic is not None:
        rows.append(("ordinary talk called toxic", compared.called_toxic))
    lines = ["| | before | after | difference |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *(_row(words, paired) for words, paired in rows)])


def _row(words: str, paired: Paired) -> str:
    cells = [
        f"{each.mean:{sign}.4f} ({each.low:{sign}.4f} to {each.high:{sign}.4f})"
        for each, sign in ((paired.serving, ""), (paired.candidate, ""), (paired.difference, "+"))
    ]
    return f"| {words} | {' | '.join(cells)} |"


def main() -> None:
    """Run a month, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--gate", type=Path, default=Path("models/gate"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    month, config = Month(seed=given.seed), CandidateConfig(seed=given.seed)
    with tempfile.TemporaryDirectory() as folder:
        compared, counts = simulate(GateData(given.data), given.gate, Path(folder), month, config)
    lines = [json.dumps({"month": asdict(month), "counts": counts}, indent=2)]
    lines += [
        f"{figures.texts} posts, {figures.toxic} of them toxic"
        for figures in (compared.decided, compared.old)
        if figures is not None
    ]
    sys.stdout.write("\n".join([*lines, _table(compared), ""]))


if __name__ == "__main__":
    main()
