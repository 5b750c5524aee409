"""The store: jobs, conversations, summaries, flags and deliveries in SQLite or PostgreSQL.

The store is the truth; the queue only carries job ids.
"""

from precis.store.asks import HeldAsk, Known
from precis.store.card_rows import HeldCard
from precis.store.chat_store import ChatStore, Covered
from precis.store.claims import Claim
from precis.store.digest_rows import HeldDigest
from precis.store.digest_store import DigestStore
from precis.store.heard import KeptMessage, Span
from precis.store.limiting import TooMany
from precis.store.moderation_store import ModerationStore
from precis.store.retention import Purged
from precis.store.store import Store

__all__ = [
    "ChatStore",
    "Claim",
    "Covered",
    "DigestStore",
    "HeldAsk",
    "HeldCard",
    "HeldDigest",
    "KeptMessage",
    "Known",
    "ModerationStore",
    "Purged",
    "Span",
    "Store",
    "TooMany",
]
