"""A card in words: what it is about, what the gate did, who decided what. Holds no chat text.

People, places, links and times are the platform's own (`Desk`). Knows no platform.
"""

from collections.abc import Sequence

from bot.moderation.desk import Abilities, Action, CardButton, CardView, Desk
from bot.texts import Texts
from precis.moderation import Card, Case, Effect, EffectState, Kind, Source, Verdict

MOST_LINES = 5
"""Cases that a card tells of one by one; the latest."""
OPERATOR = "operator"
"""Who decides on the command line."""
BUTTONS = {
    Action.SHOW: "show",
    Action.RELEASE: "release",
    Action.KEEP: "keep",
    Action.EDIT: "edit",
    Action.DISMISS: "dismiss",
    Action.REMOVE: "remove",
    Action.TIME_OUT: "timeout",
    Action.NOTE: "note_button",
}
"""The text of each button."""
DANGEROUS = (Action.REMOVE, Action.TIME_OUT)


async def card_view(desk: Desk, card: Card, texts: Texts, abilities: Abilities) -> CardView:
    """A card as moderators see it."""
    lines: list[str] = []
    first = card.cases[0]
    if first.author is not None:
        person = await desk.person(card.server, first.author)
        lines.append(texts.moderation.author.format(person=person))
    shown = card.open_cases or card.cases
    for case in shown[-MOST_LINES:]:
        lines += await _about(desk, case, texts)
    if len(shown) > MOST_LINES:
        lines.append(texts.moderation.older.format(count=len(shown) - MOST_LINES))
    if card.open_cases and len(card.open_cases) < len(card.cases):
        lines.append(await told(desk, _latest(card), texts))
    return CardView(
        card_id=card.id,
        seen=card.seen,
        title=_title(card, texts),
        lines=tuple(lines),
        buttons=tuple(_button(each, first.kind, texts) for each in _actions(card, abilities)),
        closed=not card.open_cases,
    )


async def told(desk: Desk, case: Case, texts: Texts) -> str:
    """Who decided what of a case, and when."""
    words = texts.moderation
    if case.verdict is None or case.decided_at is None:
        return ""
    if case.verdict is Verdict.GONE:
        return words.gone
    decided = {
        Verdict.RELEASED: words.released,
        Verdict.KEPT: words.kept,
        Verdict.EDITED: words.edited,
        Verdict.DISMISSED: words.dismissed,
        Verdict.REMOVED: words.removed,
        Verdict.TIMED_OUT: words.timed_out,
    }[case.verdict]
    if case.decided_by in (None, OPERATOR):
        person = words.operator
    else:
        person = await desk.person(case.server, str(case.decided_by))
    said = decided.format(person=person, when=desk.moment(case.decided_at))
    return " ".join([said, *_effect(case, texts)])


def scores(case: Case, texts: Texts) -> str:
    """The scores by label, the worst first, with the threshold of each."""
    words = texts.moderation
    ranked = sorted(case.scores, key=lambda label: case.scores[label], reverse=True)
    return " · ".join(
        words.score.format(
            label=label,
            score=case.scores[label],
            threshold=case.thresholds.get(label, 1.0),
        )
        for label in ranked
    )


def title(case: Case, texts: Texts) -> str:
    """What a single case is."""
    if case.kind is Kind.MESSAGE:
        return texts.moderation.card_message.format(count=1)
    if Source.REPORTED in case.sources:
        return texts.moderation.card_reported
    return texts.moderation.card_summary


def _title(card: Card, texts: Texts) -> str:
    first = card.cases[0]
    if first.kind is Kind.MESSAGE:
        return texts.moderation.card_message.format(count=len(card.open_cases or card.cases))
    return title(first, texts)


async def _about(desk: Desk, case: Case, texts: Texts) -> list[str]:
    """Where it is, how it came up, what the gate says and did, and what was decided."""
    words = texts.moderation
    place = await desk.place(case.server, case.place)
    where = words.where.format(place=place, when=desk.moment(case.said_at or case.created_at))
    if case.permalink:
        where = f"{where} {desk.link(case.permalink, words.link)}"
    lines = [f"{where} · {', '.join(_sources(case, texts))}"]
    if case.scores:
        lines.append(words.scores.format(scores=scores(case, texts)))
    gate: str = getattr(words, f"gate_{case.action.value}")
    if case.kind is Kind.SUMMARY and Source.REPORTED not in case.sources:
        lines.append(gate)
    if case.kind is Kind.MESSAGE and case.said is None and case.open:
        lines.append(words.no_text)
    if case.note:
        lines.append(words.note.format(note=desk.escaped(case.note, 300)))
    if not case.open:
        lines.append(await told(desk, case, texts))
    return lines


def _sources(case: Case, texts: Texts) -> list[str]:
    words = texts.moderation
    named = {
        Source.WATCHED: words.source_watched,
        Source.MET: words.source_met,
        Source.GATE: words.source_gate,
        Source.REPORTED: words.source_reported.format(count=case.reports),
    }
    return [named[source] for source in case.sources]


def _effect(case: Case, texts: Texts) -> list[str]:
    words = texts.moderation
    if case.effect_state is EffectState.DUE:
        return [words.effect_due]
    if case.effect_state is EffectState.REFUSED:
        return [words.effect_refused]
    if _is_time_out(case.effect) and case.verdict is not Verdict.TIMED_OUT:
        return [words.timed_out_too]
    return []


def _actions(card: Card, abilities: Abilities) -> Sequence[Action]:
    """What can be done: of what is decided, no more than to time its author out."""
    waiting = card.open_cases
    if not waiting:
        toxic = any(case.verdict is not None and case.verdict.toxic for case in card.cases)
        done = any(is_timed_out(case) for case in card.cases)
        is_message = card.cases[0].kind is Kind.MESSAGE
        if toxic and is_message and abilities.time_out and not done:
            return (Action.TIME_OUT,)
        return ()
    first = waiting[0]
    has_text = any(case.said is not None for case in waiting)
    found = [Action.SHOW] if has_text else []
    if first.kind is Kind.SUMMARY:
        can_say = first.said is not None and bool(first.said.sentences)
        found += [Action.RELEASE] if can_say else []
        found += [Action.KEEP]
        found += [Action.EDIT] if can_say else []
        return [*found, Action.DISMISS, Action.NOTE]
    found += [Action.KEEP, Action.DISMISS]
    found += [Action.REMOVE] if abilities.remove else []
    found += [Action.TIME_OUT] if abilities.time_out else []
    return [*found, Action.NOTE]


def _button(action: Action, kind: Kind, texts: Texts) -> CardButton:
    label: str = getattr(texts.moderation, BUTTONS[action])
    if action is Action.KEEP and kind is Kind.MESSAGE:  # nothing is withheld of it
        label = texts.moderation.keep_message
    return CardButton(action, label, danger=action in DANGEROUS)


def is_timed_out(case: Case) -> bool:
    """Whether its author is timed out for it, or soon will be."""
    return _is_time_out(case.effect) and case.effect_state is not EffectState.REFUSED


def _is_time_out(effect: Effect | None) -> bool:
    return effect is not None and effect.time_out is not None


def _latest(card: Card) -> Case:
    decided = [case for case in card.cases if case.decided_at is not None]
    return max(decided, key=lambda case: case.decided_at or case.created_at)
