"""Writes the pages that the code dictates: `make docs`. A test fails when they are out of date.

`commands.md`: every command's `--help`. `settings.md`: every setting. `.env.example`: every
variable that a deployment may set. `operators/monitoring.md`: the table of metrics in it.
`demo.svg`: a recording of the demo (not checked, since times and ids differ from run to run).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from precis.monitoring.declared import FREE, Declared
from precis.monitoring.metrics import METRICS
from precis.settings import Settings

DOCS = Path(__file__).parent
ENV_EXAMPLE = DOCS.parent / ".env.example"

TOKENS = ("discord_token", "slack_bot_token", "slack_app_token")
"""What nearly everybody sets: first in `.env.example`, and not commented out."""
COMPOSED = ("home", "store", "broker", "models", "bases", "health_file", "slack_listen")
"""Settings that docker-compose.yml sets by itself."""
IN_CONTAINERS = {
    "gate": "The images serve `embedded` only: they don't hold Detoxify, and workers can't "
    "download its weights.",
}
"""What else `.env.example` says of a setting, for containers."""
COMPOSE_VARIABLES = {
    "POSTGRES_PASSWORD": (
        "precis",
        "Password of the database, which only the composition's own containers can reach. Set it "
        "before the first start; later, change it in PostgreSQL too.",
    ),
    "SECRETS": (
        "./secrets",
        "Folder of files with secrets, named as the variables in lower case; see "
        "secrets/README.md.",
    ),
    "SLACK_PORT": ("3000", "Port of this machine for Slack's HTTP mode and OAuth."),
    "BOT_MEMORY": ("512m", "Memory limit of each bot and of containers that end by themselves."),
    "WORKER_MEMORY": ("3g", "Memory limit of each worker; the GPU worker's default is 6g."),
    "TRAINER_MEMORY": ("8g", "Memory limit of the trainer."),
    "REDIS_MEMORY": ("256m", "Memory limit of Redis."),
    "POSTGRES_MEMORY": ("1g", "Memory limit of PostgreSQL."),
    "PYTHON_IMAGE": (
        "docker.io/library/python:3.11-slim-trixie",
        "Image that Précis's own are built on: Debian with Python 3.11.",
    ),
    "REDIS_IMAGE": ("docker.io/library/redis:7.4", "Redis's image."),
    "POSTGRES_IMAGE": (
        "docker.io/library/postgres:17",
        "PostgreSQL's image; no newer than the client in PYTHON_IMAGE's Debian.",
    ),
}
"""Variables of docker-compose.yml that aren't settings: default, and what it is."""


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
            "Written by `make docs` from `precis/settings.py`. Variables win over files with",
            "secrets, which are named as the variables in lower case and lie in `/run/secrets` or",
            "in systemd's `$CREDENTIALS_DIRECTORY`. These win over `precis.toml` in the working",
            "directory, whose keys are the same names in lower case without `PRECIS_`. An empty",
            "variable or file with a secret counts as not set.",
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


def env_example() -> str:
    """`.env.example`."""
    parts = [
        "# Copy this file to .env, and put in the tokens that you have. Docker Compose reads .env",
        "# beside docker-compose.yml; systemd's units read /etc/precis/precis.env.",
        "# An empty value counts as not set. Written by `make docs`.",
        "",
        "# --- Tokens: of one platform or both. A bot without a token doesn't run. ---",
    ]
    for name in TOKENS:
        parts += _explained(f"PRECIS_{name.upper()}", "", _description(name), comment="")
    parts += ["", "# --- The composition (docker-compose.yml) ---"]
    for name, (default, description) in COMPOSE_VARIABLES.items():
        parts += _explained(name, default, description)
    parts += ["", "# --- Settings, with their defaults ---"]
    fields = [name for name in Settings.model_fields if name not in (*TOKENS, *COMPOSED)]
    for name in fields:
        described = f"{_description(name)} {IN_CONTAINERS.get(name, '')}".rstrip()
        parts += _explained(f"PRECIS_{name.upper()}", _example(name), described)
    parts += ["", "# --- Settings that docker-compose.yml sets by itself; for other set-ups ---"]
    for name in COMPOSED:
        parts += _explained(f"PRECIS_{name.upper()}", _example(name), _description(name))
    return "\n".join(parts) + "\n"


def _explained(name: str, default: str, description: str, *, comment: str = "# ") -> list[str]:
    lines = textwrap.wrap(description, 94, break_long_words=False, break_on_hyphens=False)
    return ["", *(f"# {line}" for line in lines), f"{comment}{name}={default}"]


def _description(name: str) -> str:
    return Settings.model_fields[name].description or ""


def _example(name: str) -> str:
    """A default as a variable's value."""
    if name in _FOLDERS:
        return ""  # depends on the machine
    value = Settings.model_fields[name].get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    return "" if value in (None, {}) else str(value)


_FOLDERS = {
    "home": "the user's data folder",
    "models": "those that came with Précis",
    "bases": "`precis/bases` in the user's cache folder",
}


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if name in _FOLDERS:
        return _FOLDERS[name]
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
    ENV_EXAMPLE.write_text(env_example())
    record_demo()
