"""What the bodies of an app's examples are: documents, lists or maps of them, or something else."""

from __future__ import annotations

import json
from collections.abc import Iterable

from llmos.backend.examples import ANYTHING
from llmos.backend.openapi_schemas import Components
from llmos.backend.shape import Shape
from llmos.contracts import Json

_STAND_INS = {"date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02", "time": "03:04:05", "email": "ada@example.org"}


class Bodies:
    """`preferred` is the collection that a route is about: where a body fits several, it is taken for one of that."""

    def __init__(self, components: Components, shapes: dict[str, Shape]) -> None:
        self._components = components
        self._shapes = shapes

    def schema(self, values: Iterable[Json], preferred: str | None) -> Json:
        """A schema that all of `values` fit."""
        return _merged([self._inferred(value, self._order(preferred)) for value in values])

    def filled(self, value: Json, preferred: str | None) -> Json:
        """`value` with something likely in place of "...", which stands for any value."""
        shape = self._fitting(value, self._order(preferred))
        if shape is not None and isinstance(value, dict):
            return {name: _filled(part, shape.fields.get(name, {})) for name, part in value.items()}
        if isinstance(value, dict):
            return {name: self.filled(part, preferred) for name, part in value.items()}
        return [self.filled(part, preferred) for part in value] if isinstance(value, list) else value

    def _order(self, preferred: str | None) -> list[Shape]:
        return sorted(self._shapes.values(), key=lambda shape: shape.collection != preferred)

    def _fitting(self, value: Json, shapes: list[Shape]) -> Shape | None:
        return next((shape for shape in shapes if _fits(value, shape)), None)

    def _inferred(self, value: Json, shapes: list[Shape]) -> Json:
        if (shape := self._fitting(value, shapes)) is not None:
            return self._components.document(shape.collection)
        if isinstance(value, list):
            items = _merged([self._inferred(item, shapes) for item in value])
            return {"type": "array", "items": items} if value else {"type": "array"}
        if isinstance(value, dict):
            return self._object(value, shapes)
        return {} if value == ANYTHING else {"type": _type(value)}

    def _object(self, value: dict[str, Json], shapes: list[Shape]) -> Json:
        for shape in shapes:
            if value and all(_fits(part, shape) for part in value.values()):
                return self._components.documents(shape.collection)
        properties = {name: self._inferred(part, shapes) for name, part in value.items()}
        return {"type": "object", "properties": properties, "required": list(value)} if value else {"type": "object"}


def _fits(value: Json, shape: Shape) -> bool:
    if not isinstance(value, dict) or not value.keys() & shape.fields.keys():
        return False
    if any(name not in value for name in shape.required) or (shape.closed and value.keys() - shape.fields.keys()):
        return False
    return all(_field_fits(part, shape.fields[name], shape) for name, part in value.items() if name in shape.fields)


def _field_fits(value: Json, part: Json, shape: Shape) -> bool:
    return _is_open(value) or bool(shape.source.validator.evolve(schema=part).is_valid(value))


def _is_open(value: Json) -> bool:
    """Whether some part of it may be anything."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value == ANYTHING or any(_is_open(part) for part in inner)


def _type(value: Json) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return kinds[type(value)]


_EMPTY = {"type": "object"}


def _merged(schemas: list[Json]) -> Json:
    known = {json.dumps(schema, sort_keys=True): schema for schema in schemas if schema}
    distinct = [schema for schema in known.values() if not _is_covered(schema, list(known.values()))]
    if distinct and all("properties" in schema for schema in distinct):
        merged = _merged_objects(distinct) if len(distinct) > 1 else distinct[0]
        return _open(merged) if _EMPTY in known.values() or not merged["required"] else merged
    return {"anyOf": distinct} if len(distinct) > 1 else distinct[0] if distinct else {}


def _open(schema: Json) -> Json:
    """An object that was seen empty requires nothing; members that are all alike are a map, such as counts by name."""
    kinds = list({json.dumps(part, sort_keys=True): part for part in schema["properties"].values()}.values())
    if len(kinds) == 1:
        return {"type": "object", "additionalProperties": kinds[0]}
    return {name: part for name, part in schema.items() if name != "required"}


def _is_covered(schema: Json, others: list[Json]) -> bool:
    """An empty list or object says nothing beside a filled one."""
    kin = [other for other in others if other != schema and (other.get("type") == schema.get("type"))]
    documents = schema == _EMPTY and any("$ref" in other for other in others)
    return schema in ({"type": "array"}, _EMPTY) and (bool(kin) or documents)


def _merged_objects(schemas: list[Json]) -> Json:
    names = dict.fromkeys(name for schema in schemas for name in schema["properties"])
    properties = {
        name: _merged([schema["properties"][name] for schema in schemas if name in schema["properties"]])
        for name in names
    }
    required = [name for name in names if all(name in schema["required"] for schema in schemas)]
    return {"type": "object", "properties": properties, "required": required}


def _filled(value: Json, part: Json) -> Json:
    if value == ANYTHING:
        return _stand_in(part)
    if isinstance(value, dict):
        return {name: _filled(inner, part.get("properties", {}).get(name, {})) for name, inner in value.items()}
    return [_filled(inner, part.get("items", {})) for inner in value] if isinstance(value, list) else value


def _stand_in(part: Json) -> Json:
    if "const" in part or part.get("enum"):
        return part["const"] if "const" in part else part["enum"][0]
    kinds: dict[str, Json] = {"integer": 1, "number": 1.5, "boolean": True, "null": None, "array": [], "object": {}}
    return kinds.get(str(part.get("type")), _STAND_INS.get(part.get("format", ""), ANYTHING))
