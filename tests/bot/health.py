"""How a bot's health file changes while its connection is cut, on each platform."""

from datetime import UTC, datetime

from precis.health import HealthError, read_health
from tests.services import wait_until


def shown(path):
    """What `precis health` says of the file."""
    try:
        return read_health(path, datetime.now(UTC))
    except HealthError as error:
        return str(error)


def health_follows_connection(path, cut, platform):
    """`cut` is a context in which the platform is away."""
    well = f"bot {platform} is well"
    wait_until(lambda: shown(path).startswith(well), what="a healthy bot")
    with cut:
        wait_until(lambda: f"{platform}: not connected" in shown(path), what="word of the cut")
    wait_until(lambda: shown(path).startswith(well), 60, what="a bot that is healthy again")
