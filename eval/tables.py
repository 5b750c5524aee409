"""Figures as tables for people. Knows nothing of how figures come about."""

from rich.table import Table

from eval.bootstrap import Interval
from eval.faithfulness import FaithfulnessFigures
from eval.overlap import RougeFigures
from eval.speed import SpeedFigures
from eval.toxicity import ToxicityFigures

TITLES = {
    "rouge1": "ROUGE-1",
    "rouge2": "ROUGE-2",
    "rougeL": "ROUGE-L",
    "rougeLsum": "ROUGE-Lsum",
}


def rouge_table(title: str, figures: RougeFigures) -> Table:
    table = _table(title, "", "F1", "95 % interval")
    for kind, each in figures.items():
        table.add_row(TITLES[kind], *_figure(each))
    return table


def toxicity_table(title: str, figures: ToxicityFigures) -> Table:
    table = _table(
        f"{title}\ngate {figures.gate}",
        *("label", "mean", "95 % interval", "std", "limit", "over", "95 % interval"),
    )
    for label, each in figures.labels.items():
        spread = (f"{each.std:.4f}", f"{each.threshold:.2f}")
        table.add_row(label, *_figure(each.mean, 4), *spread, *_figure(each.over, percent=True))
    table.add_row("any", "", "", "", "", *_figure(figures.toxic, percent=True))
    return table


def faithfulness_table(title: str, figures: FaithfulnessFigures) -> Table:
    table = _table(title, "", "share", "95 % interval")
    rows: list[tuple[str, Interval | None]] = [
        ("summaries with a strange name or number", figures.strange),
        ("summaries with a word that nobody knows", figures.unknown),
        ("sentences that a turn supports", figures.supported),
        ("a written sentence's words in three turns", figures.shared),
        *((f"copied {order}-grams", each) for order, each in figures.copied.items()),
    ]
    for what, each in rows:
        table.add_row(what, *_figure(each, percent=True))
    if figures.generated is not None:
        table.add_row("sentences generated", _percent(figures.generated), "")
        table.add_row("sentences extracted", _percent(1 - figures.generated), "")
    table.add_row("empty summaries", _percent(figures.empty / figures.summaries), "")
    return table


def speed_table(title: str, figures: SpeedFigures) -> Table:
    table = _table(title, "", "summaries/s", "s/summary", "95 % interval", "95 % take under")
    one = _figure(figures.seconds, 3)
    table.add_row("one at a time", f"{figures.single_rate:.2f}", *one, f"{figures.slow:.3f} s")
    batched = f"{figures.batched_seconds:.3f}"
    table.add_row("in batches", f"{figures.batched_rate:.2f}", batched, "", "")
    table.caption = f"peak memory {figures.peak_memory / 2**20:,.0f} MiB"
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, box=None, pad_edge=False, title_justify="left", caption_justify="left"
    )
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    return table


def _figure(figure: Interval | None, digits: int = 3, *, percent: bool = False) -> tuple[str, str]:
    if figure is None:
        return "none", ""
    if percent:
        return _percent(figure.mean), f"{100 * figure.low:.1f}–{_percent(figure.high)}"
    return f"{figure.mean:.{digits}f}", f"{figure.low:.{digits}f}–{figure.high:.{digits}f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
