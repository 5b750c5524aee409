"""Puts a digest together: what jobs made of each place, as lines to be shown. Pure.

Knows no platform: names and what people said go into spans that adapters escape.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.digests.view import (
    DigestView,
    Kind,
    Line,
    Link,
    Moment,
    Name,
    Own,
    Place,
    Section,
    Span,
    Words,
)
from bot.texts import Texts
from bot.texts.digest_words import DigestWords
from precis.conversation import Conversation
from precis.job import JobState, SentenceKind, Style, SummarySentence

ARROW = "↗"
MOST_NAMES = 4
MOST_LINKS = 2
"""Of a sentence, to the messages that it rests on."""
ITEMS = (
    SentenceKind.QUESTION,
    SentenceKind.DECISION,
    SentenceKind.PROMISE,
    SentenceKind.LINK,
    SentenceKind.OPEN,
)


@dataclass(frozen=True, slots=True)
class Told:
    """What there is of one channel or thread."""

    place: str
    name: str
    new: Conversation
    """The messages that are new, as far as they are still stored."""
    state: JobState = JobState.DONE
    sentences: tuple[SummarySentence, ...] = ()
    partial: bool = False

    @property
    def threads(self) -> int:
        """Threads among the messages that are no places of their own."""
        return len({message.thread for message in self.new.messages} - {None, self.place})


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel and what there is of it and of its threads; nothing where it was quiet."""

    place: str
    name: str
    told: tuple[Told, ...] = ()

    @property
    def messages(self) -> int:
        return sum(len(each.new.messages) for each in self.told)

    @property
    def threads(self) -> int:
        return sum(each.threads + (each.place != self.place) for each in self.told)

    @property
    def people(self) -> set[str]:
        return {message.author_id for each in self.told for message in each.new.messages}


@dataclass(frozen=True, slots=True)
class Frame:
    """How a digest is to be told, and of what it says that it is."""

    key: str
    day: date
    zone: ZoneInfo
    style: Style
    weekly: bool = False
    preview: bool = False
    late_since: datetime | None = None
    """When it was due, where that is to be said."""


def compose(channels: Iterable[Channel], frame: Frame, texts: Texts) -> DigestView:
    """The digest of `channels`, the liveliest first."""
    words = texts.digests.words
    ranked = sorted(channels, key=lambda each: -each.messages)
    lively = [each for each in ranked if each.told]
    quiet = [each for each in ranked if not each.told]
    title = _title(frame, words)
    sections = [
        section for channel in lively for section in _sections(channel, frame, words, len(ranked))
    ]
    if quiet and len(ranked) > 1:
        sections.append(Section((Line(Kind.NOTE, tuple(_quiet(quiet, words))),)))
    return DigestView(
        key=frame.key,
        title=title,
        top=tuple(_top(title, lively, frame, words)),
        overview=tuple(_overview(each, words) for each in lively),
        sections=tuple(sections),
    )


def written_date(day: date, words: DigestWords) -> str:
    """Such as `Sunday, March 29`."""
    return words.date.format(
        weekday=words.weekdays[day.weekday()],
        month=words.months[day.month - 1],
        number=day.day,
    )


def _title(frame: Frame, words: DigestWords) -> str:
    form = words.title_week if frame.weekly else words.title
    if frame.preview:
        form = words.title_preview
    return form.format(day=written_date(frame.day, words))


def _top(title: str, lively: Sequence[Channel], frame: Frame, words: DigestWords) -> Iterator[Line]:
    yield Line(Kind.TITLE, (Own(title, strong=True),))
    people = set().union(*(each.people for each in lively))
    messages = sum(each.messages for each in lively)
    threads = sum(each.threads for each in lively)
    counts = [words.messages.format(count=messages), words.people.format(count=len(people))]
    if threads:
        counts.append(words.threads.format(count=threads))
    if len(lively) > 1:
        counts.append(words.channels.format(count=len(lively)))
    yield Line(Kind.LINE, (Own(words.between.join(counts)),))
    if frame.late_since is not None:
        time = frame.late_since.astimezone(frame.zone).strftime("%H:%M")
        yield Line(Kind.NOTE, (Own(words.late.format(time=time)),))
    for channel in lively:
        for each in channel.told:
            if each.partial:
                before, _, after = words.partial.partition("{place}")
                place = Place(each.place, each.name)
                yield Line(Kind.NOTE, (Own(before), place, Own(after)))


def _overview(channel: Channel, words: DigestWords) -> Line:
    counts = [words.messages.format(count=channel.messages)]
    if channel.threads:
        counts.append(words.threads.format(count=channel.threads))
    spans: list[Span] = [Place(channel.place, channel.name)]
    spans.append(Own(f" — {words.between.join(counts)}"))
    first = next(
        (
            sentence
            for each in channel.told
            for sentence in each.sentences
            if sentence.kind is SentenceKind.SAID
        ),
        None,
    )
    if first is not None:
        spans += [Own(": "), Words(first.text)]
    return Line(Kind.ITEM, tuple(spans))


def _quiet(quiet: Sequence[Channel], words: DigestWords) -> Iterator[Span]:
    yield Own(words.quiet)
    for number, each in enumerate(quiet):
        if number:
            yield Own(", ")
        yield Place(each.place, each.name)


def _sections(
    channel: Channel, frame: Frame, words: DigestWords, channels: int
) -> Iterator[Section]:
    """The channel's heading goes with its first topic, where there are several channels."""
    heading: list[Line] = []
    if channels > 1:
        counted = words.messages.format(count=channel.messages)
        spans = (Place(channel.place, channel.name), Own(f" · {counted}"))
        heading = [Line(Kind.CHANNEL, spans)]
    for told in sorted(channel.told, key=lambda each: each.place != channel.place):
        parts = list(_of_place(told, frame, words, thread=told.place != channel.place))
        for lines in parts:
            yield Section((*heading, *lines))
            heading = []


def _of_place(
    told: Told, frame: Frame, words: DigestWords, *, thread: bool
) -> Iterator[list[Line]]:
    heading: list[Line] = []
    if thread:
        spans = (Own(words.thread), Place(told.place, told.name))
        heading = [Line(Kind.TOPIC, spans)]
    if (instead := _instead(told, words)) is not None:
        yield [*heading, Line(Kind.NOTE, (Own(instead),))]
        return
    times = {message.id: message.time for message in told.new.messages}
    numbers = dict.fromkeys(each.topic for each in told.sentences if each.topic is not None)
    for number in numbers:
        of_topic = [each for each in told.sentences if each.topic == number]
        lines = list(_topic(of_topic, times, frame, words))
        yield [*heading, *lines]
        heading = []
    if loose := [each for each in told.sentences if each.topic is None]:
        if numbers and any(each.kind is not SentenceKind.OPEN for each in loose):
            heading.append(Line(Kind.TOPIC, (Own(words.loose, strong=True),)))
        yield [*heading, *_lines(loose, frame, words)]


def _instead(told: Told, words: DigestWords) -> str | None:
    """What is said where there is no summary."""
    if told.state is JobState.FAILED:
        return words.failed
    if told.state is JobState.WITHHELD:
        return words.withheld
    return None if told.sentences else words.forgotten


def _topic(
    sentences: Sequence[SummarySentence],
    times: dict[str, datetime | None],
    frame: Frame,
    words: DigestWords,
) -> Iterator[Line]:
    head = next((each for each in sentences if each.kind is SentenceKind.TOPIC), None)
    if head is not None and head.speakers:
        spans: list[Span] = list(_names(head.speakers, words))
        began = next((times.get(each.id) for each in head.citations), None)
        if began is not None:
            spans += [Own(" · "), Moment(began)]
        spans += _links(head, most=1)
        yield Line(Kind.TOPIC, tuple(spans))
    yield from _lines(
        [each for each in sentences if each.kind is not SentenceKind.TOPIC], frame, words
    )


def _lines(
    sentences: Sequence[SummarySentence], frame: Frame, words: DigestWords
) -> Iterator[Line]:
    said = [each for each in sentences if each.kind is SentenceKind.SAID]
    if frame.style is Style.BRIEF:
        yield from _prose(said)
    else:
        yield from _points(said, frame)
    for kind in ITEMS:
        for each in sentences:
            if each.kind is kind:
                yield Line(Kind.ITEM, tuple(_item(each, words)))


def _prose(said: Sequence[SummarySentence]) -> Iterator[Line]:
    """What was written runs on; what is quoted is a line each."""
    for quoted, group in groupby(said, key=lambda each: _quote(each) is not None):
        if quoted:
            yield from (Line(Kind.LINE, tuple(_as_said(each))) for each in group)
        else:
            yield Line(Kind.LINE, tuple(_paragraph(group)))


def _paragraph(said: Iterable[SummarySentence]) -> Iterator[Span]:
    for number, sentence in enumerate(said):
        if number:
            yield Own(" ")
        yield Words(sentence.text)
        yield from _links(sentence, most=MOST_LINKS)


def _quote(sentence: SummarySentence) -> str | None:
    """What was said, of a sentence that is quoted from who said it."""
    who = sentence.speakers[:1]
    if sentence.origin != "extracted" or not who or not sentence.text.startswith(f"{who[0]}: "):
        return None
    return sentence.text.removeprefix(f"{who[0]}: ")


def _as_said(sentence: SummarySentence) -> Iterator[Span]:
    """A sentence behind the name of who said it, where it is a quote."""
    quote = _quote(sentence)
    if quote is not None:
        yield Name(sentence.speakers[0])
        yield Own(": ")
    yield Words(sentence.text if quote is None else quote)
    yield from _links(sentence, most=MOST_LINKS)


def _points(said: Sequence[SummarySentence], frame: Frame) -> Iterator[Line]:
    for sentence in said:
        who = sentence.speakers[:1]
        spans = list(_as_said(sentence))
        named = _quote(sentence) is not None or not who or sentence.text.startswith(who[0])
        if frame.style is Style.PEOPLE and not named:
            spans = [Name(who[0]), Own(": "), *spans]
        yield Line(Kind.ITEM, tuple(spans))


def _item(sentence: SummarySentence, words: DigestWords) -> Iterator[Span]:
    marks = {
        SentenceKind.QUESTION: words.question,
        SentenceKind.DECISION: words.decision,
        SentenceKind.PROMISE: words.promise,
        SentenceKind.LINK: words.link,
        SentenceKind.OPEN: words.open_before,
    }
    yield Own(marks[sentence.kind])
    yield Words(sentence.text)
    if sentence.speakers:
        yield Own(" — ")
        yield Name(sentence.speakers[0])
    yield from _links(sentence, most=1)


def _names(speakers: Sequence[str], words: DigestWords) -> Iterator[Span]:
    shown, rest = speakers[:MOST_NAMES], len(speakers) - MOST_NAMES
    for number, name in enumerate(shown):
        if number:
            last = number == len(shown) - 1 and rest <= 0
            yield Own(words.and_last if last else ", ")
        yield Name(name)
    if rest > 0:
        yield Own(words.and_last + words.others.format(count=rest))


def _links(sentence: SummarySentence, most: int) -> Iterator[Span]:
    links = [cited.permalink for cited in sentence.citations if cited.permalink]
    for number, link in enumerate(links[:most], start=1):
        yield Own(" ")
        yield Link(link, ARROW if number == 1 else str(number))
