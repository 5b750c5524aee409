"""What moderators do with a card: look, decide, note. Who may is asked of the platform each time.

All that a click brings may be forged or out of date: the card, what of it was seen, the server.
Knows no platform.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import ValidationError

from bot.context import Context
from bot.moderation.desk import Action, Desk, Shown, Who
from bot.moderation.wording import is_timed_out, told
from bot.platform import Refusal
from bot.refusals import refused
from bot.texts import Texts
from precis.errors import DamagedError, InputError, PurgedError
from precis.moderation import (
    MOST_EDITED,
    MOST_NOTE,
    Card,
    Case,
    Decided,
    Decision,
    Effect,
    Kind,
    Verdict,
)

VERDICTS = {
    Action.RELEASE: Verdict.RELEASED,
    Action.KEEP: Verdict.KEPT,
    Action.EDIT: Verdict.EDITED,
    Action.DISMISS: Verdict.DISMISSED,
    Action.REMOVE: Verdict.REMOVED,
    Action.TIME_OUT: Verdict.TIMED_OUT,
}
TIME_OUTS = {60: Effect.TIME_OUT_HOUR, 1_440: Effect.TIME_OUT_DAY, 10_080: Effect.TIME_OUT_WEEK}
"""By minutes; a day unless something else is asked for."""
MOST_SHOWN = 1_500
"""Characters of a message, as it is shown to a moderator."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a form adds to a click."""

    text: str | None = None
    """A note, or what a summary is to say."""
    minutes: int | None = None
    """For how long an author is timed out."""

    @property
    def time_out(self) -> Effect:
        return TIME_OUTS.get(self.minutes or 0, Effect.TIME_OUT_DAY)


NOTHING = Given()


class RefusedError(InputError):
    """Why whoever clicked may not, or can't any more; in words for them."""


class Deciding:
    """The use case; each method raises StoreError, PlatformDownError and RefusedError."""

    def __init__(self, context: Context, desk: Desk) -> None:
        self._context = context
        self._desk = desk

    async def show(self, who: Who, card_id: str, seen: int) -> Shown:
        """The texts of what a card asks about, for a moderator alone."""
        card, texts = await self._card(who, card_id)
        cases = [case for case in card.cases if case.position <= seen and case.said is not None]
        cases = [case for case in cases if case.open] or cases
        if not cases:
            raise RefusedError(texts.moderation.nothing_to_show)
        await self._check(who, cases, texts)
        await self._check_reads(who, cases, texts)
        lines = [line for case in cases for line in await self._shown(case, texts)]
        return Shown(texts.moderation.shown_title, tuple(lines))

    async def decide(
        self, who: Who, action: Action, card_id: str, seen: int, *, given: Given = NOTHING
    ) -> tuple[str, Decided]:
        """Decide the open cases that whoever clicked has seen; what to tell them."""
        card, texts = await self._card(who, card_id)
        words = texts.moderation
        mine = [case for case in card.cases if case.position <= seen]
        waiting = [case for case in mine if case.open]
        if action is Action.TIME_OUT and not waiting and not card.open_cases:
            return await self._time_out_too(who, mine, texts, given)
        if not waiting:
            await self._check(who, mine, texts)
            raise RefusedError(await self._too_late(mine, texts))
        await self._check(who, waiting, texts)
        decision = _decision(who, action, given, texts)
        await self._check_effect(who, decision.effect, waiting[-1], texts)
        try:
            decided = await self._context.blocking(
                self._context.moderation.decide,
                self._context.platform.name,
                who.server,
                [case.id for case in waiting],
                decision,
                seen,
            )
        except PurgedError:
            raise RefusedError(words.nothing_to_release) from None
        except InputError:
            forged = words.nothing_to_release if action in _SAYING else words.stale
            raise RefusedError(forged) from None
        if not decided.cases:
            return await self._too_late(list(decided.before), texts), decided
        return words.done.format(count=len(decided.cases)), decided

    async def note(self, who: Who, card_id: str, seen: int, note: str) -> str:
        """Write a note on what whoever clicked has seen of a card."""
        card, texts = await self._card(who, card_id)
        note = note.strip()
        if not note or len(note) > MOST_NOTE:
            raise RefusedError(texts.moderation.bad_note.format(most=MOST_NOTE))
        mine = [case for case in card.cases if case.position <= seen]
        mine = [case for case in mine if case.open] or mine
        await self._check(who, mine, texts)
        context = self._context
        await context.blocking(
            context.moderation.add_note,
            context.platform.name,
            who.server,
            [case.id for case in mine],
            who.person,
            note,
        )
        return texts.moderation.noted

    async def check(self, who: Who, card_id: str, seen: int) -> Card:
        """Whether somebody may do something with a card, before a form opens; the card."""
        card, texts = await self._card(who, card_id)
        await self._check(who, [case for case in card.cases if case.position <= seen], texts)
        return card

    async def editable(self, who: Who, card_id: str, seen: int) -> str:
        """What a summary was not to say: what a moderator's own words begin from."""
        card = await self.check(who, card_id, seen)
        waiting = [case for case in card.open_cases if case.kind is Kind.SUMMARY]
        texts = await self._context.texts(who.server)
        if not waiting:
            raise RefusedError(await self._too_late(list(card.cases), texts))
        await self._check_reads(who, waiting, texts)
        said = waiting[0].said
        if said is None or not said.sentences:
            raise RefusedError(texts.moderation.nothing_to_release)
        return said.text[:MOST_EDITED]

    async def is_moderator(self, who: Who, place: str | None) -> bool:
        """By the platform's permissions, or because the settings name them. Raises StoreError."""
        with suppress(DamagedError):  # then they name nobody
            settings = await self._context.server_settings(who.server)
            if who.person in settings.moderators:
                return True
        return await self._desk.is_moderator(who.server, who.person, place)

    async def _card(self, who: Who, card_id: str) -> tuple[Card, Texts]:
        """A card of the server where it was clicked, and of this platform."""
        context = self._context
        texts = await context.texts(who.server)
        card = await context.blocking(context.moderation.card, card_id)
        mine = (context.platform.name, who.server)
        if card is None or (card.platform, card.server) != mine or not card.cases:
            raise RefusedError(texts.moderation.elsewhere)
        return card, texts

    async def _check(self, who: Who, cases: Sequence[Case], texts: Texts) -> None:
        """Raise RefusedError unless who clicked moderates each place, as of now."""
        if not cases:
            raise RefusedError(texts.moderation.stale)
        for place in dict.fromkeys(case.place for case in cases):
            if not await self.is_moderator(who, place):
                shown = await self._desk.place(who.server, place)
                raise RefusedError(texts.moderation.not_moderator.format(place=shown))

    async def _check_reads(self, who: Who, cases: Sequence[Case], texts: Texts) -> None:
        """Raise RefusedError unless a moderator could read each place themselves, as of now."""
        for place in dict.fromkeys(case.place for case in cases):
            if not await self._desk.may_read(who.server, who.person, place):
                shown = await self._desk.place(who.server, place)
                raise RefusedError(refused(Refusal.PERSON_CANNOT_VIEW, texts, shown))

    async def _check_effect(
        self, who: Who, effect: Effect | None, case: Case, texts: Texts
    ) -> None:
        """Raise RefusedError where the bot can't, or who clicked may not by their own hand."""
        if effect is None:
            return
        words, desk = texts.moderation, self._desk
        abilities = await desk.abilities(case)
        if effect is Effect.REMOVE:
            if not abilities.remove:
                raise RefusedError(words.cannot_remove)
            return
        if not abilities.time_out:
            raise RefusedError(words.cannot_time_out)
        if not await desk.may_time_out(case, who.person):
            raise RefusedError(words.you_cannot_time_out)

    async def _too_late(self, cases: Sequence[Case], texts: Texts) -> str:
        decided = [case for case in cases if case.decided_at is not None]
        if not decided:
            return texts.moderation.stale
        latest = max(decided, key=lambda case: case.decided_at or case.created_at)
        said = await told(self._desk, latest, texts)
        return texts.moderation.too_late.format(decided=said)

    async def _shown(self, case: Case, texts: Texts) -> list[str]:
        words, desk = texts.moderation, self._desk
        if case.said is None:
            return []
        text = desk.escaped(case.said.text, MOST_SHOWN)
        if case.kind is Kind.MESSAGE:
            when = desk.moment(case.said_at or case.created_at)
            return [words.shown_message.format(when=when, text=text)]
        lines = [words.shown_refused.format(text=text)] if case.said.sentences else [text]
        if instead := await self._instead(case):
            lines.append(words.shown_instead.format(text=desk.escaped(instead, MOST_SHOWN)))
        return lines

    async def _instead(self, case: Case) -> str:
        """What the summary says in the place of what was refused."""
        if case.said is None or not case.said.instead or case.job_id is None:
            return ""
        try:
            result = await self._context.blocking(self._context.jobs.result, case.job_id)
        except PurgedError:
            return ""
        sentences = result.summary.sentences if result and result.summary else ()
        there = [sentences[n].text for n in case.said.instead if n < len(sentences)]
        return " ".join(there)

    async def _time_out_too(
        self, who: Who, cases: Sequence[Case], texts: Texts, given: Given
    ) -> tuple[str, Decided]:
        """Of what is decided as toxic, its author may be timed out too."""
        toxic = [case for case in cases if case.verdict is not None and case.verdict.toxic]
        await self._check(who, cases, texts)
        if not toxic or any(is_timed_out(case) for case in cases):
            raise RefusedError(await self._too_late(cases, texts))
        await self._check_effect(who, given.time_out, toxic[-1], texts)
        context = self._context
        added = await context.blocking(
            context.moderation.add_effect,
            context.platform.name,
            who.server,
            [toxic[-1].id],
            who.person,
            given.time_out,
        )
        if not added:  # somebody was quicker, or it is still being removed
            raise RefusedError(texts.moderation.stale)
        said = texts.moderation.done.format(count=1)
        return said, Decided(cases=tuple(added), before=())


_SAYING = (Action.RELEASE, Action.EDIT)


def _decision(who: Who, action: Action, given: Given, texts: Texts) -> Decision:
    edited = None
    if action is Action.EDIT:
        edited = (given.text or "").strip()
        if not edited or len(edited) > MOST_EDITED:
            raise RefusedError(texts.moderation.bad_edit.format(most=MOST_EDITED))
    try:
        return Decision(
            person=who.person,
            verdict=VERDICTS[action],
            edited=edited,
            effect=_effect(action, given),
        )
    except (KeyError, ValidationError):  # forged
        raise RefusedError(texts.moderation.stale) from None


def _effect(action: Action, given: Given) -> Effect | None:
    if action is Action.TIME_OUT:
        return given.time_out
    return Effect.REMOVE if action is Action.REMOVE else None
