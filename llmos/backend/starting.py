"""How an app begins: a free name, a folder that appears whole or not at all, and the check that it works."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from llmos import paths
from llmos.backend.backend import Backend
from llmos.backend.examples import Example, load_examples
from llmos.backend.routes import rules_of
from llmos.contracts import ChatRequest, Json
from llmos.errors import AppError, StateError, UsageError
from llmos.kernel.app import NAME, App, load_app
from llmos.kernel.chat_examples import load_chat_examples
from llmos.state.database import open_database
from llmos.state.patch import adding
from llmos.state.store import AppState

STARTERS = Path(__file__).parent / "starters"
MAX_TITLE_CHARS = 80


def free_place(name: str, within: Path) -> Path:
    """Where the new app `name` will lie. Raises UsageError when the name is bad, taken or that of a shipped app."""
    if not re.fullmatch(NAME, name):
        raise UsageError(f"{name!r} cannot be an app's name: use lower case letters, digits and dashes, as in my-app.")
    if (paths.bundle_root() / "apps" / name).exists():
        raise UsageError(f"{name} ships with llmos, and an app of that name would hide it; choose another name.")
    folder = within / name
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} is there already; choose another name, or remove it first.")
    return folder


def starter(kind: str, name: str) -> dict[str, str]:
    """The files of a small app that works at once, by their path in its folder."""
    root, title = STARTERS / kind, name.replace("-", " ").capitalize()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8").replace("NAME", name).replace("TITLE", title)
        for path in files
    }


def write_app(folder: Path, files: Mapping[str, str]) -> App:
    """Write the app, check it, and only then put it at its place. Raises UsageError when it cannot be written there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
            draft = Path(scratch) / folder.name
            for path, text in files.items():
                (draft / path).parent.mkdir(parents=True, exist_ok=True)
                (draft / path).write_text(text, "utf-8")
            check_app(load_app(draft))
            draft.rename(folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return load_app(folder)


def check_app(app: App) -> None:
    """That rules, schema and examples of an app go together. Raises AppError with the file and what is wrong."""
    if app.kind == "chat":
        load_chat_examples(app)
    if app.kind != "backend":
        return
    db = open_database(Path(":memory:"))
    try:
        Backend(app, AppState(db, app.name, app.state_schema), _nobody, lambda kind, data: None, db.atomic)
    finally:
        db.close()
    for example in load_examples(app.folder):
        _check_example(app, example)


async def _nobody(request: ChatRequest) -> str:
    raise AssertionError("a check asks no model")


def _check_example(app: App, example: Example) -> None:
    """Its states fit the schema, its requests have rules, and those name the statuses it expects."""
    _check_state(app, example, example.state)
    rules = rules_of(app)
    for step in example.steps:
        if isinstance(step.expect.state, dict):
            _check_state(app, example, _with_times(step.expect.state))
        asked = step.request
        fitting = [r for r in rules.routes if r.method == asked.method and r.match(asked.path) is not None]
        if not fitting or not any(step.expect.status in (*route.statuses, 422) for route in fitting):
            raise AppError(
                f"{example.file}: no rule says that {asked.method} {asked.path} may answer {step.expect.status}."
            )


def _check_state(app: App, example: Example, state: dict[str, Json]) -> None:
    db = open_database(Path(":memory:"))
    try:
        patch = adding(state)
        AppState(db, app.name, app.state_schema).commit(patch, cause={})
    except StateError as error:
        raise AppError(f"{example.file}: {error}") from error
    finally:
        db.close()


def _with_times(value: Json) -> Json:
    """`value` with a time where anything is expected: what the app itself sets is a time."""
    if isinstance(value, dict):
        return {name: _with_times(part) for name, part in value.items()}
    return "2026-01-02T03:04:05Z" if value == "..." else value
