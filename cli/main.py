"""`precis`: the commands, and how their errors reach people.

A PrecisError and a wrong use are one line on stderr and an exit code; anything else is a bug and
shows itself.
"""

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from cli import (
    adapters,
    backups,
    bots,
    deployment,
    digests,
    evaluation,
    gate_evaluation,
    gates,
    models,
    operating,
    reviewing,
    status,
    summarizing,
    training,
)
from precis import __version__
from precis.errors import PrecisError

# transformers reads these when it is first imported: its bars and reports aren't for our users.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

app = typer.Typer(
    name="precis",
    help="Summaries of Discord and Slack conversations, behind a toxicity gate.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("summarize")(summarizing.summarize)
app.command("worker")(operating.worker)
app.command("purge")(operating.purge)
app.command("config")(operating.config)
app.command("doctor")(operating.doctor)
app.command("status")(status.status)
app.command("health")(deployment.health)
app.command("backup")(backups.backup)
app.command("restore")(backups.restore)
app.add_typer(bots.app, name="bot")
app.add_typer(digests.app, name="digest")
app.add_typer(training.app, name="train")
app.add_typer(evaluation.app, name="eval")
app.add_typer(adapters.app, name="adapters")
gates.app.command("score")(gate_evaluation.score)
gates.app.command("evaluate")(gate_evaluation.evaluate)
app.add_typer(gates.app, name="gate")
app.add_typer(gates.app, name="gates", hidden=True)  # its name before 0.2
app.add_typer(reviewing.app, name="review")
app.add_typer(deployment.store_app, name="store")
app.add_typer(models.app, name="models")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"precis {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Summaries of Discord and Slack conversations, behind a toxicity gate."""


def main() -> None:
    """Run a command; exit with 0 (fine), 1 (failed) or 2 (bad usage, input or settings)."""
    try:
        sys.exit(app(prog_name="precis", standalone_mode=False))
    except PrecisError as error:
        typer.echo(f"precis: {error}", err=True)
        sys.exit(error.exit_code)
    except TyperException as error:
        _tell_misuse(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output has seen enough, as `| head` does
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)


def _tell_misuse(error: TyperException) -> None:
    """A line instead of typer's box."""
    # Where nothing was asked, this prints the help, and there is no more to say.
    said = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    if said:
        context = getattr(error, "ctx", None)
        hint = f"; see '{context.command_path} --help'" if context else ""
        typer.echo(f"precis: {said[0].lower()}{said[1:]}{hint}", err=True)
