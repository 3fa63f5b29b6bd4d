import json

import pytest
from click.testing import CliRunner

from llmos.backend.examples import load_examples, run_examples
from llmos.backend.starting import check_app, free_place, starter, write_app
from llmos.cli import main
from llmos.errors import AppError, UsageError
from llmos.kernel.app import load_app
from llmos.kernel.chat_examples import load_chat_examples
from tests.backend.follower import think


@pytest.fixture
def llmos(tmp_path, monkeypatch):
    monkeypatch.setenv("LLMOS_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(main, list(map(str, arguments)))


def test_a_new_backend_works_at_once(tmp_path):
    app = write_app(tmp_path / "my-list", starter("backend", "my-list"))
    assert (app.name, app.title, app.kind) == ("my-list", "My list", "backend")
    assert {"create", "list", "read", "change", "delete"} <= {example.name for example in load_examples(app.folder)}
    assert any(example.expect.status == 422 for example in load_examples(app.folder))


async def test_a_model_that_follows_the_starters_rules_passes_its_examples(tmp_path):
    app = write_app(tmp_path / "my-list", starter("backend", "my-list"))
    results = {result.name: result for result in await run_examples(app, think)}
    del results["list"]  # what a reference to a whole collection becomes is the backend's affair
    assert {name: result.differences for name, result in results.items() if not result.passed} == {}
    assert len(results) >= 7


def test_a_new_chat_app_loads(tmp_path):
    app = write_app(tmp_path / "oracle", starter("chat", "oracle"))
    assert (app.kind, app.capabilities.tools) == ("chat", ())
    assert "Oracle" in app.prompt
    assert [example.name for example in load_chat_examples(app)] == ["capital"]


def test_a_chat_app_whose_example_is_none_is_not_written(tmp_path):
    with pytest.raises(AppError, match=r"capital\.json is not an example"):
        write_app(tmp_path / "oracle", starter("chat", "oracle") | {"examples/capital.json": "{}"})
    assert list(tmp_path.iterdir()) == []


def test_every_file_of_a_starter_is_short(tmp_path):
    for kind in ("backend", "chat"):
        assert all(len(text.splitlines()) <= 30 for text in starter(kind, "x").values())


@pytest.mark.parametrize("name", ["", "My-App", "a b", "../up", "-x", "a" * 64, "ä", "x\n"])
def test_a_bad_name_is_refused_with_the_form_of_a_good_one(tmp_path, name):
    with pytest.raises(UsageError, match="lower case letters, digits and dashes"):
        free_place(name, tmp_path)


def test_a_name_that_would_hide_a_shipped_app_is_refused(tmp_path):
    with pytest.raises(UsageError, match="guestbook ships with llmos"):
        free_place("guestbook", tmp_path)


def test_a_folder_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        free_place("kept", tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is there already"):
        free_place("dangling", tmp_path)


def test_an_app_that_does_not_load_is_not_written(tmp_path):
    files = starter("backend", "half") | {"schema.json": "{"}
    with pytest.raises(AppError, match=r"schema\.json"):
        write_app(tmp_path / "half", files)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_app(tmp_path / "file" / "app", starter("chat", "app"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expect": {"status": 418}}, "no rule says that GET /items/1 may answer 418"),
        ({"request": {"method": "PUT", "path": "/items/1"}}, "no rule says that PUT /items/1"),
        ({"state": {"items": {"1": {"id": 1}}}}, "state's schema refuses /items/1"),
        ({"expect": {"status": 200, "state": {"items": {"1": {"odd": 1}}}}}, "state's schema refuses /items/1"),
    ],
)
def test_an_example_that_does_not_go_with_the_app_is_named(tmp_path, change, said):
    app = write_app(tmp_path / "x", starter("backend", "x"))
    file = app.folder / "examples" / "read.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(AppError, match=r"read\.json") as refused:
        check_app(load_app(app.folder))
    assert said in str(refused.value)


def test_the_command_starts_an_app_and_says_what_comes_next(llmos, tmp_path):
    done = llmos("app", "new", "my-list")
    assert done.exit_code == 0
    assert (tmp_path / "home" / "apps" / "my-list" / "prompt.md").is_file()
    assert "llmos app test my-list" in done.output
    assert "llmos serve my-list" in done.output


def test_an_app_started_elsewhere_is_told_how_to_be_found(llmos, tmp_path):
    told = json.loads(llmos("app", "new", "my-list", "--in", tmp_path / "my apps", "--json").output)
    assert told["folder"] == str(tmp_path / "my apps" / "my-list")
    assert told["next"][0] == f"llmos app test '{told['folder']}'"
    assert "ln -s" in told["next"][1]


def test_a_new_chat_app_is_tested_before_it_is_run(llmos, tmp_path):
    told = json.loads(llmos("app", "new", "oracle", "--chat", "--json").output)
    assert told["next"] == ["llmos app test oracle", "llmos run oracle"]
    told = json.loads(llmos("app", "new", "sibyl", "--chat", "--in", tmp_path / "mine", "--json").output)
    assert "ln -s" in told["next"][0]  # only an installed app can be a process
    assert told["next"][1:] == ["llmos app test sibyl", "llmos run sibyl"]


def test_the_command_refuses_with_one_sentence_and_status_2(llmos):
    done = llmos("app", "new", "Nope!")
    assert done.exit_code == 2
    assert done.output.startswith("llmos: 'Nope!' cannot be")


def test_apps_are_listed_with_where_they_come_from(llmos, tmp_path):
    llmos("app", "new", "my-list")
    rows = {row["name"]: row for row in json.loads(llmos("app", "list", "--json").output)}
    assert not rows["my-list"]["shipped"]
    assert rows["guestbook"]["shipped"]
    assert (rows["my-list"]["kind"], rows["my-list"]["version"]) == ("backend", "0.1.0")
    assert rows["my-list"]["summary"] in llmos("app", "list").output


def test_an_app_that_cannot_be_loaded_is_listed_with_the_reason(llmos, tmp_path):
    llmos("app", "new", "my-list")
    (tmp_path / "home" / "apps" / "my-list" / "schema.json").write_text("[]")
    done = llmos("app", "list")
    assert done.exit_code == 0
    assert "cannot be loaded" in done.output
    assert "guestbook" in done.output
