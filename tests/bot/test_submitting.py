"""What is stored of a conversation lacks what went while it was read."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from bot.context import Context
from bot.submitting import submit
from precis.ask import Place
from precis.job import JobRequest
from precis.settings import load_settings
from precis.store import ChatStore, Store
from tests.precis.store.chats import ids, talk

TALK = talk("Ana: hello", "Ben: hi", "Ana: bye", source="slack")
PLACE = Place(server="T1", place="C1:7", parent="C1")


@pytest.fixture
def context(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    store = Store.open(settings.store_url)
    made = Context(SimpleNamespace(name="slack"), settings, store, ChatStore(store), None)
    yield made
    made.blocking.close()
    store.close()


def submitted(context):
    job_id, new = asyncio.run(submit(context, JobRequest(), TALK, PLACE))
    assert new
    return ids(context.jobs, job_id)


def test_a_conversation_is_stored_with_its_place(context):
    assert submitted(context) == ["0", "1", "2"]
    assert context.chat.known_places("slack", "T1") == ["C1:7"]
    assert context.chat.forget_place("slack", "T1", "C1") == 3


def test_without_what_this_process_heard_was_deleted(context):
    context.deleted.note({"0"})
    assert submitted(context) == ["1", "2"]


def test_without_what_another_process_heard_was_deleted(context):
    context.chat.listening("slack", "T1", datetime.now(UTC))
    another = ChatStore(context.jobs)
    another.forget_messages("slack", ["1"])
    assert submitted(context) == ["0", "2"]


def test_without_who_opted_out(context):
    context.chat.opt_out("slack", "ana")
    assert submitted(context) == ["1"]
