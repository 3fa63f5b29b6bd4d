"""A page is built as a person says that it is, and a person is told what was guessed."""

import base64
import sys

import pytest
from textual.app import App
from textual.widgets import Static

from llmos.http.follow import show_doubts
from llmos.paths import bundle_root
from llmos.shell.conversation.blocks.others import FinishedBlock
from llmos.shell.conversation.items import Finished

from .test_questions import ended

SKETCH = bundle_root() / "apps" / "sketch-to-website" / "examples" / "guestbook.jpg"
RESULT = {"site": "cart-site", "title": "Cart", "elements": 3, "doubts": ['"Cart" was\x1b[2J taken for a heading.']}


async def made(world, text):
    """The result of the app, the HTML that it installed, and what the engine was asked."""
    asked = []

    def write(request):
        asked.append(request.messages[-1].text)
        return "<h1>Guestbook</h1>"

    world.script.follow = write
    picture = {"name": "sketch.jpg", "media_type": "image/jpeg", "data": base64.b64encode(SKETCH.read_bytes()).decode()}
    body = {"app": "sketch-to-website", "text": text, "attachments": [picture]}
    pid = (await world.api.post("/processes", json=body)).json()["pid"]
    result = (await ended(world, pid))["result"]
    html = (world.home / "apps" / result["site"] / "web" / "index.html").read_text()
    return result, html, asked[0]


async def test_what_a_person_says_of_an_element_is_built_and_is_no_wish(world):
    result, html, asked = await made(world, '"Sign the guestbook" is a link. Make it friendly.')
    assert result["doubts"] == []
    assert ">Sign the guestbook</a>" in html
    assert "link Sign the guestbook" in asked
    assert asked.endswith("Wish: Make it friendly.\n")


@pytest.mark.parametrize("is_terminal", [True, False])
def test_only_a_terminal_is_told_the_doubts_and_they_cannot_act_on_it(is_terminal, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
    show_doubts(RESULT)
    show_doubts({"text": "no page"})
    assert capsys.readouterr().err == ('"Cart" was [2J taken for a heading.\n' if is_terminal else "")


async def test_the_shell_shows_them_on_the_card_of_the_site():
    class Shell(App[None]):
        def compose(self):
            yield FinishedBlock(Finished(1, 0.0, RESULT))

    async with Shell().run_test() as pilot:
        lines = [str(static.content) for static in pilot.app.query(Static)]
    assert '? "Cart" was␛[2J taken for a heading.' in lines
