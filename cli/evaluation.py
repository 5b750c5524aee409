"""`precis eval …`: measures what summaries are worth, of any profile and of the baselines."""

import json as json_library
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from precis.errors import InputError, ModelError
from precis.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from eval.choosing import Choice
    from eval.dialogues import Dialogue
    from eval.systems import Summary, System

app = typer.Typer(
    help="Measure summaries: of a model, an adapter, or a baseline.", no_args_is_help=True
)


class SystemName(StrEnum):
    generated = "generated"
    lead = "lead-3"
    longest = "longest-3"
    extractive = "extractive"


class Shots(StrEnum):
    zero = "0"
    one = "1"
    three = "3"


DataOption = Annotated[
    str,
    typer.Option(
        help="Dialogues with summaries: a .jsonl or .jsonl.gz file, or a hub id.",
        metavar="PATH|ID",
        show_default=False,
    ),
]
SystemOption = Annotated[SystemName, typer.Option(help="What writes the summaries.")]
ProfileOption = Annotated[
    str | None, typer.Option(help="Model profile (PRECIS_PROFILE).", metavar="NAME")
]
AdapterOption = Annotated[
    Path | None,
    typer.Option(help="Adapter folder; default: what the worker would load.", metavar="FOLDER"),
]
NoAdapterOption = Annotated[bool, typer.Option("--no-adapter", help="The profile's model alone.")]
ShotsOption = Annotated[Shots, typer.Option(help="Worked examples in the prompt.")]
GroundingOption = Annotated[
    bool,
    typer.Option(
        "--grounding/--no-grounding",
        help="Gate, grounding and quotes as in the worker, or the model's first draft.",
    ),
]
SplitOption = Annotated[str, typer.Option(help="Split of a data set on the hub.")]
LimitOption = Annotated[
    int | None, typer.Option(help="So many dialogues only, drawn by --seed.", min=1)
]
SeedOption = Annotated[int, typer.Option(help="Of draws, second tries and intervals.", min=0)]
JsonOption = Annotated[
    str | None,
    typer.Option(
        "--json", help="Write the figures to FILE too; - prints them alone.", metavar="FILE"
    ),
]
NoCacheOption = Annotated[
    bool,
    typer.Option("--no-cache", help="Neither use nor keep summaries in PRECIS_HOME/eval-cache."),
]


@app.callback()
def _group() -> None:
    """Measure summaries: of a model, an adapter, or a baseline."""


@app.command()
def rouge(
    data: DataOption,
    system: SystemOption = SystemName.generated,
    profile: ProfileOption = None,
    adapter: AdapterOption = None,
    no_adapter: NoAdapterOption = False,
    shots: ShotsOption = Shots.zero,
    grounding: GroundingOption = True,
    split: SplitOption = "validation",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json: JsonOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Compare with human summaries: ROUGE-1, -2, -L, -Lsum with stemming, 95 % intervals.

    \b
    precis eval rouge --data dev.jsonl.gz
    precis eval rouge --data dev.jsonl.gz --system lead-3 --json lead.json
    precis eval rouge --data knkarthick/dialogsum --profile flan-t5-base --shots 1
    """
    with _running(json) as run:
        from eval.overlap import rouge_figures  # noqa: PLC0415
        from eval.tables import rouge_table  # noqa: PLC0415

        choice = _choice(
            system, profile, adapter, no_adapter, shots, grounding, seed, cached=not no_cache
        )
        task = _begin(run, choice, data, split, limit)
        summaries = task.summarise()
        run.tell("comparing", 1.0)
        figures = rouge_figures(
            [each.text for each in summaries], [each.references for each in task.dialogues], seed
        )
        run.show(task, _plain(figures), rouge_table(task.title, figures))


@app.command()
def toxicity(
    data: DataOption,
    system: SystemOption = SystemName.generated,
    profile: ProfileOption = None,
    adapter: AdapterOption = None,
    no_adapter: NoAdapterOption = False,
    shots: ShotsOption = Shots.zero,
    grounding: GroundingOption = True,
    split: SplitOption = "validation",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json: JsonOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Score summaries with the gate: mean, spread and share over the threshold, by label.

    \b
    precis eval toxicity --data heated.jsonl --no-grounding --no-adapter
    precis eval toxicity --data heated.jsonl --no-grounding --adapter models/adapters/ppo
    """
    with _running(json) as run:
        from eval.tables import toxicity_table  # noqa: PLC0415
        from eval.toxicity import score, toxicity_figures  # noqa: PLC0415
        from worker.gate.loading import load_scorer  # noqa: PLC0415

        choice = _choice(
            system, profile, adapter, no_adapter, shots, grounding, seed, cached=not no_cache
        )
        task = _begin(run, choice, data, split, limit)
        scorer = load_scorer(task.settings, task.device)
        summaries = task.summarise()
        run.tell("scoring", 1.0)
        scores = score([each.text for each in summaries], scorer)
        figures = toxicity_figures(scores, scorer.thresholds, scorer.name, seed)
        run.show(task, asdict(figures), toxicity_table(task.title, figures))


@app.command()
def faithfulness(
    data: DataOption,
    system: SystemOption = SystemName.generated,
    profile: ProfileOption = None,
    adapter: AdapterOption = None,
    no_adapter: NoAdapterOption = False,
    shots: ShotsOption = Shots.zero,
    grounding: GroundingOption = True,
    split: SplitOption = "validation",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    json: JsonOption = None,
    no_cache: NoCacheOption = False,
) -> None:
    """Hold summaries against their dialogues: strange names, support, copied words.

    \b
    precis eval faithfulness --data dev.jsonl.gz
    precis eval faithfulness --data dev.jsonl.gz --no-grounding --limit 200
    """
    with _running(json) as run:
        from eval.faithfulness import faithfulness_figures, judge  # noqa: PLC0415
        from eval.tables import faithfulness_table  # noqa: PLC0415
        from worker.embeddings import sentence_encoder  # noqa: PLC0415

        choice = _choice(
            system, profile, adapter, no_adapter, shots, grounding, seed, cached=not no_cache
        )
        task = _begin(run, choice, data, split, limit)
        summaries = task.summarise()
        judged = judge(task.dialogues, summaries, sentence_encoder(task.device), run.tell)
        figures = faithfulness_figures(judged, seed)
        run.show(task, asdict(figures), faithfulness_table(task.title, figures))


@app.command()
def speed(
    data: DataOption,
    system: SystemOption = SystemName.generated,
    profile: ProfileOption = None,
    adapter: AdapterOption = None,
    no_adapter: NoAdapterOption = False,
    shots: ShotsOption = Shots.zero,
    grounding: GroundingOption = True,
    split: SplitOption = "validation",
    limit: LimitOption = 100,
    seed: SeedOption = 0,
    json: JsonOption = None,
) -> None:
    """Time summaries, one at a time and in batches, after a warm-up; tell peak memory.

    \b
    precis eval speed --data dev.jsonl.gz
    precis eval speed --data dev.jsonl.gz --profile flan-t5-base --limit 200
    """
    with _running(json) as run:
        from eval.speed import speed_figures  # noqa: PLC0415
        from eval.tables import speed_table  # noqa: PLC0415

        choice = _choice(system, profile, adapter, no_adapter, shots, grounding, seed, cached=False)
        task = _begin(run, choice, data, split, limit)
        figures = speed_figures(task.system, task.dialogues, run.tell, seed)
        run.show(task, asdict(figures), speed_table(task.title, figures))


@app.command()
def report(
    data: DataOption,
    toxic_data: Annotated[
        str | None,
        typer.Option(
            help="Dialogues with insults, to compare before and after PPO.", metavar="PATH|ID"
        ),
    ] = None,
    examples: Annotated[
        str | None,
        typer.Option(
            help="Dialogues to show word for word; default: some of --data.", metavar="PATH|ID"
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option(help="Folder of the pages and their plots.", metavar="FOLDER")
    ] = Path("docs/report"),
    profile: ProfileOption = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="20 dialogues, and of the models what serves alone.")
    ] = False,
    split: SplitOption = "validation",
    limit: LimitOption = None,
    seed: SeedOption = 0,
    no_cache: NoCacheOption = False,
) -> None:
    """Compare every baseline, model and adapter on one page, as HTML and as Markdown.

    \b
    precis eval report --data dev.jsonl.gz --toxic-data heated.jsonl
    precis eval report --data dev.jsonl.gz --fast --output /tmp/report
    """
    with _running(None) as run:
        from eval.report.files import write_page  # noqa: PLC0415
        from eval.report.page import make_page  # noqa: PLC0415
        from eval.report.request import Options, own_means, read_request  # noqa: PLC0415

        options = Options(data, toxic_data, examples, split, limit, fast, seed)
        request = read_request(options, load_settings(**({"profile": profile} if profile else {})))
        means = own_means(request, run.tell, run.bar.console.out, cached=not no_cache)
        written = write_page(make_page(request, means), output)
    typer.echo("\n".join(str(path) for path in written))


@dataclass(frozen=True)
class _Run:
    """Where progress and figures go."""

    tell: "Callable[[str, float], None]"
    bar: Progress
    json: str | None

    def show(self, task: "_Task", figures: Any, table: Table) -> None:
        """The table for people, the figures as JSON where they are asked for."""
        self.bar.stop()
        report = {"system": task.system.settings, "data": task.described, "figures": figures}
        text = json_library.dumps(report, ensure_ascii=False, indent=2)
        if self.json == "-":
            typer.echo(text)
            return
        if self.json:
            _write(Path(self.json), text)
        Console(highlight=False).print(table)


@dataclass(frozen=True)
class _Task:
    """A system, and the dialogues to try it on."""

    run: _Run
    settings: Settings
    device: str
    system: "System"
    dialogues: "list[Dialogue]"
    described: dict[str, Any]

    @property
    def title(self) -> str:
        return f"{self.system.name} on {len(self.dialogues)} dialogues"

    def summarise(self) -> "list[Summary]":
        return self.system.summaries(self.dialogues, self.run.tell)


@contextmanager
def _running(json: str | None) -> Iterator[_Run]:
    """Progress on stderr while a command runs; a missing library is one line."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("reading the data", total=1.0)
        run = _Run(
            lambda what, share: bar.update(task, description=what, completed=share), bar, json
        )
        try:
            yield run
        except ModuleNotFoundError as error:
            raise ModelError(
                f"evaluation needs {error.name}; pip install 'precis-bot[train]'"
            ) from None


def _choice(
    system: SystemName,
    profile: str | None,
    adapter: Path | None,
    no_adapter: bool,
    shots: Shots,
    grounding: bool,
    seed: int,
    *,
    cached: bool,
) -> "Choice":
    from eval.choosing import Choice  # noqa: PLC0415 - torch takes seconds to import

    if adapter and no_adapter:
        raise InputError("--adapter and --no-adapter contradict each other; give one of them")
    return Choice(
        system=system.value,
        profile=profile,
        adapter=adapter,
        no_adapter=no_adapter,
        shots=cast("Literal[0, 1, 3]", int(shots.value)),
        grounding=grounding,
        seed=seed,
        cached=cached,
    )


def _begin(run: _Run, choice: "Choice", data: str, split: str, limit: int | None) -> _Task:
    """Read the data first, since what is wrong with it shows at once."""
    import torch  # noqa: PLC0415

    from eval.choosing import choose_system  # noqa: PLC0415
    from eval.dialogues import digest, read_dialogues  # noqa: PLC0415

    settings = load_settings(**({"profile": choice.profile} if choice.profile else {}))
    dialogues = read_dialogues(data, split)
    if limit is not None and limit < len(dialogues):
        drawn = sorted(Random(choice.seed).sample(range(len(dialogues)), limit))
        dialogues = [dialogues[index] for index in drawn]
    device = "cuda" if settings.device != "cpu" and torch.cuda.is_available() else "cpu"
    described = {
        "source": Path(data).name,
        "dialogues": len(dialogues),
        "digest": digest(dialogues),
    }
    system = choose_system(choice, settings, device)
    return _Task(run, settings, device, system, dialogues, described)


def _plain(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: asdict(each) for name, each in figures.items()}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} can't be written ({error.strerror}); give --json another file"
        ) from None
