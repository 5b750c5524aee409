"""The study group on a loopback Slack."""

import hashlib
import re
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.slack.ids import message_id, person_id, place_id
from tests.bot.slack.mrkdwn import effects
from tests.bot.slack.processes import bot_process, pointed_at
from tests.peers.slack_server import slack_server
from tests.scenarios.moderators import ShownCard
from tests.scenarios.stage import NAMES, Line, Question, ShownDigest, Stage, Told
from tests.services import wait_until

LINK = re.compile(r" <(https://[^|>]+)\|[^>]+>")
MOMENT = re.compile(r"<!date\^(\d+)\^")
DIGEST = "precis_digest"
READING = ("conversations.history", "conversations.replies")
WRITING = ("chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral", "response_url")
WAYS = ("response_url", "chat.update")
"""How an answer comes: to one person, and to all."""
PROGRESS = re.compile(
    r"Reading|Summarising|Your request is kept|Précis is restarting|[\d,]+ messages? read"
)


@contextmanager
def slack_stage():
    with slack_server() as server:
        yield SlackStage(server)
        assert server.violations == []


@dataclass(frozen=True)
class Thread:
    """A thread as a place of its own."""

    channel: Any
    parent: Any


class SlackQuestion(Question):
    def __init__(self, stage, use, place, *, private=True):
        self._stage = stage
        self.use = use
        self.person = use.user
        self.place = place
        self.private = private
        self._before = set(stage.shown_by_bot(self.person, place))

    @property
    def delivered(self):
        return self.use.delivered

    @property
    def acknowledged_after(self):
        return self.use.acknowledged_after

    @property
    def _messages(self):
        """What is shown of it: by what the command brought along, or in the channel."""
        alone, shown = self.use.messages, self._stage.shown_by_bot(self.person, self.place)
        if not self.private:
            return [*alone, *(each for each in shown if _mark(each) == self._mark)]
        if alone or not self.use.expired:
            return alone
        return [each for each in shown if each not in self._before and not each.metadata]

    @property
    def _mark(self):
        """What the bot marks its public messages with, by the question they answer."""
        team = self.use.installation.workspace.id
        return hashlib.sha256(f"{team} {team}/{self.use.trigger_id}".encode()).hexdigest()[:32]

    @property
    def text(self):
        return "\n".join(message.shown for message in self._messages)

    def told(self, seconds=30.0):
        wait_until(lambda: _summaries(self._messages), seconds, "a summary")
        return self._stage.read(_summaries(self._messages)[-1])

    def line(self, seconds=30.0):
        def last():
            return [each.shown for each in self._messages if not PROGRESS.match(each.shown)]

        wait_until(last, seconds, "a last line")
        assert not _summaries(self._messages)
        return last()[-1]

    def expire(self):
        self.use.expire()


class SlackStage(Stage):
    platform = "slack"

    def __init__(self, server):
        self.server = server
        self.workspace = server.add_workspace("Study group", "study")
        self.workspace.install()
        self.people = [
            self.workspace.add_user(name.lower(), name, admin=name == NAMES[0]) for name in NAMES
        ]

    def channel(self, name="algebra"):
        number = len(self.workspace.channels)
        return self.workspace.add_channel(f"{name}-{number}", members=self.people)

    def thread(self):
        channel = self.channel("questions")
        at = datetime.now(UTC) - timedelta(hours=7)
        parent = channel.post(self.people[1], "Sheet four", at=at, quietly=True)
        return Thread(channel, parent)

    def mention(self, person):
        return f"<@{person.id}>"

    def name(self, place):
        return _channel(place).name

    def fill(self, place, texts, start=None, step=timedelta(minutes=1)):
        start = start or datetime.now(UTC) - timedelta(hours=6)
        if isinstance(place, Thread):
            return [
                place.channel.post(
                    self.people[number % len(self.people)],
                    text,
                    at=start + number * step,
                    thread=place.parent,
                    quietly=True,
                )
                for number, text in enumerate(texts)
            ]
        return self.server.fill(place, self.people, list(texts), start=start, step=step)

    def say(self, place, person, text):
        return place.post(person, text)

    def delete(self, message):
        message.delete()

    def edit(self, message, text):
        message.edit(text)

    def said(self, message):
        return message.user.real_name, message.text

    def ask(self, person, place, **options):
        private = options.get("private", True)
        words = [str(options[name]) for name in ("last", "since", "style") if name in options]
        if isinstance(place, Thread):
            words.append(place.parent.permalink)
        words += [] if private else ["public"]
        use = self.server.slash(person, _channel(place), "summarize", " ".join(words))
        return SlackQuestion(self, use, place, private=private)

    def catch_up(self, person, place):
        return SlackQuestion(self, self.server.slash(person, place, "catchup"), place)

    def ask_of_a_secret(self, person):
        others = [each for each in self.people if each is not person]
        secret = self.workspace.add_channel(
            f"secret-{len(self.workspace.channels)}", private=True, members=others
        )
        said = secret.post(others[0], "Nobody must know.", quietly=True)
        secret.post(others[1], "Indeed.", thread=said, quietly=True)
        place = self.channel()
        use = self.server.slash(person, place, "summarize", said.permalink)
        return SlackQuestion(self, use, place), secret

    def shut_out(self, person, place):
        place.remove(person)

    def click(self, person, question, label):
        message = [each for each in question._messages if each.buttons][-1]
        return self.server.click(person, message, label)

    def shown_by_bot(self, person, place):
        """In order; ephemeral messages are only known by whom they are for."""
        shown = _channel(place).visible_to(person)
        shown += self.workspace.add_dm(person).visible_to(person)
        bot = self.workspace.bot
        return [each for each in shown if each.posted_by is not None or each.user is bot]

    def seen(self, person, place):
        return [self.read(parts) for parts in _summaries(self.shown_by_bot(person, place))]

    @property
    def written(self):
        return len([each for each in self.server.requests if each.method in WRITING])

    def excuse(self, rule):
        assert self.server.violations == []  # each envelope goes to one connection

    def pinged(self):
        found = set()
        for channel in self.workspace.channels.values():
            for message in [*channel.messages, *channel.ephemerals]:
                if message.posted_by is not None:
                    found |= set(re.findall(r"<(?:@|!(?!date))[^>]*>", message.shown))
        return found

    def effects(self, text):
        return effects(text)

    def reads(self, place):
        channel = _channel(place)
        return len(
            [
                each
                for method in READING
                for each in self.server.requests_to(method)
                if each.args.get("channel") == channel.id
            ]
        )

    def hang_reading(self):
        return Hangs([self.server.hang(method) for method in READING])

    def hang_answering(self, question):
        way = WAYS[0] if question.private else WAYS[1]
        return self.server.hang(way, after_effect=True)

    def limit_reading(self, place, times, retry_after):
        self.server.rate_limit(READING[0], times=times, seconds=retry_after)

    @contextmanager
    def connection_lost(self):
        before = self.server.connected
        with self.server.connections_down():
            yield
        # A command that no bot hears of is lost: Slack says so, and nobody else will.
        wait_until(lambda: self.server.connected >= before, 60, "the bots' connections")

    names_moderators = True

    @property
    def server_key(self):
        return self.workspace.id

    def place_key(self, place):
        return place_id(_channel(place).id, place.parent.ts if isinstance(place, Thread) else None)

    def person_key(self, person):
        return person_id(self.workspace.id, person.id)

    def message_key(self, message):
        return message_id(self.workspace.id, message.channel.id, message.ts)

    def moderators_channel(self, moderators):
        return self.workspace.add_channel("moderators", private=True, members=moderators)

    def cards(self, channel):
        return [
            ShownCard(
                text=message.shown,
                buttons=tuple(button["text"]["text"] for button in message.buttons),
                message=message,
            )
            for message in channel.messages
            if message.user is self.workspace.bot
            and any(block["type"] == "header" for block in message.blocks)  # not the daily line
        ]

    def press(self, person, card, label, seconds=30.0):
        use = self.server.click(person, card.message, label)
        wait_until(lambda: use.text or use.view, seconds, "a word for a moderator")
        return use.text

    def digest(self, person, place, what, **options):
        words = [what]
        for name, value in options.items():
            given = " ".join(each.mention for each in value) if name == "channels" else value
            words.append(str(given) if name == "channels" else f"{name} {given}")
        return self.server.slash(person, place, "digest", " ".join(words)).wait_for_answer().shown

    def digests(self, place):
        return [
            ShownDigest(
                message.text.partition("\n")[0], "\n".join(each.shown for each in parts), parts
            )
            for message in place.messages_by_bot
            if not message.is_reply and (message.metadata or {}).get("event_type") == DIGEST
            for parts in [(message, *message.replies)]
        ]

    def direct(self, person):
        return [message.shown for message in self.workspace.add_dm(person).messages_by_bot]

    def close_to_bot(self, place):
        place.remove_bot()

    def hang_posting(self, place):
        return self.server.hang("chat.postMessage", after_effect=True)

    def bot_variables(self):
        return pointed_at(self.server, slack_bot_token=self.workspace.token)

    def bot_process(self, variables, *options, connected=1):
        token = self.workspace.token
        return bot_process(
            self.server, variables, *options, connected=connected, slack_bot_token=token
        )

    def read(self, messages):
        """The parts of an answer as one."""
        sections = [
            block["text"]["text"]
            for message in messages
            for block in message.blocks
            if block["type"] == "section"
        ]
        lines = [line for section in sections for line in section.splitlines()]
        last = messages[-1].blocks
        covers, model = _contexts(last)[-2:]  # before them, a note may stand
        first, end = ([*MOMENT.findall(covers)] * 2)[:2]
        header = next(block for block in messages[0].blocks if block["type"] == "header")
        return Told(
            title=header["text"]["text"],
            lines=tuple(self._line(line) for line in lines),
            covers=covers,
            first=datetime.fromtimestamp(int(first), UTC),
            last=datetime.fromtimestamp(int(end), UTC),
            model=model,
            buttons=tuple(button["text"]["text"] for button in messages[-1].buttons),
        )

    def _line(self, line):
        links = {link.replace("&amp;", "&") for link in LINK.findall(line)}
        found = [
            message
            for channel in self.workspace.channels.values()
            for message in channel.messages
            if message.permalink in links
        ]
        return Line(text=LINK.sub("", line), messages=tuple(found))


@dataclass(frozen=True)
class Hangs:
    """Several as one."""

    all: Sequence[Any]

    @property
    def waiting(self):
        return sum(each.waiting for each in self.all)

    def release(self):
        for each in self.all:
            each.release()


def _channel(place):
    return place.channel if isinstance(place, Thread) else place


def _mark(message):
    return ((message.metadata or {}).get("event_payload") or {}).get("ask")


def _contexts(blocks):
    return [block["elements"][0]["text"] for block in blocks if block["type"] == "context"]


def _summaries(messages):
    """The whole summaries among messages, each as its parts; the last part has the buttons."""
    whole, parts = [], []
    for message in messages:
        if any(block["type"] == "header" for block in message.blocks):
            parts.append(message)
            if message.buttons:
                whole.append(parts)
                parts = []
    return whole
