"""The shipped models in a folder of their own, that a test may change."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from precis.hashing import sha256_of
from worker.gate.folder import MANIFEST, WEIGHTS

SHIPPED = Path(__file__).parents[3] / "models"


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("embedded", "gate"):
        (folder / name).symlink_to(SHIPPED / name)
    shutil.copytree(SHIPPED / "adapters", folder / "adapters")
    shutil.copyfile(SHIPPED / "promoted.json", folder / "promoted.json")
    return folder


@pytest.fixture
def poor_gate(models):
    """A shipped gate that errs now and then: noise in its last layer."""
    folder = models / "gate"
    folder.unlink()
    shutil.copytree(SHIPPED / "gate", folder)
    weights = load_file(folder / WEIGHTS)
    torch.manual_seed(0)
    noise = 0.15 * torch.randn_like(weights["head.weight"].float())
    weights["head.weight"] = (weights["head.weight"].float() + noise).half()
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"] = sha256_of(folder / WEIGHTS)
    (folder / MANIFEST).write_text(json.dumps(manifest))
