"""Writes the pages that the code dictates: `make docs`. A test fails when they are out of date.

`commands.md`: every command's `--help`. `settings.md`: every setting. `operators/monitoring.md`:
the table of metrics in it. `demo.svg`: a recording of the demo (not checked, since times and ids
differ from run to run).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from precis.monitoring.declared import FREE, Declared
from precis.monitoring.metrics import METRICS
from precis.settings import Settings

DOCS = Path(__file__).parent


def commands() -> str:
    """`commands.md`."""
    parts = ["# Commands", "", "Written by `make docs` from the code."]
    # In a process of its own, for rich looks at the variables once; in one, for it takes a second.
    shown = printed("-m", "docs.helps", COLUMNS="100", TERM="dumb", NO_COLOR="1")
    for command, text in json.loads(shown):
        lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
        parts += ["", f"## `{' '.join(('precis', *command))}`", "", "```text", lines, "```"]
    return "\n".join(parts) + "\n"


def settings() -> str:
    """`settings.md`."""
    rows = [
        f"| `PRECIS_{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Written by `make docs` from `precis/settings.py`. Variables win over `precis.toml` in",
            "the working directory, whose keys are the same names in lower case without `PRECIS_`.",
            "Times are seconds or ISO 8601 (`PT10M`); `PRECIS_THRESHOLDS` is JSON. `precis config`",
            "prints what is in force.",
            "",
            "| variable | default | what it is |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def monitoring(page: str) -> str:
    """`operators/monitoring.md` with the table of metrics as the code has them."""
    begin, end = "<!-- metrics: ", "<!-- end of metrics -->"
    head, _, rest = page.partition(begin)
    marker, _, rest = rest.partition("\n")
    _, _, tail = rest.partition(end)
    rows = [
        f"| `{each.name}` | {each.kind} | {_labels(each)} | {_ROLES[each.role]} | {each.says} |"
        for each in METRICS.declared
    ]
    table = [
        "",
        "| metric | kind | labels | of | what it says |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
    ]
    return f"{head}{begin}{marker}\n" + "\n".join(table) + f"\n{end}{tail}"


_ROLES = {"bot": "bots", "worker": "workers", "store": "all, from the store", "any": "all"}


def _labels(metric: Declared) -> str:
    shown = [
        f"`{name}`" if values is FREE else f"`{name}`: {', '.join(values)}"
        for name, values in metric.labels.items()
    ]
    return "; ".join(shown) or "–"


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if name in ("home", "models"):
        return {"home": "the user's data folder", "models": "`models/` of the project"}[name]
    value = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, timedelta):
        value = f"{value.total_seconds():g} s"
    return f"`{value}`" if value not in (None, "", {}) else "–"


def printed(*arguments: str, **variables: str) -> str:
    """What Python prints."""
    return subprocess.run(
        [sys.executable, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=DOCS.parent,
        env={**os.environ, **variables},
    ).stdout


def record_demo() -> None:
    """`demo.svg`: the demo's output as a terminal shows it."""
    with tempfile.TemporaryDirectory() as home:
        shown = printed(
            "-m", "cli", "summarize", "examples/study-group.json",
            PRECIS_HOME=home, FORCE_COLOR="1", COLUMNS="104",
        )  # fmt: skip
    console = Console(record=True, width=104, file=tempfile.TemporaryFile("w"))  # noqa: SIM115
    console.print(Text("$ make demo", style="bold green"))
    console.print(Text.from_ansi(shown))
    svg = console.export_svg(title="precis summarize examples/study-group.json", unique_id="demo")
    # The fonts would come from a network; every terminal font will do.
    (DOCS / "demo.svg").write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))


if __name__ == "__main__":
    (DOCS / "commands.md").write_text(commands())
    (DOCS / "settings.md").write_text(settings())
    page = DOCS / "operators" / "monitoring.md"
    page.write_text(monitoring(page.read_text()))
    record_demo()
