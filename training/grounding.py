"""Calibrates the rules by which a written sentence is grounded, and how sure a model must be.

Sentences that people wrote are held against their own dialogue, against another one, and against
their own with the other speaker as their subject (`worker.pipeline.grounding`). The threshold of
support is the highest that nearly all of the first reach; printed beside it is how many of the
second reach it too. With `--drafts`, the model that serves summarises those dialogues: its
confidence in its first drafts is printed, and how often their sentences stutter
(`worker.pipeline.fluency`) or hold a word that is none (`worker.generators.casing`), beside
people's own. Command:

    python -m training.grounding train.jsonl.gz --limit 250 --drafts dev.jsonl.gz
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from eval.dialogues import Dialogue, read_dialogues
from eval.passages import in_passage_numbers, passages
from precis.errors import InputError
from precis.settings import load_settings
from worker.embeddings import sentence_encoder
from worker.generators.generator import Decoding
from worker.generators.loading import serving_adapter
from worker.generators.profiles import profile_named
from worker.generators.seq2seq import Seq2SeqGenerator
from worker.pipeline.citations import best_turns, support
from worker.pipeline.fluency import stutters
from worker.pipeline.grounding import tells_of_its_subject
from worker.pipeline.passages import Passage
from worker.pipeline.sentences import split_sentences

_SUBJECT = re.compile(r"#Person([0-9]+)#")
_AT_ONCE = 32  # dialogues
_SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence, held against a passage."""

    text: str
    passage: Passage
    row: npt.NDArray[np.float64]
    """Its support by each turn [turns]."""


def peoples(dialogues: Sequence[Dialogue], read: Sequence[Passage], shift: int = 0) -> list[Held]:
    """Of each dialogue's summary, held against the passage `shift` further on: 0 for its own."""
    held: list[Held] = []
    for index, each in enumerate(dialogues):
        passage = read[(index + shift) % len(read)]
        texts = [in_passage_numbers(text, passage) for text in split_sentences(each.summary)]
        held += _held(texts, passage)
    return held


def of_the_other(held: Iterable[Held]) -> list[Held]:
    """Those that begin with somebody, told of the next person instead."""
    turned = []
    for each in held:
        subject, people = _SUBJECT.match(each.text), len(each.passage.people)
        if subject and people > 1:
            other = f"#Person{int(subject[1]) % people + 1}#"
            turned += _held([other + each.text[subject.end() :]], each.passage)
    return turned


def confidences(
    generator: Seq2SeqGenerator, read: Sequence[Passage]
) -> tuple[npt.NDArray[np.float64], list[tuple[str, Passage]]]:
    """Of each passage's first draft [passages that are told], and the drafts' sentences."""
    found: list[float] = []
    sentences: list[tuple[str, Passage]] = []
    for start in range(0, len(read), _AT_ONCE):
        part = read[start : start + _AT_ONCE]
        for written, passage in zip(generator.written(part, Decoding()), part, strict=True):
            if written:
                texts = split_sentences(written[0].text)[: passage.sentences]
                found.append(written[0].confidence)
                sentences += [(text, passage) for text in texts]
    return np.array(found), sentences


def main(
    data: Annotated[str, typer.Argument(help="Dialogues with summaries by people.")],
    limit: Annotated[int, typer.Option(help="Dialogues to use, of either data.")] = 400,
    drafts: Annotated[
        str | None, typer.Option(help="Dialogues for the serving model to summarise.")
    ] = None,
) -> None:
    """Print what people's sentences, and with --drafts the model's, reach."""
    dialogues = read_dialogues(data)[:limit]
    read = passages(dialogues, sentence_encoder())
    own, other = peoples(dialogues, read), peoples(dialogues, read, shift=1)
    _print_support(own, other)
    about = [each for each in own if _SUBJECT.match(each.text)]
    typer.echo(f"\nof the subject that they begin with: people's {_share_told(about)}")
    typer.echo(f"told of the other speaker: {_share_told(of_the_other(about))}")
    typer.echo(f"stutter: people's {_share([stutters(each.text) for each in own])}")
    if drafts:
        _print_drafts(read_dialogues(drafts)[:limit])


def _print_support(own: Sequence[Held], other: Sequence[Held]) -> None:
    mine, theirs = (np.array([each.row.max() for each in held]) for held in (own, other))
    typer.echo(f"{len(mine)} sentences; threshold: share of others' that reach it too")
    for share in (0.9, 0.95, 0.97, 0.99):
        threshold = float(np.quantile(mine, 1 - share))
        reached = float((theirs >= threshold).mean())
        typer.echo(f"{share:.0%} of own: {threshold:.3f}; others: {reached:.1%}")


def _print_drafts(dialogues: Sequence[Dialogue]) -> None:
    settings = load_settings()
    profile = profile_named(settings.profile, settings.models)
    least = profile.least_confidence
    if profile.model is None or least is None:
        raise InputError(f"profile {profile.name} has no confidence to calibrate; use another")
    adapter = serving_adapter(settings, profile)
    generator = Seq2SeqGenerator(profile, "cpu", adapter)
    read = [passage for passage in passages(dialogues, None) if passage.turns]
    found, sentences = confidences(generator, read)
    typer.echo(f"\n{generator.name}, adapter {adapter.name if adapter else 'none'}:")
    typer.echo(f"first drafts with a confidence of {least} or more: {_share(found >= least)}")
    for share in _SHARES:
        typer.echo(f"{share:.0%} of first drafts are under {float(np.quantile(found, share)):.3f}")
    typer.echo(f"stutter: the model's {_share([stutters(text) for text, _ in sentences])}")
    by_people = [
        (text, passage)
        for each, passage in zip(dialogues, passages(dialogues, None), strict=True)
        for text in split_sentences(each.summary)
    ]
    for whose, told in (("people's", by_people), ("the model's", sentences)):
        none = [bool(generator.invented(text, passage.dialogue)) for text, passage in told]
        typer.echo(f"with a word that is none: {whose} {_share(none)}")


def _held(texts: Sequence[str], passage: Passage) -> list[Held]:
    if not texts or not passage.turns:
        return []
    rows = support(texts, sentence_encoder().encode(texts), passage)
    return [Held(text, passage, row) for text, row in zip(texts, rows, strict=True)]


def _share_told(held: Sequence[Held]) -> str:
    return _share([tells_of_its_subject(h.text, best_turns(h.row, h.passage)) for h in held])


def _share(passed: Sequence[bool] | npt.NDArray[np.bool_]) -> str:
    return f"{np.mean(passed):.1%} of {len(passed)}" if len(passed) else "none"


if __name__ == "__main__":
    typer.run(main)
