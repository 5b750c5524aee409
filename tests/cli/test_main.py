"""What every command has in common: how it is used wrongly, and what is said of it."""

import sys

import pytest

from cli.main import main


@pytest.fixture
def precis(monkeypatch, capsys):
    """Runs a command as from a shell; its exit code, its output and its errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["precis", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return run


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
def test_a_wrong_use_is_one_line(precis, arguments, said):
    code, out, err = precis(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("precis: ")
    assert said in err


def test_a_group_without_a_command_shows_its_help(precis):
    code, out, err = precis("digest")
    assert (code, err) == (2, "")
    assert "Usage: precis digest" in out


def test_what_works_exits_with_0(precis):
    code, out, err = precis("--version")
    assert (code, err) == (0, "")
    assert out.startswith("precis ")
