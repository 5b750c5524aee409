"""All that a bot says in its own words, by language. A language is complete or isn't there.

Texts take no chat text; what they are filled with are numbers, times and names that the platform's
adapter has escaped. Knows nothing of platforms.
"""

from datetime import timedelta

from bot.texts.counted import Counted
from bot.texts.english import ENGLISH
from bot.texts.fields import Texts
from bot.texts.german import GERMAN
from bot.texts.on_slack import ENGLISH_ON_SLACK, GERMAN_ON_SLACK

__all__ = ["CATALOGUE", "ENGLISH", "GERMAN", "Counted", "Texts", "texts_in", "told_length"]

CATALOGUE = {"en": ENGLISH, "de": GERMAN}
"""By ISO 639-1 code."""
OWN_WORDS = {"slack": {"en": ENGLISH_ON_SLACK, "de": GERMAN_ON_SLACK}}
"""The same, for platforms on which some things are called otherwise."""


def texts_in(language: str, platform: str = "") -> Texts:
    """The catalogue of a language, in a platform's own words; English where there is none."""
    own = OWN_WORDS.get(platform, CATALOGUE)
    return own.get(language, own["en"])


def told_length(length: timedelta, texts: Texts) -> str:
    """A length of time to wait, rounded up: `40 s`, `3 min`, `2 h`."""
    seconds = max(1, -int(-length.total_seconds() // 1))
    if seconds < 100:
        return texts.seconds.format(count=seconds)
    minutes = -(-seconds // 60)
    if minutes < 100:
        return texts.minutes.format(count=minutes)
    return texts.hours.format(count=-(-minutes // 60))
