"""The golden requests of an app, `examples/*.json`, asked of a backend whose state is gone afterwards.

A file holds one request with what is expected, or `steps`: requests asked one after the other of the same state.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from llmos.backend.backend import Backend, Handlers
from llmos.backend.interpret import Think
from llmos.backend.lookups import CallTool
from llmos.backend.placeholders import Answers, Unanswered, check_placeholders, filled
from llmos.backend.problem import Response
from llmos.backend.request import Request
from llmos.backend.upload import Upload
from llmos.contracts import ChatRequest, Json
from llmos.errors import AppError, ContextFull, EngineError, StateError
from llmos.kernel.app import App, first_problem
from llmos.state.database import open_database
from llmos.state.files import digests
from llmos.state.patch import adding, diff
from llmos.state.store import AppState

EXAMPLE_USER = "ann"
ANYTHING = "..."  # in an expected body or state: any value will do, such as the time
JSON_TYPE = "application/json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ExampleRequest(_Part):
    """A `body` that is a text goes as it is when `headers` say that it is not JSON."""

    method: str
    path: str
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    body: Any = None
    user: str | None = None  # in an app with users; EXAMPLE_USER when none is named


class Expected(_Part):
    """What is left out is not compared; of `headers`, only those that are named."""

    status: int
    headers: dict[str, str] = {}
    body: Any = None
    state: Any = None


class Step(_Part):
    request: ExampleRequest
    expect: Expected


class _File(_Part):
    name: str
    state: dict[str, Any] = {}
    request: ExampleRequest | None = None
    expect: Expected | None = None
    steps: list[Step] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _is_one_of_two(self) -> _File:
        single, missing = (self.request, self.expect), "needs `request` and `expect`, or `steps`, a list of such pairs"
        if (None in single) if self.steps is None else (single != (None, None)):
            raise ValueError(missing)
        return self

    @model_validator(mode="after")
    def _refers_backwards(self) -> _File:
        for number, step in enumerate(self.steps or (), 1):
            check_placeholders(step.model_dump(exclude_unset=True), number, f"steps.{number - 1}")
        return self


@dataclass(frozen=True)
class Example:
    """`steps` has one member where the file holds one request; `file` is where it was read."""

    name: str
    state: dict[str, Any]
    steps: tuple[Step, ...]
    file: Path

    @property
    def request(self) -> ExampleRequest:
        return self.steps[0].request

    @property
    def expect(self) -> Expected:
        return self.steps[0].expect


@dataclass(frozen=True)
class Result:
    """`differences` has a line for each thing that was not as expected; `answers` is what the model said."""

    name: str
    differences: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.differences


def load_examples(folder: Path) -> list[Example]:
    """The examples of an app folder by file name. Raises AppError that names a file which is none, and the place."""
    return [_load(path) for path in sorted((folder / "examples").glob("*.json"))]


class Named(Protocol):
    """What can be chosen by its name, or by that of its file."""

    @property
    def name(self) -> str: ...

    @property
    def file(self) -> Path: ...


AnExample = TypeVar("AnExample", bound=Named)


def chosen(examples: list[AnExample], only: str) -> list[AnExample]:
    """Those with this name, or in the file of this name. Raises AppError naming what there is."""
    found = [example for example in examples if only in (example.name, example.file.stem, example.file.name)]
    if not found:
        raise AppError(f"There is no example {only!r}; there are: {', '.join(e.name for e in examples) or 'none'}.")
    return found


async def run_examples(app: App, think: Think, call: CallTool | None = None) -> list[Result]:
    """Ask every example of a fresh state. Raises AppError when an example, or the app, is malformed."""
    return [result async for result in each_result(app, load_examples(app.folder), think, call)]


async def each_result(
    app: App, examples: list[Example], think: Think, call: CallTool | None = None
) -> AsyncIterator[Result]:
    for example in examples:
        yield await run_example(app, example, think, call=call)


async def run_example(
    app: App,
    example: Example,
    think: Think,
    handlers: Callable[[AppState], Handlers] | None = None,
    call: CallTool | None = None,
) -> Result:
    """Ask one example. `handlers`, made for the example's state, answer in place of the model where they can; `call`
    asks a driver for what is looked up.

    Raises AppError when its state does not fit the app's schema, EngineError when there is no engine to ask.
    """
    db = open_database(Path(":memory:"))
    try:
        state, model = AppState(db, app.name, app.state_schema), _Model(think)
        _begin(state, example)
        answering = handlers and handlers(state)
        backend = Backend(app, state, model.think, lambda kind, data: None, db.atomic, answering, call)
        differences = [line async for line in _compared(example, backend, state, model)]
        return Result(example.name, tuple(differences), tuple(model.answers))
    finally:
        db.close()


@dataclass
class _Model:
    """The model as a backend asks it. A backend tells a client that no engine answers; an author must hear it too."""

    ask: Think
    answers: list[str] = field(default_factory=list)
    failure: EngineError | None = None

    async def think(self, request: ChatRequest) -> str:
        try:
            self.answers.append(await self.ask(request))
        except ContextFull:
            raise
        except EngineError as error:
            self.failure = error
            raise
        return self.answers[-1]


def _begin(state: AppState, example: Example) -> None:
    patch = adding(example.state)
    try:
        state.commit(patch, cause={})
    except StateError as error:
        raise AppError(f"{example.file}: state: {error}") from error


async def _compared(example: Example, backend: Backend, state: AppState, model: _Model) -> AsyncIterator[str]:
    """Ask step after step. What follows a step that differs would differ for that reason, so it is not asked."""
    answers: list[dict[str, Json]] = []
    for number, step in enumerate(example.steps, 1):
        before = f"step {number} " if len(example.steps) > 1 else ""
        try:
            step = _filled(step, answers) if number > 1 else step
        except Unanswered as missing:
            yield f"{before}{missing}"
            return
        response = await backend.handle(_request(step.request, backend))
        if model.failure is not None:
            raise model.failure
        answers.append(_answer(response))
        different = list(_differences(step.expect, {**answers[-1], "state": state.get("")}))
        for line in different:
            yield before + line
        if different:
            return


def _filled(step: Step, answers: Answers) -> Step:
    return Step.model_validate(filled(step.model_dump(exclude_unset=True), answers))


def _request(asked: ExampleRequest, backend: Backend) -> Request:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    content_type = headers.get("content-type", JSON_TYPE)
    body = b"" if asked.body is None else _encoded(asked.body, content_type)
    user = (asked.user or EXAMPLE_USER) if backend.has_users else None
    upload = _upload(asked.body)
    return Request(asked.method, asked.path, asked.query, headers, body, content_type, user=user, upload=upload)


def _upload(body: Json) -> Upload | None:
    """A body that tells of files, as if they had just come: of an example nobody keeps the bytes."""
    parts = body.values() if isinstance(body, dict) else ()
    sent = [digest for part in parts for digest in digests(part)]
    return Upload(body, dict.fromkeys(sent)) if sent else None


def _encoded(body: Json, content_type: str) -> bytes:
    as_it_is = isinstance(body, str) and "json" not in content_type
    return (body if as_it_is else json.dumps(body)).encode()


def _answer(response: Response) -> dict[str, Json]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = json.loads(response.body) if response.body else None
    return {"status": response.status, "headers": headers, "body": body}


def _load(path: Path) -> Example:
    try:
        read = _File.model_validate_json(path.read_text("utf-8"))
    except ValidationError as error:
        raise AppError(f"{path} is not an example: {first_problem(error)}.") from error
    except (ValueError, OSError) as error:
        raise AppError(f"{path} is not an example: {str(error).splitlines()[0]}.") from error
    if read.steps is not None:
        return Example(read.name, read.state, tuple(read.steps), path)
    assert read.request is not None and read.expect is not None, "the file was checked"
    return Example(read.name, read.state, (Step(request=read.request, expect=read.expect),), path)


def _differences(expected: Expected, got: dict[str, Json]) -> Iterator[str]:
    named = {name.lower() for name in expected.headers}
    got = got | {"headers": {name: value for name, value in got["headers"].items() if name in named}}
    for part in expected.model_fields_set:
        wanted = getattr(expected, part)
        if part == "headers":
            wanted = {name.lower(): value for name, value in wanted.items()}
        for change in diff({part: _fill(wanted, got[part])}, {part: got[part]}):
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
