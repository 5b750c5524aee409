"""Which adapter serves, and which ones are refused, whether promoted, set or asked for."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save_file

from eval.choosing import Choice, choose_system
from precis.errors import ModelError
from tests.worker.test_registry import make_adapter
from worker.generators.loading import load_generator, serving_adapter
from worker.generators.profiles import profile_named


@pytest.fixture
def located(settings, tmp_path):
    """Settings with a models folder of their own, whose embedded model is one small tensor."""
    base = tmp_path / "models" / "embedded"
    base.mkdir(parents=True)
    save_file({"shared": np.ones((4, 3), np.float32)}, base / "model.safetensors")
    return settings.model_copy(update={"models": tmp_path / "models"})


@pytest.fixture
def profile(located):
    return profile_named("embedded", located.models)


@pytest.fixture
def trained(tmp_path, profile):
    return make_adapter(tmp_path / "trained", profile)


def of_another_base(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"base_sha256": "0" * 64}))


def of_another_profile(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"profile": "flan-t5-base"}))


def damaged(folder):
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")


def with_a_pickle(folder):
    (folder / "optimizer.pt").write_bytes(pickle.dumps({}))


def without_weights(folder):
    (folder / "adapter_model.safetensors").unlink()


def without_manifest(folder):
    (folder / "manifest.json").unlink()


UNFIT = {
    of_another_base: "trained on other weights",
    of_another_profile: "is of profile 'flan-t5-base'",
    damaged: "is not what its manifest says",
    with_a_pickle: "pickles are refused",
    without_weights: "lacks adapter_model.safetensors",
    without_manifest: "lacks manifest.json",
}
unfit = pytest.mark.parametrize(
    ("harm", "why"), UNFIT.items(), ids=lambda x: getattr(x, "__name__", "")
)


def refused(call):
    with pytest.raises(ModelError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@unfit
def test_an_unfit_adapter_in_precis_adapter_is_refused_in_one_line(located, trained, harm, why):
    harm(trained)
    serving = located.model_copy(update={"adapter": trained})
    assert why in refused(lambda: load_generator(serving, "embedded", "cpu"))


@unfit
def test_an_unfit_adapter_to_evaluate_is_refused_in_one_line(located, trained, harm, why):
    harm(trained)
    choice = Choice(profile="embedded", adapter=trained)
    assert why in refused(lambda: choose_system(choice, located))


def test_a_whole_adapter_in_precis_adapter_serves(located, trained, profile):
    serving = located.model_copy(update={"adapter": trained})
    assert serving_adapter(serving, profile) == trained


def test_an_adapter_folder_that_is_not_there_is_named(located, profile, tmp_path):
    nowhere = tmp_path / "none"
    serving = located.model_copy(update={"adapter": nowhere})
    assert "PRECIS_ADAPTER" in refused(lambda: serving_adapter(serving, profile))
    choice = Choice(profile="embedded", adapter=nowhere)
    assert "--no-adapter" in refused(lambda: choose_system(choice, located))


def test_a_profile_without_a_model_minds_no_adapter(located, trained):
    damaged(trained)
    serving = located.model_copy(update={"adapter": trained})
    assert load_generator(serving, "extractive", "cpu").adapter is None
    quoting = Choice(profile="extractive", adapter=trained)
    assert choose_system(quoting, serving).settings["adapter"] is None
    assert choose_system(replace(quoting, adapter=None), serving).settings["adapter"] is None
