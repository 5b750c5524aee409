"""Prints an answer: as text for people, as one JSON object for programs.

Untrusted text is printed without markup; readers have taken control characters out of it.
"""

import json
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from precis.conversation import Conversation, Message
from precis.job import SUMMARY_TARGET, Flag, Style, Summary
from precis.readers import LoadedConversation

if TYPE_CHECKING:
    from cli.summarizing import Answer

WIDTH = 100
SHOWN_OF_A_MESSAGE = 160


def render_json(loaded: LoadedConversation, answer: "Answer | None") -> str:
    """The object that README documents; without an answer, of an empty window."""
    conversation = loaded.conversation
    shown: dict[str, Any] = {
        "job_id": answer.job.id if answer else None,
        "state": answer.job.state.value if answer else None,
        "conversation": {
            "messages": len(conversation.messages),
            "skipped": loaded.skipped,
            "left_out": loaded.left_out,
            "participants": [person.name for person in conversation.participants],
            "from": _iso(conversation.first_time),
            "to": _iso(conversation.last_time),
        },
        "summary": None,
        "flags": [],
        "model": None,
        "timings": {},
    }
    if answer:
        result = answer.result.model_dump(mode="json")
        shown |= {key: result[key] for key in ("summary", "flags", "model")}
        shown["timings"] = answer.timings
    return json.dumps(shown, ensure_ascii=False, indent=2)


def render_text(answer: "Answer", console: Console | None = None) -> None:
    """Print the summary, who said what, the messages behind it, the flags, and the time spent."""
    console = console or Console(soft_wrap=True, highlight=False)
    conversation = answer.loaded.conversation
    console.print(Text(_heading(answer.loaded), style="bold"))
    for note in _notes(answer.loaded):
        console.print(Text(note, style="yellow"))
    summary = answer.result.summary
    if summary is None:
        console.print(
            Text("\nThe summary was withheld: nothing clean was left to say.", style="red")
        )
    else:
        for title, lines in (
            ("Summary", _sentences(summary)),
            ("Who said what", _speakers(summary)),
            ("Messages behind it", _messages(summary, conversation)),
        ):
            _section(console, title, lines)
    _section(console, "Flags", _flags(answer.result.flags, conversation) or ["none"])
    model = answer.result.model
    adapter = f", adapter {model.adapter}" if model.adapter else ""
    console.print(Text(f"\nModel  {model.profile}: {model.generator}{adapter}; gate {model.gate}"))
    spent = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in answer.timings.items())
    console.print(Text(f"Time   {spent} s"))


def _section(console: Console, title: str, lines: list[str]) -> None:
    console.print(Text(f"\n{title}", style="bold cyan"))
    for line in lines:
        console.print(Text(line))


def _heading(loaded: LoadedConversation) -> str:
    conversation = loaded.conversation
    channel = f"#{conversation.channel}" if conversation.channel else conversation.source
    parts = [
        channel,
        _count(len(conversation.messages), "message"),
        _count(len(conversation.participants), "person", "people"),
    ]
    first, last = conversation.first_time, conversation.last_time
    if first and last:
        end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
        parts.append(f"{first:%Y-%m-%d %H:%M} to {end} UTC")
    return " · ".join(parts)


def _notes(loaded: LoadedConversation) -> Iterator[str]:
    if loaded.skipped:
        shown = "; ".join(loaded.problems[:3])
        yield f"{_count(loaded.skipped, 'damaged record')} skipped ({shown})"
    if loaded.left_out:
        yield (
            f"{_count(loaded.left_out, 'older message')} left out: a window holds at most "
            f"{len(loaded.conversation.messages):,} (PRECIS_MAX_MESSAGES)"
        )


def _sentences(summary: Summary) -> list[str]:
    """The summary's lines; each sentence has the number that the sections below it use."""
    lines: list[str] = []
    heading: tuple[str, ...] | None = None
    for number, sentence in enumerate(summary.sentences, 1):
        text = sentence.text
        if summary.style is Style.PEOPLE:
            if sentence.speakers[:1] != heading:
                heading = sentence.speakers[:1]
                lines.append(f"  {''.join(heading) or 'Everyone'}")
            text = text.removeprefix(f"{''.join(heading)}: ")
        lead = f"{number:>2}. " if summary.style is Style.BRIEF else f"  • [{number}] "
        lines += _wrapped(lead, text)
    return lines


def _speakers(summary: Summary) -> list[str]:
    said: dict[str, list[int]] = {}
    for number, sentence in enumerate(summary.sentences, 1):
        for speaker in sentence.speakers:
            said.setdefault(speaker, []).append(number)
    return [
        f"  {speaker}: {', '.join(str(number) for number in numbers)}"
        for speaker, numbers in said.items()
    ]


def _messages(summary: Summary, conversation: Conversation) -> list[str]:
    by_id = {message.id: message for message in conversation.messages}
    lines = []
    for number, sentence in enumerate(summary.sentences, 1):
        for citation in sentence.citations:
            lead = f"{number:>4}. "
            lines += _wrapped(lead, _shown(by_id[citation.id], conversation))
            if citation.permalink:
                lines.append(" " * len(lead) + citation.permalink)
    return lines


def _shown(message: Message, conversation: Conversation) -> str:
    clock = f"{message.time:%H:%M} " if message.time else ""
    text = textwrap.shorten(message.text, SHOWN_OF_A_MESSAGE, placeholder=" …")
    return f"[{message.id}] {clock}{conversation.names[message.author_id]}: {text}"


def _flags(flags: tuple[Flag, ...], conversation: Conversation) -> list[str]:
    authors = {m.id: conversation.names[m.author_id] for m in conversation.messages}
    lines = []
    for flag in flags:
        if flag.target == SUMMARY_TARGET:
            what = "the summary"
        else:
            what = f"message {flag.target} by {authors.get(flag.target, 'someone')}"
        score = f"{flag.label} {flag.scores[flag.label]:.2f}, threshold {flag.threshold:.2f}"
        lines.append(f"  {what}: {score}; {flag.action.value}")
    return lines


def _wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
    ) or [lead]


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
