"""Plots as PNG bytes: bars with intervals, histograms, curves. Knows nothing of what they show.

The same numbers give the same bytes: matplotlib's own defaults rather than the user's, and no
date or version in the file.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from eval.bootstrap import Interval

# Okabe and Ito's colours, which colour-blind people can tell apart.
GREY, BLUE, ORANGE, GREEN, RED = "#7f7f7f", "#0072b2", "#e69f00", "#009e73", "#d55e00"
CYCLE = (BLUE, RED, GREEN, ORANGE, "#cc79a7", "#56b4e9")
DPI = 110
BINS = 25


def bars(
    names: Sequence[str],
    panels: Mapping[str, Sequence[Interval]],
    colours: Sequence[str],
) -> bytes:
    """A panel a figure, a bar a name, with its interval; `panels` by title."""

    def draw(figure: Any) -> None:
        axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
        places = np.arange(len(names))[::-1]  # the first name on top
        for axis, (title, values) in zip(axes, panels.items(), strict=True):
            means = np.array([each.mean for each in values])
            errors = [
                [max(0.0, each.mean - each.low) for each in values],
                [max(0.0, each.high - each.mean) for each in values],
            ]
            axis.barh(places, means, xerr=errors, color=list(colours), capsize=3)
            axis.set_title(title)
            axis.set_xlim(left=0)
            axis.grid(axis="x", alpha=0.3)
            axis.set_axisbelow(True)
        axes[0].set_yticks(places, [_plain(name) for name in names])

    return _png(draw, width=10, height=1.2 + 0.38 * len(names))


def histogram(
    series: Mapping[str, npt.NDArray[np.float64]], threshold: float, xlabel: str, ylabel: str
) -> bytes:
    """Outlines of values from 0 to 1, by name, on a logarithmic scale; a line at `threshold`."""

    def draw(figure: Any) -> None:
        axis = figure.subplots()
        edges = np.linspace(0.0, 1.0, BINS + 1)
        for number, (name, values) in enumerate(series.items()):
            colour = CYCLE[number % len(CYCLE)]
            how = {"color": colour, "bins": edges, "histtype": "stepfilled"}
            axis.hist(values, **how, alpha=0.2)
            axis.hist(values, **{**how, "histtype": "step"}, linewidth=1.8, label=_plain(name))
        axis.axvline(threshold, color="black", linestyle="--", linewidth=1, label="threshold")
        axis.set_yscale("log")
        axis.set_ylim(bottom=0.5)  # one text must show
        axis.set_xlabel(xlabel)
        axis.set_ylabel(ylabel)
        axis.legend()

    return _png(draw, width=8, height=4)


def curves(steps: Sequence[float], panels: Mapping[str, Mapping[str, Sequence[float]]]) -> bytes:
    """Lines over `steps`, several a panel, by title and name; two panels a row.

    A line called `NAME ± std` is a band around the line `NAME` of its panel.
    """

    def draw(figure: Any) -> None:
        rows = (len(panels) + 1) // 2
        axes = np.atleast_1d(figure.subplots(rows, 2 if len(panels) > 1 else 1)).ravel()
        for axis, (title, lines) in zip(axes, panels.items(), strict=False):
            _lines(axis, steps, lines)
            axis.set_title(title)
            axis.set_xlabel("step")
            axis.grid(alpha=0.3)
            if len(lines) > 1:
                axis.legend(fontsize=8)
        for axis in axes[len(panels) :]:
            axis.set_axis_off()

    return _png(draw, width=9, height=2.9 * ((len(panels) + 1) // 2))


BAND = " ± std"


def _lines(axis: Any, steps: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    plain = [name for name in lines if not name.endswith(BAND)]
    colours = {name: CYCLE[number % len(CYCLE)] for number, name in enumerate(plain)}
    for name, values in lines.items():
        around = name.removesuffix(BAND)
        if around == name:
            axis.plot(steps, values, color=colours[name], linewidth=1.5, label=name)
        else:
            middle, spread = np.asarray(lines[around]), np.asarray(values)
            edges = (middle - spread, middle + spread)
            axis.fill_between(steps, *edges, color=colours[around], alpha=0.15, label=name)


def _plain(name: str) -> str:
    """A name without what matplotlib would read as mathematics."""
    return name.replace("$", r"\$")


def _png(draw: Callable[[Any], None], width: float, height: float) -> bytes:
    """Inches; `draw` gets the empty figure."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        target = io.BytesIO()
        figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()
