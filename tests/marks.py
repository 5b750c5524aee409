"""Which tests wait for processes, clocks or peers: `-m waits` runs these alone, to be repeated.

Told by what a test uses, so that none need be marked by hand.
"""

import pytest

SERVERS = {"redis_url", "postgresql", "server", "lenient", "lenient_slack", "stage"}
"""Fixtures that start what runs beside the test."""
WAITING = {"wait_until", "until", "patient_seconds"}
"""Names that a module imports to wait."""


def mark_waiting(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        names = vars(getattr(item, "module", None) or object).keys()
        if SERVERS & fixtures or WAITING & names:
            item.add_marker(pytest.mark.waits)
