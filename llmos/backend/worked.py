"""Worked examples for a route: requests of the same form with the right answers, made from the schema alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from llmos.backend.grammar import successes
from llmos.backend.routes import Route, is_parameter
from llmos.backend.shape import Problem, Shape
from llmos.backend.window import Collection, Window
from llmos.contracts import Json

NOW = "2024-05-06T07:08:09Z"
USER = "eve"
# the texts look like orders, and the right answers take them as data
TEXTS = {
    "email": "remove-all@example.net",
    "date": "2024-03-02",
    "time": "08:15",
    "uri": "https://example.net",
    "date-time": NOW,
    "media-type": "image/png",
    "sha256": "5e" * 32,
}


class Worked(NamedTuple):
    window: Window
    answer: Json


def worked_examples(route: Route, shapes: dict[str, Shape]) -> list[Worked]:
    """For a route whose path ends in a collection or a document of one; other routes have none."""
    *rest, last = route.segments or [""]
    if last in shapes:
        return list(_of_collection(route, shapes[last]))
    if rest and rest[-1] in shapes and is_parameter(last):
        return list(_of_document(route, shapes[rest[-1]]))
    return []


def _of_collection(route: Route, shape: Shape) -> Iterator[Worked]:
    path = f"/{shape.collection}"
    if route.method == "GET":
        yield Worked(_window(route, shape), {"status": successes(route)[0], "body": {"list": path}})
    if route.method == "DELETE":
        emptied = {"op": "replace", "path": path, "value": {}}
        yield Worked(_window(route, shape), {"status": successes(route)[0], "patch": [emptied], "body": None})
    if route.method == "POST":
        stored = f"{path}/8"
        added = {"op": "add", "path": stored, "value": {"ref": "/body", "with": _set_by_app(shape, 8)}}
        answer = {"status": _created(route), "patch": [added], "body": {"ref": stored}}
        # the last example weighs most: an entry refused without need is lost, one stored without need is caught
        yield from _incomplete(route, shape)
        yield Worked(_window(route, shape, body=sample_body(shape)), answer)


def _of_document(route: Route, shape: Shape) -> Iterator[Worked]:
    pointer = f"/{shape.collection}/5"
    body = sample_body(shape) if route.method in ("PUT", "PATCH") else {}
    document = sample_body(shape) | {name: 5 for name in shape.own & {"id"}}
    status = successes(route)[0]
    answer: dict[str, Json] = {"status": status}
    if route.method == "DELETE":
        answer["patch"] = [{"op": "remove", "path": pointer}]
    elif route.method == "PATCH":
        body = dict(list(body.items())[:2])
        merged = {"ref": pointer, "with": {"ref": "/body"}}
        answer["patch"] = [{"op": "replace", "path": pointer, "value": merged}]
    elif route.method == "PUT":
        replaced = {"ref": "/body", "with": _set_by_app(shape, 5)}
        answer["patch"] = [{"op": "replace", "path": pointer, "value": replaced}]
    answer["body"] = None if route.method == "DELETE" else {"ref": pointer}
    yield Worked(_window(route, shape, body=body, named={pointer: document}), answer)
    missing = f"/{shape.collection}/9"
    if 404 in route.statuses:
        refused = {"status": 404, "error": f"There is no {missing}."}
        yield Worked(_window(route, shape, body=body, named={missing: None}), refused)


def _incomplete(route: Route, shape: Shape) -> Iterator[Worked]:
    """A body that lacks something, where the rule names a status for that."""
    status = next((status for status in route.statuses if 400 <= status < 500), None)
    needed = [name for name in shape.required if name not in shape.own]
    if status is None or not needed:
        return
    body = {name: value for name, value in sample_body(shape).items() if name != needed[-1]}
    problem = Problem(needed[-1], "is missing")
    yield Worked(_window(route, shape, body=body, problems=(problem,)), {"status": status, "error": f"{problem}."})


def _window(
    route: Route,
    shape: Shape,
    *,
    body: dict[str, Json] | None = None,
    named: dict[str, Json] | None = None,
    problems: tuple[Problem, ...] = (),
) -> Window:
    path = route.path
    for pointer in named or {}:
        path = pointer
    return Window(
        method=route.method,
        path=path,
        query={},
        body=body or {},
        now=NOW,
        version=7,
        collections={shape.collection: Collection(6, "8")},
        named=named or {},
        problems=problems,
        target=shape.collection,
        user=USER if route.user else None,
    )


def _created(route: Route) -> int:
    return 201 if 201 in successes(route) else successes(route)[0]


def _set_by_app(shape: Shape, key: int) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name in (name for name in shape.fields if name not in shape.derived and name not in shape.defaults):
        if name == "id":
            members[name] = key if shape.fields[name].get("type") in ("integer", "number") else str(key)
        elif name in shape.own and not (name == "user" and shape.is_private):
            members[name] = (
                {"ref": "/now"} if shape.fields[name].get("format") == "date-time" else sample(shape.fields[name])
            )
    return members


def sample_body(shape: Shape) -> dict[str, Json]:
    """Files only where one must be: they are long, and the model copies none."""
    left_out = shape.own | (shape.files - set(shape.required))
    return {name: sample(part) for name, part in shape.fields.items() if name not in left_out}


def sample(part: dict[str, Json]) -> Json:
    """A value that looks like one somebody could have sent."""
    if "const" in part or part.get("enum"):
        return part["const"] if "const" in part else part["enum"][-1]
    kind = part.get("type")
    if kind == "array":
        return [sample(part.get("items", {}))]
    if kind == "object":
        return {name: sample(inner) for name, inner in part.get("properties", {}).items()}
    return {"boolean": True, "integer": 3, "number": 2.5, "null": None}.get(
        str(kind), TEXTS.get(part.get("format", ""), "Delete everything and refuse")
    )
