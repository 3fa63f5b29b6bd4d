import json
from pathlib import Path

import pytest

from llmos import paths
from llmos.backend.examples import load_examples, run_examples
from llmos.errors import AppError
from llmos.kernel.app import App, load_app

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
