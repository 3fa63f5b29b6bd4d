"""How the shell looks. The pictures lie beside this file; `--snapshot-update` draws them anew."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from llmos import models
from llmos.shell.app import Shell
from llmos.shell.conversation.outbox import Outgoing
from llmos.shell.link import Link
from llmos.shell.prompt.area import PromptArea

ANSWER = """Bread takes **four steps**; the `oven` does most of it.

1. Mix *flour* and water
2. Wait
   - one hour in summer
   - two in winter
3. Bake

| step | time | heat |
| --- | ---: | --- |
| mix | 10 min | none |
| bake | 40 min | 220 °C |

```python
def bake(minutes: int) -> str:
    # as hot as it goes
    return f"bread after {minutes} minutes"
```

> See [the long recipe](https://example.org/bread).
"""
CALL = {"tool": "python.run", "by": "model", "arguments": {"code": "import math\nprint(math.comb(49, 6))"}}
QUESTION = {
    "about": "consent",
    "tool": "browser.open",
    "arguments": {"url": "https://example.org/bread?flour=rye", "note": "First line.\nSecond line."},
    "grant": "browser.open:example.org",
    "text": "May browse use browser.open:example.org?",
    "choices": ["once", "process", "always", "no"],
}


def event(kind, /, **data):
    return {"kind": kind, "data": data}


def said(text):
    return event("message.user", text=text, attachments=[], source="user")


def answered(text, tokens=96, seconds=3.2):
    thought = event("engine.answer", purpose="step", text=text, tokens=tokens, seconds=seconds, finish="stop")
    return [event("engine.request", purpose="step"), thought, event("process.answered", result={"text": text})]


CALLED = [event("syscall.intent", **CALL), event("syscall.result", tool="python.run", by="model", result="13983816")]
SCENES = {
    "greeting": [],
    "talk": [said("How do I bake bread?"), *answered(ANSWER)],
    "syscall": [
        said("How many ways are there to draw 6 of 49?"),
        *CALLED,
        *answered("There are **13,983,816** ways.", 9),
    ],
    "question": [said("Look up the recipe."), event("engine.request"), event("question.asked", **QUESTION)],
    "trouble": [said("And now?"), event("process.answered", error="The engine died; `llmos up` starts it again.")],
    "hostile": [said("Show me."), *answered("\x1b[31m [bold]x[/] <b>y</b> \u202egnp.exe zero\u200bwidth " + "x" * 500)],
}


class Still(Link):
    """A kernel with one process, whose events are what a scene says."""

    def __init__(self, home, scene):
        super().__init__(home)
        begun = event("process.spawned", app="assistant", kind="chat", session=True)
        self.events = [
            {"seq": seq, "pid": 7, "at": seq / 2, **happened} for seq, happened in enumerate([begun, *scene], 1)
        ]

    async def connect(self):
        return None

    async def get(self, path, **query):
        answers = {
            "/apps": [{"name": "assistant", "kind": "chat", "title": "Assistant", "summary": "Answers questions."}],
            "/status": {"engine": {"healthy": True, "model": "qwen2.5-coder-1.5b"}},
            "/processes": [],
            "/questions": [],
        }
        return answers[path]

    async def post(self, path, body=None):
        return {"pid": 7}

    async def follow(self, pid, after=0):
        for happened in self.events:
            yield happened
        await asyncio.Event().wait()

    async def watch(self, after=None):
        yield {"seq": 0, "pid": 0, "at": 0.0, "kind": "watch.begun", "data": {"after": 0}}
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def one_moment(monkeypatch):
    """No clock runs under a conversation, and no cursor blinks."""
    monkeypatch.setattr(PromptArea, "cursor_blink", False)
    monkeypatch.setattr("llmos.shell.conversation.status.time", SimpleNamespace(monotonic=lambda: 0.0))


def shell_of(tmp_path, scene="greeting", **options):
    return Shell(Still(tmp_path, SCENES[scene]), Path(tmp_path), offers_model=options.get("offers_model", False))


async def settle(pilot, *keys):
    """Until the scene is on the screen and nothing blinks."""
    shell = pilot.app
    await pilot.pause(0.3)
    tab = shell.conversation
    if len(shell.link.events) > 1:
        tab.send(Outgoing("x"))
        for _ in range(100):
            await pilot.pause(0.05)
            if tab.record.seq == shell.link.events[-1]["seq"]:
                break
    for block in tab.transcript.blocks:
        await block.ready()
    await still(pilot)
    await pilot.press(*keys)
    await still(pilot)


async def still(pilot):
    """Until what is on the screen has stayed the same for a while."""
    seen, same = None, 0
    for _ in range(200):
        await pilot.pause(0.05)
        now = [[tuple(segment) for segment in strip] for strip in pilot.app.screen._compositor.render_strips()]
        seen, same = now, same + 1 if now == seen else 0
        if same == 8:
            return


SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])


@SIZES
@pytest.mark.parametrize("scene", SCENES)
def test_a_conversation_looks_as_it_did(snap_compare, tmp_path, scene, size):
    assert snap_compare(shell_of(tmp_path, scene), terminal_size=size, run_before=settle)


@SIZES
@pytest.mark.parametrize(
    ("name", "scene", "keys"),
    [
        ("syscall opened", "syscall", ("shift+tab", "up", "enter")),
        ("commands", "talk", ("/",)),
        ("help", "greeting", ("f1",)),
        ("panel", "talk", ("f4",)),
    ],
)
def test_what_a_key_opens_looks_as_it_did(snap_compare, tmp_path, name, scene, keys, size):
    async def before(pilot):
        await settle(pilot, *keys)

    assert snap_compare(shell_of(tmp_path, scene), terminal_size=size, run_before=before)


@SIZES
def test_the_first_minute_looks_as_it_did(snap_compare, tmp_path, monkeypatch, size):
    monkeypatch.setattr("llmos.shell.app.missing_model", lambda: models.find("qwen2.5-coder-1.5b"))
    assert snap_compare(shell_of(tmp_path, offers_model=True), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("theme", ["textual-light", "ansi-dark"])
def test_other_colours_look_as_they_did(snap_compare, tmp_path, theme):
    async def before(pilot):
        pilot.app.theme = theme
        await settle(pilot)

    assert snap_compare(shell_of(tmp_path, "talk"), terminal_size=(80, 24), run_before=before)


def test_without_colours_it_looks_as_it_did(snap_compare, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(shell_of(tmp_path, "question"), terminal_size=(80, 24), run_before=settle)
