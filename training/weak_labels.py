"""Labels that no person gave: made by rules, where a rule speaks.

obscene: the text holds a swear word. insult: a sentence with a swear word that speaks to or of a
person; a toxic post that mentions no person is none. threat: a toxic text without a violent word is
no threat; whether one with such a word is, nobody knows. severe_toxicity: hate speech that swears;
a toxic post of under six words is not severe. Knows nothing of models.
"""

import math
from collections import Counter
from collections.abc import Iterable

from training.gate_examples import Example, Labels, words_of
from worker.gate.network import LABELS


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_SECOND_PERSON = _words("you your you're youre u ur yourself")
_PERSON = _SECOND_PERSON | _words("he she they him her them his their this these guy")
_VIOLENCE = _words(
    "kill kills killed killing shoot shot stab beat beaten punch hang hanged burn burned hurt "
    "smash choke destroy hit slap murder rape die dies dead death gas bomb behead lynch drown cut "
    "throat neck bullet gun knife fight find catch regret watch pay"
)


def telling_words(posts: Iterable[Example], least: int = 20, odds: float = 3.0) -> frozenset[str]:
    """Words that the toxic posts use far more than the clean ones (smoothed log-odds)."""
    toxic: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    for post in posts:
        (toxic if post.is_toxic else clean).update(set(words_of(post.text)))
    toxic_total, clean_total = toxic.total() or 1, clean.total() or 1
    return frozenset(
        word
        for word, count in toxic.items()
        if count >= least
        and math.log(count / toxic_total) - math.log((clean[word] + 0.5) / clean_total) > odds
    )


def weak_labels(post: Example, swearing: frozenset[str]) -> Labels:
    """Complete an English toxic post's labels where a rule speaks; any other's stay."""
    if not post.is_toxic or post.language != "en":
        return post.labels
    words = words_of(post.text)
    known = dict(zip(LABELS, post.labels, strict=True))
    swears = bool(swearing.intersection(words))
    known["obscene"] = float(swears)
    if not _PERSON.intersection(words):
        known["insult"] = 0.0
    elif post.source not in ("davidson", "hateval") or (
        swears and _SECOND_PERSON.intersection(words)
    ):
        known["insult"] = 1.0
    if not _VIOLENCE.intersection(words):
        known["threat"] = 0.0
    if known["identity_attack"] == 1.0 and swears:
        known["severe_toxicity"] = 1.0
    elif known["identity_attack"] == 0.0 or len(words) < 6:
        known["severe_toxicity"] = 0.0
    return tuple(known[label] for label in LABELS)
