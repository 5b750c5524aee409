"""Serves the metrics of this process to Prometheus, where the operator asks for it.

Whoever reaches the address can read them: there is no password, so it belongs on the loopback or in
an internal network. Knows nothing of what is measured.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from prometheus_client import start_http_server
from prometheus_client.registry import CollectorRegistry

from precis.errors import SettingsError
from precis.monitoring.collector import StoreCollector
from precis.monitoring.metrics import METRICS
from precis.settings import Settings
from precis.store import Store

logger = logging.getLogger(__name__)


@contextmanager
def serving_metrics(settings: Settings, store: Store) -> Iterator[int | None]:
    """Serve `/metrics` while the block lasts; gives the port, None where nothing is served.

    Raises SettingsError where the address can't be had.
    """
    if settings.metrics_listen is None:
        yield None
        return
    host, _, port = settings.metrics_listen.rpartition(":")
    host = host.strip("[]")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(METRICS.registry)
    registry.register(StoreCollector(store))
    try:
        server, thread = start_http_server(int(port), host, registry)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingsError(
            f"can't serve metrics on {settings.metrics_listen} ({why}); "
            "set PRECIS_METRICS_LISTEN to an address that is free, for each process another"
        ) from None
    if is_public(host):
        logger.warning(
            "metrics are served on %s, where anybody who reaches it can read them; "
            "keep it in an internal network",
            settings.metrics_listen,
        )
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_public(host: str) -> bool:
    """Whether others than this machine and its own network may reach an address."""
    try:
        address = ip_address(host)
    except ValueError:
        return False  # a name, which the operator's network gives
    return address.is_unspecified or address.is_global
