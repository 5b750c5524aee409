"""What a long-running process is watched by: metrics and traces."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from precis.monitoring.endpoint import serving_metrics
from precis.monitoring.metrics import METRICS, PLATFORMS
from precis.monitoring.traces import tracing
from precis.settings import Settings
from precis.store import Store

Part = Literal["discord", "slack", "worker"]


@contextmanager
def monitored(settings: Settings, store: Store, parts: Sequence[Part]) -> Iterator[None]:
    """Serve metrics and send traces, as far as the settings ask for it, while the block lasts.

    `parts`: what runs in this process. Raises SettingsError.
    """
    for part in parts:
        if part in PLATFORMS:
            METRICS.begin("bot", platform=part)
        else:
            METRICS.begin("worker")
    service = "precis-" + "-".join(parts)
    with serving_metrics(settings, store), tracing(settings, service):
        yield
