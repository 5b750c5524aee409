"""Reads what the store knows of the work at hand, whenever somebody asks for the metrics.

Kept for some seconds, and given up where the store takes too long, so that neither many scrapes nor
a store that hangs do harm. Knows nothing of how the numbers are served.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from precis.monitoring import metrics
from precis.monitoring.declared import Declared
from precis.store import Store
from precis.store.workload import Workload

logger = logging.getLogger(__name__)

KEPT = 5.0
"""Seconds that what was read is good for."""
PATIENCE = 3.0
"""Seconds for the store to answer; a scrape may take 10."""


class StoreCollector:
    """A collector of `prometheus_client`."""

    def __init__(self, store: Store, kept: float = KEPT, patience: float = PATIENCE) -> None:
        self._store = store
        self._kept = kept
        self._patience = patience
        self._lock = threading.Lock()
        self._read: tuple[float, Workload] | None = None
        self._reading: threading.Thread | None = None

    def describe(self) -> Iterator[Metric]:
        """Without looking into the store."""
        for declared in metrics.METRICS.declared:
            if declared.role == "store":
                yield _family(declared)

    def collect(self) -> Iterator[Metric]:
        """The numbers; where the store doesn't answer in time, only that it doesn't."""
        found = self._workload()
        up = _family(metrics.STORE_UP)
        up.add_metric([], float(found is not None))
        yield up
        if found is not None:
            yield from families(found)

    def _workload(self) -> Workload | None:
        asked_at = time.monotonic()
        with self._lock:
            if found := self._since(asked_at - self._kept):
                return found
            if self._reading is None or not self._reading.is_alive():
                self._reading = threading.Thread(
                    target=self._look, name="store-metrics", daemon=True
                )
                self._reading.start()
            reading = self._reading
        reading.join(self._patience)
        return self._since(asked_at)

    def _since(self, moment: float) -> Workload | None:
        """What was read at that moment or later."""
        read = self._read
        return read[1] if read and read[0] >= moment else None

    def _look(self) -> None:
        try:
            found = self._store.workload()
            self._read = time.monotonic(), found
        except Exception as error:  # noqa: BLE001 - the store's outages are told as such
            logger.info("the store's metrics are not to be had (%s)", type(error).__name__)


def families(found: Workload) -> Iterator[Metric]:
    """A workload as metrics; every combination of labels is there, with 0 where nothing is."""
    pairs: list[tuple[Declared, Mapping[tuple[str, ...], float]]] = [
        (metrics.JOBS_OPEN, _pairs(found.jobs)),
        (metrics.OLDEST_JOB, _singles(found.oldest_job)),
        (metrics.LEASES_EXPIRED, {(): float(found.expired)}),
        (metrics.REQUESTS_OPEN, _pairs(found.requests)),
        (metrics.OLDEST_REQUEST, _singles(found.oldest_request)),
        (metrics.UNDELIVERED, _singles(found.undelivered)),
        (metrics.CASES_OPEN, _pairs(found.cases)),
        (metrics.OLDEST_CASE, _singles(found.oldest_case)),
        (metrics.SUBSCRIPTIONS, _pairs(found.subscriptions)),
        (metrics.DIGESTS_DUE, _singles(found.digests_due)),
        (metrics.DIGESTS_LATE, _singles(found.digests_late)),
    ]
    for declared, values in pairs:
        family = _family(declared)
        for labels in declared.combinations({}):
            family.add_metric(labels, values.get(tuple(labels), 0.0))
        yield family


def _family(declared: Declared) -> GaugeMetricFamily:
    return GaugeMetricFamily(declared.name, declared.says, labels=list(declared.labels))


def _pairs(counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, ...], float]:
    return {(str(a), str(b)): float(count) for (a, b), count in counts.items()}


def _singles(values: Mapping[str, Any]) -> dict[tuple[str, ...], float]:
    return {(str(word),): float(value) for word, value in values.items()}
