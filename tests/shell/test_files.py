"""Files in what a person types."""

import io

import pytest
from PIL import Image
from textual import events

from llmos.shell.conversation.pictures import HalfBlocks
from llmos.shell.prompt.files import completions, dragged, mention, open_mention, taken_out
from llmos.shell.prompt.history import History


def png():
    written = io.BytesIO()
    Image.new("RGB", (2, 2), (200, 30, 30)).save(written, "PNG")
    return written.getvalue()


PNG = png()


@pytest.fixture
def folder(tmp_path):
    for name in ("photo.jpg", "two words.png", "notes.txt", ".hidden"):
        (tmp_path / name).write_bytes(PNG)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.md").write_text("x")
    return tmp_path


def test_mentions_of_files_become_attachments_and_others_stay(folder):
    text, files = taken_out('what is on @photo.jpg and @"two words.png"? ask @ann, mail a@photo.jpg', folder)
    assert text == "what is on photo.jpg and two words.png? ask @ann, mail a@photo.jpg"
    assert [path.name for path in files] == ["photo.jpg", "two words.png"]


def test_what_is_being_mentioned(folder):
    assert open_mention("see @pho") == "pho"
    assert open_mention('see @"two w') == "two w"
    assert open_mention("see @photo.jpg ") is None
    assert open_mention("mail a@b") is None
    assert mention("two words.png") == '@"two words.png"'


def test_paths_are_completed_without_their_case_and_without_what_is_hidden(folder):
    assert completions("", folder) == ["sub/", "notes.txt", "photo.jpg", "two words.png"]
    assert completions("PH", folder) == ["photo.jpg"]
    assert completions("sub/", folder) == ["sub/inner.md"]
    assert completions(".h", folder) == [".hidden"]
    assert completions("nowhere/", folder) == []
    assert completions("\0", folder) == []


def test_what_terminals_paste_for_dropped_files_is_known_as_files(folder):
    photo, words = folder / "photo.jpg", folder / "two words.png"
    assert dragged(str(photo)) == [photo]
    assert dragged(f"'{words}' ") == [words]
    assert dragged(str(words)) == [words]
    assert dragged(str(words).replace(" ", "\\ ")) == [words]
    assert dragged(f"file://{str(words).replace(' ', '%20')}") == [words]
    assert dragged(f"{photo} '{words}'") == [photo, words]
    assert dragged("photo.jpg") == []
    assert dragged(f"look at {photo}") == []
    assert dragged("it's") == []


def test_history_is_kept_in_order_without_what_is_said_twice_in_a_row(tmp_path):
    history = History(tmp_path / "shell" / "history.jsonl")
    for text in ("one", "two", "two", "three\nlines"):
        history.add(text)
    again = History(tmp_path / "shell" / "history.jsonl")
    assert again.entries == ["one", "two", "three\nlines"]
    assert (tmp_path / "shell" / "history.jsonl").stat().st_mode & 0o77 == 0
    assert again.search("LINES thr") == ["three\nlines"]


def test_a_broken_line_of_the_history_is_passed_over(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'"good"\n{broken\n17\n\xff\xfe\n"fine"\n')
    assert History(path).entries == ["good", "fine"]


async def test_a_file_is_completed_attached_and_shown(place):
    (place.folder / "photo.png").write_bytes(PNG)
    place.script.follow = lambda request: "A small picture."
    async with place.shell() as screen:
        await screen.type("what is @pho")
        await screen.sees("photo.png")
        await screen.pilot.press("tab")
        assert screen.tab.prompt.text == "what is @photo.png "
        await screen.sees("with photo.png")
        await screen.pilot.press("enter")
        await screen.sees("what is photo.png", "@ photo.png")
        await screen.until(lambda: screen.tab.query(HalfBlocks), "the picture's widget")
        await screen.sees("▀")
        [event] = [e for e in place.world.kernel.journal.events() if e.kind == "message.user"]
        assert [item["name"] for item in event.data["attachments"]] == ["photo.png"]


async def test_a_file_that_is_pasted_becomes_an_attachment(place):
    (place.folder / "two words.png").write_bytes(PNG)
    async with place.shell() as screen:
        screen.tab.prompt.area.post_message(events.Paste(f"'{place.folder}/two words.png'"))
        await screen.until(lambda: screen.tab.prompt.text == f'@"{place.folder}/two words.png" ')
        screen.tab.prompt.put("")
        screen.tab.prompt.area.post_message(events.Paste("plain\x1b[31m words"))
        await screen.until(lambda: screen.tab.prompt.text == "plain[31m words")


async def test_a_file_that_cannot_be_read_is_told(place, monkeypatch):
    (place.folder / "big.bin").write_bytes(b"x" * 100)
    monkeypatch.setattr("llmos.http.client.MAX_ATTACHMENT_BYTES", 10)
    async with place.shell() as screen:
        await screen.say("look at @big.bin")
        await screen.sees("✗", "is larger than")


async def test_a_shell_line_runs_in_the_sandbox_and_is_shown(place):
    async with place.shell() as screen:
        await screen.say("!echo $((6 * 7)); touch made; ls")
        await screen.sees("python.shell", "42", "made")
        assert not (place.folder / "made").exists()
        await screen.say("!exit 3")
        await screen.sees("✗ python.shell", "exit code 3")
