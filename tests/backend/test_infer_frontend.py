import json
from pathlib import Path

import pytest

from llmos import paths
from llmos.backend.examples import load_examples, run_examples
from llmos.backend.infer.frontend import read_frontend
from llmos.backend.infer.propose import propose
from llmos.backend.routes import parse_rules
from llmos.backend.starting import write_app
from llmos.errors import UsageError
from tests.backend.follower import think

FRONTENDS = Path(__file__).parent / "frontends"
GUESTBOOK = paths.bundle_root() / "apps" / "guestbook" / "web"
SOURCES = [*sorted(FRONTENDS.iterdir()), GUESTBOOK, Path(__file__).parent / "openapi" / "petstore.yaml"]


@pytest.fixture
def page(tmp_path):
    """Writes a front end of one script, and says what was found in it."""

    def write(script, name="app.ts", **others):
        (tmp_path / "page").mkdir(exist_ok=True)
        for file, text in {name: script, **others}.items():
            (tmp_path / "page" / file).write_text(text)
        return read_frontend(tmp_path / "page")

    return write


def routes(found):
    return [f"{call.method} {call.path}" for call in found.calls]


def types(call):
    return {field.name: field.schema.get("type") for field in call.fields}


def proposed(source, name="x"):
    """The routes with their rules, the documents' schemas, and the report in one text."""
    made = propose(source, name)
    rules = {f"{r.method} {r.path}": " ".join(r.rule.split()) for r in parse_rules(made.files["prompt.md"]).routes}
    collections = json.loads(made.files["schema.json"])["properties"]
    return rules, {name: part["additionalProperties"] for name, part in collections.items()}, "\n".join(made.report)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
async def test_what_is_proposed_loads_and_a_model_that_follows_it_passes_its_examples(source, tmp_path):
    app = write_app(tmp_path / "x", propose(source, "x").files)
    examples = {example.name: example for example in load_examples(app.folder)}
    results = {result.name: result for result in await run_examples(app, think)}
    lists = [name for name in results if name.startswith("list-")]
    for name in lists:  # what a reference to a whole collection becomes is the backend's affair
        [stored] = [documents for documents in examples[name].state.values() if documents]
        assert examples[name].expect.body == list(stored.values())
        del results[name]
    assert results
    assert {name: result.differences for name, result in results.items() if not result.passed} == {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_same_source_gives_the_same_app(source):
    assert propose(source, "x") == propose(source, "x")


def test_a_todo_page_becomes_its_rules_and_schema():
    rules, collections, report = proposed(FRONTENDS / "todomvc")
    assert list(rules) == [
        "POST /api/todos",
        "GET /api/todos",
        "PATCH /api/todos/{id}",
        "DELETE /api/todos/{id}",
        "POST /api/todos/clear-completed",
    ]
    assert rules["POST /api/todos"].startswith(
        "If `title` is missing or empty, or another field does not fit, answer 422"
    )
    assert "with that `id` and with `created` set to now. Answer 201 with the stored todo." in rules["POST /api/todos"]
    assert rules["GET /api/todos"] == "Answer 200 with the list of all todos."
    todo = collections["todos"]
    assert {name: part["type"] for name, part in todo["properties"].items()} == {
        "id": "integer",
        "created": "string",
        "title": "string",
        "completed": "boolean",
    }
    assert todo["required"] == ["id", "created", "title"]
    assert todo["properties"]["title"]["minLength"] == 1
    for said in (
        "fonts.example.com is another server",
        "/strings.json is a file",
        "`sort`",
        "clear-completed: nothing",
    ):
        assert said in report


def test_a_form_becomes_fields_with_its_bounds():
    _, collections, report = proposed(FRONTENDS / "form")
    message = collections["messages"]
    assert message["properties"]["name"] == {"type": "string", "maxLength": 80, "minLength": 1}
    assert message["properties"]["email"]["format"] == "email"
    assert message["properties"]["guests"] == {"type": "integer", "minimum": 1, "maximum": 12}
    assert message["properties"]["topic"]["enum"] == ["Praise", "Blame"]
    assert message["properties"]["urgent"]["type"] == "boolean"
    assert message["required"] == ["id", "name", "email", "text"]
    assert "secret" not in message["properties"]
    assert message["properties"]["picture"] == {"format": "file"}
    for said in ("password `secret` is left out", "GET /search is asked with `q`"):
        assert said in report


def test_typescript_interfaces_tell_the_types():
    rules, collections, report = proposed(FRONTENDS / "react")
    product = collections["products"]["properties"]
    assert product["id"] == {"type": "string", "readOnly": True}
    assert product["kind"]["enum"] == ["book", "record"]
    assert product["tags"] == {"type": "array", "items": {"type": "string"}}
    assert product["createdAt"]["readOnly"]
    assert "note" not in collections["products"]["required"]
    assert {"POST /api/reviews", "GET /api/reviews", "POST /api/reviews/{id}/like"} <= rules.keys()
    assert "that has `average` and `total`" in rules["GET /api/stats"]
    assert "GET /api/products/{id}/comments is nested" in report
    assert "POST /api/login signs in or out" in report
    assert "src/api.ts sends who is signed in (Authorization)" in report
    assert "reviews/{id}/like: nothing tells what it changes" in report


def test_the_guestbooks_own_front_end_gives_its_routes_and_fields_back():
    rules, collections, _ = proposed(GUESTBOOK)
    assert list(rules) == ["POST /entries", "GET /entries", "DELETE /entries/{id}"]
    entry = collections["entries"]["properties"]
    assert list(entry) == ["id", "created", "name", "message", "stars", "picture"]
    assert entry["picture"]["format"] == "file"
    assert "image/webp" in entry["picture"]["properties"]["type"]["enum"]
    assert entry["stars"] == {"type": "integer", "enum": [1, 2, 3, 4, 5]}
    assert entry["message"]["maxLength"] == 4000
    assert collections["entries"]["required"] == ["id", "created", "name"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('fetch("/notes")', "GET /notes"),
        ("fetch(`/notes/${note.id}`)", "GET /notes/{id}"),
        ('fetch("/notes/" + encodeURIComponent(id), {method: "DELETE"})', "DELETE /notes/{id}"),
        ('const A = "/api"; const N = A + "/notes"; fetch(N)', "GET /api/notes"),
        ('fetch("http://localhost:3000/notes")', "GET /notes"),
        ("fetch(`${import.meta.env.VITE_URL}/notes`)", "GET /notes"),
        ('fetch(new URL("/notes", location.href), {"method": "post"})', "POST /notes"),
        ('axios({url: "/notes", method: "put"})', "PUT /notes"),
        ("axios.delete(`/notes/${id}`)", "DELETE /notes/{id}"),
        ('const api = axios.create({baseURL: "/v1"}); api.get("/notes")', "GET /v1/notes"),
        ('const x = new XMLHttpRequest(); x.open("PATCH", "/notes/" + id); x.send()', "PATCH /notes/{id}"),
        ('function call(m, p) { return fetch("/api" + p, {method: m}); } call("POST", "/notes")', "POST /api/notes"),
        ('$.ajax({url: "/notes", type: "POST"})', "POST /notes"),
        ('$.getJSON("/notes", show)', "GET /notes"),
        ("this.http.put<Note>(`/notes/${note.id}`, note)", "PUT /notes/{id}"),
        ('class A { base = "/v2"; all() { return fetch(this.base + "/notes") } }', "GET /v2/notes"),
        ("fetch(location.origin + '/notes')", "GET /notes"),
        ('const get = (path) => fetch(path); const notes = () => get("/notes")', "GET /notes"),
        ('const f = (url) => fetch(url).then((r) => r.json()); useSWR("/notes", f)', "GET /notes"),
        (
            'class A { send(p, {method = "GET"} = {}) { fetch(p, {method}) } } a.send("/notes", {method: "PUT"})',
            "PUT /notes",
        ),
    ],
)
def test_a_call_is_found_however_it_is_written(page, script, expected):
    assert routes(page(script, "app.js")) == [expected]


def test_a_choice_between_two_requests_is_both_of_them(page):
    script = 'fetch(id ? `/notes/${id}` : "/notes", {method: id ? "PUT" : "POST", body: JSON.stringify({text: ""})})'
    found = page(script)
    assert routes(found) == ["PUT /notes/{id}", "POST /notes"]


def test_the_types_of_a_body_are_read_from_how_it_is_written(page):
    found = page(
        """
        const rest = { tags: ["a"], when: new Date().toISOString() };
        const title = document.querySelector("#title").value.trim();
        fetch("/notes", { method: "POST", body: JSON.stringify({
          title,
          price: Number(price.value), count: parseInt(n), urgent: box.checked, done: false, "isOpen": open, ...rest,
        }) });
        """
    )
    assert types(found.calls[0]) == {
        "title": "string",
        "price": "number",
        "count": "integer",
        "urgent": "boolean",
        "done": "boolean",
        "isOpen": "boolean",
        "tags": "array",
        "when": "string",
    }
    assert not next(field for field in found.calls[0].fields if field.name == "done").required


def test_appended_form_data_and_url_parameters_are_bodies(page):
    found = page(
        """
        const data = new FormData();
        data.append("name", "Ada");
        fetch("/people", { method: "POST", body: data });
        axios.post("/pets", new URLSearchParams({ kind: "dog" }));
        """
    )
    assert [types(call) for call in found.calls] == [{"name": "string"}, {"kind": "string"}]


def test_a_name_from_another_file_is_followed(page):
    found = page('import { API } from "./config"; fetch(`${API}/notes`)', **{"config.ts": 'export const API = "/api";'})
    assert routes(found) == ["GET /api/notes"]


def test_inline_scripts_and_htmx_are_read_with_their_place(page):
    html = '<p>\n<form hx-post="/notes"><input name="text" required></form>\n<script>\nfetch("/notes")\n</script>'
    found = page("", **{"index.html": html})
    assert [(call.method, call.path, call.where) for call in found.calls] == [
        ("GET", "/notes", "index.html:4"),
        ("POST", "/notes", "index.html:2"),
    ]
    assert types(found.calls[1]) == {"text": "string"}
    assert any("htmx puts the answer into the page as HTML" in note for note in found.notes)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("fetch(address)", "app.ts:1: the address {address} is only known at run time"),
        ("const go = (path) => fetch(path)", "app.ts:1: the address of this request is only known at run time"),
        ("fetch(`/notes/n-${id}`)", "no path of plain segments"),
        ('fetch("/notes", {method: "POST", body: JSON.stringify(what())})', "only known at run time; add its fields"),
        ('fetch("/notes", {method: "POST", body: input.files[0]})', "sends a file"),
        ('fetch("https://api.example.com/x")', "api.example.com is another server"),
        ('new WebSocket("/live")', "app.ts:1: a backend here serves no web sockets"),
        ('new EventSource("/live")', "events at /events alone"),
        ("fetch(config.base + '/notes')", "begins with `base`, which is taken to be this server's"),
        ("fetch(`/notes/${", "places that are no JavaScript"),
    ],
)
def test_what_cannot_be_known_is_said_with_its_place(page, script, said):
    assert any(said in note for note in page(script).notes)


def test_a_client_class_is_followed_from_its_callers_to_what_they_send(page):
    found = page(
        """
        class Client {
          constructor(base) { this.base = base; }
          async request(path, { method = "GET", body } = {}) {
            return fetch(this.base + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
          }
          get(path) { return this.request(path); }
          post(path, body) { return this.request(path, { method: "POST", body }); }
        }
        const client = new Client("/api");
        const orders = () => client.get("/orders");
        const order = (what) => client.post("/orders", what);
        form.onsubmit = () => { const sent = { customer: name.value, count: Number(count.value) }; order(sent); };
        new Map().get("unrelated");
        """
    )
    assert sorted(routes(found)) == ["GET /api/orders", "POST /api/orders"]
    [posted] = [call for call in found.calls if call.method == "POST"]
    assert types(posted) == {"customer": "string", "count": "number"}


def test_a_body_that_is_not_known_leaves_the_documents_open(tmp_path):
    (tmp_path / "app.js").write_text('fetch("/notes", {method: "POST", body: JSON.stringify(what())})')
    _, collections, _ = proposed(tmp_path)
    assert collections["notes"]["additionalProperties"] is True


def test_put_with_a_part_of_what_is_required_is_told(tmp_path):
    (tmp_path / "app.js").write_text(
        'axios.post("/notes", {title: t.value, text: x.value}); axios.put(`/notes/${id}`, {title: t.value})'
    )
    assert "PUT /notes/{id} sends no `text`, which is required; send PATCH" in proposed(tmp_path)[2]


def test_a_folder_without_calls_is_refused_with_one_sentence(tmp_path):
    (tmp_path / "app.js").write_text("console.log(1)")
    with pytest.raises(UsageError, match="tells of a backend that can be proposed"):
        propose(tmp_path)
