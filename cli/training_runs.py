"""`precis train full | lora | prompt-tuning | reward | ppo | insults`: the study's methods."""

import json as json_library
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.training_means import bar, device_of, training_libraries
from eval.dialogues import SUFFIXES
from precis.errors import InputError
from precis.settings import load_settings

if TYPE_CHECKING:
    from training.supervised import Method

DataOption = Annotated[
    str,
    typer.Option(
        help="Dialogues with summaries: a .jsonl or .jsonl.gz file, or a hub id.",
        metavar="PATH|ID",
        show_default=False,
    ),
]
FolderOption = Annotated[
    Path,
    typer.Option(
        help="Folder that holds toxicity/, dialogsum/ and irc/.",
        envvar="PRECIS_DATA",
        exists=True,
        file_okay=False,
    ),
]
DevOption = Annotated[
    str | None,
    typer.Option(
        help="Other dialogues to judge with; default: a hub id's validation split.",
        metavar="PATH|ID",
    ),
]
ProfileOption = Annotated[
    str | None, typer.Option(help="Model profile (PRECIS_PROFILE).", metavar="NAME")
]
NameOption = Annotated[
    str | None, typer.Option(help="The adapter's name; default: PROFILE-METHOD.", metavar="NAME")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help="Folder for checkpoints and results; default: in PRECIS_HOME/runs."),
]
EpochsOption = Annotated[float | None, typer.Option(help="Passes over the data.", min=0.0)]
RateOption = Annotated[float | None, typer.Option(help="Learning rate.", min=0.0)]
BatchOption = Annotated[int | None, typer.Option(help="Dialogues a batch, a device.", min=1)]
AccumulateOption = Annotated[int | None, typer.Option(help="Batches a step.", min=1)]
ExamplesOption = Annotated[
    int | None, typer.Option(help="Train on so many dialogues only: a trial.", min=1)
]
SeedOption = Annotated[int, typer.Option(help="For the same run again.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Print trainable and total parameters; train nothing.")
]
RandomOption = Annotated[
    bool, typer.Option("--random-init", help="With --dry-run: random weights, no download.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def full(
    data: DataOption = "",
    dev: DevOption = None,
    profile: ProfileOption = None,
    start: Annotated[
        str | None,
        typer.Option(help="Start from `minilm` or a model's folder; default: the profile's model."),
    ] = None,
    output: OutputOption = None,
    epochs: EpochsOption = None,
    learning_rate: RateOption = None,
    batch: BatchOption = None,
    accumulate: AccumulateOption = None,
    examples: ExamplesOption = None,
    seed: SeedOption = 0,
    dry_run: DryRunOption = False,
    random_init: RandomOption = False,
    json: JsonOption = False,
) -> None:
    """Fine-tune all weights; resumes if it was interrupted.

    \b
    precis train full --profile flan-t5-base --data knkarthick/dialogsum
    precis train full --profile embedded --start minilm --data train.jsonl.gz --dev dev.jsonl.gz
    accelerate launch -m cli train full --profile flan-t5-base --data knkarthick/dialogsum
    """
    given = {"epochs": epochs, "learning_rate": learning_rate, "batch": batch}
    given |= {"accumulate": accumulate, "seed": seed}
    _supervised("full", (data, dev, examples), (profile, None, output), given,
                start=start, dry_run=dry_run, random_init=random_init, json=json)  # fmt: skip


def lora(
    data: DataOption = "",
    dev: DevOption = None,
    profile: ProfileOption = None,
    start: Annotated[
        str | None, typer.Option(help="A model's folder; default: the profile's model.")
    ] = None,
    name: NameOption = None,
    output: OutputOption = None,
    epochs: EpochsOption = None,
    learning_rate: RateOption = None,
    batch: BatchOption = None,
    accumulate: AccumulateOption = None,
    rank: Annotated[int | None, typer.Option(help="Rank of the matrices.", min=1)] = None,
    alpha: Annotated[int | None, typer.Option(help="Scale, over the rank.", min=1)] = None,
    dropout: Annotated[float | None, typer.Option(help="Of LoRA's input.", min=0.0)] = None,
    examples: ExamplesOption = None,
    seed: SeedOption = 0,
    dry_run: DryRunOption = False,
    random_init: RandomOption = False,
    json: JsonOption = False,
) -> None:
    """Train a LoRA adapter (rank 32, alpha 32, dropout 0.05 on query and value).

    \b
    precis train lora --profile flan-t5-base --data knkarthick/dialogsum
    precis train lora --profile flan-t5-base --dry-run --random-init
    """
    given = {"epochs": epochs, "learning_rate": learning_rate, "batch": batch}
    given |= {"accumulate": accumulate, "rank": rank, "alpha": alpha, "dropout": dropout}
    _supervised("lora", (data, dev, examples), (profile, name, output), given | {"seed": seed},
                start=start, dry_run=dry_run, random_init=random_init, json=json)  # fmt: skip


def prompt_tuning(
    data: DataOption = "",
    dev: DevOption = None,
    profile: ProfileOption = None,
    start: Annotated[
        str | None, typer.Option(help="A model's folder; default: the profile's model.")
    ] = None,
    name: NameOption = None,
    output: OutputOption = None,
    epochs: EpochsOption = None,
    learning_rate: RateOption = None,
    batch: BatchOption = None,
    accumulate: AccumulateOption = None,
    virtual_tokens: Annotated[
        int | None, typer.Option(help="Tokens of the tuned prompt.", min=1)
    ] = None,
    examples: ExamplesOption = None,
    seed: SeedOption = 0,
    dry_run: DryRunOption = False,
    random_init: RandomOption = False,
    json: JsonOption = False,
) -> None:
    """Train a soft prompt of virtual tokens before the input.

    \b
    precis train prompt-tuning --profile flan-t5-base --data knkarthick/dialogsum
    """
    given = {"epochs": epochs, "learning_rate": learning_rate, "batch": batch}
    given |= {"accumulate": accumulate, "virtual_tokens": virtual_tokens, "seed": seed}
    _supervised("prompt-tuning", (data, dev, examples), (profile, name, output), given,
                start=start, dry_run=dry_run, random_init=random_init, json=json)  # fmt: skip


def reward(
    data: FolderOption,
    output: OutputOption = None,
    epochs: EpochsOption = None,
    examples: ExamplesOption = None,
    seed: SeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Train the reward of PPO (nothate or hate), for where the hub's can't be had.

    \b
    precis train reward --data ~/data
    """
    with training_libraries():
        from training.reward import RewardConfig, train_reward  # noqa: PLC0415
    settings = load_settings()
    config = RewardConfig(
        data=data,
        gate=settings.models / "gate",
        output=output or settings.home / "runs" / "reward",
        epochs=1 if epochs is None else epochs,
        examples=examples,
        seed=seed,
        device=device_of(settings),
    )
    with bar() as progress:
        figures = train_reward(config, progress)
    _told(figures, config.output, json=json)


def insults(
    data: FolderOption,
    output: Annotated[
        Path, typer.Option(help="Folder to write train.jsonl and held-out.jsonl to.")
    ],
    turns: Annotated[
        float, typer.Option(help="In training: an insult for so many turns.", min=0.1)
    ] = 4.0,
    seed: SeedOption = 0,
) -> None:
    """Mix abusive posts into DialogSum: what PPO learns from, and is judged by.

    The held-out set always has an insult for about every fourth turn. Trained on more insults,
    PPO learns faster, for more of what is sampled is toxic.

    \b
    precis train insults --data ~/data --output /tmp/insults
    precis train insults --data ~/data --output /tmp/insults --turns 1
    """
    with training_libraries():
        from eval.dialogues import read_dialogues  # noqa: PLC0415
        from training.insults import (  # noqa: PLC0415
            TURNS,
            abusive_posts,
            insulted,
            write_dialogues,
        )
    for split, name, held_out in (("train", "train", False), ("dev", "held-out", True)):
        dialogues = read_dialogues(data / "dialogsum" / f"{split}.jsonl.gz")
        posts = abusive_posts(data, held_out=held_out, seed=seed)
        mixed = insulted(dialogues, posts, seed, TURNS if held_out else turns)
        write_dialogues(mixed, output / f"{name}.jsonl")
        typer.echo(f"{len(mixed):,} dialogues written to {output / name}.jsonl.", err=True)


def ppo(
    data: DataOption = "",
    reward: Annotated[
        str | None,
        typer.Option(help="Reward model: a hub id or a folder; default: the study's, on the hub."),
    ] = None,
    profile: ProfileOption = None,
    adapter: Annotated[
        Path | None, typer.Option(help="Detoxify the model with this LoRA adapter.")
    ] = None,
    name: NameOption = None,
    output: OutputOption = None,
    steps: Annotated[int | None, typer.Option(help="Batches of rollouts.", min=1)] = None,
    learning_rate: RateOption = None,
    batch: BatchOption = None,
    mini_batch: Annotated[int | None, typer.Option(help="Rollouts an update.", min=1)] = None,
    beta: Annotated[float | None, typer.Option(help="Weight of the KL penalty.", min=0.0)] = None,
    target_kl: Annotated[
        float | None, typer.Option(help="Nats a summary to keep the KL near.", min=0.001)
    ] = None,
    longest: Annotated[
        int | None, typer.Option(help="Leave out dialogues of more tokens than this.", min=16)
    ] = None,
    seed: SeedOption = 0,
    dry_run: DryRunOption = False,
    random_init: RandomOption = False,
    json: JsonOption = False,
) -> None:
    """Detoxify with PPO against a hate-speech reward; resumes if it was interrupted.

    \b
    precis train ppo --profile embedded --data /tmp/insults/train.jsonl --reward ~/reward
    precis train ppo --profile flan-t5-base --dry-run --random-init
    """
    settings = load_settings()
    with training_libraries():
        from training.ppo.trainer import PpoConfig  # noqa: PLC0415
        from training.reward import HUB_REWARD  # noqa: PLC0415
        from training.runs import count_parameters, run_ppo, supervised_config  # noqa: PLC0415
        from worker.generators.profiles import profile_named  # noqa: PLC0415
        from worker.registry import Registry  # noqa: PLC0415
    chosen = profile_named(profile or settings.profile, settings.models)
    if chosen.model is None:
        raise InputError(f"profile {chosen.name} has no model to train; use another one")
    if dry_run:
        adapted = supervised_config("lora", chosen, Path())
        _counted(count_parameters(adapted, random_init=random_init, value_head=True))
        return
    needs_data(data)
    named = name or f"{chosen.name}-ppo"
    folder = output or settings.home / "runs" / named
    given = {"steps": steps, "learning_rate": learning_rate, "batch": batch, "beta": beta}
    given |= {"mini_batch": mini_batch, "target_kl": target_kl, "longest": longest}
    config = PpoConfig(
        seed=seed,
        device=device_of(settings),
        **{k: v for k, v in given.items() if v is not None},  # type: ignore[arg-type]
    )
    with bar() as progress:
        target, history = run_ppo(
            config, chosen, adapter, data, reward or HUB_REWARD, folder,
            Registry(settings.models), named, progress,
        )  # fmt: skip
    _told(history[-1], target, json=json)


def _supervised(
    method: "Method",
    data: tuple[str, str | None, int | None],
    names: tuple[str | None, str | None, Path | None],
    given: dict[str, Any],
    *,
    start: str | None,
    dry_run: bool,
    random_init: bool,
    json: bool,
) -> None:
    settings = load_settings()
    with training_libraries():
        from training.runs import (  # noqa: PLC0415
            Data,
            count_parameters,
            run_supervised,
            supervised_config,
        )
        from worker.generators.profiles import profile_named  # noqa: PLC0415
        from worker.registry import Registry  # noqa: PLC0415
    profile = profile_named(names[0] or settings.profile, settings.models)
    if profile.model is None:
        raise InputError(f"profile {profile.name} has no model to train; use another one")
    name = names[1] or f"{profile.name}-{method}"
    output = names[2] or settings.home / "runs" / name
    config = supervised_config(method, profile, output, device=device_of(settings), **given)
    if dry_run:
        _counted(count_parameters(config, start, random_init=random_init))
        return
    needs_data(data[0])
    source = Data(data[0], data[1] or validation_of(data[0]), data[2])
    with bar() as progress:
        folder, metrics = run_supervised(
            config, start, source, Registry(settings.models), name, progress
        )
    _told(metrics, folder, json=json)


def needs_data(data: str) -> None:
    if not data:
        raise InputError("no data; give a .jsonl file or a hub id with --data")


def validation_of(data: str) -> str:
    """Where `data` is from, if that has a validation split; a file has none."""
    if Path(data).is_absolute() or Path(data).exists() or data.endswith(SUFFIXES):
        raise InputError("no dialogues to judge with; give others than --data has with --dev")
    return data


def _counted(counts: tuple[int, int]) -> None:
    trainable, total = counts
    typer.echo(
        f"{trainable:,} of {total:,} parameters are trained ({100 * trainable / total:.2f} %)"
    )


def _told(figures: dict[str, float], folder: Path, *, json: bool) -> None:
    from training.processes import is_main  # noqa: PLC0415 - torch takes seconds to import

    if not is_main():
        return
    if json:
        typer.echo(json_library.dumps(figures, indent=2))
        return
    for key, value in figures.items():
        typer.echo(f"{key:<24}{value:.4f}")
    typer.echo(f"Written to {folder}.")
