"""`precis review …`: what moderators are asked about, for operators, and the log of decisions."""

import csv
import json as json_library
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.harmless import harmless
from precis.errors import InputError
from precis.moderation import (
    MOST_EDITED,
    MOST_NOTE,
    AuditEntry,
    Case,
    Decision,
    Effect,
    Verdict,
)
from precis.settings import load_settings
from precis.store import ModerationStore, Store
from precis.window import parse_window

app = typer.Typer(
    help="What moderators are asked about, and the log of decisions.", no_args_is_help=True
)

OPERATOR = "operator"
"""Who decides here, in cases and in the log."""


class Order(StrEnum):
    oldest = "oldest"
    severity = "severity"
    channel = "channel"


class Decidable(StrEnum):
    """All verdicts but the one that nobody gives."""

    released = "released"
    kept = "kept"
    edited = "edited"
    dismissed = "dismissed"
    removed = "removed"
    timed_out = "timed_out"


class Format(StrEnum):
    jsonl = "jsonl"
    csv = "csv"


CaseArgument = Annotated[
    str, typer.Argument(help="A case, by the id that list prints.", show_default=False)
]
PlatformOption = Annotated[
    str | None, typer.Option(help="Of this platform alone: discord, slack.", metavar="NAME")
]
ServerOption = Annotated[
    str | None, typer.Option(help="Of this server alone, by its id.", metavar="ID")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_COLUMNS = ("case", "created", "server", "channel", "kind", "label", "score", "from", "verdict")
_EFFECTS = {Verdict.REMOVED: Effect.REMOVE, Verdict.TIMED_OUT: Effect.TIME_OUT_DAY}
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With which a spreadsheet begins to calculate."""


@app.command("list")
def list_cases(
    platform: PlatformOption = None,
    server: ServerOption = None,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.oldest,
    every: Annotated[bool, typer.Option("--all", help="Also what is decided.")] = False,
    limit: Annotated[int, typer.Option(help="Cases at most.", min=1, max=10_000)] = 100,
    json: JsonOption = False,
) -> None:
    """List what waits for moderators; without the texts.

    \b
    precis review list
    precis review list --server 123456789012345678 --order severity
    precis review list --all --json
    """
    with _moderation() as moderation:
        found = moderation.list_cases(
            platform=platform,
            server=server,
            open_only=not every,
            order=order.value,
            limit=limit + 1,
        )
    more, found = len(found) > limit, found[:limit]
    if json:
        shown = [case.model_dump(mode="json", exclude={"said"}) for case in found]
        typer.echo(json_library.dumps(shown, indent=2))
    elif found:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in _COLUMNS:
            table.add_column(column, overflow="fold", no_wrap=column == "case")
        for case in found:
            table.add_row(*(Text(harmless(each)) for each in _row(case)))
        _console().print(table)
    else:
        typer.echo("Nothing to review." if every else "Nothing waits for moderators.")
    if more:
        typer.echo(f"There is more than these {limit:,}; --limit takes 10,000 at most.", err=True)


@app.command()
def show(case_id: CaseArgument, json: JsonOption = False) -> None:
    """Show a case with its text, as far as that is still stored: it may be offensive.

    \b
    precis review show 0123456789abcdef0123456789abcdef
    """
    with _moderation() as moderation:
        case = _found(moderation, case_id)
    if json:
        typer.echo(json_library.dumps(case.model_dump(mode="json"), indent=2))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in case.model_dump(mode="json", exclude={"said"}).items():
        if value not in (None, []):
            table.add_row(name, Text(harmless(_words(value))))
    console = _console()
    console.print(table)
    said = case.said
    text = "(no longer stored, or there was none)" if said is None else said.text
    by = f" by {said.author_name}" if said and said.author_name else ""
    console.print(Text(harmless(f"\nText{by}:"), style="bold"))
    console.print(Text(harmless(text)))
    if said and said.edited:
        console.print(Text("\nEdited to:", style="bold"))
        console.print(Text(harmless(said.edited)))


@app.command()
def decide(
    case_id: CaseArgument,
    verdict: Annotated[Decidable, typer.Argument(help="What it is.", show_default=False)],
    note: Annotated[
        str | None, typer.Option(help=f"Why, in {MOST_NOTE} characters at most.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="With edited: what the summary says instead.")
    ] = None,
) -> None:
    """Decide a case, as moderators do; the first decision stands.

    Bots show it on the case's card, answer who waits, and delete or time out (for a day) where
    that was decided and they may. The log names who decided as operator.

    \b
    precis review decide 0123456789abcdef0123456789abcdef dismissed --note "a quotation"
    """
    decision = _decision(Verdict(verdict.value), note, text)
    with _moderation() as moderation:
        case = _found(moderation, case_id)
        decided = moderation.decide(case.platform, case.server, [case_id], decision)
    if decided.before:
        first = decided.before[0]
        who = f" by {first.decided_by}" if first.decided_by else ""
        raise InputError(f"case {case_id}: it was {first.verdict} before{who}, and that stands")
    typer.echo(f"Case {case_id} is {decision.verdict.value}.")


@app.command()
def export(
    platform: PlatformOption = None,
    server: ServerOption = None,
    since: Annotated[
        str | None, typer.Option(help="From: 3d, yesterday, 14:00, 2026-01-31.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="To, written as for --since.")] = None,
    as_format: Annotated[
        Format, typer.Option("--format", help="JSON lines, or CSV for spreadsheets.")
    ] = Format.jsonl,
) -> None:
    """Print the log of decisions, oldest first: who did what, when, by which scores; no texts.

    \b
    precis review export --since 30d > decisions.jsonl
    precis review export --server 123456789012345678 --format csv > decisions.csv
    """
    window = parse_window(since=since, until=until, zone=load_settings().zone)
    with _moderation() as moderation:
        entries = moderation.log(
            platform=platform, server=server, since=window.since, until=window.until
        )
        write = _write_csv if as_format is Format.csv else _write_lines
        write(entries, sys.stdout)


@contextmanager
def _moderation() -> Iterator[ModerationStore]:
    store = Store.open(load_settings().store_url)
    try:
        yield ModerationStore(store)
    finally:
        store.close()


def _found(moderation: ModerationStore, case_id: str) -> Case:
    case = moderation.case(case_id)
    if case is None:
        raise InputError(f"no case {case_id[:64]!r}; precis review list --all shows them")
    return case


def _decision(verdict: Verdict, note: str | None, text: str | None) -> Decision:
    """Raises InputError for a text too long, none, or one too many."""
    if note is not None and len(note) > MOST_NOTE:
        raise InputError(f"--note is longer than {MOST_NOTE} characters")
    if text is not None and not 1 <= len(text) <= MOST_EDITED:
        raise InputError(f"--text is to have 1 to {MOST_EDITED:,} characters")
    if (verdict is Verdict.EDITED) != (text is not None):
        raise InputError("edited needs --text, and no other verdict takes one")
    return Decision(
        person=OPERATOR, verdict=verdict, note=note, edited=text, effect=_EFFECTS.get(verdict)
    )


def _row(case: Case) -> tuple[str, ...]:
    return (
        case.id,
        f"{case.created_at:%Y-%m-%d %H:%M}",
        f"{case.platform} {case.server}",
        case.parent or case.place,
        case.kind.value,
        case.label,
        f"{case.scores.get(case.label, 0.0):.2f}",
        ", ".join(source.value for source in case.sources),
        case.verdict.value if case.verdict else "",
    )


def _write_lines(entries: Iterator[AuditEntry], out: TextIO) -> None:
    out.writelines(json_library.dumps(entry.model_dump(mode="json")) + "\n" for entry in entries)


def _write_csv(entries: Iterator[AuditEntry], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(AuditEntry.model_fields)
    for entry in entries:
        writer.writerow(_cell(value) for value in entry.model_dump(mode="json").values())


def _cell(value: object) -> str:
    """A value for a spreadsheet, that it takes for no formula."""
    shown = "" if value is None else _words(value)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return json_library.dumps(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _console() -> Console:
    return Console(width=None if Console().is_terminal else 200, highlight=False, soft_wrap=True)
