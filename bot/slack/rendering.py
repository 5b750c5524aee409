"""An answer as Slack's blocks, within its limits. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks. All of an answer is untrusted text: it
is escaped here, and its links are to messages of its own workspace or none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from bot.platform import Answer
from bot.slack.escaping import escaped, escaped_name, fitting, plain
from bot.slack.permalinks import is_permalink
from bot.texts import Texts
from precis.job import Style, SummarySentence

Block = dict[str, Any]

MOST_SECTION = 3_000
MOST_SECTIONS = 3
"""A message: of longer ones Slack says `msg_blocks_too_long`, from some 11,000 characters on."""
MOST_HEADER = 150
MOST_SENTENCE = 600  # before escapes; the longest quote
MOST_ESCAPED = 2_000
MOST_LINKS = 2  # a sentence: with more, long summaries would be mostly links
MOST_FALLBACK = 1_000
ARROW = "↗"


def blocks(
    answer: Answer,
    texts: Texts,
    workspace_url: str,
    *,
    shared: bool = False,
    note: str | None = None,
) -> list[list[Block]]:
    """The blocks of one or more messages; the last one has the buttons.

    `workspace_url` is as `auth.test` gives it. `shared`: nobody is left to share it with. `note`
    goes before, in the bot's own words.
    """
    parts = list(_parts(list(_lines(answer, workspace_url))))
    made = []
    for number, part in enumerate(parts):
        message = [_context(note)] if note and number == 0 else []
        message.append(_header(_title(answer, texts) if number == 0 else texts.more))
        message += [_section(text) for text in part]
        if number == len(parts) - 1:
            message += [_context(_covers(answer, texts)), _context(_model(answer, texts))]
            message.append(_answer_buttons(answer, texts, shared=shared))
        made.append(message)
    return made


def notice_blocks(notice: str, ask_id: str, texts: Texts) -> list[Block]:
    """For an answer that waits: only who asked can open it. `notice` is in the bot's own words."""
    return [_section(notice), _buttons(ask_id, texts, ("show",))]


def fallback_text(answer: Answer, texts: Texts) -> str:
    """What notifications show, and screen readers read: the title and how the summary begins."""
    text = escaped(_title(answer, texts), MOST_HEADER)
    for sentence in answer.sentences:
        line = _shown(sentence.text)
        if len(text) + len(line) > MOST_FALLBACK:
            break
        text += f"\n{line}"
    return text


def _title(answer: Answer, texts: Texts) -> str:
    return fitting(
        lambda limit: texts.title.format(place=plain(answer.place, limit)), 100, MOST_HEADER
    )


def _lines(answer: Answer, workspace_url: str) -> Iterator[str]:
    speaker = None
    for sentence in answer.sentences:
        said, head = sentence.text, ""
        if answer.style is Style.PEOPLE:
            now = sentence.speakers[0] if sentence.speakers else None
            if now != speaker and now is not None:
                head = f"*{escaped_name(now)}*\n"
            speaker = now
            said = said.removeprefix(f"{now}: ")
        bullet = "" if answer.style is Style.BRIEF else "• "
        text = _shown(said)
        yield f"{head}{bullet}{text}{''.join(_links(sentence, workspace_url))}"


def _shown(said: str) -> str:
    return fitting(partial(escaped, said), MOST_SENTENCE, MOST_ESCAPED)


def _links(sentence: SummarySentence, workspace_url: str) -> Iterator[str]:
    links = [c.permalink for c in sentence.citations if c.permalink]
    good = [link for link in links if is_permalink(link, workspace_url)][:MOST_LINKS]
    for number, link in enumerate(good, start=1):
        yield f" <{link.replace('&', '&amp;')}|{ARROW if number == 1 else number}>"


def _parts(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines, together as far as sections, and sections as far as messages hold them."""
    sections: list[str] = []
    for line in lines:
        if sections and len(sections[-1]) + 1 + len(line) <= MOST_SECTION:
            sections[-1] += f"\n{line}"
            continue
        if len(sections) == MOST_SECTIONS:
            yield sections
            sections = []
        sections.append(line)
    yield sections


def _covers(answer: Answer, texts: Texts) -> str:
    when = _when(answer.first_time, answer.last_time)
    said = texts.covers.format(count=answer.messages, when=when)
    for note in answer.notes:
        if len(said) + 1 + len(note) <= MOST_SECTION:
            said += f"\n{note}"
    return said


def _when(first: datetime | None, last: datetime | None) -> str:
    """Dates, which each reader sees in their own time zone and language."""
    if first is None or last is None:
        return "?"
    start = _date(first, "{date_short_pretty} {time}")
    if int(first.timestamp()) == int(last.timestamp()):
        return start
    same_day = first.date() == last.date()
    return f"{start} – {_date(last, '{time}' if same_day else '{date_short_pretty} {time}')}"


def _date(time: datetime, form: str) -> str:
    return f"<!date^{int(time.timestamp())}^{form}|{time:%Y-%m-%d %H:%M} UTC>"


def _model(answer: Answer, texts: Texts) -> str:
    model = escaped(answer.model, 100)
    if answer.adapter:
        return texts.model_adapter.format(model=model, adapter=escaped(answer.adapter, 64))
    return texts.model.format(model=model)


def _answer_buttons(answer: Answer, texts: Texts, *, shared: bool) -> Block:
    """👍 👎 Report, Share for who alone sees it (until it is `shared`), Delete for what all see."""
    last = () if answer.private and shared else ("share",) if answer.private else ("delete",)
    return _buttons(answer.ask_id, texts, ("good", "bad", *last, "report"))


def _buttons(ask_id: str, texts: Texts, actions: tuple[str, ...]) -> Block:
    return {"type": "actions", "elements": [_button(action, ask_id, texts) for action in actions]}


def _button(action: str, ask_id: str, texts: Texts) -> Block:
    words = texts.moderation if action == "report" else texts
    button: Block = {
        "type": "button",
        "action_id": f"precis:{action}",
        "value": ask_id,
        "text": {"type": "plain_text", "text": getattr(words, action), "emoji": True},
    }
    if action == "delete":
        button["style"] = "danger"
    return button


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _section(text: str) -> Block:
    return {"type": "section", "expand": True, "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
