"""That the compiler takes these files is checked by `make interop`, which has one."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmos.backend.openapi import openapi
from llmos.backend.routes import parse_rules
from llmos.backend.typescript import typescript
from llmos.backend.typescript_types import Types, comment
from llmos.cli import main
from llmos.kernel.app import load_app
from llmos.paths import bundle_root

ODD = Path(__file__).parent / "odd"
GUESTBOOK = bundle_root() / "apps" / "guestbook"


@pytest.fixture(params=[GUESTBOOK, ODD], ids=["guestbook", "odd"])
def app(request):
    return load_app(request.param)


@pytest.fixture
def odd():
    return typescript("odd", openapi(load_app(ODD)))


@pytest.fixture
def types():
    return Types({"components": {"schemas": {}}})


def test_there_is_one_function_a_route(app):
    written = typescript(app.name, openapi(app))
    names = re.findall(r"^export async function (\w+)\(", written, re.M)
    own = [name for name in names if name != "getFile"]
    assert len(own) == len(set(own)) == len(parse_rules(app.prompt).routes)


def test_what_is_sent_and_what_comes_back_is_typed():
    written = typescript("guestbook", openapi(load_app(GUESTBOOK)))
    head = re.search(r"export async function patchEntriesById\((.*?)\): Promise<(\w+)>", written, re.S)
    assert "path: { id: number }" in head[1]
    assert "body: EntryChanges" in head[1]
    assert head[2] == "Entry"
    assert "Promise<Array<Entry>>" in written
    assert '): Promise<void> {\n  await send(client, "DELETE"' in written


def test_a_document_is_an_interface(odd):
    order = re.search(r"export interface Order \{\n(.*?)\n\}", odd, re.S)[1].splitlines()
    assert "  readonly id: number;" in order
    assert "  deep?: { more: Record<string, number>; pair?: Array<string | number> };" in order
    assert "  tags?: Array<string> | null;" in order


def test_names_that_typescript_does_not_take_are_quoted(odd):
    assert '  "it\'s \\"quoted\\"": string;' in odd
    assert '  "back\\\\slash"?: "a\'b" | "c\\"d" | 3 | null;' in odd


def test_no_text_of_the_app_ends_a_comment_or_a_template(odd):
    outside = re.sub(r"/\*.*?\*/", "", odd, flags=re.S)
    assert "alert(1)" in odd and "alert(1)" not in outside
    assert all("${" not in part for part in re.findall(r"`(/[^`]*)`", odd) if "encodeURIComponent" not in part)


def test_a_collection_called_like_a_class_gets_another_name(odd):
    assert "export interface ErrorDocument {" in odd
    assert "interface Error {" not in odd


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (True, "unknown"),
        (False, "never"),
        ({}, "unknown"),
        ({"type": ["string", "null"]}, "string | null"),
        ({"enum": [1, "a", None]}, '1 | "a" | null'),
        ({"const": {"a": [1]}}, '{"a": [1]}'),
        ({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}, "Array<string | number>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": False}, "Record<string, never>"),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, "Record<string, boolean>"),
        ({"properties": {"a": {"type": "null"}}, "required": ["a", "b"]}, "{ a: null; b: unknown }"),
        ({"allOf": [{"anyOf": [{"type": "string"}, {"type": "null"}]}, {"enum": ["x"]}]}, '(string | null) & "x"'),
        ({"$ref": "#/nowhere"}, "unknown"),
    ],
)
def test_a_schema_is_a_type(types, schema, written):
    assert types.of(schema) == written


def test_a_schema_that_holds_itself_ends():
    document = {"components": {"schemas": {"State": {"properties": {}}}}}
    document["components"]["schemas"]["State"]["properties"]["a"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/State/properties/a"},
    }
    assert Types(document).of({"$ref": "#/components/schemas/State/properties/a"}) == "Array<unknown>"


def test_a_comment_is_one_whatever_its_text(types):
    assert comment("a */ b\u2028c") == "/**\n * a *\\/ b\n * c\n */\n"


def test_the_command_prints_the_file(tmp_path):
    said = CliRunner().invoke(main, ["backend", "client", "guestbook", "--json"], env={"LLMOS_HOME": str(tmp_path)})
    assert "export class Problem extends Error" in json.loads(said.output)["source"]


def test_files_are_blobs_and_pages_are_asked_for():
    written = typescript("guestbook", openapi(load_app(GUESTBOOK)))
    assert re.search(r"body: EntryInput \| \{ name: string; .*picture\?: Blob \},", written)
    assert "): Promise<Blob> {" in written
    assert "query: { limit?: number | undefined; after?: string | undefined } = {}," in written
