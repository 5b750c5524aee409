"""The part of the store that digests rest on: subscriptions, what is due, what was told of.

Thread-safe; a transaction a call. Every method raises StoreError, in one line, when the database
can't be used. Knows nothing of platforms.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, true, update

from precis.ask import AskRequest, Limits, Place
from precis.conversation import Conversation, Message
from precis.digest import (
    Digest,
    DigestState,
    Mark,
    Part,
    PauseReason,
    SkipReason,
    Subscription,
    Target,
)
from precis.job import JobRequest
from precis.schedule import Every
from precis.store import digest_part_rows, digest_rows, limiting, submissions, subscription_rows
from precis.store.digest_rows import HeldDigest
from precis.store.digest_tables import subscriptions
from precis.store.limiting import TooMany
from precis.store.part import Part as StorePart
from precis.store.subscription_rows import Change

AT_ONCE = 100
MOST_CARRIED = 10
"""Messages left open that a digest takes over, of a place."""


class DigestStore(StorePart):
    """What bots and operators do with digests."""

    # Subscriptions

    def change(
        self, platform: str, server: str, target: Target, every: Every, change: Change
    ) -> Subscription:
        """Make or change a target's subscription; what `change` raises passes through.

        Of two changes at once the second sees the first.
        """
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} digests {server}")
            now = self._now()
            there = subscription_rows.of_target(connection, platform, server, target, every)
            before = there.sources if there else ()
            return subscription_rows.save(connection, change(there), before, now)

    def subscription(self, subscription_id: str) -> Subscription | None:
        with self._database.reading() as connection:
            return subscription_rows.get(connection, subscription_id)

    def subscriptions(
        self, platform: str | None = None, server: str | None = None
    ) -> list[Subscription]:
        """All, or a platform's, or a server's, in the order they were made."""
        with self._database.reading() as connection:
            return subscription_rows.listed(connection, _those_of(platform, server))

    def pause(self, subscription_id: str, reason: PauseReason, source: str | None = None) -> bool:
        """Make no more digests of it; False if that is so already, or it is gone."""
        with self._database.writing() as connection:
            return subscription_rows.pause(connection, subscription_id, reason, source)

    def resume(self, subscription_id: str, *, without: str | None = None) -> Subscription | None:
        """Go on with it, from the next digest that is due; None if it is gone.

        `without`: the channel that it is paused for, and of no more; where it is paused for
        something else by now, it stays so.
        """
        with self._database.writing() as connection:
            return subscription_rows.resume(connection, subscription_id, self._now(), without)

    def stop(self, subscription_id: str) -> bool:
        """Remove it; False if it is gone."""
        with self._database.writing() as connection:
            return subscription_rows.stop(connection, subscriptions.c.id == subscription_id) == 1

    def untold(self, platform: str) -> list[Subscription]:
        """Those that were paused without anybody asking, and whose maker is to be told."""
        waiting = and_(subscriptions.c.platform == platform, subscriptions.c.told.is_(False))
        with self._database.reading() as connection:
            return subscription_rows.listed(connection, waiting)

    def told(self, subscription_id: str) -> bool:
        """Note that its maker knows; True for the first caller alone."""
        with self._database.writing() as connection:
            noted = connection.execute(
                update(subscriptions)
                .where(subscriptions.c.id == subscription_id, subscriptions.c.told.is_(False))
                .values(told=True)
            )
        return noted.rowcount == 1

    # Digests

    def make_due(self, platform: str) -> int:
        """Make the digests that are due by now, each day's once; how many were looked at."""
        total = 0
        while True:
            with self._database.writing() as connection:
                made = digest_rows.make_due(connection, platform, self._now(), AT_ONCE)
            total += made
            if made < AT_ONCE:
                return total

    def preview(
        self, subscription_id: str, asked: AskRequest, limits: Limits
    ) -> str | TooMany | None:
        """Make a digest of what there is now, for who asked; its id. It counts as an ask does.

        None: the subscription is gone.
        """
        with self._database.writing() as connection:
            self._database.lock(connection, f"{asked.platform} asks {asked.person}")
            now = self._now()
            found = subscription_rows.get(connection, subscription_id)
            if found is None:
                return None
            if refused := limiting.too_many(connection, asked, limits, now):
                return refused
            limiting.count(connection, asked, now)
            return digest_rows.make_preview(connection, found, asked.person, now)

    def open(
        self,
        platform: str,
        state: DigestState,
        limit: int = AT_ONCE,
        busy: Sequence[str] = (),
    ) -> list[tuple[str, str]]:
        """Digests (id, server) in `state` that nobody holds and something is to be done for now.

        But none of the servers that are `busy`.
        """
        with self._database.reading() as connection:
            return digest_rows.open_ones(connection, platform, state, self._now(), limit, busy)

    def unended(self, platform: str) -> int:
        """How many digests are made and not yet posted, skipped or failed."""
        with self._database.reading() as connection:
            return digest_rows.count_open(connection, platform)

    def digest(self, digest_id: str) -> Digest | None:
        with self._database.reading() as connection:
            return digest_rows.get(connection, digest_id)

    def latest(self, subscription_ids: Sequence[str]) -> dict[str, Digest]:
        """The last digest of each subscription that has had any."""
        with self._database.reading() as connection:
            return digest_rows.latest(connection, subscription_ids)

    def ended(self, platform: str, since: datetime) -> list[Digest]:
        """Those that were posted, skipped or given up since; previews aside."""
        with self._database.reading() as connection:
            return digest_rows.ended(connection, platform, since)

    def of_job(self, job_id: str) -> list[str]:
        """Ids of the digests that wait for a job."""
        with self._database.reading() as connection:
            return digest_rows.of_job(connection, job_id)

    def claim(self, digest_id: str) -> HeldDigest | None:
        """Take up a digest; None if another process holds it, it waits, or it has ended."""
        with self._database.writing() as connection:
            return digest_rows.claim(connection, digest_id, self._now(), self._lease)

    def extend(self, held: HeldDigest) -> bool:
        """Hold on to a digest for another lease; False if it was lost, or stopped."""
        with self._database.writing() as connection:
            return digest_rows.change(connection, held, lease_until=self._now() + self._lease)

    def let_go(
        self, held: HeldDigest, after: timedelta = timedelta(0), *, counts: bool = False
    ) -> bool:
        """Leave a digest to whoever takes it up next, not before `after`."""
        tries = held.digest.tries if counts else held.digest.tries - 1
        with self._database.writing() as connection:
            return digest_rows.change(
                connection, held, claim=None, again_at=self._now() + after, tries=tries
            )

    def begin(self, held: HeldDigest) -> datetime | None:
        """When its messages began to be gathered, the first time; None if it was lost."""
        begun = held.digest.begun_at or self._now()
        with self._database.writing() as connection:
            return begun if digest_rows.change(connection, held, begun_at=begun) else None

    def add_part(
        self,
        held: HeldDigest,
        part: Part,
        request: JobRequest | None = None,
        conversation: Conversation | None = None,
        requeue_after: timedelta = timedelta(minutes=2),
        place: Place | None = None,
    ) -> tuple[str | None, bool] | None:
        """Keep what a digest has of a place, with its job, in one transaction.

        The job's id and whether it is new, as `Store.submit_or_join` tells; None if the digest was
        lost, and nothing is kept.
        """
        job_id, new = None, False
        asked = None
        if request is not None and conversation is not None:
            asked = (request, conversation, submissions.content_key(request, conversation))
        with self._database.writing() as connection:
            now = self._now()
            if not digest_rows.change(connection, held, lease_until=now + self._lease):
                return None
            if asked is not None:
                self._database.lock(connection, asked[-1])
                job_id, new = submissions.join_or_insert(
                    connection, *asked, now, now + requeue_after, place
                )
            kept = part.model_copy(update={"job_id": job_id})
            digest_part_rows.add_part(connection, held.id, kept)
        return job_id, new

    def gathered(self, held: HeldDigest) -> bool:
        """Let a digest wait for its jobs, held by nobody; False if it was lost."""
        with self._database.writing() as connection:
            return digest_rows.change(
                connection, held, state=DigestState.WORKING, claim=None, tries=0
            )

    def note_posted(self, held: HeldDigest, posted: Sequence[str]) -> bool:
        """Note the messages that hold the digest so far; False if it was lost."""
        with self._database.writing() as connection:
            return digest_rows.change(connection, held, posted=list(posted))

    def posted(self, held: HeldDigest) -> bool:
        """End a digest that is shown, and move on what has been told of; False if it was lost."""
        return self._end(held, DigestState.POSTED)

    def skip(self, held: HeldDigest, why: SkipReason) -> bool:
        """End a digest that isn't shown, or no further; False if it was lost."""
        return self._end(held, DigestState.SKIPPED, why)

    def fail(self, held: HeldDigest) -> bool:
        """End a digest that can't be shown, or no further; False if it was lost."""
        return self._end(held, DigestState.FAILED)

    def _end(self, held: HeldDigest, state: DigestState, why: SkipReason | None = None) -> bool:
        """What is shown of it, be it a half, isn't told of a second time."""
        with self._database.writing() as connection:
            if not digest_rows.end(connection, held, self._now(), state=state, skipped=why):
                return False
            shown = state is DigestState.POSTED or digest_rows.is_shown(connection, held.id)
            if shown and held.digest.preview_for is None:
                digest_part_rows.move_marks(connection, held.id, held.subscription.id)
            return True

    # What goes on from one digest to the next

    def carries(self, platform: str, message_id: str) -> bool:
        """Whether a digest has a message, and may tell of it again."""
        with self._database.reading() as connection:
            return digest_part_rows.carries(connection, platform, message_id)

    def rewrite(self, platform: str, message: Message) -> None:
        """A message was edited: digests to come tell of it as it is now."""
        with self._database.writing() as connection:
            digest_part_rows.rewrite(connection, platform, message)

    def marks(self, subscription_id: str) -> dict[str, Mark]:
        """The last message of each place that was told of."""
        with self._database.reading() as connection:
            return digest_part_rows.marks(connection, subscription_id)

    def left_open(self, subscription_id: str, place: str, since: datetime) -> tuple[Message, ...]:
        """Messages that the last digest of a place left open, written since, as far as stored."""
        with self._database.reading() as connection:
            found = digest_part_rows.left_open(connection, subscription_id, place)
        return tuple(each for each in found if each.time and each.time >= since)[-MOST_CARRIED:]


def _those_of(platform: str | None, server: str | None) -> ColumnElement[bool]:
    which: list[ColumnElement[bool]] = [true()]
    if platform is not None:
        which.append(subscriptions.c.platform == platform)
    if server is not None:
        which.append(subscriptions.c.server == server)
    return and_(*which)
