"""The golden requests of an app, `examples/*.json`, asked of a backend whose state is gone afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from llmos.backend.backend import Backend, Handlers
from llmos.backend.interpret import Think
from llmos.backend.request import Request
from llmos.contracts import Json
from llmos.errors import AppError
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.patch import diff
from llmos.state.pointer import join_pointer
from llmos.state.store import AppState

EXAMPLE_USER = "ann"
ANYTHING = "..."  # in an expected body or state: any value will do, such as the time


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExampleRequest(_Part):
    method: str
    path: str
    query: dict[str, str] = {}
    body: Any = None
    user: str | None = None  # in an app with users; EXAMPLE_USER when none is named


class Expected(_Part):
    """What is left out is not compared."""

    status: int
    body: Any = None
    state: Any = None


class Example(_Part):
    name: str
    state: dict[str, Any] = {}
    request: ExampleRequest
    expect: Expected


@dataclass(frozen=True)
class Result:
    """`differences` has a line for each thing that was not as expected."""

    name: str
    differences: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences


def load_examples(folder: Path) -> list[Example]:
    """The examples of an app folder by file name. Raises AppError that names a file which is none."""
    return [_load(path) for path in sorted((folder / "examples").glob("*.json"))]


async def run_examples(app: App, think: Think) -> list[Result]:
    """Ask every example of a fresh state. Raises AppError when an example, or the app, is malformed."""
    return [await run_example(app, example, think) for example in load_examples(app.folder)]


async def run_example(
    app: App, example: Example, think: Think, handlers: Callable[[AppState], Handlers] | None = None
) -> Result:
    """Ask one example. `handlers`, made for the example's state, answer in place of the model where they can."""
    db = open_database(Path(":memory:"))
    state = AppState(db, app.name, app.state_schema)
    state.commit(
        [{"op": "add", "path": join_pointer([name]), "value": v} for name, v in example.state.items()], cause={}
    )
    backend = Backend(app, state, think, lambda kind, data: None, db.atomic, handlers and handlers(state))
    asked = example.request
    body = b"" if asked.body is None else json.dumps(asked.body).encode()
    user = (asked.user or EXAMPLE_USER) if app.http.users else None
    response = await backend.handle(
        Request(asked.method, asked.path, asked.query, body=body, content_type="application/json", user=user)
    )
    got = {"status": response.status, "body": _decoded(response.body), "state": state.get("")}
    db.close()
    return Result(example.name, tuple(_differences(example.expect, got)))


def _load(path: Path) -> Example:
    try:
        return Example.model_validate_json(path.read_text("utf-8"))
    except (ValidationError, ValueError, OSError) as error:
        raise AppError(f"{path} is not an example: {str(error).splitlines()[0]}.") from error


def _decoded(body: bytes) -> Json:
    return json.loads(body) if body else None


def _differences(expected: Expected, got: dict[str, Json]) -> Iterator[str]:
    for part in expected.model_fields_set:
        wanted = _fill(getattr(expected, part), got[part])
        for change in diff({part: wanted}, {part: got[part]}):
            found = json.dumps(change["value"], ensure_ascii=False) if "value" in change else "nothing"
            yield f"{change['path']}: {'unexpected' if change['op'] == 'add' else 'got'} {found}"


def _fill(expected: Json, got: Json) -> Json:
    """`expected` with what may be anything taken from what came."""
    if expected == ANYTHING:
        return got
    if isinstance(expected, dict) and isinstance(got, dict):
        return {name: _fill(part, got.get(name, part)) for name, part in expected.items()}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [_fill(*pair) for pair in zip(expected, got, strict=True)]
    return expected
