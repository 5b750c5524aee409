"""Keeps Slack's libraries from writing down what people wrote, and tokens.

Their log lines hold what they send and receive, in errors too. So of a line there stays who wrote
it and where, and where an error came from.
"""

import logging

from precis.places import where

logger = logging.getLogger(__name__)

LIBRARIES = ("slack_bolt", "slack_sdk", "aiohttp", "asyncio")


def quiet() -> None:
    """From now on, in all of this process."""
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        library.handlers = [_Placed()]
        # Bolt gives its loggers the root's level, so that theirs is not enough.
        library.propagate = False


class _Placed(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        # Bolt hands on its logger's handlers to those below it, which hand their lines to it.
        if "placed" in record.__dict__:
            return
        record.__dict__["placed"] = True
        error = record.exc_info[1] if record.exc_info else None
        logger.log(
            record.levelno,
            "%s complains in %s:%d%s",
            record.name,
            record.module,
            record.lineno,
            f": {where(error)}" if error else "",
        )
