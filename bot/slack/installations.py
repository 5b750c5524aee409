"""The workspaces that installed the bot, in the store's database: Slack's own tables, encrypted.

Of each workspace there is one row, with the bot's token; whoever installed it is not kept. All
here blocks. Knows nothing of who asks.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from cryptography.fernet import MultiFernet
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.sqlalchemy_utils import normalize_datetime_for_db
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Connection, Engine, and_, delete, desc, or_, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.slack.tokens import Encrypted
from precis.errors import DamagedError, StoreError

logger = logging.getLogger(__name__)

TOKENS = ("bot_token", "bot_refresh_token")
STATE_SECONDS = 600
"""Time that somebody has to say yes."""
_ADVISORY_LOCK = 0x7072_6563_6974  # one process makes the tables


class Installations(SQLAlchemyInstallationStore):
    """Bots' tokens by workspace. Each method raises StoreError when the database can't be used."""

    def __init__(self, client_id: str, engine: Engine, cipher: MultiFernet) -> None:
        super().__init__(client_id, engine)
        for name in TOKENS:
            self.bots.c[name].type = Encrypted(cipher)
        self.states = States(STATE_SECONDS, engine)

    def prepare(self) -> None:
        """Make the tables, unless they are there; encrypt by the newest key what is there."""
        with usable(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK}
                )
            for table in (self.bots, self.states.oauth_states):
                table.create(connection, checkfirst=True)
            self._encrypt_anew(connection)

    def save(self, installation: Installation) -> None:
        """Take in a workspace, or take its new token for the old one."""
        bot = installation.to_bot()
        bots = self.bots.c
        with usable():
            self.save_bot(bot)
            with self.engine.begin() as connection:
                connection.execute(
                    delete(self.bots).where(
                        self._is(bot.team_id, bot.enterprise_id),
                        bots.installed_at
                        < normalize_datetime_for_db(bot.to_dict()["installed_at"]),
                    )
                )

    def latest(self, team: str, enterprise: str | None) -> Bot | None:
        """A workspace's installation, or that of all of its organisation."""
        bots = self.bots.c
        whole = and_(bots.team_id.is_(None), bots.enterprise_id == enterprise)
        query = (
            select(self.bots)
            .where(bots.client_id == self.client_id, bots.bot_token.is_not(None))
            .where(or_(bots.team_id == team, whole) if enterprise else bots.team_id == team)
            .order_by(bots.team_id.is_(None), desc(bots.installed_at))
            .limit(1)
        )
        with usable(), self._reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else self.build_bot_entity(row)

    def renew(self, old: Bot, new: Bot) -> None:
        """Take new tokens for the old ones, unless the workspace is gone meanwhile."""
        given = new.to_dict()
        values = {name: given[name] for name in TOKENS}
        expiry = normalize_datetime_for_db(given["bot_token_expires_at"])
        same = self.bots.c.installed_at == _installed_at(old)
        with usable(), self.engine.begin() as connection:
            connection.execute(
                update(self.bots)
                .where(self._is(old.team_id, old.enterprise_id), same)
                .values(**values, bot_token_expires_at=expiry)
            )

    def remove(self, team: str) -> None:
        """Forget a workspace for good."""
        with usable(), self.engine.begin() as connection:
            connection.execute(delete(self.bots).where(self._is(team, None)))

    def teams(self) -> list[str]:
        """All workspaces; of organisations as a whole there is no list."""
        bots = self.bots.c
        query = select(bots.team_id).where(
            bots.client_id == self.client_id, bots.team_id.is_not(None)
        )
        with usable(), self._reading() as connection:
            return sorted(set(connection.scalars(query)))

    def _is(self, team: str | None, enterprise: str | None) -> Any:
        bots = self.bots.c
        if team is None:
            whole = and_(bots.team_id.is_(None), bots.enterprise_id == enterprise)
            return and_(bots.client_id == self.client_id, whole)
        return and_(bots.client_id == self.client_id, bots.team_id == team)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        # On SQLite, what may write waits for who writes; see `precis.store.database`.
        with self.engine.connect().execution_options(write=False) as connection:
            yield connection

    def _encrypt_anew(self, connection: Connection) -> None:
        bots = self.bots.c
        columns = [bots[name] for name in TOKENS]
        unreadable = 0
        ids = connection.scalars(
            select(bots.id).where(bots.client_id == self.client_id).with_for_update()
        ).all()
        for number in ids:
            this = bots.id == number
            try:
                values = connection.execute(select(*columns).where(this)).mappings().one()
            except DamagedError as error:
                unreadable += 1
                if unreadable == len(ids):
                    raise
                logger.warning("%s", error)
                continue
            connection.execute(update(self.bots).where(this).values(**values))


class States(SQLAlchemyOAuthStateStore):
    """What comes back from who is asked for a yes, once and soon."""

    def issue(self, *args: Any, **kwargs: Any) -> str:
        with usable():
            self._forget_old()
            return super().issue(*args, **kwargs)

    def _forget_old(self) -> None:
        states = self.oauth_states
        with self.engine.begin() as connection:
            connection.execute(delete(states).where(states.c.expire_at < _now()))


def _installed_at(bot: Bot) -> datetime:
    since: datetime = bot.to_dict()["installed_at"]
    return since.replace(tzinfo=None)  # as the tables have it


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def usable() -> Iterator[None]:
    """Raise StoreError in the place of the library's errors, whose words may quote a token."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        raise StoreError(
            f"the store can't be used for Slack's workspaces ({cause}); "
            "check PRECIS_STORE and that the database runs"
        ) from None
