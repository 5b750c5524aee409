"""The gates there are, and which one serves: on real folders, damaged ones too."""

import json
import shutil
from pathlib import Path

import pytest

from precis.errors import InputError, ModelError
from precis.hashing import sha256_of
from precis.settings import load_settings
from worker.gate.folder import FILES, WEIGHTS
from worker.gate.loading import load_scorer
from worker.gate.registry import SHIPPED, GateRegistry

GATE = Path(__file__).parents[3] / "models" / "gate"


@pytest.fixture
def registry(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "gate").symlink_to(GATE)
    return GateRegistry(tmp_path / "models")


@pytest.fixture
def trained(tmp_path):
    """A gate, as training writes one; its checkpoints are nobody's business."""
    folder = tmp_path / "trained"
    folder.mkdir()
    for name in FILES:
        shutil.copyfile(GATE / name, folder / name)
    (folder / "checkpoint").mkdir()
    return folder


def test_without_a_promotion_the_shipped_one_serves(registry):
    assert (registry.names(), registry.serving()) == ([SHIPPED], SHIPPED)
    assert registry.promoted().resolve() == GATE.resolve()


def test_a_gate_is_added_promoted_and_rolled_back(registry, trained):
    registry.add(trained, "november")
    assert registry.names() == [SHIPPED, "november"]
    assert not (registry.folder("november") / "checkpoint").exists()
    registry.promote("november")
    assert registry.serving() == "november"
    assert registry.rollback() == SHIPPED
    assert registry.serving() == SHIPPED
    with pytest.raises(InputError, match="can't roll back further"):
        registry.rollback()


def test_the_promoted_gate_is_what_is_loaded(registry, trained, tmp_path):
    manifest = json.loads((trained / "manifest.json").read_text())
    manifest["thresholds"] = dict.fromkeys(manifest["thresholds"], 0.77)
    (trained / "manifest.json").write_text(json.dumps(manifest))
    registry.add(trained, "stricter")
    settings = load_settings(models=tmp_path / "models")
    assert set(load_scorer(settings).thresholds.values()) != {0.77}
    registry.promote("stricter")
    assert set(load_scorer(settings).thresholds.values()) == {0.77}


@pytest.mark.parametrize("name", ["../x", "", "A", "shipped", "a/b", "x" * 65])
def test_a_name_that_is_none_is_refused(registry, trained, name):
    with pytest.raises(InputError, match="can't be a gate's name"):
        registry.add(trained, name)


def test_another_gate_of_the_same_name_is_refused(registry, trained):
    registry.add(trained, "november")
    registry.add(trained, "november")  # the same again is no other
    weights = (trained / WEIGHTS).read_bytes()
    (trained / WEIGHTS).write_bytes(weights[:-4] + b"\0\1\2\3")
    manifest = json.loads((trained / "manifest.json").read_text())
    manifest["sha256"] = sha256_of(trained / WEIGHTS)
    (trained / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="another gate is called november"):
        registry.add(trained, "november")


def test_the_same_gate_with_other_thresholds_renews_them(registry, trained):
    folder = registry.add(trained, "november")
    manifest = json.loads((trained / "manifest.json").read_text())
    manifest["thresholds"]["insult"] = 0.77
    (trained / "manifest.json").write_text(json.dumps(manifest))
    assert registry.add(trained, "november") == folder
    assert registry.check("november").thresholds["insult"] == 0.77


def test_a_damaged_gate_is_neither_added_nor_promoted(registry, trained):
    registry.add(trained, "november")
    (registry.folder("november") / WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not what its manifest says"):
        registry.promote("november")
    (trained / WEIGHTS).unlink()
    with pytest.raises(ModelError, match="lacks"):
        registry.add(trained, "december")
    assert registry.serving() == SHIPPED


def test_a_rollback_to_a_damaged_gate_is_refused(registry, trained):
    for name in ("october", "november"):
        registry.add(trained, name)
        registry.promote(name)
    (registry.folder("october") / WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(ModelError):
        registry.rollback()
    assert registry.serving() == "november"


def test_a_rollback_passes_over_a_gate_that_was_removed(registry, trained):
    for name in ("october", "november"):
        registry.add(trained, name)
        registry.promote(name)
    shutil.rmtree(registry.folder("october"))
    assert registry.rollback() == SHIPPED


def test_an_unknown_gate_is_one_line_with_the_known_ones(registry):
    with pytest.raises(InputError, match="there are: shipped"):
        registry.promote("nothing")


def test_a_damaged_promotion_is_one_line(registry, tmp_path):
    (tmp_path / "models" / "gates").mkdir()
    (tmp_path / "models" / "gates" / "promoted.json").write_text("[")
    with pytest.raises(ModelError, match="is damaged"):
        registry.serving()
