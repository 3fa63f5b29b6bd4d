"""Files in documents. A field whose schema says `"format": "file"` holds what is known of a file, never its bytes.

JSON Schema has no type for files, and leaves custom formats to whoever uses them. Here the schema of such a field
stands for one of an object with `name`, `type`, `size` and `sha256`; what it says of these members itself stays, so
that `{"format": "file", "properties": {"size": {"maximum": 1000000}}}` bounds the size. A field may be a file or a list
of files; the bytes lie in the folder of blobs, under the hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlite_utils import Database

from llmos.contracts import Json

FORMAT = "file"
MAX_NAME_CHARS = 255
MEMBERS: dict[str, Json] = {
    "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME_CHARS},
    "type": {"type": "string", "format": "media-type", "maxLength": 100},
    "size": {"type": "integer", "minimum": 0},
    "sha256": {"type": "string", "format": "sha256", "pattern": "^[0-9a-f]{64}$"},
}

_DATA = frozenset({"const", "enum", "default", "examples"})
_DIGEST = re.compile(r'"([0-9a-f]{64})"')


def with_files(schema: Json) -> Json:
    """`schema` with every file written out as the object that it is."""
    if isinstance(schema, list):
        return [with_files(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {name: value if name in _DATA else with_files(value) for name, value in schema.items()}
    return _whole(whole) if schema.get("format") == FORMAT else whole


def is_file(part: Json) -> bool:
    """Whether a schema is that of a file."""
    return isinstance(part, dict) and part.get("format") == FORMAT


def digests(value: Json) -> Iterator[str]:
    """Of a field's value that is a file, a list of files, or none."""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict) and isinstance(part.get("sha256"), str):
            yield part["sha256"]


def digests_ever(db: Database) -> set[str]:
    """Every hash that some app's state has, or had in some version; texts that look like one are among them."""
    if "state_commits" not in db.table_names():
        return set()
    rows = db.execute("SELECT patch, inverse FROM state_commits WHERE patch LIKE '%sha256%' OR inverse LIKE '%sha256%'")
    return {digest for row in rows for text in row for digest in _DIGEST.findall(text)}


def _whole(part: dict[str, Json]) -> dict[str, Json]:
    said = part.get("properties", {})
    members = {name: {**member, **said.get(name, {})} for name, member in MEMBERS.items()}
    closed = {"properties": members, "required": list(MEMBERS), "additionalProperties": False}
    return {"type": "object", **part, **closed}
