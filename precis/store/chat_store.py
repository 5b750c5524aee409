"""The store as bots use it: asks, servers' settings and feedback here, the rest in its parts.

Thread-safe. Every method raises StoreError, in one line, when the database can't be used. Knows
nothing of platforms.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from precis.ask import Ask, AskRequest, AskState, Limits, ServerSettings
from precis.errors import DamagedError, StoreError
from precis.frozen import Frozen
from precis.store import asks
from precis.store.asks import HeldAsk, Known
from precis.store.limiting import TooMany
from precis.store.privacy_store import PrivacyStore
from precis.store.recent import Recent, recent
from precis.store.tables import conversations, feedback, jobs, servers


class Covered(Frozen):
    """Which messages a job's summary is of."""

    channel: str
    messages: int
    first_time: datetime | None
    last_time: datetime | None


class ChatStore(PrivacyStore):
    """What a bot keeps, in the database of a `Store`."""

    def begin(self, request: AskRequest, limits: Limits) -> HeldAsk | TooMany | Known:
        """Take an ask, held by the caller, unless there were too many of late.

        Known: an ask with this key was begun already, by whatever process.
        """
        key = request.key and f"key {request.key}"
        with self._database.writing() as connection:
            for owner in (request.person, request.server, key):
                if owner is not None:  # else two at once would both find room for one
                    self._database.lock(connection, f"{request.platform} asks {owner}")
            return asks.begin(connection, request, limits, self._now(), self._lease)

    def claim(self, ask_id: str, *, counts: bool = True) -> HeldAsk | None:
        """Take up an open ask; None if another process holds it, or it has ended.

        `counts`: as one of the tries to answer it.
        """
        with self._database.writing() as connection:
            return asks.claim(connection, ask_id, self._now(), self._lease, counts=counts)

    def extend(self, held: HeldAsk) -> bool:
        """Hold on to an ask for another lease; False if it was lost."""
        with self._database.writing() as connection:
            return asks.change(connection, held, lease_until=self._now() + self._lease)

    def wait_for(self, held: HeldAsk, job_id: str, *, partial: bool = False) -> bool:
        """Let an ask wait for its job, held by nobody; False if it was lost."""
        with self._database.writing() as connection:
            return asks.change(
                connection,
                held,
                job_id=job_id,
                state=AskState.WAITING,
                claim=None,
                partial=partial,
                tries=0,  # from now on those of the answer are counted
            )

    def note_posted(self, held: HeldAsk, posted: Sequence[str]) -> bool:
        """Note the messages that hold the answer so far; False if the ask was lost."""
        with self._database.writing() as connection:
            return asks.change(connection, held, posted=list(posted))

    def share(self, ask_id: str) -> bool:
        """Note that an answer is shared; True for the first caller alone."""
        with self._database.writing() as connection:
            return asks.share(connection, ask_id, shared=True)

    def unshare(self, ask_id: str) -> None:
        """Note that an answer could not be shared after all."""
        with self._database.writing() as connection:
            asks.share(connection, ask_id, shared=False)

    def add_posted(self, ask_id: str, posted: Sequence[str]) -> None:
        """Note messages in which an answer was shared."""
        with self._database.writing() as connection:
            asks.add_posted(connection, ask_id, posted)

    def end(self, held: HeldAsk, state: AskState) -> bool:
        """End an ask; its reply's secret is forgotten. False if it was lost."""
        with self._database.writing() as connection:
            return asks.end(connection, held, state, self._now())

    def let_go(self, held: HeldAsk) -> bool:
        """Leave an ask to whoever takes it up next."""
        with self._database.writing() as connection:
            return asks.change(connection, held, claim=None)

    def forgive(self, held: HeldAsk) -> bool:
        """Don't count a try: the platform was down. The ask stays held until its lease ends."""
        with self._database.writing() as connection:
            return asks.change(connection, held, tries=held.ask.tries - 1)

    def ask(self, ask_id: str) -> Ask | None:
        """An ask by its id; None if there is none (or its person had it deleted)."""
        with self._database.reading() as connection:
            return asks.get(connection, ask_id)

    def recent(self, platform: str, server: str, person: str, most: int) -> list[Recent]:
        """What somebody asked on a server of late and can still be shown, latest first."""
        with self._database.reading() as connection:
            return recent(connection, platform, server, person, most)

    def waiting_for(self, job_id: str) -> list[str]:
        """Ids of the asks that wait for a job, oldest first."""
        with self._database.reading() as connection:
            return asks.waiting_for(connection, job_id)

    def due(self, platform: str, limit: int = 100) -> list[str]:
        """Ids of asks that nobody holds and something is to be done for, oldest first."""
        with self._database.reading() as connection:
            return asks.due(connection, platform, self._now(), limit)

    def ahead_of(self, job_id: str) -> int | None:
        """How many jobs come before this one in its queue; None once it isn't queued."""
        with self._database.reading() as connection:
            return asks.ahead_of(connection, job_id)

    def covered(self, job_id: str) -> Covered:
        """Which messages a job is about. Raises StoreError if there is no such job."""
        query = (
            select(
                conversations.c.channel,
                conversations.c.message_count,
                conversations.c.first_time,
                conversations.c.last_time,
            )
            .join(jobs, jobs.c.conversation_id == conversations.c.id)
            .where(jobs.c.id == job_id)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise StoreError(f"no job {job_id[:64]!r} in the store; check its id")
        return Covered(
            channel=row.channel,
            messages=row.message_count,
            first_time=row.first_time,
            last_time=row.last_time,
        )

    def server_settings(self, platform: str, server: str | None) -> ServerSettings:
        """A server's settings; the defaults for a server without, or for direct messages.

        Raises DamagedError where they can't be read: what they forbid must not be allowed.
        """
        with self._database.reading() as connection:
            stored = _settings(connection, platform, server)
        if stored is None:
            raise DamagedError(
                "this server's settings are damaged; its managers can save them anew "
                "(until then nobody can ask)"
            )
        return stored

    def change_settings(
        self,
        platform: str,
        server: str,
        person: str,
        change: Callable[[ServerSettings], ServerSettings],
        *,
        anew: bool = True,
    ) -> ServerSettings:
        """What `change` makes of a server's settings, kept with who changed them last.

        Of two changes at once the second sees the first. Damaged settings count as the defaults;
        unless they may be written `anew`, that raises DamagedError. What `change` raises passes
        through, and nothing is changed.
        """
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} settings {server}")
            now = _settings(connection, platform, server)
            if now is None and not anew:
                raise DamagedError("this server's settings are damaged; save them anew first")
            settings = change(now or ServerSettings())
            values = {
                "settings": settings.model_dump(mode="json"),
                "changed_by": person,
                "changed_at": self._now(),
            }
            key = (servers.c.platform == platform, servers.c.server == server)
            if connection.execute(update(servers).where(*key).values(**values)).rowcount == 0:
                connection.execute(
                    insert(servers).values(platform=platform, server=server, **values)
                )
        return settings

    def judge(self, job_id: str, platform: str, person: str, *, good: bool) -> None:
        """Keep what a person thinks of a summary; a second time, the later opinion."""
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} feedback {person}")
            connection.execute(
                delete(feedback).where(
                    feedback.c.job_id == job_id,
                    feedback.c.platform == platform,
                    feedback.c.person == person,
                )
            )
            connection.execute(
                insert(feedback).values(
                    job_id=job_id,
                    platform=platform,
                    person=person,
                    good=good,
                    created_at=self._now(),
                )
            )

    def opinions(self, job_id: str) -> tuple[int, int]:
        """How many people found a summary good, and how many bad."""
        query = select(feedback.c.good).where(feedback.c.job_id == job_id)
        with self._database.reading() as connection:
            given = [bool(good) for good in connection.scalars(query)]
        return sum(given), len(given) - sum(given)


def _settings(connection: Connection, platform: str, server: str | None) -> ServerSettings | None:
    """A server's settings, or the defaults; None if what is stored is damaged."""
    query = select(servers.c.settings).where(
        servers.c.platform == platform, servers.c.server == server
    )
    stored = connection.scalar(query)
    try:
        return ServerSettings() if stored is None else ServerSettings.model_validate(stored)
    except ValidationError:
        return None
