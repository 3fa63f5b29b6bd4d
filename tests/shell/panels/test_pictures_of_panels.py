"""How each panel looks, filled and empty. The pictures lie beside this file; `--snapshot-update` draws them anew."""

import time

import pytest
from textual.widgets import Input

from llmos.contracts import Json
from llmos.shell.panels import PANELS
from tests.shell.panels.hosted import Host, Still

AT = 1_767_323_045.0  # 2026-01-02 03:04:05 UTC
SPENT = {"steps": 2, "tokens": 310, "syscalls": 1}
BUDGET = {"steps": 8, "tokens": 20_000, "syscalls": 32, "seconds": 300.0}


def process(pid, app, state, waiting_on="", parent=None, *, speed=0.0, writing=False, **more) -> Json:
    usage = {
        "tokens_per_second": speed,
        "writing_tokens": 12 if writing else 0,
        "context_tokens": 1100 * pid,
        "window_tokens": 8192,
        "spent": SPENT,
        "budget": BUDGET,
    }
    told = {
        **{"pid": pid, "app": app, "kind": "chat", "state": state, "waiting_on": waiting_on, "parent": parent},
        **{"spawned_at": AT, "model": "", "session": parent is None, "tokens": 31 * 10**pid, "seconds": 4.2 * 9**pid},
        **{"prompt_tokens": 9_840, "cached_tokens": 7_100, "syscalls": pid, "result": None, "error": ""},
    }
    return told | {"usage": usage} | more


def call(seq, pid, kind, **data) -> Json:
    return {
        "seq": seq,
        "pid": pid,
        "at": AT + seq / 3,
        "kind": kind,
        "data": {"tool": "python.run", "by": "model", **data},
    }


def model(name, state, **more) -> Json:
    told = {
        **{"id": name, "title": f"{name.title()} Instruct (Q4_K_M)", "task": "chat", "licence": "Apache-2.0"},
        **{"modalities": ["text"], "bytes": 1_117_320_768, "context_tokens": 32_768, "gpu_bytes": None},
        **{"state": state, "stored_bytes": 0, "path": f"/models/{name}.gguf", "is_default": False, "in_use": False},
        **{"pullable": state != "installed", "pull": None},
    }
    return told | more


def pull(phase, done) -> Json:
    told = {"model": "m", "phase": phase, "source": "the hub", "done_bytes": done, "total_bytes": 1_117_320_768}
    return told | {"bytes_per_second": 21e6, "seconds_left": 31.0, "note": "", "error": ""}


def driver(name, state, **more) -> Json:
    health = {"state": state, "pid": 4711, "since": AT, "restarts": 1, "last_error": "", "walls": "files, network"}
    sandbox = {"enabled": True, "network": False, "read": ["{models}"], "write": [], "granted": True}
    limits = {"seconds": 60.0, "memory_mb": 4096, "result_mb": 64}
    told = {"name": name, "summary": f"What {name} does for the model.", "command": ["{python}", "-m", name], "url": ""}
    return told | {"health": health | more, "sandbox": sandbox, "limits": limits}


QUESTION = {
    "about": "consent",
    "tool": "mail.send",
    "arguments": {"to": "ann@example.org", "text": "Dear Ann,\nthe plums were in the icebox."},
    "grant": "mail.send:example.org",
    "text": "May assistant use mail.send:example.org?",
    "choices": ["once", "process", "always", "no"],
}
TOOL = {"name": "chess.move", "summary": "Make a move.", "read_only": False, "idempotent": True, "destructive": False}

FULL: dict[str, dict[str, Json]] = {
    "processes": {
        "/processes": [
            process(1, "assistant", "running", speed=18.4, writing=True),
            process(2, "translator", "waiting", "driver", 1, speed=12.0),
            process(3, "compute", "waiting", "person", 1),
            process(4, "browse", "failed", error="The model answered nothing; say it in other words."),
        ]
    },
    "syscalls": {
        "/journal": [
            call(1, 1, "syscall.intent", arguments={"code": "print(6 * 7)\nprint('done')"}),
            call(2, 1, "syscall.result", source="driver python.run", result="42\ndone"),
            call(3, 2, "syscall.intent", arguments={"code": "import os"}),
            call(4, 2, "syscall.result", source="driver python.run", error="os is not allowed here."),
        ]
    },
    "approvals": {"/questions": [{"seq": 17, "pid": 4, "at": AT, "kind": "q", "app": "assistant", "data": QUESTION}]},
    "state": {
        "/state": [
            {"app": "todo", "title": "To do", "version": 12, "documents": 9, "at": AT},
            {"app": "notes", "title": "Notes", "version": 0, "documents": 0, "at": None},
        ]
    },
    "drivers": {"/drivers": [driver("chess", "running"), driver("image", "idle")], "/drivers/chess": [TOOL]},
    "models": {
        "/models": [
            model("one", "partial", stored_bytes=446_928_307, pull=pull("fetch", 446_928_307)),
            model("two", "installed", stored_bytes=1_117_320_768, in_use=True),
            model("three", "absent"),
        ]
    },
    "search": {
        "/memory": [
            {
                "seq": 5,
                "pid": 1,
                "app": "assistant",
                "at": AT,
                "source": "model",
                "text": "They are in the icebox.",
            },
            {"seq": 2, "pid": 1, "app": "assistant", "at": AT, "source": "user", "text": "Where are the plums?"},
        ]
    },
}
EMPTY: dict[str, Json] = {
    path: [] for path in ("/processes", "/journal", "/questions", "/state", "/drivers", "/models", "/memory")
}


@pytest.fixture(autouse=True)
def one_clock(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


async def settle(pilot):
    """Until what was asked for is on the screen."""
    if pilot.app.panel.key == "search":
        pilot.app.query_one(Input).cursor_blink = False
        await pilot.press(*"plums")
    await pilot.pause(0.2)
    await pilot.app.panel.reload()
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("key", PANELS)
def test_a_panel_looks_as_it_did(snap_compare, key, size):
    assert snap_compare(Host(Still(FULL[key]), key), terminal_size=size, run_before=settle)


@pytest.mark.parametrize("key", PANELS)
def test_an_empty_panel_looks_as_it_did(snap_compare, key):
    assert snap_compare(Host(Still(EMPTY), key), terminal_size=(80, 24), run_before=settle)
