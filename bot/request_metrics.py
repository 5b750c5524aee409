"""Counts what became of requests, for the metrics. Knows no platform."""

from datetime import datetime
from typing import Literal

from precis.ask import Ask, AskRequest
from precis.monitoring.metrics import REQUEST_SECONDS, REQUESTS
from precis.monitoring.traces import record_request

Outcome = Literal["answered", "withheld", "refused", "limited", "failed"]


def command_of(request: AskRequest) -> str:
    """What was used, as far as the request tells: mentions and menus of threads are `summarize`."""
    if request.wanted.since_own:
        return "catchup"
    return "from_here" if request.wanted.after is not None else "summarize"


def count_request(request: AskRequest, outcome: Outcome) -> None:
    """A request ended."""
    REQUESTS.inc(platform=request.platform, command=command_of(request), outcome=outcome)


def count_answer(ask: Ask, outcome: Outcome, now: datetime) -> None:
    """A request ended after it waited for its job."""
    request, command = ask.request, command_of(ask.request)
    count_request(request, outcome)
    if outcome == "answered":
        seconds = max(0.0, (now - ask.created_at).total_seconds())
        REQUEST_SECONDS.observe(seconds, platform=request.platform, command=command)
    record_request(ask.created_at, now, platform=request.platform, command=command, outcome=outcome)
