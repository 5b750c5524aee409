"""Which request and which job the code at hand works for, so that logs and traces can say so.

Bound for a block, and for the tasks that are begun in it; threads take it along where they are
begun with `carried`. Ids only, never text.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Ids:
    """Of what is worked for; None where that isn't known."""

    request: str | None = None
    """A summary request's id, or a digest's."""
    job: str | None = None


_ids: ContextVar[Ids] = ContextVar("precis_ids", default=Ids())  # noqa: B039 - frozen


def current_ids() -> Ids:
    """What is bound where this is called."""
    return _ids.get()


@contextmanager
def bound(*, request: str | None = None, job: str | None = None) -> Iterator[None]:
    """Bind ids for the block; one that isn't given stays as it is."""
    ids = _ids.get()
    if request is not None:
        ids = replace(ids, request=request)
    if job is not None:
        ids = replace(ids, job=job)
    token = _ids.set(ids)
    try:
        yield
    finally:
        _ids.reset(token)


def bind_job(job: str) -> None:
    """Bind a job for the rest of the task, or of the `bound` block around."""
    _ids.set(replace(_ids.get(), job=job))


def carried(call: Callable[[], Made]) -> Callable[[], Made]:
    """`call`, to be run in another thread with what is bound here."""
    return partial(copy_context().run, call)
