"""Calibrates how well a sentence's best message must support it (`worker.pipeline.grounding`).

Sentences that people wrote are held against their own dialogue and against another one. The
threshold is the highest that nearly all of the first reach; printed beside it is how many of the
second reach it too. Command: `python -m training.grounding DATA`.
"""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from eval.dialogues import Dialogue, read_dialogues
from eval.passages import in_passage_numbers, passages
from worker.embeddings import sentence_encoder
from worker.pipeline.citations import support
from worker.pipeline.passages import Passage
from worker.pipeline.sentences import split_sentences

Supports = npt.NDArray[np.float64]
"""The best message's support of each sentence [sentences]."""


def best_supports(dialogues: Sequence[Dialogue], shift: int) -> Supports:
    """Of each dialogue's sentences by the dialogue `shift` further on: 0 for its own."""
    encoder = sentence_encoder()
    read = passages(dialogues, encoder)
    best: list[float] = []
    for index, each in enumerate(dialogues):
        passage: Passage = read[(index + shift) % len(read)]
        sentences = [in_passage_numbers(s, passage) for s in split_sentences(each.summary)]
        if sentences and passage.turns:
            rows = support(sentences, encoder.encode(sentences), passage)
            best += rows.max(1).tolist()
    return np.array(best)


def main(
    data: Annotated[str, typer.Argument(help="Dialogues with summaries by people.")],
    limit: Annotated[int, typer.Option(help="Dialogues to use.")] = 400,
) -> None:
    """Print the threshold that 95 %, 97 %, 99 % of people's sentences reach."""
    dialogues = read_dialogues(data)[:limit]
    own, other = best_supports(dialogues, 0), best_supports(dialogues, 1)
    typer.echo(f"{len(own)} sentences; threshold: share of others' that reach it too")
    for share in (0.9, 0.95, 0.97, 0.99):
        threshold = float(np.quantile(own, 1 - share))
        reached = float((other >= threshold).mean())
        typer.echo(f"{share:.0%} of own: {threshold:.3f}; others: {reached:.1%}")


if __name__ == "__main__":
    typer.run(main)
