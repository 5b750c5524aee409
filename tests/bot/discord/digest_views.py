"""Digests to be posted, and how a test waits for what the bot does: what their tests share."""

import asyncio

from bot.digests.view import DigestView, Kind, Line, Own, Section, Words
from bot.discord.digest_poster import DiscordPoster
from tests.services import wait_until

KEY = "d1" * 16
TITLE = "Digest of Monday"


def digest(sections=1, size=200, key=KEY, text="said"):
    """Of so many sections, each with a line of about `size` characters; 20 of 600 take 4 parts."""

    def section(number):
        line = Line(Kind.ITEM, (Words(f"{number} {text} ".ljust(size, "x")),))
        return Section((Line(Kind.TOPIC, (Own(f"Topic {number}"),)), line))

    return DigestView(
        key=key,
        title=TITLE,
        top=(Line(Kind.TITLE, (Own(TITLE),)), Line(Kind.LINE, (Own("12 messages"),))),
        overview=(Line(Kind.LINE, (Own("all in one channel"),)),),
        sections=tuple(section(number) for number in range(sections)),
    )


def long(**options):
    return digest(20, 550, **options)


def waited(bot, work):
    """What a coroutine gives that runs where the bot does."""
    return asyncio.run_coroutine_threadsafe(work, bot.loop).result(15)


def catch_up(bot, server, guild):
    """Wait until the bot has heard of all that was changed: of what is said it hears last."""
    channel = guild.add_text_channel("heard")
    said = server.say(channel, guild.owner, "hello")
    wait_until(lambda: getattr(bot.get_channel(channel.id), "last_message_id", 0) == said.id)


class Posts:
    """Posts as a use case does, and keeps what it is told of; it can die before it notes one."""

    def __init__(self, bot, guild):
        self.bot = bot
        self.poster = DiscordPoster(bot, bot.platform)
        self._server = str(guild.id)
        self.noted = []
        self.dies_at = None
        """The number of the message that isn't noted any more."""

    async def _note(self, message):
        if len(self.noted) == self.dies_at:
            raise KeyError
        self.noted.append(message)

    def __call__(self, target, view):
        work = self.poster.post(self._server, target, view, tuple(self.noted), self._note)
        waited(self.bot, work)

    def dying(self, target, view, number):
        """Until just after a message is posted, which isn't noted."""
        self.dies_at = number
        try:
            self(target, view)
        except KeyError:
            self.dies_at = None
        else:
            raise AssertionError("it should have died")
