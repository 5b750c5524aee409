"""A server's settings, as its managers write them. Knows no platform."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from bot.context import Context
from bot.texts import CATALOGUE, Texts
from precis.ask import MOST_MESSAGES, ServerSettings
from precis.errors import DamagedError, InputError

Depending = Callable[[ServerSettings], Mapping[str, Any]]
"""Changes that depend on what is set; called in another thread."""


class UnsavableError(InputError):
    """Values that are no settings, each or together."""


class Managing:
    """The use case; raises StoreError, and InputError for what can't be used as it is."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def change(
        self, server: str, person: str, depending: Depending | None = None, /, **changes: Any
    ) -> ServerSettings:
        """The settings with `changes` (fields of `ServerSettings`), kept.

        `depending` makes further ones of what is set by then; of damaged settings it can't, which
        raises DamagedError.
        """
        context = self._context

        def changed(now: ServerSettings) -> ServerSettings:
            return _changed(now, {**changes, **(depending(now) if depending else {})})

        return await context.blocking(
            context.chat.change_settings,
            context.platform.name,
            server,
            person,
            changed,
            anew=depending is None,
        )

    async def now(self, server: str) -> ServerSettings:
        """The settings to begin from; the defaults where those that are stored are damaged."""
        settings, _ = await self.found(server)
        return settings

    async def found(self, server: str) -> tuple[ServerSettings, bool]:
        """The same, and whether they are damaged: then nobody can ask until some are saved."""
        try:
            return await self._context.server_settings(server), False
        except DamagedError:
            return ServerSettings(), True


def _changed(now: ServerSettings, changes: Mapping[str, Any]) -> ServerSettings:
    try:
        return ServerSettings.model_validate({**now.model_dump(), **changes})
    except ValidationError as error:
        fields = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
        raise UnsavableError(f"that can't be saved ({fields}); choose other values") from None


def written_window(text: str, texts: Texts) -> int:
    """The largest window that somebody typed; InputError says what is wrong with it."""
    digits = text.strip().replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdecimal() and 10 <= int(digits) <= MOST_MESSAGES):
        raise InputError(texts.settings_bad_window.format(most=MOST_MESSAGES))
    return int(digits)


def written_thresholds(text: str, texts: Texts) -> dict[str, float]:
    """`toxicity 0.8, insult 0.7` as thresholds by label; InputError says what is wrong with it."""
    thresholds = {}
    for part in (each for each in text.replace(";", ",").split(",") if each.strip()):
        label, _, number = part.strip().replace("=", " ").rpartition(" ")
        label = label.strip().lower().replace(" ", "_")
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if not (label.replace("_", "").isalpha() and len(label) <= 50 and 0.0 <= value <= 1.0):
            raise InputError(texts.settings_bad_thresholds)
        thresholds[label] = value
    return thresholds


def written_language(text: str, texts: Texts) -> str:
    """A language's code; InputError lists those there are."""
    code = text.strip().lower()
    if code not in CATALOGUE:
        raise InputError(texts.settings_bad_language.format(known=", ".join(sorted(CATALOGUE))))
    return code


def shown_thresholds(settings: ServerSettings) -> str:
    """As `written_thresholds` reads them."""
    return ", ".join(f"{label} {value:g}" for label, value in settings.thresholds.items())
