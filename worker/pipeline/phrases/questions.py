"""Questions that want an answer, and what answers or settles one. Pure."""

import re

from worker.pipeline.phrases.wording import FEWEST_WORDS, any_of, plain, words
from worker.pipeline.sentences import split_sentences

_MARKED = re.compile(r"[?？؟](?:\[[^\]]*\]|:[\w+-]+:|[^\w\[\]])*$")
_UNMARKED = any_of(
    r"^(?:h(?:i|ey|ello|allo)\W+(?:\w+\W+)?)?(?:does|do|did|has|have|is|can|could|would|will)\s+"
    r"(?:any|some)(?:one|body)\b",
    r"^any(?:one|body) (?:know|got|have|has|here|up for|able)\b",
    r"^(?:hallo\W+|hey\W+|hi\W+)?(?:weiß|weiss|hat|kann|könnte|kennt|hätte|mag)\s+"
    r"(?:jemand|irgendjemand|irgendwer|einer)\b",
)
_RHETORICAL = any_of(
    r"\bhow(?:'s| is| are) (?:you|it going|everyone|everybody|life|things|we all|y'?all)\b",
    r"\bhow(?:'s| is| was) (?:your|the) (?:day|weekend|evening|night|week)\b",
    r"\bwhat'?s (?:up|new|going on)\b",
    r"\bwho (?:cares|knew|doesn't|needs|would(?: have|'ve) thought)\b",
    r"\bwhy (?:even )?(?:bother|not)\b|\bwhy (?:is it always|do i (?:always|even)|am i like)\b",
    r"\b(?:what could|how hard can|guess what|remember when|you know what|know what i mean)\b",
    r"\bare you (?:kidding|serious)\b|\bam i (?:right|the only one)\b",
    r"\bcan you (?:believe|imagine)\b",
    r"\b(?:isn't|wasn't) (?:it|that|this) (?:great|nice|funny|cute|lovely|beautiful|wild|crazy)\b",
    r"\bwhat (?:the|is wrong with)\b|\bis it just me\b|\b(?:see|know) what i did\b",
    r"\bwie (?:geht'?s|geht es|war (?:dein|euer|das) (?:tag|wochenende))\b|\bwas geht\b",
    r"\balles (?:gut|klar)\b|\bwer (?:braucht|hätte das gedacht)\b|\bwarum (?:auch )?nicht\b",
    r"\b(?:dein|euer) ernst\b|\becht jetzt\b|\bweißt du noch\b|\bwas soll(?:'s| das)\b",
)
_TAG = any_of(
    r",\s*(?:right|no|yeah|eh|huh|innit|ok(?:ay)?|you know)\s*\?+\W*$",
    r",\s*(?:is|are|do|does|was|were|wo|ca)n't \w+\s*\?+\W*$",
    r",?\s*(?:oder|ne|gell|nicht wahr|stimmt'?s|hm+)\s*\?+\W*$",
)
_OPEN = any_of(
    r"\b(?:who|what|when|where|why|which|how|whose|wer|was|wann|wo|warum|wie|welche\w?)\b"
)
_NO_ANSWER = any_of(
    r"^\W*(?:no (?:idea|clue)|good question|same (?:question|here|problem|issue)|me (?:too|neither)"
    r"|bump|anyone|dunno|idk|not sure|following|ask(?:ing)? the same"
    r"|(?:i'?m |i am )?(?:also |just )?(?:wondering|curious))\b",
    r"^\W*\+1\W*$|^\W*(?:h+m+|oh|ah|h(?:ey|i|ello)|wait|l+o+l+|(?:ha)+h?|what|ups|oops)\W*$",
    r"^\W*(?:i )?(?:don't|do not|have no)\b.{0,20}\b(?:know|idea|clue|sure)\b",
    r"^\W*(?:keine ahnung|gute frage|weiß (?:ich )?(?:auch )?nicht|ich auch|ka\b|push\b)",
    r"\b(?:looked|searched|looking|wondered|wondering|asking)\b.*\b(?:too|as well)\b",
    r"(?:\bnot\b|n't\b).*\beither\b|\b(?:nicht|kein\w*)\b.*\bauch nicht\b",
    r"\b(?:would like|love) to know (?:that |this )?(?:too|as well)\b|\bwüsste ich auch gern",
)
_REPLIES = any_of(
    r"^\W*(?:yes|yep|yeah|yup|no|nope|sure|agreed|ok(?:ay)?|deal|of course|absolutely|definitely"
    r"|(?:good|great|nice) (?:idea|point|plan)|great|perfect|sounds good|works for me|fine with me"
    r"|(?:i'?m|count me) in)\b",
    r"^\W*(?:ja|jo|nein|nö|klar|gerne?|gute idee|passt|einverstanden|genau|natürlich|super)\b",
)
_LEANS = any_of(
    r"^\W*(?:they|it|that|this|those|these|he|she|them|because|and|but|so|or|nor|then|too|neither"
    r"|oh+|ah+|aha|hmm*|well|right|exactly|indeed|thanks?|thx|ty|sorry|wow|lol|haha\w*|same|also"
    r"|you'?re|we are fine)\b",
    r"^\W*(?:die|das|der|er|sie|es|weil|und|aber|oder|dann|auch|genau|danke|sorry|stimmt|ach|oh)\b",
)
_THUMBS = re.compile(r"👍|✅|👌|💯|✔|☑|:(?:\+1|thumbsup|thumbs_up|white_check_mark|ok_hand|100):")
_SETTLED = any_of(
    r"\bnever ?mind\b|\bnvm\b|\bsolved\b|\bfigured (?:it|that) out\b|\bfound (?:it|them|the)\b",
    r"\bgot it\b|\bworks now\b|\bit works\b|\bmakes sense\b",
    r"\b(?:thanks|thank you|thx|ty)\b(?! in advance)",
    r"\bdanke\b(?! (?:schon|im) (?:mal|vor))|\berledigt\b|\bgelöst\b|\bgefunden\b|\bklappt jetzt\b",
)


def is_question(sentence: str) -> bool:
    """Whether a sentence ends with a question mark, or begins as a question to all."""
    said = plain(sentence)
    return _MARKED.search(said) is not None or _UNMARKED.search(said) is not None


def asks(sentence: str) -> bool:
    """Whether a sentence asks something that wants an answer."""
    said = plain(sentence)
    return (
        is_question(said)
        and len(words(said)) >= FEWEST_WORDS
        and not _RHETORICAL.search(said)
        and not _TAG.search(said)
    )


def asks_yes_or_no(sentence: str) -> bool:
    """Whether a thumb is an answer."""
    return not _OPEN.search(sentence)


def answers(text: str) -> bool:
    """Whether a message that follows a question can be an answer to it.

    One that only asks back, or doesn't know either, is none.
    """
    told = [s for s in split_sentences(text) if words(s) and not is_question(s)]
    return agrees(text) or any(not _NO_ANSWER.search(plain(sentence)) for sentence in told)


def replies(text: str) -> bool:
    """Whether a text begins as an answer to a question of yes or no."""
    return _REPLIES.search(plain(text)) is not None


def chats(text: str) -> bool:
    """Whether a text begins with a question that wants no answer: `how are you all?`."""
    first = next(iter(split_sentences(text)), "")
    return is_question(first) and _RHETORICAL.search(plain(first)) is not None


def leans(text: str) -> bool:
    """Whether a text goes on from what somebody said before: alone it says little.

    `Great. I suggest the morning, …` doesn't.
    """
    first, *others = split_sentences(text) or [""]
    said = plain(first)
    begins = _LEANS.search(said) is not None or _REPLIES.search(said) is not None
    goes_on = len(words(first)) < FEWEST_WORDS and any(
        len(words(sentence)) >= 2 * FEWEST_WORDS for sentence in others
    )
    return begins and not goes_on


def agrees(text: str) -> bool:
    """Whether a text, or an emoji of a reaction, has a thumb up."""
    return _THUMBS.search(text) is not None


def settles(text: str) -> bool:
    """Whether whoever asked needs no answer any more."""
    return _SETTLED.search(plain(text)) is not None
