"""What the parts of `ChatStore` are made of."""

from datetime import timedelta

from precis.store.store import Store


class Part:
    """Some of the methods that bots use, in the database of a `Store`; a transaction a call."""

    def __init__(self, store: Store, lease: timedelta = timedelta(seconds=60)) -> None:
        """`lease`: for how long an ask is held without a sign of life."""
        self._database = store.database
        self._now = store.now
        self._lease = lease
