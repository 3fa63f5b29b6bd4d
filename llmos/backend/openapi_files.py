"""The route that serves files, as an app's OpenAPI document tells it: no rule is behind it."""

from llmos.contracts import Json

_TEXT: Json = {"schema": {"type": "string"}}
_HEADERS: Json = {
    "ETag": {"description": "The hash of the file, which never changes.", **_TEXT},
    "Content-Disposition": {"description": "Its name, and whether a browser may show it.", **_TEXT},
}
_BYTES: Json = {"*/*": {"schema": {"type": "string", "format": "binary"}}}


def file_operation(early: Json, *, users: bool) -> Json:
    """Its refusals are components that every document has."""
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    told = "The bytes of a file, where a document that refers to it may be read."
    known = {"type": "string", "description": "The ETag of an earlier answer: 304 when the file is still there."}
    part = {"description": "The part that Range asks for.", "headers": _HEADERS, "content": _BYTES}
    refusals = [404, 416, *([401] if users else [])]
    return {
        "operationId": "getFile",
        "description": told,
        "tags": ["files"],
        "parameters": [
            {"name": "sha256", "in": "path", "required": True, "schema": digest},
            {"name": "If-None-Match", "in": "header", "description": known.pop("description"), "schema": known},
        ],
        "responses": {
            "200": {"description": "OK", "headers": _HEADERS, "content": _BYTES},
            "206": part,
            "304": {"description": "What If-None-Match names is still there.", "headers": {"ETag": _HEADERS["ETag"]}},
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(refusals)},
            "default": early,
        },
    }
