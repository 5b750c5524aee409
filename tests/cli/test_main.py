"""What every command has in common: how it is used wrongly, and what is said of it."""

import pytest

from tests.cli.calling import called


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sumarize",), "no such command 'sumarize'. Did you mean 'summarize'?; see 'precis -"),
        (("summarize",), "missing argument 'PATH'; see 'precis summarize --help'"),
        (("summarize", "x", "--style", "foo"), "'foo' is not one of 'brief', 'bullets', 'people'"),
        (("digest", "list", "--foo"), "no such option: --foo; see 'precis digest list --help'"),
        (
            ("review", "list", "--limit", "many"),
            "value for '--limit': Input should be a valid integer",
        ),
    ],
    ids=lambda each: each[-1],
)
def test_a_wrong_use_is_one_line(arguments, said):
    run = called(*arguments)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith("precis: ")
    assert said in run.stderr


def test_a_group_without_a_command_shows_its_help():
    run = called("digest")
    assert (run.returncode, run.stderr) == (2, "")
    assert "Usage: precis digest" in run.stdout


def test_what_works_exits_with_0():
    run = called("--version")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("precis ")
