"""`docker-compose.yml` as the tests read it: services with their variables filled in."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
VARIABLE = re.compile(r"\$\{([A-Z_]+):-([^}]*)\}")


def raw_text():
    return (ROOT / "docker-compose.yml").read_text()


def composition(variables):
    """The file with `variables` in it, as Compose fills them in."""
    filled = VARIABLE.sub(lambda found: variables.get(found[1]) or found[2], raw_text())
    return yaml.safe_load(filled)


def env_example():
    """The variables of `.env.example`: each with its value, and whether it is commented out."""
    found = {}
    for line in (ROOT / ".env.example").read_text().splitlines():
        if match := re.fullmatch(r"(# )?([A-Z_]+)=(.*)", line):
            found[match[2]] = (match[3], match[1] is not None)
    return found
