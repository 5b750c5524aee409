"""What the gate makes of a job: its flags, and what it kept from being said, for moderators. Pure.

Knows nothing of models, nor of what a summary is made of.
"""

from collections.abc import Mapping, Sequence

from precis.conversation import Conversation
from precis.job import Flag, FlagAction, Refused, Summary, SummarySentence
from worker.gate.policy import crossed, flag, summary_flag
from worker.gate.scorer import Scores, ToxicityScorer
from worker.pipeline.drafting import Said


def known_thresholds(thresholds: Mapping[str, float], scorer: ToxicityScorer) -> dict[str, float]:
    """Those of labels that the gate has: a server may have set them for another gate."""
    return {label: limit for label, limit in thresholds.items() if label in scorer.thresholds}


def scores_by_id(conversation: Conversation, scores: Sequence[Scores]) -> dict[str, Scores]:
    return {m.id: each for m, each in zip(conversation.messages, scores, strict=True)}


def message_flags(
    conversation: Conversation,
    scores: Sequence[Scores],
    thresholds: Mapping[str, float],
    judged: Mapping[str, bool],
) -> list[Flag]:
    """What moderators have decided needs no flag."""
    made = (
        flag(message.id, each, thresholds, FlagAction.NOTED)
        for message, each in zip(conversation.messages, scores, strict=True)
        if message.id not in judged
    )
    return [each for each in made if each is not None]


def why_nothing_is_said(
    flags: Sequence[Flag], scores: Sequence[Scores], thresholds: Mapping[str, float]
) -> list[Flag]:
    """A withheld summary is always flagged; with the worst message's scores, if need be."""
    if any(f.action is FlagAction.WITHHELD for f in flags):
        return []
    worst = max(
        (s for s in scores if crossed(s, thresholds)), key=lambda s: max(s.values()), default=None
    )
    return summary_flag(worst, thresholds, FlagAction.WITHHELD)


def refused_drafts(
    said: Sequence[Said],
    cited: Sequence[Sequence[SummarySentence]],
    refused: Sequence[Sequence[SummarySentence]],
    summary: Summary | None,
) -> list[Refused]:
    """What the gate kept from being said, with what was said in its place."""
    shown = list(summary.sentences) if summary else []
    made = []
    for each, instead, sentences in zip(said, cited, refused, strict=True):
        places = tuple(n for n, sentence in enumerate(shown) if sentence in instead)
        # One that names a number nobody has could not have been read, so it has no text.
        readable = tuple(sentence for sentence in sentences if sentence.text)
        made += [Refused(flag=flag, sentences=readable, instead=places) for flag in each.flags]
    return made


def unwritten(why: Sequence[Flag], flags: Sequence[Flag]) -> list[Refused]:
    """Of a summary for which there was nothing clean to say, no draft was ever made.

    Where moderators have decided all of the messages there is nothing left to ask them.
    """
    undecided = any(flag.action is FlagAction.NOTED for flag in flags)
    return [Refused(flag=flag, sentences=()) for flag in why] if undecided else []
