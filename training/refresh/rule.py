"""When a candidate takes the serving one's place: better by one measure, and not worse by any.

Better: the interval of its difference lies above 0. Not worse: that interval holds 0, or lies above
it, and doesn't reach below the measure's tolerance. What is shown to be worse doesn't pass, unless
by so little (a tenth of the tolerance) that no reader could tell: where all texts change a little
alike, any difference is sure. Neither does what can't be told from much worse. Resampling a handful
of texts shows little of how much others would differ, so by fewer than ten nothing is shown at all.
Knows nothing of what is measured.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from eval.bootstrap import Interval

Found = Literal["better", "as good", "not shown as good", "worse", "too few texts"]
FEWEST_TEXTS = 10
NEGLIGIBLE = 0.1
"""Share of a tolerance."""
_AGAINST: tuple[Found, ...] = ("not shown as good", "worse", "too few texts")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the serving one and of a candidate, on the same texts."""

    name: str
    texts: int
    serving: Interval
    candidate: Interval
    difference: Interval
    """Candidate minus serving, item by item, with its 95 % interval."""
    tolerance: float
    """So far below 0 the interval may reach where it holds 0 too; 0 or more."""
    less_is_better: bool = False

    @property
    def gain(self) -> Interval:
        """The difference, turned so that more is better."""
        if not self.less_is_better:
            return self.difference
        turned = self.difference
        return Interval(-turned.mean, -turned.high, -turned.low)

    @property
    def found(self) -> Found:
        gain = self.gain
        if self.texts < FEWEST_TEXTS:
            return "too few texts"
        if gain.high < 0 and gain.mean < -NEGLIGIBLE * self.tolerance:
            return "worse"
        if gain.low < -self.tolerance:
            return "not shown as good"
        return "better" if gain.low > 0 else "as good"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rule says of one candidate."""

    candidate: str
    measures: tuple[Measure, ...]

    @property
    def better(self) -> tuple[Measure, ...]:
        return tuple(each for each in self.measures if each.found == "better")

    @property
    def against(self) -> tuple[Measure, ...]:
        return tuple(each for each in self.measures if each.found in _AGAINST)

    @property
    def promote(self) -> bool:
        return bool(self.better) and not self.against

    @property
    def why(self) -> str:
        """In one line, without the candidate's name."""
        if self.against:
            return ", ".join(f"{each.name}: {each.found}" for each in self.against)
        if not self.better:
            return "as good, but better by no measure"
        better = ", ".join(each.name for each in self.better)
        return f"better by {better}, worse by none"


def best(rulings: Sequence[Ruling]) -> Ruling | None:
    """Of those that pass, the one better by most measures; of equals the last, the most trained."""
    passed = [each for each in rulings if each.promote]
    return max(reversed(passed), key=lambda each: len(each.better), default=None)


@dataclass(frozen=True)
class Outcome:
    """What became of one thing that was to be refreshed: the gate, or a profile's adapter."""

    what: str
    serving: str
    """The name of what served when the run began."""
    rulings: tuple[Ruling, ...] = ()
    promoted: str | None = None
    untried: str | None = None
    """Why no candidate was trained."""
    notes: tuple[str, ...] = ()
    overtaken: str | None = None
    """What was let serve while the run was at it, so that what passed wasn't held against it."""

    def held_against(self, serving: str) -> "Outcome":
        """What is to be done where `serving` serves by now: nothing, if it is another one."""
        if self.promoted is None or serving in (self.serving, self.promoted):
            return self
        return replace(self, promoted=None, overtaken=serving)

    @property
    def line(self) -> str:
        """In one line, as `precis train runs` lists it."""
        if self.untried:
            return f"{self.what}: {self.untried}"
        if self.promoted:
            ruling = next(each for each in self.rulings if each.candidate == self.promoted)
            return f"{self.what}: {self.promoted} is promoted ({ruling.why})"
        if self.overtaken:
            return (
                f"{self.what}: {self.overtaken} goes on serving; it was promoted meanwhile, "
                "and no candidate was compared with it"
            )
        whys = "; ".join(f"{each.candidate} ({each.why})" for each in self.rulings)
        return f"{self.what}: {self.serving} goes on serving; refused: {whys}"

    def fields(self) -> dict[str, Any]:
        """As the report's JSON has it."""
        return {
            "what": self.what,
            "serving": self.serving,
            "promoted": self.promoted,
            "untried": self.untried,
            "overtaken": self.overtaken,
            "notes": list(self.notes),
            "candidates": [
                {
                    "name": ruling.candidate,
                    "promote": ruling.promote,
                    "why": ruling.why,
                    "measures": [_measure_fields(each) for each in ruling.measures],
                }
                for ruling in self.rulings
            ],
        }


def _measure_fields(measure: Measure) -> dict[str, Any]:
    pairs = {
        name: asdict(getattr(measure, name)) for name in ("serving", "candidate", "difference")
    }
    return {
        "name": measure.name,
        "texts": measure.texts,
        **pairs,
        "tolerance": measure.tolerance,
        "less_is_better": measure.less_is_better,
        "found": measure.found,
    }
