"""What schemathesis is told of valid requests to our backends, which their documents cannot say.

An Idempotency-Key is of one request alone; an If-Match names a version that is there, and none that is made up; and
members that a schema does not know are left out, so that nothing is learnt from what is in them. No text holds a NUL;
the bytes of a file may.
"""

import uuid

import schemathesis
from hypothesis import strategies

BEGINNINGS = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\0\0\0\0WEBP",
}
for kind, beginning in BEGINNINGS.items():  # bytes of a type begin as it does
    schemathesis.openapi.media_type(kind, strategies.binary(max_size=100).map(beginning.__add__))


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.headers:
        case.headers.pop("If-Match", None)
    if isinstance(case.body, dict):
        known = _fields(case)
        body = {name: _whole(known[name], value) for name, value in case.body.items() if name in known}
        if body != case.body:
            # a body that is changed is looked at again, and one with bytes cannot be
            case.body = {name: value for name, value in body.items() if not _is_bytes(value)}


def _whole(schema, value):
    """A form that is made for the types of its files has empty texts, whatever the schema says."""
    return "0" if value == "" and not _is_bytes(value) and "minLength" in schema else _without_nul(value)


def _without_nul(value):
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    return value.replace("\0", "0") if isinstance(value, str) and not _is_bytes(value) else value


def _is_bytes(value):
    return isinstance(value, bytes) or hasattr(value, "data")


def _fields(case):
    schema = case.operation.definition.raw["requestBody"]["content"][case.media_type]["schema"]
    document = case.operation.schema.raw_schema
    for part in schema.get("$ref", "#").split("/")[1:]:
        document = schema = document[part]
    return schema.get("properties", {})
