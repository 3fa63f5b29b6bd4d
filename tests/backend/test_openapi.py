import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from openapi_spec_validator import OpenAPIV31SpecValidator

from llmos.backend.backend import Backend
from llmos.backend.openapi import openapi
from llmos.backend.routes import RESERVED_PATHS, parse_rules
from llmos.cli import main
from llmos.errors import AppError
from llmos.kernel.app import App, load_app
from llmos.paths import bundle_root
from llmos.state.database import open_database
from llmos.state.store import AppState

ODD = Path(__file__).parent / "odd"  # nested fields, references, quotes in names, paths that differ in names only
GUESTBOOK = bundle_root() / "apps" / "guestbook"


@pytest.fixture
def guestbook():
    return openapi(load_app(GUESTBOOK))


@pytest.fixture
def odd():
    return openapi(load_app(ODD))


def made_of(tmp_path, prompt, schema=None, example=None):
    schema = schema or {"type": "object", "properties": {"notes": NOTES}}
    if example is not None:
        (tmp_path / "examples").mkdir(exist_ok=True)
        (tmp_path / "examples" / "one.json").write_text(json.dumps({"name": "one", **example}))
    app = App(name="made", title="Made", kind="backend", folder=tmp_path, prompt=prompt, state_schema=schema)
    return openapi(app)


NOTES = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
        "required": ["id", "text"],
    },
}


def answered(document, path, method="get", status="200"):
    return document["paths"][path][method]["responses"][status]["content"]["application/json"]


@pytest.mark.parametrize("folder", [GUESTBOOK, ODD], ids=["guestbook", "odd"])
def test_the_document_is_a_valid_one(folder):
    document = openapi(load_app(folder))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize("folder", [GUESTBOOK, ODD], ids=["guestbook", "odd"])
def test_every_example_fits_the_schema_beside_it(folder):
    document = openapi(load_app(folder))
    contents = [
        content
        for operations in document["paths"].values()
        for operation in operations.values()
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in part.get("content", {}).values()
    ]
    checked = 0
    for content in contents:
        for example in content.get("examples", {}).values():
            schema = {**content["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(example["value"])
            checked += 1
    assert checked >= 3


def test_every_route_is_there_with_its_rule(guestbook):
    rules = parse_rules((GUESTBOOK / "prompt.md").read_text())
    for route in rules.routes:
        assert guestbook["paths"][route.path][route.method.lower()]["description"] == route.rule
    assert guestbook["info"]["description"] == rules.introduction


def test_a_client_may_send_what_the_app_does_not_set_itself(guestbook):
    sent = guestbook["components"]["schemas"]["EntryInput"]
    assert list(sent["properties"]) == ["name", "message", "stars", "picture"]
    assert sent["required"] == ["name"]
    changes = guestbook["components"]["schemas"]["EntryChanges"]
    assert (list(changes["properties"]), "required" in changes) == (["name", "message", "stars", "picture"], False)


def test_what_the_app_sets_is_marked_in_the_document(odd):
    order = odd["components"]["schemas"]["Order"]["properties"]
    assert [name for name, part in order.items() if part.get("readOnly")] == ["id", "created"]


def test_the_statuses_are_those_of_the_rule_and_those_of_code(guestbook):
    post = guestbook["paths"]["/entries"]["post"]["responses"]
    assert {"201", "400", "413", "415", "422", "429", "502", "503"} <= post.keys()
    assert "404" not in post
    read = guestbook["paths"]["/entries/{id}"]["get"]["responses"]
    assert {"200", "304", "404"} <= read.keys()
    assert "415" not in read
    assert guestbook["paths"]["/entries/{id}"]["delete"]["responses"]["204"].keys() == {"description", "headers"}


def test_every_refusal_is_a_problem_document(guestbook):
    responses = guestbook["components"]["responses"].values()
    assert all(response["content"].keys() == {"application/problem+json"} for response in responses)
    assert "Retry-After" in guestbook["components"]["responses"]["Problem429"]["headers"]


def test_headers_are_told(guestbook):
    entries = guestbook["paths"]["/entries"]
    assert entries["post"]["responses"]["201"]["headers"].keys() == {"ETag", "Location"}
    assert [parameter["name"] for parameter in entries["post"]["parameters"]] == ["Idempotency-Key", "If-Match"]
    assert [parameter["name"] for parameter in entries["get"]["parameters"]] == ["If-None-Match", "limit", "after"]


def test_a_request_may_leave_out_what_has_a_default_and_is_not_refused_for_what_is_not_known(tmp_path):
    document = {"name": {"type": "string"}, "sent": {"type": "boolean", "default": False}}
    closed = {"properties": document, "required": ["name", "sent"], "additionalProperties": False}
    schema = {"type": "object", "properties": {"notes": {"type": "object", "additionalProperties": closed}}}
    sent = made_of(tmp_path, "## POST /notes\nAdd it and answer 201.", schema)["components"]["schemas"]["NoteInput"]
    assert sent == {"type": "object", "properties": document, "required": ["name"]}


def test_counts_by_name_are_a_map_and_may_be_none():
    document = openapi(load_app(bundle_root() / "apps" / "notes"))
    assert answered(document, "/tags")["schema"] == {"type": "object", "additionalProperties": {"type": "integer"}}


def test_an_id_is_of_the_type_that_the_schema_gives_it(guestbook):
    [id, *_] = guestbook["paths"]["/entries/{id}"]["get"]["parameters"]
    assert (id["name"], id["schema"], id["example"]) == ("id", {"type": "integer"}, 2)


def test_answers_are_read_from_the_examples(guestbook, odd):
    entry = {"$ref": "#/components/schemas/Entry"}
    assert answered(guestbook, "/entries")["schema"] == {"type": "array", "items": entry}
    assert answered(guestbook, "/entries/{id}")["schema"] == entry
    assert answered(odd, "/news")["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/News"}}
    assert answered(odd, "/login", "post")["schema"] == {"type": "string"}
    assert answered(odd, "/")["schema"]["properties"]["count"] == {"type": "integer"}


def test_anything_in_an_example_becomes_something_likely(guestbook):
    signed = answered(guestbook, "/entries", "post", "201")["examples"]["sign"]["value"]
    assert signed["created"] == "2026-01-02T03:04:05Z"


def test_an_object_around_documents_is_told_as_such(tmp_path):
    body = {"items": [{"id": 1, "text": "..."}], "total": 1}
    example = {"request": {"method": "GET", "path": "/notes"}, "expect": {"status": 200, "body": body}}
    document = made_of(tmp_path, "## GET /notes\nAnswer 200.\n", example=example)
    listed = answered(document, "/notes")["schema"]["properties"]
    assert listed["items"] == {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
    assert listed["total"] == {"type": "integer"}


def test_without_examples_a_list_may_come_either_way(tmp_path):
    document = made_of(tmp_path, "## GET /notes\nAnswer 200.\n")
    assert {part["type"] for part in answered(document, "/notes")["schema"]["anyOf"]} == {"array", "object"}


def test_paths_that_differ_only_in_the_names_of_their_parameters_are_one(odd):
    assert odd["paths"]["/orders/{id}"].keys() == {"put", "patch", "delete"}
    assert "/orders/{order-id}/lines/{order-id2}" in odd["paths"]


def test_references_lead_to_where_the_schemas_are(odd):
    schemas = odd["components"]["schemas"]
    assert schemas["Order"]["properties"]["address"] == {"$ref": "#/components/schemas/Address"}
    assert schemas["Order"]["properties"]["properties"]["properties"]["default"] == {
        "$ref": "#/components/schemas/Address"
    }
    assert schemas["Address"]["properties"]["lines"]["items"] == {"$ref": "#/components/schemas/Address"}
    assert schemas["Order"]["properties"]["ref"]["$ref"].startswith("#/components/schemas/State/properties/news/")


def test_an_example_of_what_is_not_served_is_left_out(tmp_path):
    example = {"request": {"method": "GET", "path": "/else"}, "expect": {"status": 404}}
    assert made_of(tmp_path, "## GET /notes\nAnswer 200.\n", example=example)["paths"].keys() == {"/notes"}


@pytest.mark.parametrize("path", RESERVED_PATHS)
@pytest.mark.parametrize("below", ["", "/", "/{id}"])
def test_a_path_that_every_site_has_is_refused(tmp_path, path, below):
    prompt = f"## GET {path}{below}\nAnswer 200.\n"
    with pytest.raises(AppError, match="every site answers itself"):
        made_of(tmp_path, prompt)
    app = App(name="made", title="Made", kind="backend", folder=tmp_path, prompt=prompt, state_schema=EMPTY)
    state = AppState(open_database(tmp_path / "llmos.db"), "made", EMPTY)
    with pytest.raises(AppError, match="every site answers itself"):
        Backend(app, state, None, None, None)


EMPTY = {"type": "object", "properties": {}}


def test_a_path_that_only_looks_like_one_of_them_is_served(tmp_path):
    assert "/eventsource" in made_of(tmp_path, "## GET /eventsource\nAnswer 200.\n")["paths"]


def test_the_command_prints_the_document_without_a_kernel(tmp_path):
    said = CliRunner().invoke(main, ["backend", "openapi", "guestbook"], env={"LLMOS_HOME": str(tmp_path)})
    assert json.loads(said.output)["info"]["title"] == "Guestbook"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_backend_has_no_document(tmp_path):
    said = CliRunner().invoke(main, ["backend", "openapi", "assistant"], env={"LLMOS_HOME": str(tmp_path)})
    assert (said.exit_code, "llmos run assistant" in said.output) == (2, True)


def test_a_file_is_bytes_in_a_form_and_a_document_in_an_answer(guestbook):
    content = guestbook["paths"]["/entries"]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json", "multipart/form-data"}
    form = content["multipart/form-data"]
    assert form["schema"]["properties"]["picture"] == {"type": "string", "format": "binary"}
    assert form["encoding"] == {"picture": {"contentType": "image/png, image/jpeg, image/gif, image/webp"}}
    assert guestbook["components"]["schemas"]["EntryInput"]["properties"]["picture"] == {"type": "null"}
    entry = guestbook["components"]["schemas"]["Entry"]["properties"]["picture"]
    assert list(entry["properties"]) == ["name", "type", "size", "sha256"]
    assert guestbook["paths"]["/files/{sha256}"]["get"]["operationId"] == "getFile"


def test_what_needs_a_file_is_sent_as_a_form_alone(tmp_path):
    papers = {"type": "array", "items": {"format": "file"}, "maxItems": 3}
    document = {"type": "object", "properties": {"papers": papers}, "required": ["papers"]}
    schema = {"type": "object", "properties": {"trays": {"type": "object", "additionalProperties": document}}}
    made = made_of(tmp_path, "## POST /trays\nAnswer 201.", schema)
    [kind] = made["paths"]["/trays"]["post"]["requestBody"]["content"].items()
    assert kind[0] == "multipart/form-data"
    binary = {"type": "string", "format": "binary"}
    assert kind[1]["schema"]["properties"]["papers"] == {"type": "array", "items": binary, "maxItems": 3}


def test_a_body_of_one_route_is_told_as_schema_json_describes_it(tmp_path):
    amount = {"type": "integer", "minimum": 1}
    described = {"type": "object", "properties": {"amount": amount, "note": {"type": "string"}}, "required": ["amount"]}
    schema = {"type": "object", "properties": {"notes": NOTES}, "requests": {"POST /moves/{id}": described}}
    made = made_of(tmp_path, "## POST /moves/{id}\nAnswer 200 or 422.\n\n## POST /other\nAnswer 200.", schema)
    body = made["paths"]["/moves/{id}"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/PostMovesIdInput"}
    assert body["required"]
    sent = made["components"]["schemas"]["PostMovesIdInput"]
    assert (sent["required"], sent["properties"]["amount"]["minimum"]) == (["amount"], 1)
    other = made["paths"]["/other"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert other == {"type": "object"}


def test_numbers_deep_in_a_body_have_64_bits(tmp_path):
    deep = {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    document = {"type": "object", "properties": {"deep": deep}}
    schema = {"type": "object", "properties": {"notes": {"type": "object", "additionalProperties": document}}}
    made = made_of(tmp_path, "## POST /notes\nAnswer 201.", schema)
    number = made["components"]["schemas"]["NoteInput"]["properties"]["deep"]["items"]["properties"]["n"]
    assert number == {"type": "integer", "minimum": -(2**63) + 1, "maximum": 2**63 - 1}


def test_a_list_that_code_cuts_has_a_limit_and_a_cursor(tmp_path):
    example = {
        "state": {"notes": {"1": {"id": 1, "text": "a"}}},
        "request": {"method": "GET", "path": "/notes"},
        "expect": {"status": 200, "body": [{"id": 1, "text": "a"}]},
    }
    made = made_of(tmp_path, "## GET /notes\nAnswer 200.", example=example)["paths"]["/notes"]["get"]
    assert [part["name"] for part in made["parameters"]] == ["If-None-Match", "limit", "after"]
    assert "Link" in made["responses"]["200"]["headers"]
    own = made_of(tmp_path, "## GET /notes?limit\nAnswer 200.", example=example)["paths"]["/notes"]["get"]
    assert "after" not in [part["name"] for part in own["parameters"]]
    assert "Link" not in own["responses"]["200"]["headers"]


def test_where_files_are_served_no_route_may_stand(tmp_path):
    document = {"type": "object", "properties": {"paper": {"format": "file"}}}
    schema = {"type": "object", "properties": {"files": {"type": "object", "additionalProperties": document}}}
    app = App(name="a", title="A", kind="backend", folder=tmp_path, prompt="## GET /files\nx", state_schema=schema)
    state = AppState(open_database(tmp_path / "db"), "a", schema)
    with pytest.raises(AppError, match="where files are served"):
        Backend(app, state, None, None, None)
