"""A client of a backend for TypeScript, from its OpenAPI document: one file without dependencies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from llmos.backend.body import MULTIPART, URLENCODED
from llmos.backend.typescript_types import Types, comment, literal, quoted
from llmos.contracts import Json

FIRST = "// Written by `llmos backend client {app}`. Change the app and write it again; do not change this file.\n"
RECEIVE = """\
async function receive(...asked: Parameters<typeof request>): Promise<Blob> {
  return await (await request(...asked)).blob();
}
"""
HEAD = Path(__file__).with_name("client.ts")  # what every client begins with


def typescript(app: str, document: Json) -> str:
    """The file. `document` is what `openapi` made of the app."""
    types = Types(document)
    schemas = document["components"]["schemas"]
    # Problem is a class here; what refers into State is written out where it stands
    declared = [types.declaration(name, part) for name, part in schemas.items() if name not in ("Problem", "State")]
    functions = [
        _function(types, path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    head = [HEAD.read_text("utf-8"), *([RECEIVE] if any("receive(" in function for function in functions) else [])]
    return "\n".join([FIRST.format(app=app), *head, *declared, *functions])


def _function(types: Types, path: str, method: str, operation: Json) -> str:
    given = [parameter for parameter in operation["parameters"] if parameter["in"] in ("path", "query")]
    names = {where: [p["name"] for p in given if p["in"] == where] for where in ("path", "query")}
    arguments = ["client: Client", *_arguments(types, names, operation)]
    query = "query" if names["query"] else "{}"
    body = "body" if "requestBody" in operation else "undefined"
    result = _result(types, operation)
    send = "receive" if result == "Blob" else "send"
    sent = f'{send}(client, "{method.upper()}", {_address(path, names["path"])}, {query}, {body}, options)'
    returned = f"  await {sent};" if result == "void" else f"  return (await {sent}) as {result};"
    head = f"export async function {operation['operationId']}(\n  {f',{chr(10)}  '.join(arguments)},\n)"
    told = comment(f"{method.upper()} {path}\n\n{operation['description']}".strip())
    return f"{told}{head}: Promise<{result}> {{\n{returned}\n}}\n"


def _arguments(types: Types, names: dict[str, list[str]], operation: Json) -> Iterator[str]:
    """What must be given comes first."""
    kinds = {p["name"]: types.of(p["schema"]) for p in operation["parameters"]}
    if names["path"]:
        yield f"path: {{ {'; '.join(f'{quoted(name)}: {kinds[name]}' for name in names['path'])} }}"
    if "requestBody" in operation:
        optional = "" if operation["requestBody"]["required"] else " = {}"
        yield f"body: {_sent(types, operation['requestBody']['content'])}{optional}"
    if names["query"]:
        asked = "; ".join(f"{quoted(name)}?: {kinds[name]} | undefined" for name in names["query"])
        yield f"query: {{ {asked} }} = {{}}"
    yield "options: Options = {}"


def _sent(types: Types, content: Json) -> str:
    """As JSON; and where only a form brings it, what the form is made from."""
    json = [content["application/json"]["schema"]] if "application/json" in content else []
    form = [content[MULTIPART]["schema"]] if MULTIPART in content and URLENCODED not in content else []
    return " | ".join(types.of(schema) for schema in [*json, *form])


def _address(path: str, names: list[str]) -> str:
    """The path as a template, which escapes what its parameters hold; `quote` leaves nothing that a template reads."""
    parts = []
    for segment in path.strip("/").split("/"):
        name = segment[1:-1]
        is_given = segment.startswith("{") and name in names
        parts.append(f"${{encodeURIComponent(path[{literal(name)}])}}" if is_given else quote(segment))
    return f"`/{'/'.join(parts)}`"


def _result(types: Types, operation: Json) -> str:
    found: list[str] = []
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            content = response.get("content")
            kind = next(iter(content or ()), "")
            found.append(types.of(content[kind]["schema"]) if kind else "undefined")
    kinds = list(dict.fromkeys(found))
    if kinds == ["undefined"] or not kinds:
        return "void"
    return "unknown" if "unknown" in kinds else " | ".join(kinds)
