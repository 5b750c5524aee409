"""The registry on real files: small adapters, a small base, and hands that damage them."""

import json
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from pydantic import ValidationError
from safetensors.numpy import save, save_file

import worker.promotions as module
from precis.errors import InputError, ModelError
from precis.hashing import sha256_of
from worker.generators.profiles import PROFILES, profiles_in
from worker.promotions import KEPT
from worker.registry import (
    AdapterManifest,
    Registry,
    check_adapter,
    read_manifest,
    write_manifest,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def profile(tmp_path):
    """The embedded profile on a base of one small tensor."""
    base = tmp_path / "base"
    base.mkdir()
    save_file({"shared": np.ones((4, 3), np.float32)}, base / "model.safetensors")
    return replace(PROFILES["embedded"], model=str(base), revision=None, local=True)


@pytest.fixture
def registry(tmp_path, profile):
    return Registry(tmp_path / "models", {profile.name: profile})


@pytest.fixture
def adapter(tmp_path, profile):
    return make_adapter(tmp_path / "trained", profile)


def make_adapter(folder, profile, name="mild", weight=1.0, **changes):
    folder.mkdir()
    weights = folder / "adapter_model.safetensors"
    save_file({"lora_A": np.full((2, 3), weight, np.float32)}, weights)
    config = {"peft_type": "LORA", "base_model_name_or_path": profile.model}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    fields = {
        "name": name,
        "method": "ppo",
        "profile": profile.name,
        "base": profile.model,
        "revision": profile.revision,
        "base_sha256": sha256_of(Path(profile.model) / "model.safetensors"),
        "data": {"insults": "3f1a"},
        "settings": {"rank": 32},
        "metrics": {"rougeL": 0.31},
        "seed": 7,
        "versions": {"peft": "0.21.0"},
        "sha256": sha256_of(weights),
        "created": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    }
    write_manifest(folder, AdapterManifest(**{**fields, **changes}))
    return folder


def rewrite(folder, **changes):
    """Change the manifest as an operator's editor would, valid or not."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def flip_a_byte(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def fill(registry, tmp_path, profile, *names):
    for number, name in enumerate(names):
        registry.add(make_adapter(tmp_path / f"of-{name}", profile, name, float(number)))


def assert_refused(folder, profile, *told):
    with pytest.raises(ModelError) as caught:
        check_adapter(folder, profile)
    assert_one_line(caught.value, *told)


def assert_one_line(error, *told):
    message = str(error)
    assert "\n" not in message
    for part in told:
        assert part in message


def test_a_whole_adapter_of_the_right_base_is_accepted(adapter, profile):
    manifest = check_adapter(adapter, profile)
    assert manifest == read_manifest(adapter)
    assert manifest.metrics == {"rougeL": 0.31}


def test_torch_is_not_imported():
    code = "import sys, worker.registry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_time_of_a_manifest_is_in_utc(tmp_path, profile):
    paris = datetime(2026, 11, 24, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    manifest = read_manifest(make_adapter(tmp_path / "trained", profile, created=paris))
    assert manifest.created == paris
    assert manifest.created.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"created": datetime(2026, 11, 24)},  # noqa: DTZ001 - a time without a zone is the subject
        {"method": "full"},
        {"sha256": "short"},
        {"name": "../elsewhere"},
        {"name": "mild\n"},
        {"name": "x" * 65},
        {"author": "nobody"},
    ],
)
def test_a_manifest_of_other_fields_is_not_made(tmp_path, profile, wrong):
    with pytest.raises(ValidationError):
        make_adapter(tmp_path / "trained", profile, **wrong)


def damaged(name, content):
    return lambda adapter, _: (adapter / name).write_bytes(content)


def removed(name):
    return lambda adapter, _: (adapter / name).unlink()


def with_manifest(**changes):
    return lambda adapter, _: rewrite(adapter, **changes)


def with_config(content):
    return damaged("adapter_config.json", content)


def with_weights(content):
    """Other weights that the manifest vouches for."""

    def change(adapter, _):
        file = adapter / "adapter_model.safetensors"
        file.write_bytes(content(file.read_bytes()))
        rewrite(adapter, sha256=sha256_of(file))

    return change


DAMAGES = {
    "no folder": (lambda adapter, _: shutil.rmtree(adapter), "trained can't be read"),
    "no config": (removed("adapter_config.json"), "lacks adapter_config.json"),
    "no weights": (removed("adapter_model.safetensors"), "lacks adapter_model.safetensors"),
    "no manifest": (removed("manifest.json"), "lacks manifest.json"),
    "bin": (damaged("adapter_model.bin", b""), "adapter_model.bin: pickles are refused"),
    "pt": (damaged("state.pt", b""), "state.pt: pickles are refused"),
    "pth": (damaged("rng.pth", b""), "rng.pth: pickles are refused"),
    "ckpt": (damaged("last.ckpt", b""), "last.ckpt: pickles are refused"),
    "pkl": (damaged("notes.pkl", b""), "notes.pkl: pickles are refused"),
    "loud bin": (damaged("MODEL.BIN", b""), "MODEL.BIN: pickles are refused"),
    "empty manifest": (damaged("manifest.json", b""), "manifest.json is not valid"),
    "manifest of bytes": (damaged("manifest.json", b"\xff\xfe"), "manifest.json is not valid"),
    "manifest of a list": (damaged("manifest.json", b"[]"), "manifest.json is not valid"),
    "unknown field": (with_manifest(code="import os"), "look at code"),
    "a flipped byte": (
        lambda adapter, _: flip_a_byte(adapter / "adapter_model.safetensors"),
        "not what its manifest says",
    ),
    "other profile": (with_manifest(profile="other\nline"), "'other\\nline'"),
    "other base": (with_manifest(base="google/flan-t5-base"), "'google/flan-t5-base'"),
    "other revision": (with_manifest(revision="7bcac572"), "at '7bcac572'"),
    "no base digest": (with_manifest(base_sha256=None), "other weights"),
    "other base weights": (lambda _, base: flip_a_byte(base), "other weights"),
    "no base weights": (lambda _, base: base.unlink(), "model.safetensors can't be read"),
    "no base": (lambda _, base: shutil.rmtree(base.parent), "model.safetensors can't be read"),
    "base in config": (
        with_config(b'{"base_model_name_or_path": "google/flan-t5-large"}'),
        "adapter_config.json names the base 'google/flan-t5-large'",
    ),
    "empty config": (with_config(b""), "adapter_config.json is damaged"),
    "config of a list": (with_config(b"[]"), "adapter_config.json is damaged"),
    "config of bytes": (with_config(b"\xff"), "adapter_config.json is damaged"),
    "pickle in disguise": (with_weights(lambda _: b"PK\x03\x04 zip"), "not a safetensors file"),
    "cut short": (with_weights(lambda whole: whole[:-4]), "not a safetensors file"),
    "no tensors": (with_weights(lambda _: save({})), "holds no weights"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES)
def test_what_is_damaged_or_foreign_is_refused(adapter, profile, damage, told):
    damage(adapter, Path(profile.model) / "model.safetensors")
    assert_refused(adapter, profile, told)


def test_an_adapter_of_a_hubs_base_is_known_by_id_and_revision(adapter, profile):
    hub = replace(profile, model="google/flan-t5-base", revision="7bcac572", local=False)
    rewrite(adapter, base=hub.model, revision=hub.revision, base_sha256=None)
    config = {"base_model_name_or_path": hub.model}
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    assert check_adapter(adapter, hub).base == hub.model
    assert_refused(adapter, replace(hub, revision="other"), "other")


def test_a_local_base_may_lie_elsewhere_than_at_training(adapter, profile, tmp_path):
    elsewhere = tmp_path / "elsewhere" / "base"
    shutil.copytree(profile.model, elsewhere)
    assert check_adapter(adapter, replace(profile, model=str(elsewhere)))


def test_a_base_in_the_models_folder_is_known_by_its_folders_name(tmp_path, adapter, profile):
    models = tmp_path / "models"
    located = Path(profiles_in(models)["embedded"].model)
    shutil.copytree(profile.model, located)
    rewrite(adapter, base=located.name)
    config = {"base_model_name_or_path": located.name}
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    assert Registry(models).add(adapter) == models / "adapters" / "mild"


def test_a_local_folder_of_a_profile_of_ones_own_is_checked_too(adapter, profile):
    own = replace(profile, local=False)
    assert check_adapter(adapter, own)
    flip_a_byte(Path(own.model) / "model.safetensors")
    assert_refused(adapter, own, "other weights")


def test_a_profile_without_a_model_takes_no_adapter(adapter, profile):
    assert_refused(adapter, replace(profile, model=None), "no model to adapt")


def test_a_config_that_names_no_base_leaves_it_to_the_manifest(adapter, profile):
    (adapter / "adapter_config.json").write_text('{"base_model_name_or_path": null}')
    assert check_adapter(adapter, profile)


def test_an_added_adapter_is_listed_under_its_name(registry, adapter):
    assert registry.names() == []
    folder = registry.add(adapter)
    assert registry.names() == ["mild"]
    assert registry.folder("mild") == folder
    assert registry.manifest("mild") == read_manifest(adapter) == registry.check("mild")


def test_an_adapter_added_under_another_name_says_so_in_its_manifest(registry, adapter):
    registry.add(adapter, "milder-2")
    assert registry.manifest("milder-2").name == "milder-2"


def test_checkpoints_of_a_training_run_stay_behind(registry, adapter):
    (adapter / "checkpoints").mkdir()
    (adapter / "checkpoints" / "optimizer.pt").write_bytes(b"pickle")
    files = sorted(path.name for path in registry.add(adapter).rglob("*"))
    assert files == ["adapter_config.json", "adapter_model.safetensors", "manifest.json"]


@pytest.mark.parametrize("name", ["", "..", "../mild", "Mild", ".mild", "a/b", "x" * 65, "mild\n"])
def test_a_name_that_is_no_folder_name_is_refused(registry, adapter, name):
    with pytest.raises(InputError) as caught:
        registry.add(adapter, name)
    assert_one_line(caught.value, "can't be an adapter's name")


def test_a_damaged_adapter_is_not_added(registry, adapter):
    flip_a_byte(adapter / "adapter_model.safetensors")
    with pytest.raises(ModelError):
        registry.add(adapter)
    assert registry.names() == []


def test_another_adapter_does_not_take_a_name_in_use(registry, adapter, profile, tmp_path):
    registry.add(adapter)
    other = make_adapter(tmp_path / "other", profile, weight=2.0)
    with pytest.raises(InputError) as caught:
        registry.add(other)
    assert_one_line(caught.value, "mild", "remove")
    assert registry.check("mild").sha256 == read_manifest(adapter).sha256


def test_the_same_weights_at_another_scale_are_another_adapter(registry, adapter):
    registry.add(adapter)
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "lora_alpha": 64}))
    with pytest.raises(InputError):
        registry.add(adapter)


def test_the_same_adapter_added_again_renews_its_manifest(registry, adapter):
    registry.add(adapter)
    rewrite(adapter, metrics={"rougeL": 0.32})
    registry.add(adapter)
    assert registry.check("mild").metrics == {"rougeL": 0.32}


def test_a_copy_that_breaks_off_leaves_nothing_behind(registry, adapter, monkeypatch, tmp_path):
    real = shutil.copyfile

    def disk_full(source, target):
        if source.name == "manifest.json":
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(shutil, "copyfile", disk_full)
    with pytest.raises(ModelError, match="No space left"):
        registry.add(adapter)
    assert list((tmp_path / "models" / "adapters").iterdir()) == []
    monkeypatch.undo()
    assert registry.add(adapter).is_dir()


def test_a_copy_that_a_killed_process_left_is_no_adapter_and_in_nobodys_way(
    registry, adapter, tmp_path
):
    halfway = tmp_path / "models" / "adapters" / ".adding"
    halfway.mkdir(parents=True)
    (halfway / "adapter_model.bin").write_bytes(b"half")
    assert registry.names() == []
    assert not (registry.add(adapter) / "adapter_model.bin").exists()
    assert not halfway.exists()


def test_an_adapter_of_a_profile_that_is_not_ours_is_not_added(registry, adapter):
    rewrite(adapter, profile="bart")
    with pytest.raises(ModelError, match="'bart'"):
        registry.add(adapter)


def test_a_promoted_adapter_serves_its_profile_alone(registry, adapter, tmp_path):
    registry.add(adapter)
    assert registry.promoted("embedded") is None
    assert registry.promote("mild").name == "mild"
    assert registry.promoted("embedded") == registry.folder("mild")
    assert registry.promoted("flan-t5-base") is None
    assert registry.serving() == {"embedded": "mild"}
    assert Registry(tmp_path / "models").promoted("embedded") == registry.folder("mild")


def test_promoting_an_unknown_name_lists_the_known(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "mild", "old")
    for name in ("wild", "../mild", ""):
        with pytest.raises(InputError) as caught:
            registry.promote(name)
        assert_one_line(caught.value, "mild, old")


def test_a_damaged_adapter_is_not_promoted(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "old", "mild")
    registry.promote("old")
    flip_a_byte(registry.folder("mild") / "adapter_model.safetensors")
    with pytest.raises(ModelError, match="not what its manifest says"):
        registry.promote("mild")
    assert registry.serving() == {"embedded": "old"}


def test_rolling_back_twice_goes_back_to_no_adapter_and_no_further(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "old", "mild")
    registry.promote("old")
    registry.promote("mild")
    assert registry.rollback("embedded") == "old"
    assert registry.promoted("embedded") == registry.folder("old")
    assert registry.rollback("embedded") is None
    assert registry.promoted("embedded") is None
    with pytest.raises(InputError, match="can't roll back further"):
        registry.rollback("embedded")


def test_nothing_promoted_is_nothing_to_roll_back(registry):
    with pytest.raises(InputError):
        registry.rollback("embedded")


def test_promoting_what_serves_already_changes_nothing(registry, adapter, tmp_path):
    registry.add(adapter)
    registry.promote("mild")
    before = (tmp_path / "models" / "promoted.json").read_text()
    registry.promote("mild")
    assert (tmp_path / "models" / "promoted.json").read_text() == before


def test_rollback_passes_over_an_adapter_that_was_removed(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "old", "gone", "mild")
    for name in ("old", "gone", "mild"):
        registry.promote(name)
    shutil.rmtree(registry.folder("gone"))
    assert registry.rollback("embedded") == "old"


def test_rollback_to_a_damaged_adapter_is_refused(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "old", "mild")
    registry.promote("old")
    registry.promote("mild")
    flip_a_byte(registry.folder("old") / "adapter_model.safetensors")
    with pytest.raises(ModelError) as caught:
        registry.rollback("embedded")
    assert_one_line(caught.value, "remove its folder")
    assert registry.serving() == {"embedded": "mild"}
    shutil.rmtree(registry.folder("old"))
    assert registry.rollback("embedded") is None


def test_history_is_bounded(registry, tmp_path, profile):
    fill(registry, tmp_path, profile, "old", "mild")
    for turn in range(KEPT + 5):
        registry.promote(("old", "mild")[turn % 2])
    promoted = json.loads((tmp_path / "models" / "promoted.json").read_text())
    assert len(promoted["embedded"]["earlier"]) == KEPT
    assert promoted["embedded"]["earlier"][-1] == "mild"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"embedded": 3}', b'{"embedded": {"adapter": "../../etc"}}'],
    ids=repr,
)
def test_a_damaged_list_of_promotions_is_one_line_and_is_left_alone(
    registry, adapter, tmp_path, content
):
    registry.add(adapter)
    file = tmp_path / "models" / "promoted.json"
    file.write_bytes(content)
    for act in (registry.promoted, registry.rollback, lambda _: registry.promote("mild")):
        with pytest.raises(ModelError) as caught:
            act("embedded")
        assert_one_line(caught.value, "promoted.json is damaged")
    assert file.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_one_line(adapter, tmp_path, profile):
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError) as caught:
        Registry(tmp_path / "file", {profile.name: profile}).add(adapter)
    assert_one_line(caught.value, "can't be changed")


def test_a_registry_in_use_for_long_is_one_line(registry, adapter, tmp_path, monkeypatch):
    registry.add(adapter)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with (
        FileLock(tmp_path / "models" / ".promoted.lock"),
        pytest.raises(ModelError, match="another process"),
    ):
        registry.promote("mild")


PROMOTER = """
import sys
from dataclasses import replace
from pathlib import Path
from worker.generators.profiles import PROFILES
from worker.registry import Registry

models, base, profile, *names = sys.argv[1:]
own = replace(PROFILES["embedded"], name=profile, model=base)
registry = Registry(Path(models), {profile: own})
sys.stdin.readline()
for name in names * 10:
    registry.promote(name)
"""


def test_two_operators_at_once_lose_nothing(tmp_path, profile):
    """Each promotes 20 times for a profile of its own, in the one file; all 40 must be there."""
    models = tmp_path / "models"
    operators = {"embedded": ("a1", "a2"), "second": ("b1", "b2")}
    for name, adapters in operators.items():
        own = replace(profile, name=name)
        fill(Registry(models, {name: own}), tmp_path, own, *adapters)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROMOTER, str(models), profile.model, name, *adapters],
            cwd=ROOT,
            stdin=subprocess.PIPE,
        )
        for name, adapters in operators.items()
    ]
    for process in processes:
        process.stdin.write(b"go\n")
        process.stdin.close()
    assert [process.wait(60) for process in processes] == [0, 0]
    promoted = json.loads((models / "promoted.json").read_text())
    for name, (first, second) in operators.items():
        assert promoted[name]["adapter"] == second
        assert promoted[name]["earlier"] == [None, *[first, second] * 9, first]


def test_threads_that_promote_at_once_lose_nothing(registry, tmp_path, profile):
    names = [f"adapter-{number}" for number in range(8)]
    fill(registry, tmp_path, profile, *names)
    threads = [threading.Thread(target=registry.promote, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    promoted = json.loads((tmp_path / "models" / "promoted.json").read_text())["embedded"]
    assert sorted([promoted["adapter"], *promoted["earlier"][1:]]) == names
