"""How long a bot waits for more of the same before it acts. Tests set these to zero."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Delays:
    """All in seconds."""

    before_end: float = 0.25
    """Without anything in hand; after it nothing more is expected to come in."""
    deletions: float = 0.5
    """While deleted messages are collected: a purge is hundreds at once."""
    watched_messages: float = 0.5
    """While messages of watched channels are collected for one job."""
    card_updates: float = 1.5
    """Between two updates of a card: platforms limit how often a message is changed."""


NO_DELAYS = Delays(before_end=0.0, deletions=0.0, watched_messages=0.0, card_updates=0.0)
