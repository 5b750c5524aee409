"""What the pages say of the code is what the code says."""

import re
from pathlib import Path

import pytest

from docs import build

ROOT = Path(__file__).parents[1]


def test_the_commands_page_is_up_to_date():
    assert (ROOT / "docs" / "commands.md").read_text() == build.commands(), "run `make docs`"


def test_the_settings_page_is_up_to_date():
    assert (ROOT / "docs" / "settings.md").read_text() == build.settings(), "run `make docs`"


def test_the_table_of_metrics_is_up_to_date():
    page = (ROOT / "docs" / "operators" / "monitoring.md").read_text()
    assert page == build.monitoring(page), "run `make docs`"


def test_the_example_of_an_environment_is_up_to_date():
    assert build.ENV_EXAMPLE.read_text() == build.env_example(), "run `make docs`"


@pytest.mark.parametrize(
    "page", ["README.md", "CHANGELOG.md", *sorted(str(p) for p in Path("docs").rglob("*.md"))]
)
def test_every_link_and_make_target_of_a_page_exists(page):
    text = (ROOT / page).read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), link
    for target in re.findall(r"`make ([a-z]+)", text):
        assert target in targets, target


def test_every_setting_that_a_page_names_exists():
    known = set(re.findall(r"PRECIS_[A-Z_]+", build.settings())) | {"PRECIS_DATA"}
    for page in (
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "models").rglob("*.md"),
    ):
        named = set(re.findall(r"PRECIS_[A-Z_]*[A-Z]", page.read_text()))
        assert named <= known, page
