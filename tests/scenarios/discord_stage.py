"""The study group on a loopback Discord."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from tests.bot.discord.markdown import effects
from tests.bot.discord.processes import bot_process
from tests.bot.discord.serving import is_last_word
from tests.peers.discord_server import Permission, discord_server
from tests.scenarios.moderators import ShownCard
from tests.scenarios.stage import NAMES, Line, Question, ShownDigest, Stage, Told
from tests.services import wait_until

LINK = re.compile(r" \[[^\]]+\]\(https://discord\.com/channels/\d+/\d+/(\d+)\)")
MOMENT = re.compile(r"<t:(\d+):")
MANAGE_MESSAGES = 1 << 13
ANSWER = "PATCH /webhooks/*/{}/messages/@original"


@contextmanager
def discord_stage():
    with discord_server() as server:
        yield DiscordStage(server)
        assert server.violations == []


class DiscordQuestion(Question):
    delivered = True  # Discord says a while later that nobody answered

    def __init__(self, stage, use, *, private=True):
        self._stage = stage
        self.use = use
        self.private = private
        self.person = use.user
        self.place = use.place

    @property
    def acknowledged_after(self):
        return self.use.acknowledged_after

    @property
    def text(self):
        return self.use.text

    def told(self, seconds=30.0):
        wait_until(lambda: _whole(self.use.messages), seconds, "a summary")
        return self._stage.read(self.use.messages)

    def line(self, seconds=30.0):
        wait_until(lambda: is_last_word(self.use.text), seconds, "a last line")
        assert not any(message.embeds for message in self.use.messages)
        return self.use.text

    def expire(self):
        self.use.expired_by_test = True


class DiscordStage(Stage):
    platform = "discord"

    def __init__(self, server):
        self.server = server
        self.people = [server.add_user(name.lower(), name) for name in NAMES]
        self.guild = server.add_guild("Study group", owner=self.people[0], members=self.people[1:])

    def channel(self, name="algebra"):
        return self.guild.add_text_channel(name)

    def thread(self):
        return self.channel("questions").add_thread("Sheet four", owner=self.people[1])

    def mention(self, person):
        return person.mention

    def name(self, place):
        return place.name

    def fill(self, place, texts, start=None, step=timedelta(minutes=1)):
        start = start or datetime.now(UTC) - timedelta(hours=6)
        return self.server.fill(place, self.people, list(texts), start=start, step=step)

    def say(self, place, person, text):
        return self.server.say(place, person, text)

    def delete(self, message):
        self.server.delete(message)

    def edit(self, message, text):
        self.server.edit(message, text)

    def said(self, message):
        return message.author.global_name, message.content

    def ask(self, person, place, **options):
        use = self.server.slash(person, place, "summarize", **options)
        return DiscordQuestion(self, use, private=options.get("private", True))

    def catch_up(self, person, place):
        return DiscordQuestion(self, self.server.slash(person, place, "catchup"))

    def ask_of_a_secret(self, person):
        owner = next(each for each in self.people if each is not person)
        channel = self.channel()
        secret = channel.add_thread(
            "secret", private=True, owner=owner, members=[person, self.server.bot]
        )
        self.server.fill(secret, [owner], 20)
        with self.server.gateway_down():  # the command is on its way while they are put out
            use = self.server.slash(person, channel, "summarize", thread=secret)
            secret.remove_member(person)
        return DiscordQuestion(self, use), secret

    def shut_out(self, person, place):
        place.make_private(*(each for each in self.people if each is not person), self.server.bot)

    def click(self, person, question, label):
        return self.server.click(person, question.use.messages[-1], label)

    def seen(self, person, place):
        shown = {message.id: message for message in self.server.messages_by_bot(place)}
        for use in self.server.interactions:
            if use.place is place:
                shown |= {message.id: message for message in use.visible_to(person)}
        shown |= {message.id: message for message in self.server.dms(person)}
        told, parts = [], []
        for _, message in sorted(shown.items()):
            if message.embeds:
                parts.append(message)
                if message.buttons:
                    told.append(self.read(parts))
                    parts = []
        assert not parts
        return told

    @property
    def written(self):
        return sum(request.method != "GET" for request in self.server.requests)

    def excuse(self, rule):
        assert {violation.rule for violation in self.server.violations} <= {rule}
        self.server.violations.clear()

    def pinged(self):
        places = [*self.server.world.channels.values(), *self.server.world.dms.values()]
        there = {each for place in places for each in self.server.messages_by_bot(place)}
        there |= {each for use in self.server.interactions for each in use.messages}
        return {user for message in there for user in message.pinged}

    def effects(self, text):
        return effects(text)

    def reads(self, place):
        return len(self.server.history_requests(place))

    def hang_reading(self):
        return self.server.hang("GET /channels/{}/messages")

    def hang_answering(self, question):
        return self.server.hang(ANSWER.format(question.use.token), after_effect=True)

    def limit_reading(self, place, times, retry_after):
        route = f"GET /channels/{place.id}/messages"
        self.server.rate_limit(route, times=times, retry_after=retry_after)

    def connection_lost(self):
        return self.server.gateway_down()

    names_moderators = False

    @property
    def server_key(self):
        return str(self.guild.id)

    def place_key(self, place):
        return str(place.id)

    def person_key(self, person):
        return str(person.id)

    def message_key(self, message):
        return str(message.id)

    def moderators_channel(self, moderators):
        role = self.guild.add_role("Moderators", MANAGE_MESSAGES)
        for each in moderators:
            self.guild.members[each.id].add_role(role)
        return self.guild.add_text_channel("moderators").make_private(*moderators, self.server.bot)

    def cards(self, channel):
        return [
            ShownCard(
                text=f"{embed.get('title')}\n{embed.get('description')}",
                buttons=tuple(button["label"] for button in message.buttons),
                message=message,
            )
            for message in self.server.messages_by_bot(channel)
            for embed in message.embeds
        ]

    def press(self, person, card, label, seconds=30.0):
        use = self.server.click(person, card.message, label)
        wait_until(lambda: use.followups or use.modal, seconds, "a word for a moderator")
        return "\n".join(message.content for message in use.followups)

    def digest(self, person, place, what, **options):
        if "channels" in options:
            options["channels"] = " ".join(each.mention for each in options["channels"])
        return self.server.slash(person, place, "digest", what, **options).wait_for_answer().text

    def digests(self, place):
        found = []
        for message in self.server.messages_by_bot(place):
            title = message.embeds[0].get("title", "") if message.embeds else ""
            if title.startswith("Digest"):
                below = self.server.messages_by_bot(message.thread) if message.thread else []
                parts = (message, *(each for each in below if each.embeds))
                found.append(ShownDigest(title, "\n".join(each.text for each in parts), parts))
        return found

    def direct(self, person):
        return [message.text for message in self.server.dms(person)]

    def close_to_bot(self, place):
        place.set_overwrite(
            self.server.bot, allow=Permission.SEND_MESSAGES, deny=Permission.READ_MESSAGE_HISTORY
        )

    def hang_posting(self, place):
        return self.server.hang(f"POST /channels/{place.id}/messages", after_effect=True)

    def bot_variables(self):
        return {"PRECIS_DISCORD_API": self.server.api, "PRECIS_DISCORD_TOKEN": self.server.token}

    def bot_process(self, variables, *options, connected=1):
        return bot_process(self.server, variables, *options, connected=connected)

    def read(self, messages):
        """The parts of an answer as one."""
        embeds = [message.embeds[0] for message in messages if message.embeds]
        lines = [line for embed in embeds for line in embed["description"].splitlines()]
        last = embeds[-1]
        [covers] = last["fields"]
        first, end = ([*MOMENT.findall(covers["value"])] * 2)[:2]
        return Told(
            title=embeds[0]["title"],
            lines=tuple(self._line(line) for line in lines),
            covers=covers["value"],
            first=datetime.fromtimestamp(int(first), UTC),
            last=datetime.fromtimestamp(int(end), UTC),
            model=last["footer"]["text"],
            buttons=tuple(button["label"] for button in messages[-1].buttons),
        )

    def _line(self, line):
        found = [
            message
            for each in LINK.findall(line)
            for place in self.server.world.channels.values()
            for message in place.messages
            if message.id == int(each)
        ]
        return Line(text=LINK.sub("", line), messages=tuple(found))


def _whole(messages):
    return bool(messages) and bool(messages[-1].embeds) and bool(messages[-1].buttons)
