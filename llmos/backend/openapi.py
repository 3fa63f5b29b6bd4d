"""The OpenAPI 3.1 document of a backend, from its rules, its schema and its examples. Code alone writes it.

The rules name the statuses, the schema says what is stored and what a client may send, the examples show what comes
back. What the backend refuses before or without the rules is there as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

from llmos.backend.body import MULTIPART, URLENCODED
from llmos.backend.examples import Example, load_examples
from llmos.backend.files import PATH as FILES
from llmos.backend.grammar import REFUSALS, successes
from llmos.backend.openapi_bodies import Bodies
from llmos.backend.openapi_files import file_operation
from llmos.backend.openapi_schemas import PREFIX, PROBLEM, Components, pascal
from llmos.backend.pages import AFTER, CURSOR, LIMIT, Pages
from llmos.backend.problem import HttpError
from llmos.backend.replies import MAX_KEY_CHARS
from llmos.backend.request import body_shape
from llmos.backend.routes import METHODS, Route, Rules, is_parameter, rules_of, sends
from llmos.backend.shape import Shape
from llmos.backend.window import target_of
from llmos.contracts import Json
from llmos.kernel.app import App
from llmos.state.files import digests
from llmos.state.schema import StateSchema

READ_FAILURES = (400, 413, 414, 429, 500, 502, 503)
WRITE_FAILURES = (*READ_FAILURES, 412, 415, 422)
WAITING = (429, 503)  # come with Retry-After
EARLY = "Refused before the rules are read, such as for a missing token."
SEGMENT = r"^[^/\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"

_ETAG = {"description": "The version of the state that this was made from.", "schema": {"type": "string"}}
_LINK = {"description": 'The next page, rel="next"; none after the last one.', "schema": {"type": "string"}}
_LOCATION = {"description": "Where the new document is read.", "schema": {"type": "string"}}
_RETRY = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


class Asked(NamedTuple):
    """An example, and what it gives for the parameters of its route's path."""

    example: Example
    parameters: dict[str, str]


def openapi(app: App) -> Json:
    """The document of one app. Raises AppError when prompt.md, schema.json or an example is malformed."""
    rules, schema = rules_of(app), StateSchema(app.state_schema)
    return _Writer(app, rules, schema).document()


class _Writer:
    def __init__(self, app: App, rules: Rules, schema: StateSchema) -> None:
        self._app = app
        self._rules = rules
        self._shapes = {name: Shape(name, schema) for name in schema.collections}
        self._has_files = schema.has_files
        self._components = Components(schema, self._shapes)
        self._bodies = Bodies(self._components, self._shapes)
        self._pages = Pages(app.http)
        self._asked = _by_route(rules, load_examples(app.folder))
        self._ids = {"getFile"} if schema.has_files else set[str]()

    def document(self) -> Json:
        paths = self._paths()
        told = self._rules.introduction or self._app.summary
        return {
            "openapi": "3.1.0",
            "info": {"title": self._app.title, "version": self._app.version, "description": told},
            "paths": paths,
            "components": {
                "schemas": {**self._components.schemas, "Problem": PROBLEM},
                "responses": {_named(status): _problem(status) for status in _problems(paths)},
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            # where an app has no users, a site beyond loopback has a token; on it, none is needed
            "security": [{"token": []}] if self._app.http.users else [{}, {"token": []}],
        }

    def _paths(self) -> dict[str, Json]:
        paths: dict[str, Json] = {}
        templates: dict[str, str] = {}
        for route in self._rules.routes:
            # /a/{id} and /a/{key} are the same path: the first one names the parameters
            template = templates.setdefault(_anonymous(route), _template(route))
            operations = paths.setdefault(template, {})
            operations.setdefault(route.method.lower(), self._operation(route, template))
        if self._has_files:
            paths[f"{FILES}/{{sha256}}"] = {"get": file_operation(_problem_content(EARLY), users=self._app.http.users)}
        return {path: _in_order(operations) for path, operations in paths.items()}

    def _operation(self, route: Route, template: str) -> Json:
        asked = self._asked.get((route.method, route.path), [])
        operation: dict[str, Json] = {
            "operationId": self._operation_id(route),
            "description": route.rule,
            "parameters": [*self._path_parameters(route, template, asked), *_queries(asked), *_preconditions(route)],
            "responses": self._responses(route, asked),
        }
        if self._pages.are_of(route) and _is_list(operation):
            _in_pages(operation, self._pages.max)
        if tags := [segment for segment in route.segments[:1] if not is_parameter(segment)]:
            operation["tags"] = tags
        if sends(route.method):
            operation["requestBody"] = self._request_body(route, asked)
        return operation

    def _operation_id(self, route: Route) -> str:
        words = [f"By{pascal(part[1:-1])}" if is_parameter(part) else pascal(part) for part in route.segments]
        name = route.method.lower() + ("".join(words) or "Root")
        unused = next(n for n in [name, *(f"{name}{i}" for i in range(2, 1000))] if n not in self._ids)
        self._ids.add(unused)
        return unused

    def _request_body(self, route: Route, asked: list[Asked]) -> Json:
        shape, partial = body_shape(route, self._shapes), route.method == "PATCH"
        if shape is None:
            return {"required": False, "content": {"application/json": _content({"type": "object"}, asked)}}
        sent = self._components.sent(shape, partial=partial)
        form = self._components.form(shape, partial=partial)
        must = bool(self._components.schemas[sent["$ref"].removeprefix(PREFIX)].get("required"))
        only_form = not partial and not shape.files.isdisjoint(shape.required)  # bytes that JSON cannot bring
        content = {} if only_form else {"application/json": _content(sent, asked)}
        if _is_flat(form):
            urlencoded = {} if shape.files else {URLENCODED: {"schema": form}}
            content |= {**urlencoded, MULTIPART: {"schema": form, **_encoding(shape)}}
        return {"required": must, "content": content}

    def _responses(self, route: Route, asked: list[Asked]) -> Json:
        refusals = [status for status in route.statuses if 400 <= status < 500] or list(REFUSALS)
        failures = READ_FAILURES if route.method == "GET" else WRITE_FAILURES
        failures = (*failures, 401) if route.user else failures
        responses = {str(status): self._success(route, status, asked) for status in successes(route)}
        if route.method == "GET":
            responses["304"] = {"description": "What If-None-Match names is still the newest.", "headers": _etag()}
        for status in sorted({*refusals, *failures, *(s for s in route.statuses if s >= 500)}):
            responses[str(status)] = {"$ref": f"#/components/responses/{_named(status)}"}
        return {**dict(sorted(responses.items())), "default": _problem_content(EARLY)}

    def _success(self, route: Route, status: int, asked: list[Asked]) -> Json:
        headers = {**_etag(), **({"Location": _LOCATION} if status == 201 else {})}
        response: dict[str, Json] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if status == 204:
            return response
        target = self._target(route)
        shown = [one.example for one in asked if one.example.expect.status == status]
        shown = [example for example in shown if "body" in example.expect.model_fields_set]
        known = self._bodies.schema([example.expect.body for example in shown], target)
        content: dict[str, Json] = {"schema": known or self._likely(route, target)}
        if shown:
            content["examples"] = {e.name: {"value": self._bodies.filled(e.expect.body, target)} for e in shown}
        return {**response, "content": {"application/json": content}}

    def _likely(self, route: Route, target: str | None) -> Json:
        """What a route without examples answers with, by its form."""
        *rest, last = route.segments or [""]
        if target is None:
            return {}
        if (last == target and route.method == "POST") or (rest[-1:] == [target] and is_parameter(last)):
            return self._components.document(target)
        if last == target and route.method == "GET":
            array = {"type": "array", "items": self._components.document(target)}
            return {"anyOf": [self._components.documents(target), array]}
        return {}

    def _target(self, route: Route) -> str | None:
        return target_of(route, self._shapes)

    def _path_parameters(self, route: Route, template: str, asked: list[Asked]) -> Iterator[Json]:
        named = zip(["", *route.segments], route.segments, template.strip("/").split("/"), strict=False)
        for before, own, shown in named:
            if is_parameter(own):
                schema = self._key(before)
                parameter = {"name": shown[1:-1], "in": "path", "required": True, "schema": schema}
                value = next((one.parameters[own[1:-1]] for one in asked if one.example.expect.status < 400), None)
                yield parameter if value is None else {**parameter, "example": _typed(value, schema)}

    def _key(self, collection: str) -> Json:
        """The id of a document of a collection, or any other segment of a path."""
        shape = self._shapes.get(collection)
        is_number = shape is not None and shape.fields.get("id", {}).get("type") == "integer"
        return {"type": "integer"} if is_number else {"type": "string", "minLength": 1, "pattern": SEGMENT}


def _by_route(rules: Rules, examples: list[Example]) -> dict[tuple[str, str], list[Asked]]:
    found: dict[tuple[str, str], list[Asked]] = {}
    for example in examples:
        try:
            match = rules.match(example.request.method.upper(), example.request.path)
        except HttpError:
            continue  # an example of what is not served
        found.setdefault((match.route.method, match.route.path), []).append(Asked(example, match.parameters))
    return found


def _anonymous(route: Route) -> str:
    return "/" + "/".join("{}" if is_parameter(segment) else segment for segment in route.segments)


def _template(route: Route) -> str:
    """The path with every parameter named, and none twice."""
    names: list[str] = []
    parts = []
    for segment in route.segments:
        if is_parameter(segment):
            name = segment[1:-1] or "value"
            names.append(name if name not in names else f"{name}{len(names) + 1}")
            parts.append("{" + names[-1] + "}")
        else:
            parts.append(segment)
    return "/" + "/".join(parts)


def _typed(value: str, schema: Json) -> Json:
    return int(value) if schema["type"] == "integer" and value.isdecimal() else value


def _queries(asked: list[Asked]) -> Iterator[Json]:
    """Rules speak of queries in plain words; which there are is known from the examples."""
    seen = {name: value for one in asked for name, value in one.example.request.query.items()}
    for name, value in seen.items():
        yield {"name": name, "in": "query", "schema": {"type": "string"}, "example": value}


def _preconditions(route: Route) -> Iterator[Json]:
    if route.method == "GET":
        yield _header("If-None-Match", "The ETag of an earlier answer: 304 when it is still the newest.")
    else:
        told = "Any text: the same request with the same key is answered, and done, only once."
        yield _header("Idempotency-Key", told, minLength=1, maxLength=MAX_KEY_CHARS)
        yield _header("If-Match", "The ETag of an earlier answer: 412, and nothing changed, when there is a newer one.")


def _header(name: str, told: str, **limits: Json) -> Json:
    return {"name": name, "in": "header", "description": told, "schema": {"type": "string", **limits}}


def _body(asked: Asked) -> bool:
    body = asked.example.request.body
    has_files = isinstance(body, dict) and any(digest for part in body.values() for digest in digests(part))
    return body is not None and not has_files and asked.example.expect.status < 400


def _content(schema: Json, asked: list[Asked]) -> Json:
    shown = {one.example.name: {"value": one.example.request.body} for one in asked if _body(one)}
    return {"schema": schema, "examples": shown} if shown else {"schema": schema}


def _encoding(shape: Shape) -> Json:
    """The types of files, where the schema names them."""
    kinds = {name: _file_types(shape.fields[name]) for name in sorted(shape.files - shape.own)}
    named = {name: {"contentType": ", ".join(types)} for name, types in kinds.items() if types}
    return {"encoding": named} if named else {}


def _file_types(part: Json) -> list[str]:
    kind = part.get("properties", part.get("items", {}).get("properties", {})).get("type", {})
    return [kind["const"]] if "const" in kind else list(kind.get("enum", ()))


def _is_list(operation: Json) -> bool:
    content = operation["responses"].get("200", {}).get("content", {})
    return any(part["schema"].get("type") == "array" for part in content.values())


def _in_pages(operation: Json, most: int) -> None:
    told = "Items of a page, of which Link names the next one."
    limit = {"type": "integer", "minimum": 1, "maximum": most}
    operation["parameters"] += [
        {"name": LIMIT, "in": "query", "description": told, "schema": limit},
        {"name": AFTER, "in": "query", "description": "From a Link.", "schema": {"type": "string", "pattern": CURSOR}},
    ]
    operation["responses"]["200"]["headers"]["Link"] = _LINK


def _is_flat(schema: Json) -> bool:
    """Whether a form can send it."""
    kinds = {"string", "integer", "number", "boolean", "array"}
    parts = [part["anyOf"][0] if "anyOf" in part else part for part in schema["properties"].values()]
    return bool(parts) and all(isinstance(part, dict) and part.get("type") in kinds for part in parts)


def _in_order(operations: dict[str, Json]) -> dict[str, Json]:
    return {method.lower(): operations[method.lower()] for method in METHODS if method.lower() in operations}


def _etag() -> dict[str, Json]:
    return {"ETag": _ETAG}


def _named(status: int) -> str:
    return f"Problem{status}"


def _problems(paths: dict[str, Json]) -> list[int]:
    numbers = {
        int(status)
        for operations in paths.values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        if "$ref" in response
    }
    return sorted(numbers)


def _problem(status: int) -> Json:
    return _problem_content(HTTPStatus(status).phrase, {"Retry-After": _RETRY} if status in WAITING else None)


def _problem_content(told: str, headers: Json = None) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": f"{PREFIX}Problem"}}}
    return {"description": told, **({"headers": headers} if headers else {}), "content": content}
