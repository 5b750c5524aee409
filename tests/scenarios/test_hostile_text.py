"""Nothing that people write or are called makes the bot do what it should not."""

import pytest

from precis.job import Result
from tests.bot.discord.summarisers import summary_of
from tests.bot.processes import worker_thread
from tests.worker.summarisers import MODEL

pytestmark = pytest.mark.slow

HOSTILE = [
    "@everyone @here @channel wake up",
    "{person} <!here> <!channel> <!subteam^S1>",
    "[free nitro](https://evil.example/x) https://evil.example discord.gg/evil",
    "<https://evil.example|your bank> mailto:eve@evil.example evil.example/login",
    "# LOUD\n## heading\n-# small\n> quote\n>>> quote",
    "```ansi\n\x1b[31mred\n``` `code`",
    "- list\n1. list\n* list",
    "**b** *i* __u__ ~~s~~ ||spoiler|| _i_ ~s~",
    "<:party:1> <a:party:1> <t:0:R> </ban:1> <id:customize> <!date^1^{date}|x>",
    "\u202etxt.exe\u202c \u2066isolate\u2069 \u200bzero",
    "Z" + "\u0335\u0321\u034d\u0316\u0337" * 60 + "algo",
    "w" * 4_000,
    "👨‍👩‍👧‍👦" * 100,
    "\\",
]
"""Each says something, and so may be told."""


class Repeating:
    """Tells every message, as it is."""

    def summarise(self, request, conversation, deadline):
        texts = [message.text for message in conversation.messages]
        return Result(summary=summary_of(conversation, request.style, texts), model=MODEL)


@pytest.mark.parametrize("style", ["brief", "bullets", "people"])
@pytest.mark.parametrize("private", [True, False], ids=["private", "public"])
def test_a_summary_that_quotes_hostile_text_is_harmless(stage, variables, style, private):
    place = stage.channel("calculus")
    person = stage.mention(stage.people[0])
    stage.fill(place, [text.replace("{person}", person) for text in HOSTILE])
    with worker_thread(variables, Repeating()), stage.bot_process(variables):
        told = stage.ask(stage.people[1], place, last=50, style=style, private=private).told()
    assert len(told.lines) >= len(HOSTILE)
    for line in told.lines:
        if not (line.text.startswith("*") and line.text.endswith("*")):  # a person's name
            assert stage.effects(line.text.removeprefix("• ")) == []
    assert stage.pinged() == set()
