"""What the training commands share: their libraries, their progress bar, their device."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from precis.errors import ModelError
from precis.settings import Settings


@contextmanager
def training_libraries() -> Iterator[None]:
    """Around imports of what only training needs; ModelError says how to get what is missing."""
    try:
        yield
    except ImportError as error:
        raise ModelError(f"training needs {error.name}; pip install 'precis-bot[train]'") from None


@contextmanager
def bar() -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr, and what moves it: what is done, and the share (0 to 1) that is."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("loading", total=1.0)
        yield lambda what, share: shown.update(task, description=what, completed=share)


def device_of(settings: Settings) -> str:
    """`cuda` or `cpu`."""
    import torch  # noqa: PLC0415 - a second to import

    return "cuda" if settings.device != "cpu" and torch.cuda.is_available() else "cpu"
