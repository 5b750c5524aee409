"""The store: jobs, conversations, summaries, flags and deliveries in SQLite or PostgreSQL.

The store is the truth; the queue only carries job ids.
"""

from precis.store.claims import Claim
from precis.store.retention import Purged
from precis.store.store import Store

__all__ = ["Claim", "Purged", "Store"]
