"""What somebody says they will do for others, and that it is done. Pure."""

from worker.pipeline.phrases.questions import is_question
from worker.pipeline.phrases.wording import FEWEST_WORDS, any_of, plain, words
from worker.pipeline.sentences import split_sentences

MOST_TO_ACCEPT = 8
"""Words of a sentence that doesn't say what is promised."""

_WILL = (
    r"add|arrange|ask|bake|book|bring|buy|call|check|clean|collect|come back|compile|convert|cook"
    r"|copy|cover|create|do|draft|drop|email|explain|fetch|find|finish|fix|forward|get|give|grab"
    r"|handle|help|host|invite|lend|let (?:you|everyone|everybody|them|her|him)|look|mail|make"
    r"|merge|message|move|order|organi[sz]e|pick|pin|ping|post|prepare|present|print|proofread|push"
    r"|put|read|record|register|remind|reply|report|reserve|review|scan|schedule|send"
    r"|set|share|show|sign|sort|start|submit|summari[sz]e|take|talk|tell|test|text|transcribe"
    r"|translate|type|update|upload|write"
)
_CAN = (
    r"ask|bake|book|bring|buy|check|cook|cover|draft|drive|email|explain|fetch|forward|grab|handle"
    r"|help (?:with|out|you|on)|host|lend|look|make|order|organi[sz]e|pick|post|prepare|present"
    r"|print|proofread|record|reserve|review|scan|send|set|share|show|summari[sz]e|take|talk|translate|upload|write"
)
_ALSO = r"(?:(?:also|then|just|definitely|gladly|happily|quickly|try (?:to|and)|go and|still)\s+)*"
_DOING = r"bringing|sending|booking|baking|preparing|printing|uploading|hosting|writing up|ordering"
_ICH = (
    r"schick|schreib|bring|lad|buch|reservier|prüf|schau|guck|teil|stell|besorg|kauf|back"
    r"|übernehm|kümmer|druck|scann|leit|meld|erledig|organisier|bereit|trag|hol|kopier|erklär|helf"
)
_INFINITIVE = (
    r"schicken|schreiben|(?:mit)?bringen|hochladen|buchen|reservieren|prüfen|(?:nach)?schauen"
    r"|teilen|(?:rein|vor|ein)?stellen|besorgen|kaufen|backen|übernehmen|kümmern|(?:aus)?drucken"
    r"|scannen|weiterleiten|melden|erledigen|organisieren|vorbereiten|eintragen|(?:ab)?holen"
    r"|erklären|helfen|(?:nach)?fragen|machen"
)
_PROMISES = any_of(
    rf"\bi(?:'?ll| will) {_ALSO}(?:{_WILL})\b",
    rf"\bi(?: can|'m going to| am going to) {_ALSO}(?:{_CAN})\b",
    rf"\bi(?:'m| am) (?:{_DOING})\b",
    r"\blet me (?:ask|send|share|upload|find out)\b",
    rf"\bich (?:{_ICH})e?\b",
    rf"\b(?:{_ICH})e? ich\b",
    r"\b(?:mach|frag)e? ich (?!mich)|^(?:klar|ja|ok(?:ay)?|gerne?)?\W*mach ich\b",
    r"\bich (?:mach|frag)e? (?:das|es|mal|gleich|ihn|sie|nachher|heute|morgen|dann)\b",
    r"\bich frage? (?:den|die) prof",
    rf"\bich (?:werde|kann|könnte) (?!nicht|nie|kein)[^.?!]{{0,80}}\b(?:{_INFINITIVE})\b",
)
_NOT_PROMISED = any_of(
    r"\b(?:maybe|perhaps|hope|wish|doubt|might|not sure|unsure|wonder|joking|jk|kidding)\b",
    r"\b(?:vielleicht|hoffe|eventuell|mal sehen|scherz)\b",
    r"\b(?:if|when(?:ever)?|what(?:ever)?|how|where|than|everything|anything|as far as|as much as"
    r"|think|guess) i(?:'?ll| will| can|'m| am)\b",
    r"\b(?:do|does|did)(?:n't| not) (?:think|know|believe|want)\b|\bif i\b",
    r"\b(?:so|so that|until|before|once|all|only thing|because|that) i can\b",
    r"\bi(?:'?ll| will) (?:do (?:my best|nothing|fine|badly|well|great)|make (?:it\b|sure)"
    r"|show myself|(?:take|read) (?:it|that|this) as|call it a"
    r"|get (?:some |to )?(?:sleep|bed|there|home|used|lost|back)|try (?:to )?(?:sleep|survive)"
    r"|start (?:crying|panicking|screaming)|give (?:up|(?:it|that|this) (?:up|an?|another)\b)"
    r"|tell you (?:what|one|this)|take a (?:nap|break|shower)|look (?:like|forward))",
    r"\bi can (?:only )?(?:take|make) (?:it|that|no)\b",
    r"\bfrage? ich mich\b|\bbringe? (?:ich )?nicht|\bich (?:schau|guck|schreib)e? grade?\b",
    r"\bich (?:stelle? (?:mir|fest)|teile? (?:deine|die meinung)|trage? (?:gerade|eine))\b",
)


def promises(sentence: str) -> bool:
    """Whether somebody says that they will do something for others."""
    said = plain(sentence)
    return (
        _PROMISES.search(said) is not None
        and len(words(said)) >= FEWEST_WORDS
        and not is_question(said)
        and not _NOT_PROMISED.search(said)
    )


_ACCEPTS = any_of(
    r"^\W*(?:(?:yes|yep|yeah|sure|ok(?:ay)?|of course|no problem|ja|klar|gerne?|kein problem)\W+)*"
    r"(?:will do|(?:i'?m |i am )?on it|consider it done"
    r"|i(?:'?ll| will| can) (?:do|take|handle|take care of) (?:it|that|this|that one)"
    r"|(?:mach|übernehm|erledig)e? ich|ich (?:mach|übernehm|erledig)e? (?:das|es)"
    r"|ich kümmere? mich(?: da?rum)?)\b"
)
_REFERS = any_of(r"\b(?:it|that|this|them|one|das|es|darum|drum)\b")
_REQUEST = any_of(
    r"\b(?:please|pls|(?:some|any)(?:one|body)|need(?:s|ed)? to|who)\b",
    r"\b(?:can|could|would|will) you\b",
    r"\b(?:bitte|jemand|kannst du|könntest du|könnt ihr|wer|müsste\w?)\b",
)


def accepts(sentence: str) -> bool:
    """Whether a sentence takes on what somebody else asked for, without naming it."""
    said = plain(sentence)
    if len(words(said)) > MOST_TO_ACCEPT or is_question(said) or _NOT_PROMISED.search(said):
        return False
    if _ACCEPTS.search(said):
        return True
    return promises(said) and _REFERS.search(said) is not None


def requests(sentence: str) -> bool:
    """Whether a sentence asks somebody to do something."""
    said = plain(sentence)
    return len(words(said)) >= FEWEST_WORDS and _REQUEST.search(said) is not None


_DONE = any_of(
    r"(?<!\bto be )(?<!\bbe )(?<!\bget )(?<!not )(?<!n't )(?<!\balmost )(?<!\bnever )"
    r"\b(?:done|uploaded|sent|posted|shared|booked|reserved|printed|ordered|bought|finished|fixed"
    r"|submitted|pinned|merged|reviewed|checked|added|corrected|updated|written|wrote)\b",
    r"\bhere (?:it is|you go|they are|is|are)\b|\bhere's\b|\bit'?s (?:up|online|in the)\b",
    r"(?<!nicht )\b(?:erledigt|hochgeladen|geschickt|gesendet|gebucht|fertig|bestellt|besorgt"
    r"|reserviert|gedruckt|ausgedruckt|eingetragen)\b",
    r"\bhier (?:ist|sind)\b|\b(?:ist|sind) (?:jetzt )?(?:online|oben|im ordner)\b",
)


def is_done(text: str) -> bool:
    """Whether somebody says that something is done, or brings it."""
    return any(
        _DONE.search(plain(sentence)) and not is_question(sentence) and not promises(sentence)
        for sentence in split_sentences(text)
    )
