"""What an app's schema.json says of its state: which names are collections, which are plain values."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import jsonpointer
import jsonschema
from jsonschema.exceptions import best_match

from llmos.contracts import Json
from llmos.errors import AppError, SchemaMismatch
from llmos.state.files import digests, is_file, with_files
from llmos.state.pointer import join_pointer

_MESSAGE_LENGTH = 200
_MAX_REFERENCES = 10


class StateSchema:
    """The schema of one app's whole state; its properties are collections of documents or plain values."""

    def __init__(self, schema: Json) -> None:
        """Raises AppError when `schema` is no JSON Schema of an object with named properties."""
        _check_schema(schema)
        schema = with_files(schema)
        properties: dict[str, Json] = schema["properties"]
        self.source: Json = schema
        self.collections = {
            name: part["additionalProperties"] for name, part in properties.items() if _is_collection(part)
        }
        self.values = {name: part for name, part in properties.items() if name not in self.collections}
        self.required = frozenset(schema.get("required", ()))
        self.validator: Any = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        # `evolve` keeps the root's references, so a part may use "#/$defs/..."
        parts = self.collections | self.values
        self._validators = {name: self.validator.evolve(schema=part) for name, part in parts.items()}
        fields = {name: self.file_fields(part) for name, part in self.collections.items()}
        self._files = {name: found for name, found in fields.items() if found}

    @property
    def defaults(self) -> dict[str, Json]:
        """The plain values of a state that was never written."""
        return {name: part["default"] for name, part in self.values.items() if "default" in part}

    def resolved(self, part: Json) -> Json:
        """`part`, or what it stands for when it is a reference into this schema."""
        for _ in range(_MAX_REFERENCES):
            reference = part.get("$ref", "")
            if not reference.startswith("#/"):
                return part
            part = jsonpointer.resolve_pointer(self.source, reference[1:], {})
        return part

    def has_uuids(self, collection: str) -> bool:
        """Whether the ids of a collection's documents are UUIDs, and not numbers."""
        fields = self.resolved(self.collections[collection]).get("properties", {})
        return bool(self.resolved(fields.get("id", {})).get("format") == "uuid")

    def new_keys(self, collection: str, next_number: int) -> Iterator[str]:
        """Keys for new documents, without end."""
        if self.has_uuids(collection):
            return (str(uuid4()) for _ in count())
        return map(str, count(next_number))

    def file_fields(self, part: Json) -> frozenset[str]:
        """The fields of what `part` describes that are files, or lists of files."""
        fields = self.resolved(part).get("properties", {})
        return frozenset(name for name, field in fields.items() if self._holds_files(field))

    @property
    def has_files(self) -> bool:
        return bool(self._files)

    def digests(self, collection: str, document: Json) -> set[str]:
        """The files that a document refers to, by their hash."""
        fields = self._files.get(collection, ()) if isinstance(document, dict) else ()
        return {digest for name in fields for digest in digests(document.get(name))}

    def check_document(self, collection: str, key: str, document: Json) -> None:
        """Raises SchemaMismatch that names the field."""
        self._check(collection, document, [collection, key])

    def check_value(self, name: str, value: Json) -> None:
        self._check(name, value, [name])

    def _holds_files(self, part: Json) -> bool:
        field = self.resolved(part) if isinstance(part, dict) else {}
        items = field.get("items")
        return is_file(field) or (isinstance(items, dict) and is_file(self.resolved(items)))

    def _check(self, name: str, value: Json, place: list[str]) -> None:
        error = best_match(self._validators[name].iter_errors(value))
        if error is None:
            return
        pointer = join_pointer([*place, *(str(part) for part in error.absolute_path)])
        message = error.message
        if len(message) > _MESSAGE_LENGTH:
            message = f"...{message[-_MESSAGE_LENGTH:]}"
        raise SchemaMismatch(f"The state's schema refuses {pointer}: {message}.")


def _is_collection(part: Json) -> bool:
    return part.get("type") == "object" and isinstance(part.get("additionalProperties"), dict)


def _check_schema(schema: Json) -> None:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise AppError(f"schema.json is not a JSON Schema: {error.message}.") from error
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not all(isinstance(part, dict) for part in properties.values()):
        raise AppError('schema.json must describe an object: give it "properties", one a collection or value.')
