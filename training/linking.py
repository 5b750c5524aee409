"""Fits the weights of `worker.pipeline.linking` on Ubuntu IRC logs with gold reply links.

Method: a log-linear choice among the candidates and "answers none"; the loss is the negative log
of the probability given to all gold antecedents together, plus L2; L-BFGS to convergence. Scores:
F1 of links and, for the conversations they make, one minus the variation of information over
its maximum log2(n), and the adjusted Rand index (Kummerfeld et al., 2019, report the first).

Data: `irc/` of the data folder (jkkummerfeld/irc-disentanglement, CC BY 4.0). Command:
`python -m training.linking --data PATH`.
"""

import json
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from sklearn.metrics import adjusted_rand_score

from precis.conversation import Conversation
from precis.readers import load_conversation
from worker.embeddings import sentence_encoder
from worker.pipeline import linking
from worker.pipeline.linking import PAIR_FEATURES, START_FEATURES, Features

L2 = 1e-3


@dataclass(frozen=True)
class GoldLog:
    """A log and, for each annotated message index, the indices it answers (itself: a start)."""

    conversation: Conversation
    gold: dict[int, set[int]]


@dataclass(frozen=True)
class Choice:
    """One message's options: candidates [candidates, 14], start [5], which rows are gold."""

    pairs: Features
    start: Features
    gold: torch.Tensor  # bool [candidates + 1]; the last is "answers none"


def read_gold(log: Path) -> GoldLog:
    """A `*.ascii.txt` log and the `*.annotation.txt` beside it (0-based line numbers)."""
    conversation = load_conversation(log, format="irc").conversation
    index_of_line = {int(m.id) - 1: index for index, m in enumerate(conversation.messages)}
    gold: dict[int, set[int]] = {}
    annotation = log.with_name(log.name.replace(".ascii.", ".annotation."))
    for line in annotation.read_text().splitlines():
        first, second = sorted(int(number) for number in line.split()[:2])
        if first in index_of_line and second in index_of_line:
            gold.setdefault(index_of_line[second], set()).add(index_of_line[first])
    return GoldLog(conversation, gold)


def choices(log: GoldLog) -> Iterator[Choice]:
    """The annotated messages of a log whose antecedent is within reach."""
    vectors = sentence_encoder().encode([m.text for m in log.conversation.messages])
    seen = linking.see(log.conversation, vectors)
    for index, antecedents in log.gold.items():
        pairs, start = linking.features(seen, index)
        reach = [index - len(pairs) + row in antecedents for row in range(len(pairs))]
        gold = torch.tensor([*reach, index in antecedents])
        if gold.any():
            yield Choice(pairs, start, gold)


def fit(examples: Sequence[Choice]) -> dict[str, float]:
    """Weights by feature name, in the features' own units."""
    width = max(len(example.gold) for example in examples)
    names = (*PAIR_FEATURES, *START_FEATURES)
    inputs = torch.zeros(len(examples), width, len(names), dtype=torch.float64)
    present = torch.zeros(len(examples), width, dtype=torch.bool)
    gold = torch.zeros(len(examples), width, dtype=torch.bool)
    for row, example in enumerate(examples):
        count = len(example.pairs)
        inputs[row, :count, : len(PAIR_FEATURES)] = torch.from_numpy(example.pairs)
        inputs[row, count, len(PAIR_FEATURES) :] = torch.from_numpy(example.start)
        present[row, : count + 1] = True
        gold[row, : count + 1] = example.gold
    scale = inputs[present].std(0).clamp_min(1e-6)  # [features]; so that L2 is fair
    inputs /= scale
    weights = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = (inputs @ weights).masked_fill(~present, -torch.inf)  # [examples, options]
        right = scores.masked_fill(~gold, -torch.inf).logsumexp(1)
        value = (scores.logsumexp(1) - right).mean() + L2 * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    final = (weights.detach() / scale).tolist()
    return dict(zip(names, final, strict=True))


def evaluate(logs: Iterable[GoldLog]) -> dict[str, float]:
    """Micro-averaged link precision, recall and F1, and mean cluster scores."""
    right = predicted_count = gold_count = 0
    information, rand = [], []
    for log in logs:
        vectors = sentence_encoder().encode([m.text for m in log.conversation.messages])
        links = linking.link(log.conversation, vectors)
        predicted = {(i, i if links[i] is None else links[i]) for i in log.gold}
        gold = {(i, j) for i, antecedents in log.gold.items() for j in antecedents}
        right += len(predicted & gold)
        predicted_count += len(predicted)
        gold_count += len(gold)
        ours = clusters(predicted, log.gold)
        theirs = clusters(gold, log.gold)
        information.append(1.0 - variation_of_information(ours, theirs) / log2(len(log.gold)))
        rand.append(adjusted_rand_score(theirs, ours))
    precision, recall = right / predicted_count, right / gold_count
    return {
        "link_precision": precision,
        "link_recall": recall,
        "link_f1": 2 * precision * recall / (precision + recall),
        "one_minus_vi": float(np.mean(information)),
        "adjusted_rand": float(np.mean(rand)),
    }


def clusters(links: Iterable[tuple[int, int | None]], members: Iterable[int]) -> list[int]:
    """The connected component of each of `members`, as its smallest index."""
    root: dict[int, int] = {}

    def find(node: int) -> int:
        while root.setdefault(node, node) != node:
            node = root[node]
        return node

    for later, earlier in links:
        if earlier is not None:
            high, low = sorted((find(later), find(earlier)), reverse=True)
            root[high] = low
    return [find(member) for member in members]


def variation_of_information(ours: Sequence[int], theirs: Sequence[int]) -> float:
    """H(ours | theirs) + H(theirs | ours), in bits (Meilă, 2007)."""
    total = len(ours)
    joint = Counter(zip(ours, theirs, strict=True))
    by_ours, by_theirs = Counter(ours), Counter(theirs)
    return sum(
        -count / total * (log2(count / by_ours[a]) + log2(count / by_theirs[b]))
        for (a, b), count in joint.items()
    )


def main(
    data: Annotated[Path, typer.Option(help="Folder that holds irc/.", envvar="PRECIS_DATA")],
    logs: Annotated[int, typer.Option(help="Training logs to use.")] = 40,
) -> None:
    """Fit on the training logs, write the weights, and print the scores on dev."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(data / "irc" / "train.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        paths = sorted(Path(folder).rglob("*.ascii.txt"))[:: max(1, 153 // logs)]
        examples = [choice for path in paths for choice in choices(read_gold(path))]
    console.print(f"{len(paths)} logs, {len(examples)} annotated messages")
    fitted = {
        "source": "Ubuntu IRC (irc-disentanglement, CC BY 4.0), training.linking",
        "weights": {name: round(value, 4) for name, value in fit(examples).items()},
    }
    target = Path(linking.__file__).with_name("linking_weights.json")
    target.write_text(json.dumps(fitted, indent=2) + "\n")
    linking.fitted_weights.cache_clear()
    dev = [read_gold(path) for path in sorted((data / "irc" / "dev").glob("*.ascii.txt"))]
    console.print_json(json.dumps(evaluate(dev)))


if __name__ == "__main__":
    typer.run(main)
