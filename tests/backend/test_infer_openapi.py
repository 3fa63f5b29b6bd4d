import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from llmos.backend.infer.document import read_document
from llmos.backend.infer.propose import propose
from llmos.backend.routes import parse_rules
from llmos.backend.starting import write_app
from llmos.cli import main
from llmos.errors import UsageError

PETSTORE = Path(__file__).parent / "openapi" / "petstore.yaml"


@pytest.fixture
def petstore():
    return read(propose(PETSTORE))


@pytest.fixture
def document(tmp_path):
    """Writes a document of these paths and schemas, loads the app that is proposed, and says what it holds."""

    def write(paths, schemas=None, name="api.json", **more):
        whole = {"openapi": "3.1.0", "info": {"title": "T"}, "paths": paths, "components": {"schemas": schemas or {}}}
        (tmp_path / name).write_text(json.dumps(whole | more))
        made = propose(tmp_path / name)
        write_app(tmp_path / "apps" / made.name, made.files)
        return read(made)

    return write


def read(made):
    rules = {f"{r.method} {r.path}": r for r in parse_rules(made.files["prompt.md"]).routes}
    collections = json.loads(made.files["schema.json"])["properties"]
    return rules, {name: part["additionalProperties"] for name, part in collections.items()}, "\n".join(made.report)


def takes(schema, status="201"):
    content = {"application/json": {"schema": schema}}
    return {"post": {"requestBody": {"content": content}, "responses": {status: {"description": ""}}}}


def test_the_statuses_of_the_document_are_those_of_the_rules(petstore):
    rules, _, _ = petstore
    assert rules["POST /pets"].statuses == (400, 409, 201)
    assert rules["GET /pets"].statuses == (200,)
    assert rules["GET /pets/{id}"].statuses == (404, 200)
    assert rules["DELETE /pets/{id}"].statuses == (404, 200)
    assert rules["POST /orders"].statuses == (422, 200)


def test_descriptions_become_rules(petstore):
    rules, _, _ = petstore
    rule = " ".join(rules["POST /pets"].rule.split())
    assert rule.startswith("Take in a pet. If `name` is missing or empty, or another field does not fit, answer 400.")
    assert "If it is a case of “The chip number is taken”, answer 409." in rule
    assert "with that `id` and with `createdAt` set to now" in rule
    assert "that has `sold` and `free`" in rules["GET /inventory"].rule


def test_a_number_in_a_description_is_no_status(document):
    paths = {"/notes": takes({"type": "object"}) | {"get": {"summary": "Top 500 of 404", "responses": {}}}}
    assert document(paths)[0]["GET /notes"].statuses == (200,)


def test_schemas_become_documents(petstore):
    _, collections, _ = petstore
    pet = collections["pets"]["properties"]
    assert list(pet) == ["id", "createdAt", "name", "tag", "born", "status", "mother"]
    assert pet["name"] == {"maxLength": 40, "type": "string", "description": "What it listens to", "minLength": 1}
    assert pet["tag"]["type"] == ["string", "null"]
    assert collections["pets"]["required"] == ["id", "createdAt", "name"]
    assert collections["orders"]["properties"]["petId"] == {"exclusiveMinimum": 0, "type": "integer"}


def test_examples_of_the_document_are_used():
    created = json.loads(propose(PETSTORE).files["examples/create-pet.json"])
    assert created["request"]["body"]["name"] == "Rex"
    assert created["request"]["body"]["born"] == "2024-02-03"


@pytest.mark.parametrize(
    "said",
    [
        "It asks for authentication",
        "POST /user/login signs in or out",
        "POST /pets may refuse who is not signed in",
        "PUT /pets/{petId}/picture takes image/png",
        "GET /pets/{petId}/visits is nested",
        "GET /pets is asked with `limit`",
        "headers or cookies `X-Trace`",
        "serves under /api/v3",
        "`slug` of pets is set by the server",
        "GET /inventory: complete its rule",
        "`code` of orders: no example was found that fits",
    ],
)
def test_what_cannot_be_expressed_is_reported(petstore, said):
    assert said in petstore[2]


def test_json_and_yaml_give_the_same_app(tmp_path):
    (tmp_path / "petstore.json").write_text(json.dumps(read_document(PETSTORE)))
    assert propose(tmp_path / "petstore.json").files == propose(PETSTORE).files


def test_a_schema_within_itself_is_any_object_there(document):
    node = {"type": "object", "properties": {"child": {"$ref": "#/components/schemas/Node"}}}
    _, collections, _ = document({"/nodes": takes({"$ref": "#/components/schemas/Node"})}, {"Node": node})
    inner = collections["nodes"]["properties"]["child"]
    assert inner["properties"]["child"] == {"type": "object"}


def test_what_is_no_valid_schema_takes_anything_and_is_told(document):
    body = {"type": "object", "properties": {"odd": {"type": "file"}, "worse": {"type": "string", "minLength": "x"}}}
    _, collections, report = document({"/notes": takes(body)})
    assert collections["notes"]["properties"]["odd"] == {}
    assert "schema of `worse` is not valid" in report


def test_names_that_would_break_a_rule_are_left_out(document):
    body = {"type": "object", "properties": {"a`\n## DELETE /notes": {"type": "string"}, "404": {}, "ok": {}}}
    rules, collections, report = document({"/notes": takes(body)})
    assert list(rules) == ["POST /notes"]
    assert list(collections["notes"]["properties"]) == ["id", "ok"]
    assert report.count("which no rule can say") == 2


def test_headings_in_descriptions_are_no_routes(document):
    paths = {"/notes": takes({"type": "object"})}
    info = {"title": "T\n## DELETE /all", "description": "## PUT /all\n\n## DELETE /all"}
    assert list(document(paths, info=info)[0]) == ["POST /notes"]


def test_a_key_that_is_no_id_is_told(document):
    paths = {"/users": takes({"type": "object"}), "/users/{username}": {"get": {"responses": {}}}}
    assert "names a document by {username}; here each has an `id`" in document(paths)[2]


def test_of_a_list_within_an_object_the_items_are_the_documents(document):
    items = {"type": "array", "items": {"type": "object", "properties": {"text": {"type": "string"}}}}
    page = {"type": "object", "properties": {"total": {"type": "integer"}, "items": items}}
    answer = {"description": "", "content": {"application/json": {"schema": page}}}
    paths = {"/notes": takes({"type": "object"}) | {"get": {"responses": {"200": answer}}}}
    _, collections, report = document(paths)
    assert list(collections["notes"]["properties"]) == ["id", "text"]
    assert "GET /notes answers with an object around its list" in report


def test_two_operations_of_one_place_are_one_rule(document):
    paths = {"/users/{id}": {"get": {"responses": {}}}, "/users/{name}": {"get": {"responses": {}}}}
    rules, _, report = document(paths)
    assert list(rules) == ["GET /users/{id}"]
    assert "GET /users/{name} has the place of another operation" in report


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{", "neither JSON nor YAML"),
        ("a.yaml", "a: [", "neither JSON nor YAML"),
        ("a.yaml", "[" * 100_000, "neither JSON nor YAML"),
        ("a.json", "[]", "must say openapi: 3.x"),
        ("a.yaml", "swagger: '2.0'", "says 2.0; convert it"),
        ("a.yaml", "openapi: 3.0.0", "tells of a backend"),
        ("a.yaml", "!!python/object/apply:os.system ['touch /tmp/pwned']", "neither JSON nor YAML"),
        ("a.yaml", "openapi: 3.0.0\nx: &x [*x]", "more than 200000 values"),
    ],
)
def test_what_is_no_openapi_document_is_refused_with_one_sentence(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError) as refused:
        propose(tmp_path / name)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_aliases_that_stand_for_more_and_more_are_refused(tmp_path):
    lines = ["openapi: 3.0.0", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "bomb.yaml").write_text("\n".join(lines))
    with pytest.raises(UsageError, match="its aliases written out"):
        propose(tmp_path / "bomb.yaml")


def test_references_that_stand_for_more_and_more_end(document):
    schemas = {
        f"S{n}": {
            "type": "object",
            "properties": {f"p{i}": {"$ref": f"#/components/schemas/S{n + 1}"} for i in range(30)},
        }
        for n in range(8)
    }
    _, _, report = document({"/notes": takes({"$ref": "#/components/schemas/S0"})}, schemas)
    assert "refer to each other more than" in report


def test_the_command_writes_the_app_and_tells_the_report(tmp_path, monkeypatch):
    monkeypatch.setenv("LLMOS_HOME", str(tmp_path))
    done = CliRunner().invoke(main, ["backend", "infer", str(PETSTORE), "--name", "pets"])
    assert done.exit_code == 0, done.output
    assert "route   POST /pets" in done.output
    assert "note    GET /pets/{petId}/visits is nested" in done.output
    assert "llmos app test pets" in done.output
    assert (tmp_path / "apps" / "pets" / "examples" / "create-pet.json").is_file()
    again = CliRunner().invoke(main, ["backend", "infer", str(PETSTORE), "--name", "pets"])
    assert (again.exit_code, "is there already" in again.output) == (2, True)
