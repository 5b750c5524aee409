"""Has summaries written, each system once, one model in memory at a time.

Knows nothing of metrics or pages.
"""

from collections.abc import Callable, Sequence

from eval.choosing import Choice
from eval.dialogues import Dialogue
from eval.report.variants import Variant
from eval.systems import Progress, Summary, System
from precis.errors import ModelError

Warn = Callable[[str], None]
"""Is told, in one line, what went wrong and where: for the terminal, not for the page."""


class Stages:
    """Makes one progress of several pieces of work, all taken as equally long."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = max(1, total)
        self._begun = 0

    def next(self) -> Progress:
        """The progress of the next piece."""
        begin = self._begun
        self._begun += 1
        return lambda what, done: self._progress(what, min(1.0, (begin + done) / self._total))


class Desk:
    """Summaries of one set of dialogues."""

    def __init__(
        self,
        dialogues: Sequence[Dialogue],
        choose: Callable[[Choice], System],
        stages: Stages,
        warn: Warn,
    ) -> None:
        self.dialogues = dialogues
        self._choose = choose
        self._stages = stages
        self._warn = warn
        self._made: dict[Choice, list[Summary] | None] = {}
        self._model_is_missing = False

    def summaries(self, variant: Variant) -> list[Summary] | None:
        """One a dialogue; None if the system can't be had, which is told to `warn`."""
        if variant.choice not in self._made:
            self._made[variant.choice] = self._ask(variant)
        return self._made[variant.choice]

    def texts(self, variant: Variant) -> list[str] | None:
        made = self.summaries(variant)
        return None if made is None else [each.text for each in made]

    def _ask(self, variant: Variant) -> list[Summary] | None:
        progress = self._stages.next()
        if self._model_is_missing and variant.kind != "baseline":
            return None  # a hub that can't be reached takes minutes to say so, each time
        try:
            system = self._choose(variant.choice)
            return system.summaries(self.dialogues, progress)
        except ModelError as error:
            self._warn(f"{variant.label}: {error}")
            self._model_is_missing |= variant.kind == "model"
            return None


def unavailable(variant: Variant) -> str:
    """Says on the page that a system couldn't be had; the reason may name this machine's paths."""
    return f"{variant.label}: could not be loaded; precis doctor tells why."
