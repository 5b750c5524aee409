"""The commands, as tests call them."""

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from cli.main import main

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PLAIN = {"NO_COLOR": "1", "COLUMNS": "200"}


def precis(*arguments, cwd=ROOT, **variables):
    """Run a command as the script does; the test's own PRECIS_HOME is in the environment."""
    return subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **PLAIN, **variables},
    )


def called(*arguments, cwd=ROOT, **variables):
    """The same in this process, which takes no seconds to start; for what leaves no trace in it."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["precis", *map(str, arguments)]),
        mock.patch.dict(os.environ, {**PLAIN, **variables}),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
