"""An answer as Discord's embeds, within its limits. Pure.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits. All of an
answer is untrusted text: it is escaped here, and its links are Discord's own or none.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import discord

from bot.discord.escaping import escaped, escaped_name, plain
from bot.platform import Answer
from bot.texts import Texts
from precis.job import Style, SummarySentence

COLOUR = 0x4F6DB8
MOST_DESCRIPTION = 4_000  # of 4,096 characters
MOST_SENTENCE = 600  # before escapes; the longest quote
MOST_LINKS = 2  # a sentence: with more, long summaries would be mostly links
ARROW = "↗"

PERMALINK = re.compile(
    r"https://(?:(?:canary|ptb)\.)?discord(?:app)?\.com/channels/(?:@me|[0-9]+)/[0-9]+/[0-9]+"
)


def embeds(answer: Answer, texts: Texts) -> list[discord.Embed]:
    """One or more embeds, each for a message of its own."""
    parts = list(_parts(list(_lines(answer))))
    made = []
    for number, part in enumerate(parts):
        first, last = number == 0, number == len(parts) - 1
        title = texts.title.format(place=escaped(answer.place, 100)) if first else texts.more
        embed = discord.Embed(title=title, description=part, colour=COLOUR)
        if last:
            embed.add_field(name="\u200b", value=_covers(answer, texts), inline=False)
            embed.set_footer(text=_model(answer, texts))
        made.append(embed)
    return made


def _lines(answer: Answer) -> Iterator[str]:
    speaker = None
    for sentence in answer.sentences:
        said, head = sentence.text, ""
        if answer.style is Style.PEOPLE:
            now = sentence.speakers[0] if sentence.speakers else None
            if now != speaker and now is not None:
                head = f"**{escaped_name(now)}**\n"
            speaker = now
            said = said.removeprefix(f"{now}: ")
        text = escaped(said, MOST_SENTENCE)
        links = "".join(_links(sentence))
        yield f"{head}• {text}{links}" if answer.style is not Style.BRIEF else f"{text}{links}"


def _links(sentence: SummarySentence) -> Iterator[str]:
    links = [c.permalink for c in sentence.citations if c.permalink]
    good = [link for link in links if PERMALINK.fullmatch(link)][:MOST_LINKS]
    for number, link in enumerate(good, start=1):
        yield f" [{ARROW if number == 1 else number}]({link})"


def _parts(lines: Sequence[str]) -> Iterator[str]:
    """The lines, together as far as a description holds them; none is cut, for each is short."""
    part: list[str] = []
    size = 0
    for line in lines:
        if part and size + len(line) > MOST_DESCRIPTION:
            yield "\n".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line) + 1
    yield "\n".join(part)


def _covers(answer: Answer, texts: Texts) -> str:
    when = _when(answer.first_time, answer.last_time)
    said = texts.covers.format(count=answer.messages, when=when)
    return "\n".join([said, *answer.notes])[:1024]


def _when(first: datetime | None, last: datetime | None) -> str:
    """Timestamps, which each reader sees in their own time zone and language."""
    if first is None or last is None:
        return "?"
    start = f"<t:{int(first.timestamp())}:f>"
    if int(first.timestamp()) == int(last.timestamp()):
        return start
    return f"{start} – <t:{int(last.timestamp())}:{'t' if first.date() == last.date() else 'f'}>"


def _model(answer: Answer, texts: Texts) -> str:
    model = plain(answer.model, 100)
    if answer.adapter:
        return texts.model_adapter.format(model=model, adapter=plain(answer.adapter, 64))
    return texts.model.format(model=model)
