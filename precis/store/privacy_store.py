"""The part of `ChatStore` that people's privacy rests on: who is not read, and what is forgotten.

Of what was forgotten nothing is left in SQLite's files either.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import and_, or_

from precis.ask import Stored
from precis.store import case_texts, heard, people, places
from precis.store.heard_store import HeardStore
from precis.store.places import Forgot
from precis.store.tables import heard as kept
from precis.store.tables import heard_spans


class PrivacyStore(HeardStore):
    """Opt-outs, and forgetting by person, message, place and server."""

    def opt_out(self, platform: str, person: str) -> int:
        """Never read a person's messages again, and forget them; returns how many were stored.

        What they asked and judged stays; see `forget_person`.
        """
        with self._database.writing() as connection:
            self._database.lock(connection, f"{platform} privacy {person}")
            self._wait_for_keeping(connection, platform)
            people.opt_out(connection, platform, person, self._now())
        # Only now: whoever stores messages looks afterwards who is opted out, and so either finds
        # this, or stored before what is removed here.
        return self.forget_written(platform, person)

    def opt_in(self, platform: str, person: str) -> None:
        """Read a person's messages again."""
        with self._database.writing() as connection:
            self._wait_for_keeping(connection, platform)
            people.opt_in(connection, platform, person)
        lacking = heard_spans.c.refused.contains(heard.digest(platform, person))
        heard.forget_spans(self._database, and_(heard_spans.c.platform == platform, lacking))

    def opted_out(self, platform: str, ids: Sequence[str]) -> set[str]:
        """Which of these people are not to be read."""
        with self._database.reading() as connection:
            return people.opted_out(connection, platform, ids)

    def stored_of(self, platform: str, person: str) -> Stored:
        """How much is stored of a person."""
        with self._database.reading() as connection:
            return people.stored_of(connection, platform, person)

    def forget_person(self, platform: str, person: str) -> int:
        """Remove what a person wrote, asked and judged; returns how many messages that were.

        Asks still open stay until they are answered.
        """
        with self._database.writing() as connection:
            people.forget_asked(connection, platform, person)
        return self.forget_written(platform, person)

    def forget_written(self, platform: str, person: str) -> int:
        """Remove what a person wrote; returns how many messages that were."""
        with self._database.writing() as connection:
            gone = people.forget_written(connection, platform, person, self._now())
            gone += case_texts.forget_written(
                self._database, connection, platform, person, self._now()
            )
        theirs = and_(kept.c.platform == platform, kept.c.author_id == person)
        return self._forgotten(gone + heard.forget(self._database, theirs, spans_too=True))

    def forget_messages(self, platform: str, ids: Iterable[str]) -> int:
        """Remove messages that were deleted on the platform; returns how many copies there were."""
        gone = list(ids)
        self.note_deleted(platform, gone)
        with self._database.writing() as connection:
            copies = people.forget_messages(connection, platform, gone, self._now())
            copies += case_texts.forget_messages(
                self._database, connection, platform, gone, self._now()
            )
        return self._forgotten(copies + self._forget_kept(platform, gone))

    def forget_place(self, platform: str, server: str | None, place: str) -> int:
        """Remove messages of a channel, with its threads, or of a thread that was deleted.

        Returns how many there were. This may take long; see `forget_some_of_place`.
        """
        return _all(lambda after: self.forget_some_of_place(platform, server, place, after))

    def forget_some_of_place(
        self, platform: str, server: str | None, place: str, after: str = ""
    ) -> Forgot:
        """The same, but a few conversations or places; to be called again until none is left."""
        forgot = places.forget_some_of_place(
            self._database, platform, server, place, after, self._now()
        )
        if forgot.after is None and self._forget_some_cases(platform, server, place):
            return Forgot(0, after)
        if forgot.after is None:
            forgot = self._forget_some_heard(after, platform, server, place)
        return self._forgot(forgot)

    def forget_server(self, platform: str, server: str) -> int:
        """Remove all of a server that the bot is no longer in; returns how many messages.

        This may take long; see `forget_some_of_server`.
        """
        return _all(lambda after: self.forget_some_of_server(platform, server, after))

    def forget_some_of_server(self, platform: str, server: str, after: str = "") -> Forgot:
        """The same, but a few conversations, asks or places; to be called until none is left."""
        forgot = places.forget_some_of_server(self._database, platform, server, after, self._now())
        if forgot.after is None:
            if places.forget_some_asks(self._database, platform, server):
                return Forgot(0, after)
            if case_texts.forget_some_of_server(self._database, platform, server):
                return Forgot(0, after)
            forgot = self._forget_some_heard(after, platform, server)
        if forgot.after is None:
            places.forget_rest_of_server(self._database, platform, server)
        return self._forgot(forgot)

    def _forget_some_cases(self, platform: str, server: str | None, place: str) -> bool:
        return server is not None and case_texts.forget_some_of_place(
            self._database, platform, server, place, self._now()
        )

    def _forget_some_heard(
        self, after: str, platform: str, server: str | None, place: str | None = None
    ) -> Forgot:
        """Cached pages of a few places: of a server's, or of `place` and those within."""
        rows = and_(kept.c.platform == platform, kept.c.server == server)
        spans = and_(heard_spans.c.platform == platform, heard_spans.c.server == server)
        if place is not None:
            rows = and_(rows, or_(kept.c.place == place, kept.c.within == place))
            spans = and_(spans, or_(heard_spans.c.place == place, heard_spans.c.within == place))
        gone, more = heard.forget_some(self._database, rows, spans_too=place is not None)
        more = more or heard.forget_some_spans(self._database, spans)
        return Forgot(gone, after if more else None)

    def _forgot(self, forgot: Forgot) -> Forgot:
        if forgot.messages or forgot.after is None:
            self._database.forget_deleted()
        return forgot

    def known_servers(self, platform: str) -> list[str]:
        """The servers of which anything is stored that `forget_server` would remove."""
        with self._database.reading() as connection:
            return places.known_servers(connection, platform)

    def known_places(self, platform: str, server: str) -> list[str]:
        """The channels and threads of a server of which messages are stored."""
        with self._database.reading() as connection:
            return places.known_places(connection, platform, server)

    def _forgotten(self, gone: int) -> int:
        if gone:
            self._database.forget_deleted()
        return gone


def _all(forget_some: Callable[[str], Forgot]) -> int:
    gone, after = 0, ""
    while True:
        forgot = forget_some(after)
        gone += forgot.messages
        if forgot.after is None:
            return gone
        after = forgot.after
