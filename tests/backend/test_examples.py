import json
from pathlib import Path

import pytest

from llmos import paths
from llmos.backend.examples import chosen, load_examples, run_examples
from llmos.errors import AppError, EngineUnavailable
from llmos.kernel.app import App, load_app
from tests.backend import follower

SCHEMA = {"type": "object", "properties": {"title": {"type": "string", "default": "Old"}}}
PROMPT = "An app.\n\n## POST /title\nSet the title and answer 200."


def app_with(folder: Path, **expect) -> App:
    (folder / "examples").mkdir()
    request = {"method": "POST", "path": "/title", "body": {"to": "New"}}
    example = {"name": "rename", "state": {"title": "Old"}, "request": request, "expect": expect}
    (folder / "examples" / "rename.json").write_text(json.dumps(example))
    return App(name="titled", title="T", kind="backend", folder=folder, prompt=PROMPT, state_schema=SCHEMA)


async def think(request):
    patch = [{"op": "replace", "path": "/title", "value": {"ref": "/body/to"}}]
    return json.dumps({"status": 200, "patch": patch, "body": {"title": {"ref": "/title"}, "n": 1}})


async def test_an_example_that_is_met_has_no_differences(tmp_path):
    app = app_with(tmp_path, status=200, body={"title": "New", "n": "..."}, state={"title": "New"})
    [result] = await run_examples(app, think)
    assert result.passed


async def test_every_difference_is_a_line_that_says_where(tmp_path):
    app = app_with(tmp_path, status=201, body={"title": "Old", "missing": True}, state={"title": "Old"})
    [result] = await run_examples(app, think)
    assert sorted(result.differences) == [
        "/body/missing: got nothing",
        "/body/n: unexpected 1",
        '/body/title: got "New"',
        '/state/title: got "New"',
        "/status: got 200",
    ]


@pytest.mark.parametrize("text", ["{", "{}", '{"name": "a", "request": {"method": "GET"}, "expect": {"status": 200}}'])
def test_a_file_that_is_no_example_is_named(tmp_path, text):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "odd.json").write_text(text)
    with pytest.raises(AppError, match=r"odd\.json is not an example"):
        load_examples(tmp_path)


async def test_the_examples_of_the_guestbook_start_from_states_its_schema_takes():
    guestbook = load_app(paths.bundle_root() / "apps" / "guestbook")
    assert len(load_examples(guestbook.folder)) >= 6

    async def refuse(request):
        return '{"status": 404, "error": "no"}'

    results = await run_examples(guestbook, refuse)
    assert [result.passed for result in results] == [
        example.expect.status >= 400 for example in load_examples(guestbook.folder)
    ]


STEPS_SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["id", "text"],
            },
        }
    },
}
STEPS_PROMPT = """Notes.

## POST /notes
Add the body and answer 201, or 422.

## GET /notes/{id}
Answer 200 with the note, or 404.

## PATCH /notes/{id}
Replace the fields that the body has and answer 200, or 404.
"""


def post(text):
    return {"method": "POST", "path": "/notes", "body": {"text": text}}


def get(path):
    return {"method": "GET", "path": path}


def app_with_steps(folder, *steps, state=None):
    (folder / "examples").mkdir()
    asked = [{"request": request, "expect": expect} for request, expect in steps]
    example = {"name": "sequence", "state": state or {}, "steps": asked}
    (folder / "examples" / "sequence.json").write_text(json.dumps(example))
    return App(name="n", title="N", kind="backend", folder=folder, prompt=STEPS_PROMPT, state_schema=STEPS_SCHEMA)


async def test_steps_are_asked_of_the_same_state(tmp_path):
    app = app_with_steps(
        tmp_path,
        (post("first"), {"status": 201}),
        (post("second"), {"status": 201, "body": {"id": 2, "text": "second"}}),
        (get("/notes/1"), {"status": 200, "body": {"id": 1, "text": "first"}}),
        state={"notes": {}},
    )
    assert [result.differences for result in await run_examples(app, follower.think)] == [()]


async def test_a_later_step_refers_to_what_an_earlier_one_was_answered(tmp_path):
    app = app_with_steps(
        tmp_path,
        (post("first"), {"status": 201}),
        (get("/notes/{{1.body.id}}"), {"status": 200, "body": "{{1.body}}"}),
        (
            {"method": "PATCH", "path": "{{ 1.headers.Location }}", "body": {"text": "was {{1.body.text}}"}},
            {"status": 200, "body": {"id": "{{1.body.id}}", "text": "was first"}},
        ),
    )
    assert [result.differences for result in await run_examples(app, follower.think)] == [()]


async def test_after_a_step_that_differs_no_more_is_asked(tmp_path):
    app = app_with_steps(
        tmp_path, (post("first"), {"status": 200}), (get("/notes/{{1.body.id}}"), {"status": 404}), state={"notes": {}}
    )
    [result] = await run_examples(app, follower.think)
    assert result.differences == ("step 1 /status: got 201",)
    assert len(result.answers) == 1


async def test_what_an_earlier_step_was_not_answered_is_said_by_name(tmp_path):
    app = app_with_steps(tmp_path, (post("first"), {"status": 201}), (get("/notes/{{1.body.key.0}}"), {"status": 200}))
    [result] = await run_examples(app, follower.think)
    assert result.differences == ("step 2 {{1.body.key.0}}: step 1 was answered without it",)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/notes/{{2.body.id}}", "steps.1.request.path: {{2.body.id}} is in step 2 and must name an earlier one"),
        ("/notes/{{0.body.id}}", "must name an earlier one"),
        ("/notes/{{id}}", "steps.1.request.path: {{id}} must look like {{1.body.id}}"),
    ],
)
def test_a_placeholder_that_names_no_earlier_step_is_refused_with_its_place(tmp_path, path, said):
    app_with_steps(tmp_path, (post("first"), {"status": 201}), (get(path), {"status": 200}))
    with pytest.raises(AppError, match=r"sequence\.json is not an example") as refused:
        load_examples(tmp_path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ({"name": "a"}, "needs `request` and `expect`, or `steps`"),
        ({"name": "a", "request": get("/")}, "needs `request` and `expect`, or `steps`"),
        ({"name": "a", "steps": []}, "steps: List should have at least 1 item"),
        (
            {"name": "a", "steps": [{"request": get("/"), "expect": {"status": 200}}], "request": get("/")},
            "needs `request` and `expect`, or `steps`",
        ),
        ({"name": "a", "steps": [{"request": {"method": "GET"}, "expect": {"status": 200}}]}, "steps.0.request.path"),
        ({"name": "a", "request": get("/"), "expect": {"status": 200, "odd": 1}}, "expect.odd"),
    ],
)
def test_what_is_wrong_in_an_example_is_said_with_its_place(tmp_path, example, said):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "odd.json").write_text(json.dumps(example))
    with pytest.raises(AppError, match=r"odd\.json is not an example") as refused:
        load_examples(tmp_path)
    assert said in str(refused.value)


async def test_headers_are_sent_and_those_named_are_compared(tmp_path):
    form = {"method": "POST", "path": "/notes", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    app = app_with_steps(
        tmp_path,
        (form | {"body": "text=from+a+form"}, {"status": 201, "headers": {"Location": "/notes/1", "ETag": "..."}}),
        (get("/notes/1") | {"headers": {"If-None-Match": "{{1.headers.etag}}"}}, {"status": 304}),
        state={"notes": {}},
    )
    assert [result.differences for result in await run_examples(app, follower.think)] == [()]


async def test_a_header_that_differs_is_a_line(tmp_path):
    app = app_with_steps(
        tmp_path,
        (post("x"), {"status": 201, "headers": {"Location": "/notes/7", "X-Odd": "1"}}),
        state={"notes": {}},
    )
    [result] = await run_examples(app, follower.think)
    assert sorted(result.differences) == ['/headers/location: got "/notes/1"', "/headers/x-odd: got nothing"]


async def test_a_state_that_the_schema_refuses_is_said_with_the_file(tmp_path):
    app = app_with_steps(tmp_path, (post("x"), {"status": 201}), state={"notes": {"1": {"id": "one"}}})
    with pytest.raises(AppError, match=r"sequence\.json: state: .*/notes/1"):
        await run_examples(app, follower.think)


async def test_without_an_engine_the_author_hears_so_instead_of_a_503(tmp_path):
    app = app_with_steps(tmp_path, (post("x"), {"status": 201}))

    async def dead(request):
        raise EngineUnavailable("No engine answers; try `llmos up`.")

    with pytest.raises(EngineUnavailable, match="No engine answers"):
        await run_examples(app, dead)


def test_one_example_is_chosen_by_its_name_or_its_files(tmp_path):
    app_with_steps(tmp_path, (post("x"), {"status": 201}))
    examples = load_examples(tmp_path)
    assert chosen(examples, "sequence") == chosen(examples, "sequence.json") == examples
    with pytest.raises(AppError, match="no example 'nope'; there are: sequence"):
        chosen(examples, "nope")
