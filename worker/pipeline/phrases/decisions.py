"""What several people have decided. Pure."""

from worker.pipeline.phrases.questions import is_question
from worker.pipeline.phrases.wording import FEWEST_WORDS, any_of, plain, words

_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|tomorrow|morgen"
)
_WHEN = (
    rf"(?:on |at |in |for |this |next |am |um )?(?:{_DAY})\b"
    r"|(?:on |at |for )?(?:tonight|noon|midnight|\d{1,2}(?::\d\d)?(?: ?[ap]m)?\b)"
)
_DECIDES = any_of(
    r"\blet'?s (?:just |all |then )?(?:go with|settle on|stick (?:with|to)|keep it (?:to|at)"
    rf"|(?:do|take|say|meet|have)(?: it| this)? (?:{_WHEN}))",
    r"\bwe(?:'ve| have|'re)?(?: now| just| finally| all| then)? "
    r"(?:decided|agreed|settled (?:on|for)|voted (?:for|to|on))\b",
    r"\b(?:it'?s|it is|that'?s|that is) (?:settled|decided|agreed)\b",
    r"^(?:(?:ok(?:ay)?|so|alright|right|great)\W+)*"
    r"(?:final(?: \w+)?|decision|decided|agreed|settled)\s*(?::|[–—]|- )",
    r"\bwe(?:'ll| will) (?:go with|stick (?:with|to)|meet|use|take|move|split|keep|start|skip)\b"
    r"(?! (?:again|and see|forward))",
    r"\bwe(?:'re| are) (?:going with|sticking (?:with|to)|meeting)\b",
    rf"\b(?:so|then) (?:we (?:meet|go with|take|use|start)\b|it'?s (?:{_WHEN}))",
    rf"^(?:ok(?:ay)?|so|then|alright)\W+(?:{_DAY})\W+(?:at|um)\W+\d",
    r"\bthe plan is(?: now)?\b",
    r"\b(?:dann|also|gut,?) (?:machen|nehmen|treffen|gehen|bleiben|fangen|verwenden|verschieben)"
    r" wir\b",
    r"\bwir haben (?!noch)[^.?!]{0,60}\b(?:beschlossen|entschieden|ab-?gemacht|ausgemacht|geeinigt"
    r"|vereinbart)\b",
    r"\bwir (?:treffen uns|bleiben bei|verschieben|einigen uns|machen (?:das|es) (?:so|am|um))\b",
    r"^(?:ok(?:ay)?\W+|also\W+|gut\W+)*(?:beschluss|beschlossen|entscheidung|abgemacht|einigung"
    r"|endgültig)\s*(?::|[–—]|- )",
    r"\b(?:es bleibt bei|(?:das|es) steht fest)\b",
    r"\b(?:das|es) ist (?:abgemacht|beschlossen|entschieden)\b",
    r"\beinigen wir uns auf\b",
)
_LABEL = any_of(
    r"^\W*(?:(?:final )?decision|decided|agreed|settled|beschluss|beschlossen|entscheidung"
    r"|abgemacht)\s*(?::|[–—]|- )\s*(?=\w)"
)
_REFERS = any_of(
    r"\b(?:do|take|make|use|go with|going with|stick (?:with|to)|meet for|decided on|agreed on)"
    r" (?:it|that|this|them|both)\b",
    r"\b(?:machen|nehmen) wir (?:das|es|beides?)\b|\bwir (?:machen|nehmen) (?:das|es|beides?)\b",
)
_IN_DOUBT = any_of(
    r"\b(?:if|unless|once|until|till|before|when|whether|maybe|perhaps|would|could|should|might"
    r"|hope|wish|suppose|imagine)\b",
    r"\b(?:wenn|falls|bis|bevor|sobald|ob|vielleicht|würden?|könnten?|sollten?|hoffe\w*)\b",
)


def decides(sentence: str) -> bool:
    """Whether a sentence says what several people have decided."""
    said = plain(sentence)
    found = _DECIDES.search(said)
    return (
        found is not None
        and len(words(said)) >= FEWEST_WORDS
        and not is_question(said)
        and not _IN_DOUBT.search(said[: found.start()])
    )


def is_of_another(sentence: str) -> bool:
    """Whether a decision doesn't name what was decided: `let's do it on Thursday`."""
    return _REFERS.search(plain(sentence)) is not None


def without_label(sentence: str) -> str:
    """`Decision: we take the bus` without what says that it is a decision."""
    return _LABEL.sub("", sentence) or sentence
