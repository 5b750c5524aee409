"""A database of an earlier version is brought up to date with all that is in it."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from precis.job import JobRequest
from precis.store import ChatStore, Store
from precis.store.database import Database
from precis.store.migrating import _FOLDER
from tests.precis.store.chats import NO_LIMITS, done, request, sentences, summary_of, talk

pytestmark = pytest.mark.both_stores

TALK = talk("Ana: hello", "Ben: hi")


def downgrade(url, revision):
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    database.engine.dispose()


def revision(store):
    with store.database.reading() as connection:
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def test_files_are_named_after_their_revisions():
    """By those names a store knows whether a migration is missing."""
    script = ScriptDirectory(_FOLDER)
    names = {Path(each.path).name.partition("_")[0] for each in script.walk_revisions()}
    assert names == {each.revision for each in script.walk_revisions()}
    assert max(names) == script.get_current_head()


def test_where_nothing_is_missing_the_migrations_library_is_not_needed(store_url):
    code = (
        "import sys; from precis.store import Store; Store.open(sys.argv[1]).close(); "
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, store_url], check=True)


def test_a_database_of_the_first_version_keeps_its_jobs(store_url):
    store = Store.open(store_url)
    newest = revision(store)
    job_id = done(store, TALK, summary_of(("0",)))
    store.close()
    downgrade(store_url, "0001")
    store = Store.open(store_url)
    assert revision(store) == newest
    assert store.conversation(job_id) == TALK
    assert sentences(store, job_id) == ["Sentence 0."]
    store.close()


def test_a_migrated_database_takes_what_is_new(store_url):
    Store.open(store_url).close()
    downgrade(store_url, "0001")
    store = Store.open(store_url)
    chat = ChatStore(store)
    held = chat.begin(request(), NO_LIMITS)
    job_id, _ = store.submit_or_join(JobRequest(), TALK)
    assert chat.wait_for(held, job_id)
    chat.judge(job_id, "discord", "ana", good=True)
    chat.opt_out("discord", "ben")
    assert chat.ask(held.id).job_id == job_id
    store.close()


def test_a_job_from_before_is_not_joined(store_url):
    store = Store.open(store_url)
    done(store, TALK, summary_of(("0",)))
    store.close()
    downgrade(store_url, "0001")
    store = Store.open(store_url)
    assert store.submit_or_join(JobRequest(frontend="discord"), TALK)[1]
    store.close()


def test_conversations_of_before_go_with_the_place_that_was_asked_of(store_url):
    store = Store.open(store_url)
    chat = ChatStore(store)
    there, elsewhere = (
        done(store, each, summary_of(("0",))) for each in (TALK, talk("Ana: something else"))
    )
    for source, job_id in (("c1", there), ("c2", elsewhere)):
        chat.wait_for(chat.begin(request(source=source), NO_LIMITS), job_id)
    store.close()
    downgrade(store_url, "0002")
    store = Store.open(store_url)
    assert ChatStore(store).forget_place("discord", "s1", "c1") == 2
    assert store.conversation(there).messages == ()
    assert len(store.conversation(elsewhere).messages) == 1
    store.close()
