"""What a cached summary depends on: whole folders of code, so that nothing is forgotten."""

import shutil
from pathlib import Path

import pytest

import worker
from eval.fingerprints import _JUDGING, _WRITING, code_digest

GROUNDED = (*_WRITING, *_JUDGING)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(Path(worker.__file__).parent, tmp_path / "worker"))


@pytest.mark.parametrize(
    "name",
    ["embeddings.py", "generators/casing.py", "generators/pointer.py", "pipeline/fluency.py",
     "pipeline/new.py", "gate/windows.py", "gate/network.py", "gate/embedded.py", "gate/policy.py"],
)  # fmt: skip
def test_a_line_of_code_changes_the_digest(folder, name):
    before = code_digest(GROUNDED, folder), code_digest(_WRITING, folder)
    with (folder / name).open("a") as file:
        file.write("x = 1\n")
    after = code_digest(GROUNDED, folder), code_digest(_WRITING, folder)
    assert after[0] != before[0]
    assert (after[1] == before[1]) == name.startswith("gate/"), "first drafts meet no gate"


def test_where_the_code_lies_makes_no_difference(folder):
    assert code_digest(GROUNDED, folder) == code_digest(GROUNDED)
