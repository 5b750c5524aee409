"""Digests on a stage: who subscribed to what, and how a day passes; the same on each platform.

`python -m tests.scenarios.digests FOLDER` is a worker that can be held, as a process.
"""

import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from precis.digest import DigestState, Subscription, Target
from precis.job import Citation, Result, SentenceKind, Summary, SummarySentence
from precis.schedule import Every, Schedule
from precis.settings import load_settings
from precis.store import DigestStore, Store
from precis.store.digest_tables import digests, subscriptions
from precis.store.subscription_rows import NEW
from tests.services import wait_until
from tests.worker.summarisers import MODEL
from worker.serving import run_worker

A_DAY = timedelta(days=1)
A_TOPIC = 5
"""Messages."""


class Teller:
    """Tells every message of a digest word for word; of questions that they are open.

    With `let_go` cleared it holds its jobs; or with a folder, until there is `let_go` in it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.let_go.set()
        self._folder = folder

    def summarise(self, request, conversation, deadline):
        self.begun.release()
        if self._folder:
            (self._folder / "begun").touch()
            wait_until((self._folder / "let_go").exists, 60)
        assert self.let_go.wait(60)
        carried = set(request.carried)
        told = [
            _sentence(each, number // A_TOPIC, each.id in carried)
            for number, each in enumerate(conversation.messages)
        ]
        told.sort(key=lambda each: each.kind is not SentenceKind.SAID)
        return Result(summary=Summary(style=request.style, sentences=told), model=MODEL)


def _sentence(message, topic, carried):
    asks = SentenceKind.QUESTION if message.text.endswith("?") else SentenceKind.SAID
    kind = SentenceKind.OPEN if carried else asks
    return SummarySentence(
        text=message.text,
        citations=(Citation(id=message.id, permalink=message.permalink),),
        speakers=(message.author_name,),
        origin="extracted",
        kind=kind,
        topic=topic if kind is SentenceKind.SAID else None,
    )


class Subscribed:
    """Subscriptions of a stage's server, in the store that its bots have."""

    def __init__(self, stage, store_url):
        self.stage = stage
        self.store = Store.open(store_url)
        self.digests = DigestStore(self.store)

    def subscribe(self, *places, person=None, maker=None, ago=timedelta(0), least=1, platform=None):
        """A digest of places in the first of them, or for a person; due now, since `ago`."""
        stage = self.stage
        platform = platform or stage.platform
        target = (
            Target(kind="channel", id=stage.place_key(places[0]))
            if person is None
            else Target(kind="person", id=stage.person_key(person))
        )
        wanted = Subscription(
            id=NEW,
            platform=platform,
            server=stage.server_key,
            target=target,
            sources=tuple(stage.place_key(place) for place in places),
            schedule=Schedule(),
            least=least,
            created_by=stage.person_key(maker or person or stage.people[0]),
            created_at=datetime.now(UTC),
        )
        made = self.digests.change(platform, stage.server_key, target, Every.DAY, lambda _: wanted)
        self.due(made.id, ago)
        return made.id

    def of(self, place):
        """The id of a channel's subscription, which somebody made by a command."""
        [found] = [
            each.id
            for each in self.digests.subscriptions(self.stage.platform, self.stage.server_key)
            if each.target.id == self.stage.place_key(place)
        ]
        return found

    def due(self, subscription, ago=timedelta(0)):
        """It is for this time of the day, and that has come, `ago`."""
        now = datetime.now(UTC)
        schedule = self.digests.subscription(subscription).schedule
        at = (now - ago).astimezone(schedule.clock)
        schedule = schedule.model_copy(update={"hour": at.hour, "minute": at.minute})
        day, moment = schedule.last(now)
        self._write(
            subscription,
            schedule=schedule.model_dump(mode="json"),
            next_day=day,
            next_at=moment,
        )

    def a_day_passes(self, subscription):
        """What it had was a day before, and its time has come again."""
        with self.store.database.writing() as connection:
            rows = connection.execute(
                select(digests.c.id, digests.c.day, digests.c.due_at)
                .where(digests.c.subscription_id == subscription)
                .order_by(digests.c.due_at)
            ).all()
            for row in rows:
                before = date.fromisoformat(row.day) - A_DAY
                connection.execute(
                    update(digests)
                    .where(digests.c.id == row.id)
                    .values(day=before.isoformat(), due_at=row.due_at - A_DAY)
                )
        self.due(subscription)

    def all_of(self, subscription):
        """Its digests, the first first."""
        query = select(digests.c.id).where(digests.c.subscription_id == subscription)
        with self.store.database.reading() as connection:
            ids = list(connection.scalars(query.order_by(digests.c.due_at)))
        return [self.digests.digest(each) for each in ids]

    def ended(self, subscription, seconds=30.0):
        """The digest of this day, once it is posted, skipped or given up."""
        day = self.digests.subscription(subscription).schedule.last(datetime.now(UTC))[0]

        def found():
            last = self.digests.latest([subscription]).get(subscription)
            return last if last and last.day == day.isoformat() and last.state.ended else None

        wait_until(found, seconds, "a digest's end")
        return found()

    def posted(self, subscription, place, seconds=30.0):
        """The digest of this day as people read it, once it is there."""
        digest = self.ended(subscription, seconds)
        assert digest.state is DigestState.POSTED, digest
        [shown] = [
            each
            for each in self.stage.digests(place)
            if self.stage.message_key(each.messages[0]) == digest.posted[0]
        ]
        return shown

    def stop_all(self):
        for each in self.digests.subscriptions(self.stage.platform, self.stage.server_key):
            self.digests.stop(each.id)

    def close(self):
        self.store.close()

    def _write(self, subscription, **values):
        with self.store.database.writing() as connection:
            connection.execute(
                update(subscriptions).where(subscriptions.c.id == subscription).values(**values)
            )


def main():
    settings = load_settings()
    run_worker(settings, Store.open(settings.store_url), Teller(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
