"""What a report is asked for, and what it works with. Knows nothing of what it shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import torch

from eval.choosing import Choice, choose_system
from eval.dialogues import Dialogue, read_dialogues
from eval.report.desk import Warn
from eval.systems import Progress, System
from precis.settings import Settings
from worker.embeddings import SentenceEncoder, sentence_encoder
from worker.gate.loading import load_scorer
from worker.gate.scorer import ToxicityScorer
from worker.generators.profiles import Profile, profile_named

SPLIT = "validation"
FAST = 20
"""Dialogues of either data that a fast run takes at most."""


@dataclass(frozen=True, slots=True)
class Options:
    """As given on the command line."""

    data: str
    toxic_data: str | None = None
    examples: str | None = None
    split: str = SPLIT
    limit: int | None = None
    fast: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Data:
    """Dialogues as they were read, and the name of where from: a file's own, or a hub id."""

    source: str
    dialogues: tuple[Dialogue, ...]


@dataclass(frozen=True, slots=True)
class Request:
    settings: Settings
    profile: Profile
    """Located: its model is a hub id or a path."""
    data: Data
    toxic: Data | None
    """Dialogues in which people insult each other."""
    examples: Data | None
    """What is shown word for word; None: some of `data`."""
    fast: bool
    seed: int
    device: str
    command: tuple[str, ...]
    """What makes the page anew, with files by their names alone."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a report works with."""

    choose: Callable[[Choice], System]
    scorer: Callable[[], ToxicityScorer]
    encoder: Callable[[], SentenceEncoder]
    progress: Progress
    warn: Warn


def read_request(options: Options, settings: Settings) -> Request:
    """Raises InputError for data that can't be read, or an unknown profile."""
    profile = profile_named(settings.profile, settings.models)
    data = _read(options.data, options)
    toxic = _read(options.toxic_data, options) if options.toxic_data else None
    examples = _read(options.examples, options) if options.examples else None
    return Request(
        settings=settings,
        profile=profile,
        data=data,
        toxic=toxic,
        examples=examples,
        fast=options.fast,
        seed=options.seed,
        device="cuda" if settings.device != "cpu" and torch.cuda.is_available() else "cpu",
        command=_command(options, profile),
    )


def own_means(request: Request, progress: Progress, warn: Warn, *, cached: bool = True) -> Means:
    """Systems and gate as the settings name them."""
    settings, device = request.settings, request.device
    return Means(
        choose=lambda choice: choose_system(replace(choice, cached=cached), settings, device),
        scorer=lambda: load_scorer(settings, device),
        encoder=lambda: sentence_encoder(device),
        progress=progress,
        warn=warn,
    )


def _read(source: str, options: Options) -> Data:
    dialogues = read_dialogues(source, options.split)
    limits = [options.limit, FAST if options.fast else None]
    most = min([limit for limit in limits if limit is not None], default=len(dialogues))
    if most < len(dialogues):
        drawn = sorted(Random(options.seed).sample(range(len(dialogues)), most))
        dialogues = [dialogues[index] for index in drawn]
    return Data(_named(source), tuple(dialogues))


def _named(source: str) -> str:
    """Without the folders of a file, which differ from machine to machine."""
    return Path(source).name if Path(source).is_file() else source


def _command(options: Options, profile: Profile) -> tuple[str, ...]:
    command = ["precis", "eval", "report", "--data", _named(options.data)]
    if options.toxic_data:
        command += ["--toxic-data", _named(options.toxic_data)]
    if options.examples:
        command += ["--examples", _named(options.examples)]
    command += ["--profile", profile.name]
    command += ["--split", options.split] if options.split != SPLIT else []
    command += ["--limit", str(options.limit)] if options.limit is not None else []
    command += ["--fast"] if options.fast else []
    command += ["--seed", str(options.seed)] if options.seed else []
    return tuple(command)
