"""What a refresh tells: `report.md` to read, `report.json` to compute with. Holds no chat text.

Knows nothing of how candidates were trained.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eval.bootstrap import Interval
from training.refresh.lessons import Talk
from training.refresh.rule import Measure, Outcome, Ruling
from worker.promotions import write_whole

_HEAD = """\
# Refresh of {started:%Y-%m-%d %H:%M}

A candidate is promoted if it is better by one measure (the 95 % interval of its difference is above
0) and worse by none: no interval lies below 0, unless by less than a tenth of the tolerance, and
none reaches below the tolerance, for what can't be told from worse is refused. Of several measures
one may seem better by chance.

"""
_COLUMNS = ("measure", "texts", "serving", "candidate", "difference", "tolerance", "found")


@dataclass(frozen=True)
class Report:
    """Of one run."""

    started: datetime
    ended: datetime
    exported: dict[str, Any]
    """The export's own manifest."""
    talk: Talk
    outcomes: Sequence[Outcome]

    @property
    def line(self) -> str:
        """What came of it, in one line."""
        return ". ".join(each.line for each in self.outcomes)

    def fields(self) -> dict[str, Any]:
        return {
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "exported": self.exported,
            "dialogues": self.talk.counts,
            "outcomes": [each.fields() for each in self.outcomes],
        }

    def markdown(self) -> str:
        dialogues = ", ".join(f"{count} {sort}" for sort, count in self.talk.counts.items())
        parts = [_HEAD.format(started=self.started), f"Dialogues: {dialogues}.\n"]
        parts += [_told(each) for each in self.outcomes]
        return "\n".join(parts)


def write_report(report: Report, output: Path) -> Path:
    """Both files, of this run and as the last; returns the folder of this run's."""
    folder = output / "reports" / f"{report.started:%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "report.md": report.markdown(),
        "report.json": json.dumps(report.fields(), indent=2) + "\n",
    }
    for name, text in content.items():
        write_whole(folder / name, text)
        write_whole(output / name, text)
    return folder


def _told(outcome: Outcome) -> str:
    lines = [f"## {outcome.what.capitalize()}\n", f"Served so far: {outcome.serving}.\n"]
    if outcome.untried:
        lines.append(f"No candidate was trained: {outcome.untried}.\n")
    if outcome.overtaken:
        lines.append(f"{outcome.line}.\n")
    lines += [
        _ruling(each, promoted=each.candidate == outcome.promoted) for each in outcome.rulings
    ]
    lines += [f"- {note}" for note in outcome.notes]
    return "\n".join([*lines, ""])


def _ruling(ruling: Ruling, *, promoted: bool) -> str:
    verdict = (
        "promoted" if promoted else "passed, but isn't promoted" if ruling.promote else "refused"
    )
    rows = [_row(each) for each in ruling.measures]
    table = ["| " + " | ".join(row) + " |" for row in (_COLUMNS, ("---",) * len(_COLUMNS), *rows)]
    return "\n".join([f"### {ruling.candidate}: {verdict}\n", f"{ruling.why}.\n", *table, ""])


def _row(measure: Measure) -> tuple[str, ...]:
    less = " (less is better)" if measure.less_is_better else ""
    return (
        f"{measure.name}{less}",
        str(measure.texts),
        _between(measure.serving),
        _between(measure.candidate),
        _between(measure.difference, signed=True),
        f"{measure.tolerance:g}",
        measure.found,
    )


def _between(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    mean, low, high = (f"{each:{sign}.3f}" for each in (interval.mean, interval.low, interval.high))
    return f"{mean} ({low} to {high})"
