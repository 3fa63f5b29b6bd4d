"""What schemathesis is told of valid requests to our backends, which their documents cannot say.

An Idempotency-Key is of one request alone; an If-Match names a version that is there, and none that is made up; and
members that a schema does not know are left out, so that nothing is learnt from what is in them. No text holds a NUL.
"""

import uuid

import schemathesis


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
        case.body = {name: _without_nul(value) for name, value in case.body.items() if name in known}


def _without_nul(value):
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    return value.replace("\0", "0") if isinstance(value, str) else value


def _fields(case):
    schema = case.operation.definition.raw["requestBody"]["content"][case.media_type]["schema"]
    document = case.operation.schema.raw_schema
    for part in schema.get("$ref", "#").split("/")[1:]:
        document = schema = document[part]
    return schema.get("properties", {})
