"""Words for refusals. Knows no platform."""

from bot.platform import Refusal
from bot.texts import Texts


def refused(refusal: Refusal, texts: Texts, place: str) -> str:
    """Why there is no summary of `place`, in one line."""
    text: str = getattr(texts, refusal.value)
    return text.format(place=place)
