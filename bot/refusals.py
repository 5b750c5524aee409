"""Words for refusals and errors. Knows no platform."""

from bot.managing import UnsavableError
from bot.platform import PlatformDownError, Refusal
from bot.texts import Texts
from precis.errors import PrecisError, StoreError


def refused(refusal: Refusal, texts: Texts, place: str) -> str:
    """Why there is no summary of `place`, in one line."""
    text: str = getattr(texts, refusal.value)
    return text.format(place=place)


def told(error: PrecisError | PlatformDownError, texts: Texts) -> str:
    """What whoever waits is told of an error that isn't a bug, in one line."""
    if isinstance(error, PlatformDownError):
        return texts.platform_down
    if isinstance(error, StoreError):
        return texts.store_down
    if isinstance(error, UnsavableError):
        return texts.settings_bad
    return texts.failed.format(reason=error)
