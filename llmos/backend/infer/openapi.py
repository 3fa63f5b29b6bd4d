"""An OpenAPI 3 document as a draft: its paths become routes, its schemas collections, its descriptions rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llmos.backend.infer.document import Schemas, read_document
from llmos.backend.infer.draft import Collection, Draft, Kind, Route, is_stamp
from llmos.backend.infer.found import Field
from llmos.backend.infer.plan import (
    SEGMENT,
    SIGN_IN,
    Segments,
    collection_paths,
    kind_of,
    path_of,
    root_of,
    segments_of,
    success_of,
)
from llmos.backend.infer.words import SPEAKABLE, listed, one_line
from llmos.backend.routes import METHODS, is_parameter
from llmos.backend.routes import Route as Rule
from llmos.contracts import Json

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
AUTHORITY = frozenset({401, 403, 407})
SAID_BY_CODE = frozenset({405, 406, 408, 413, 414, 415, 429})


@dataclass(frozen=True)
class Operation:
    """One operation of the document. `takes` and `gives` are None where there is no JSON to tell of."""

    method: str
    path: str
    source: dict[str, Json]
    parameters: tuple[dict[str, Json], ...]
    takes: Json = None
    gives: Json = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def segments(self) -> Segments:
        return segments_of(self.path)


def read_openapi(path: Path) -> Draft:
    """Raises UsageError when the file is no OpenAPI 3 document."""
    return _Reader(read_document(path), path).draft()


@dataclass
class _Reader:
    document: dict[str, Json]
    path: Path
    schemas: Schemas = field(init=False)
    made: Draft = field(init=False)

    def __post_init__(self) -> None:
        info = _dict(self.document.get("info"))
        self.schemas = Schemas(self.document)
        title = one_line(info.get("title") or self.path.stem, 80)
        self.made = Draft(title, summary=_without_statuses(one_line(info.get("description") or title)) or title)

    def draft(self) -> Draft:
        self._say_whole()
        operations = [operation for operation in self._operations() if self._can_be(operation)]
        roots = collection_paths([(o.method, o.path, o.takes is not None) for o in operations])
        for operation in operations:
            self._place(operation, roots)
        for name, collection in self.made.collections.items():
            self._fill(collection, [o for o in operations if _is_of(o, name, roots)])
        for note in self.schemas.notes:
            self.made.note(note)
        return self.made

    def _say_whole(self) -> None:
        """What the document says of all its operations."""
        if self.document.get("security") or _dict(self.document.get("components")).get("securitySchemes"):
            self.made.note(
                "It asks for authentication; a backend here knows no accounts:"
                " one token guards what `llmos serve --host` opens to others, and nothing else is guarded."
            )
        for server in (self.document.get("servers") or [])[:1]:
            base = "/".join(str(_dict(server).get("url", "")).split("://")[-1].split("/")[1:]).strip("/")
            if base:
                self.made.note(f"Its server serves under /{base}; here paths begin at /: tell clients so.")
        if self.document.get("webhooks"):
            self.made.note("Its webhooks are left out: a backend here answers, it does not call.")

    def _operations(self) -> Iterator[Operation]:
        for path, item in _dict(self.document.get("paths")).items():
            item = self.schemas.resolved(item)
            shared = item.get("parameters") or []
            for method, source in item.items():
                if str(method).upper() in METHODS and isinstance(source, dict):
                    yield self._operation(str(method).upper(), str(path), source, shared)

    def _operation(self, method: str, path: str, source: dict[str, Json], shared: list[Json]) -> Operation:
        given = [self.schemas.resolved(one) for one in [*shared, *(source.get("parameters") or [])]]
        operation = Operation(method, path, source, tuple(given))
        if source.get("callbacks"):
            self.made.note(f"{operation}: its callbacks are left out: a backend here answers, it does not call.")
        return Operation(method, path, source, tuple(given), self._takes(operation), self._gives(operation))

    def _takes(self, operation: Operation) -> Json:
        """The schema of the body, if that is an object."""
        if operation.method in ("GET", "DELETE"):
            return None
        content = _dict(self.schemas.resolved(operation.source.get("requestBody") or {}).get("content"))
        media = _json_of(content) or next((_dict(content[kind]) for kind in content if kind in FORMS), None)
        if content and media is None:
            self.made.note(f"{operation} takes {listed(content, 'or')}; a backend here takes JSON and texts of forms.")
        schema = _dict(media).get("schema")
        if schema is not None and self.schemas.merged(schema).get("type") == "array":
            self.made.note(f"{operation} takes a list; the body of a request here is one object.")
            return None
        return schema

    def _gives(self, operation: Operation) -> Json:
        answers = [self.schemas.resolved(answer) for code, answer in _codes(operation.source) if 200 <= code < 300]
        for answer in answers:
            content = _dict(answer.get("content"))
            if (media := _json_of(content)) is not None:
                return _dict(media).get("schema")
            if content:
                self.made.note(f"{operation} answers with {listed(content, 'or')}; a backend here answers with JSON.")
        return None

    def _can_be(self, operation: Operation) -> bool:
        segments = operation.segments
        if not segments or not all(SEGMENT.fullmatch(segment) for segment in segments):
            self.made.note(f"{operation} has no path of plain segments, such as /pets/{{id}}: left out.")
            return False
        if segments[-1].lower() in SIGN_IN:
            self.made.note(f"{operation} signs in or out; a backend here knows no accounts: left out.")
            return False
        content = _dict(self.schemas.resolved(operation.source.get("requestBody") or {}).get("content"))
        sends = operation.method not in ("GET", "DELETE")
        # of a body that cannot be read a note was written when its schema was looked for
        return not (sends and content and _json_of(content) is None and not FORMS & content.keys())

    def _place(self, operation: Operation, roots: set[Segments]) -> None:
        kind = kind_of(operation.method, operation.segments, roots)
        if kind is None:
            self.made.note(
                f"{operation} is nested; routes here are /collection, /collection/{{id}} and plain ones: left out."
            )
            return
        if any((r.method, r.path) == (operation.method, path_of(operation.segments)) for r in self.made.routes):
            self.made.note(f"{operation} has the place of another operation: left out.")
            return
        self._say_of(operation, kind)
        name = root_of(operation.path, roots)[-1] if kind != "plain" else ""
        if name:
            self.made.collections.setdefault(name, Collection(name))
        self.made.routes.append(self._route(operation, kind, name))

    def _route(self, operation: Operation, kind: Kind, name: str) -> Route:
        codes = {code: self.schemas.resolved(answer) for code, answer in _codes(operation.source)}
        good = sorted(code for code in codes if 200 <= code < 300) or [success_of(kind)]
        invalid = next((code for code in (422, 400) if code in codes), 422)
        if len(good) > 1:
            self.made.note(f"{operation} may answer {listed(map(str, good), 'or')}; the rule says {good[0]}.")
        covered = {404} if kind not in ("create", "list", "plain") else set()
        covered |= {invalid} if kind in ("create", "replace", "change") else set()
        said = {code: _without_statuses(one_line(answer.get("description", ""), 120)) for code, answer in codes.items()}
        conditions = tuple(
            (code, f"it is a case of “{said[code].rstrip('.')}”")
            for code in sorted(codes)
            if 400 <= code < 500 and code not in covered | AUTHORITY | SAID_BY_CODE and said[code]
        )
        if AUTHORITY & codes.keys():
            self.made.note(f"{operation} may refuse who is not signed in or allowed; a backend here knows no accounts.")
        summary = _without_statuses(
            one_line(operation.source.get("summary") or operation.source.get("description") or "")
        )
        gives = self.schemas.members(operation.gives) if kind == "plain" else []
        answers = tuple(member.name for member in gives if SPEAKABLE.fullmatch(member.name))
        return Route(
            operation.method, path_of(operation.segments), kind, name, good[0], invalid, summary, answers, conditions
        )

    def _say_of(self, operation: Operation, kind: Kind) -> None:
        by_place: dict[str, list[str]] = {}
        for parameter in operation.parameters:
            by_place.setdefault(str(parameter.get("in")), []).append(f"`{parameter.get('name')}`")
        if names := by_place.get("query"):
            self.made.note(f"{operation} is asked with {listed(names)}; the rule answers the same whatever it says.")
        if names := [*by_place.get("header", []), *by_place.get("cookie", [])]:
            self.made.note(f"{operation} reads the headers or cookies {listed(names)}; the model does not see them.")
        if kind in ("plain", "act"):
            self.made.note(f"{operation}: complete its rule in prompt.md from what you know, and write an example.")
        gives = self.schemas.merged(operation.gives) if operation.gives is not None else {}
        if kind == "list" and gives and gives.get("type") != "array":
            self.made.note(f"{operation} answers with an object around its list; here with the list itself.")
        if (
            kind == "read"
            and is_parameter(last := operation.path.rsplit("/", 1)[-1])
            and not last.lower().endswith("id}")
        ):
            self.made.note(f"{operation} names a document by {last}; here each has an `id`, counted from 1.")

    def _fill(self, collection: Collection, operations: list[Operation]) -> None:
        """Fields from what is sent, then from what comes back."""
        fields: dict[str, Field] = {}
        creating = [o for o in operations if o.method == "POST" and o.segments[-1] == collection.name]
        for operation in sorted(operations, key=lambda o: o not in creating):
            for member in self.schemas.members(operation.takes):
                required = member.required and operation in creating
                fields.setdefault(member.name, Field(member.name, member.schema, required))
        for operation in operations:
            one = self._document_of(operation, collection)
            if operation.segments[-1] == collection.name or is_parameter(operation.segments[-1]):
                self._samples(collection, one)
                for member in self.schemas.members(one):
                    fields.setdefault(member.name, Field(member.name, member.schema))
            self._samples(collection, operation.takes)
        self._settle(collection, fields, operations)

    def _document_of(self, operation: Operation, collection: Collection) -> Json:
        """The schema of one document in an answer: of a list, also one within an object, that of its items."""
        gives = self.schemas.merged(operation.gives) if operation.gives is not None else {}
        is_list = operation.method == "GET" and operation.segments[-1] == collection.name
        if is_list and gives.get("type") != "array":
            inner = [self.schemas.merged(part) for part in _dict(gives.get("properties")).values()]
            gives = next((part for part in inner if part.get("type") == "array"), {})
        return gives.get("items", {}) if gives.get("type") == "array" or is_list else operation.gives

    def _samples(self, collection: Collection, part: Json) -> None:
        schema = self.schemas.merged(part) if part is not None else {}
        for name, inner in _dict(schema.get("properties")).items():
            example = self.schemas.merged(inner).get("example")
            if example is not None:
                collection.samples.setdefault(str(name), example)
        for name, value in _dict(schema.get("example")).items():
            collection.samples.setdefault(str(name), value)

    def _settle(self, collection: Collection, fields: dict[str, Field], operations: list[Operation]) -> None:
        read_only = self._read_only(operations)
        for name, member in fields.items():
            if name == "id":
                self._settle_id(collection, member)
            elif is_stamp(name) and member.schema.get("format") == "date-time":
                collection.stamps.append(name)
            elif name in read_only:
                self.made.note(f"`{name}` of {collection.many} is set by the server; no rule tells how: left out.")
            else:
                collection.fields[name] = member

    def _settle_id(self, collection: Collection, member: Field) -> None:
        if "string" in str(member.schema.get("type")):
            collection.id_schema = {"type": "string"}
            if len(member.schema) > 1:
                self.made.note(
                    f"The `id` of {collection.many} is counted here, “1”, “2”, whatever form the document gives."
                )

    def _read_only(self, operations: list[Operation]) -> set[str]:
        found = set()
        for operation in operations:
            for part in (operation.takes, operation.gives):
                schema = self.schemas.merged(part) if part is not None else {}
                schema = self.schemas.merged(schema.get("items", {})) if schema.get("type") == "array" else schema
                for name, inner in _dict(schema.get("properties")).items():
                    if self.schemas.merged(inner).get("readOnly") is True:
                        found.add(str(name))
        return found


def _is_of(operation: Operation, name: str, roots: set[Segments]) -> bool:
    return any(root[-1] == name and operation.segments[: len(root)] == root for root in roots)


def _codes(source: dict[str, Json]) -> Iterator[tuple[int, Json]]:
    """The answers whose status is a number; `default` and `2XX` name none."""
    for code, answer in _dict(source.get("responses")).items():
        if str(code).isdigit():
            yield int(str(code)), answer


def _json_of(content: dict[str, Json]) -> dict[str, Json] | None:
    kinds = [kind for kind in content if kind.startswith("application/json") or kind.endswith("+json") or kind == "*/*"]
    return _dict(content[kinds[0]]) if kinds else None


def _without_statuses(text: str) -> str:
    """A number in a rule that looks like a status would be one: sentences that hold such a number are left out."""
    sentences = [sentence for sentence in text.split(". ") if not Rule("GET", "/", sentence).statuses]
    return ". ".join(sentences)


def _dict(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
