"""Metrics whose labels take their values from fixed sets, so that no text or id gets into one.

A thin layer over `prometheus_client`: a value that isn't in a label's set is counted as `other`.
Knows nothing of what is measured (`precis.monitoring.metrics`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import prometheus_client as client
from prometheus_client.registry import CollectorRegistry

Role = Literal["bot", "worker", "store", "any"]
"""Which processes have it; `store`: every one, as read from the store when it is asked for."""

OTHER = "other"
FREE = ("*",)
"""Instead of a label's values: whatever the operator installed. Only for versions and names of
models, of which a process has few.
"""


@dataclass(frozen=True, eq=False)
class Declared:
    """What a metric is called, what it says, and its labels."""

    name: str
    """As it is queried, without the suffixes of a histogram's series."""
    says: str
    kind: Literal["counter", "histogram", "gauge"]
    role: Role
    labels: Mapping[str, tuple[str, ...]]
    """Names, each with the values that it can have."""

    def values(self, given: Mapping[str, str]) -> list[str]:
        """The values of the labels, in order; `other` for those that aren't known."""
        return [
            given[name] if allowed is FREE or given[name] in allowed else OTHER
            for name, allowed in self.labels.items()
        ]

    def combinations(self, fixed: Mapping[str, str]) -> Iterable[Sequence[str]]:
        """All values of the labels together, some of them `fixed`."""
        sets = (
            (fixed[name],) if name in fixed else allowed for name, allowed in self.labels.items()
        )
        return product(*sets)

    @property
    def series(self) -> tuple[str, ...]:
        """The names that it is queried by."""
        if self.kind != "histogram":
            return (self.name,)
        return tuple(f"{self.name}_{suffix}" for suffix in ("bucket", "sum", "count"))


class Metrics:
    """All metrics of the program: each is declared once, and registered where it is declared."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self.declared: list[Declared] = []
        self._kept: list[tuple[Declared, Any]] = []

    def counter(self, name: str, says: str, role: Role, /, **labels: tuple[str, ...]) -> "Counter":
        declared = self._declare(name, says, "counter", role, labels)
        kept = client.Counter(name, says, list(labels), registry=self.registry)
        self._kept.append((declared, kept))
        return Counter(declared, kept)

    def histogram(
        self,
        name: str,
        says: str,
        role: Role,
        buckets: Sequence[float],
        /,
        **labels: tuple[str, ...],
    ) -> "Histogram":
        declared = self._declare(name, says, "histogram", role, labels)
        kept = client.Histogram(
            name, says, list(labels), registry=self.registry, buckets=tuple(buckets)
        )
        self._kept.append((declared, kept))
        return Histogram(declared, kept)

    def gauge(self, name: str, says: str, role: Role, /, **labels: tuple[str, ...]) -> "Gauge":
        declared = self._declare(name, says, "gauge", role, labels)
        return Gauge(declared, client.Gauge(name, says, list(labels), registry=self.registry))

    def from_store(self, name: str, says: str, /, **labels: tuple[str, ...]) -> Declared:
        """A gauge that is read from the store whenever somebody asks for it."""
        return self._declare(name, says, "gauge", "store", labels)

    def begin(self, role: Role, **fixed: str) -> None:
        """Show the counts of a role from zero on, so that the first of each is seen as a rise."""
        for declared, kept in self._kept:
            if declared.role == role and declared.labels:
                for values in declared.combinations(fixed):
                    kept.labels(*values)

    def _declare(
        self,
        name: str,
        says: str,
        kind: Literal["counter", "histogram", "gauge"],
        role: Role,
        labels: Mapping[str, tuple[str, ...]],
    ) -> Declared:
        declared = Declared(name, says, kind, role, labels)
        self.declared.append(declared)
        return declared


class Counter:
    """Only ever rises."""

    def __init__(self, declared: Declared, kept: client.Counter) -> None:
        self._declared = declared
        self._kept = kept

    def inc(self, amount: float = 1.0, /, **labels: str) -> None:
        _child(self._declared, self._kept, labels).inc(amount)


class Histogram:
    """How often values were in which range."""

    def __init__(self, declared: Declared, kept: client.Histogram) -> None:
        self._declared = declared
        self._kept = kept

    def observe(self, value: float, /, **labels: str) -> None:
        _child(self._declared, self._kept, labels).observe(value)


class Gauge:
    """A value as it is now."""

    def __init__(self, declared: Declared, kept: client.Gauge) -> None:
        self._declared = declared
        self._kept = kept

    def set(self, value: float, /, **labels: str) -> None:
        _child(self._declared, self._kept, labels).set(value)

    def only(self, value: float, changes: str, /, **labels: str) -> None:
        """Set it, and drop those that differ in the label `changes` alone."""
        names = list(self._declared.labels)
        for family in self._kept.collect():
            for sample in family.samples:
                if all(sample.labels[name] == labels[name] for name in names if name != changes):
                    self._kept.remove(*(sample.labels[name] for name in names))
        self.set(value, **labels)


def _child(declared: Declared, kept: Any, labels: Mapping[str, str]) -> Any:
    return kept.labels(*declared.values(labels)) if declared.labels else kept
