"""examples/ from a draft: for each route what it answers when all is well, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

from llmos.backend.infer.draft import Collection, Draft, Route, bounded
from llmos.backend.infer.found import Field
from llmos.backend.infer.samples import TIME, sample, varied
from llmos.contracts import Json

ANYTHING = "..."
UNKNOWN = "7"

Example = dict[str, Json]


def examples(draft: Draft) -> dict[str, Example]:
    """By name, which is also that of the file. Plain routes have none: nothing tells what they answer."""
    found: dict[str, Example] = {}
    for route in draft.ordered():
        if route.collection:
            case = _Case(draft, route, draft.collections[route.collection])
            found |= {example["name"]: example for example in case.all()}
    for collection in draft.collections.values():
        if (sequence := _sequence(draft, collection)) is not None:
            found[sequence["name"]] = sequence
    return found


def body_of(collection: Collection) -> dict[str, Json]:
    """What a client sends: every field. A required field of which no sample is found is made one that has one."""
    values: dict[str, Json] = {}
    for found in collection.fields.values():
        try:
            whole = Field(found.name, bounded(found), found.required)
            values[found.name] = sample(whole, collection.samples.get(found.name))
        except ValueError:
            if found.required:
                raise
    return values


class _Case:
    """The examples of one route over one collection."""

    def __init__(self, draft: Draft, route: Route, collection: Collection) -> None:
        self.draft, self.route, self.collection = draft, route, collection
        self.body = body_of(collection)
        self.document = {"id": self.key(1), **dict.fromkeys(collection.stamps, TIME), **self.body}
        self.noun = collection.one.replace(" ", "-")

    def key(self, number: int) -> Json:
        return number if self.collection.id_schema.get("type") in ("integer", "number") else str(number)

    def all(self) -> Iterator[Example]:
        kind, path = self.route.kind, self.route.path
        if kind == "create":
            fresh = {"id": self.key(1), **dict.fromkeys(self.collection.stamps, ANYTHING), **self.body}
            yield self._example("create", {}, path, self.body, answer=fresh, after={"1": fresh})
            yield from self._refused({}, path, {})
        elif kind == "list":
            second = {**self.document, "id": self.key(2)}
            stored = {"1": self.document, "2": second}
            yield self._example("list", stored, path, None, answer=[self.document, second], many=True)
        else:
            yield from self._of_document(path.replace("{id}", "1"), path.replace("{id}", UNKNOWN))

    def _of_document(self, known: str, unknown: str) -> Iterator[Example]:
        kind, stored = self.route.kind, {"1": self.document}
        if kind == "read":
            yield self._example("read", stored, known, None, answer=self.document)
        elif kind == "delete":
            yield self._example("delete", stored, known, None, after={})
        elif kind == "change" and self.body:
            changed = {**self.document, **self.sent()}
            yield self._example("change", stored, known, self.sent(), answer=changed, after={"1": changed})
        elif kind == "replace":
            replaced = {**self.document, **dict.fromkeys(self.collection.stamps, ANYTHING)}
            yield self._example("replace", stored, known, self.body, answer=replaced, after={"1": replaced})
            yield from self._refused(stored, known, {})
        body = self.body if kind == "replace" else self.sent() if kind == "change" else None
        name = f"act-{known.rsplit('/', 1)[-1]}" if kind == "act" else kind
        yield self._example(f"{name}-unknown", stored, unknown, body, status=404, after=stored)

    def sent(self) -> dict[str, Json]:
        """One field with another value than the document has, where there is such a field."""
        for name, value in self.body.items():
            other = varied(Field(name, bounded(self.collection.fields[name])), value)
            if other != value:
                return {name: other}
        return dict(list(self.body.items())[:1])

    def _refused(self, stored: Json, path: str, body: Json) -> Iterator[Example]:
        if self.collection.required:
            name = f"{self.route.kind}-incomplete"
            yield self._example(name, stored, path, body, status=self.route.invalid, after=stored)

    def _example(
        self,
        what: str,
        stored: Json,
        path: str,
        body: Json,
        *,
        status: int | None = None,
        answer: Json = None,
        after: Json = None,
        many: bool = False,
    ) -> Example:
        name = f"{what.removeprefix('act-')}-{self.collection.many.replace(' ', '-') if many else self.noun}"
        if what.endswith(("-unknown", "-incomplete")):
            first, _, last = what.removeprefix("act-").rpartition("-")
            name = f"{first}-{last}-{self.noun}"
        request: dict[str, Json] = {"method": self.route.method, "path": path}
        request |= {} if body is None else {"body": body}
        expect: dict[str, Json] = {"status": self.route.success if status is None else status}
        if answer is not None and expect["status"] != 204:
            expect["body"] = answer
        if after is not None:
            expect["state"] = self._state(after)
        return {"name": name, "state": self._state(stored), "request": request, "expect": expect}

    def _state(self, stored: Json) -> Json:
        empty: Json = {name: {} for name in self.draft.collections}
        return {**empty, self.collection.name: stored}


def _sequence(draft: Draft, collection: Collection) -> Example | None:
    """Create one, then read and delete it at the id that came back."""
    routes = {route.kind: route for route in draft.routes if route.collection == collection.name}
    if "create" not in routes or not routes.keys() & {"read", "delete"}:
        return None
    create = routes["create"]
    steps: list[dict[str, Json]] = []
    request = {"method": create.method, "path": create.path, "body": body_of(collection)}
    steps.append({"request": request, "expect": {"status": create.success}})
    for kind in ("read", "delete", "read"):
        if (route := routes.get(kind)) is None or (kind == "read" and len(steps) > 1 and "delete" not in routes):
            continue
        gone = kind == "read" and steps[-1]["request"]["method"] == "DELETE"
        asked = {"method": route.method, "path": route.path.replace("{id}", "{{1.body.id}}")}
        steps.append({"request": asked, "expect": {"status": 404 if gone else route.success}})
    name = f"create-then-{'read' if 'read' in routes else 'delete'}-{collection.one.replace(' ', '-')}"
    return {"name": name, "steps": steps}
