import asyncio
import json
import os

import pytest
from click.testing import CliRunner

from llmos.cli import main
from llmos.http.address import Address, announce
from llmos.kernel.app import load_app
from llmos.kernel.verify import verify
from tests.http.served import install

ADA = {"id": 1, "created": "2026-01-02T03:04:05Z", "name": "Ada"}
BO = {"id": 2, "created": "2026-01-02T03:04:05Z", "name": "=Bo", "stars": 3}
FILLED = {"entries": {"1": ADA, "2": BO}}


async def put(world, value, app="guestbook", **options):
    text = value if isinstance(value, str) else json.dumps(value)
    return await world.api.post(f"/state/{app}/import", json={"text": text, **options})


async def state_of(world, app="guestbook"):
    return (await world.api.get(f"/state/{app}")).json()


@pytest.fixture
def llmos(world):
    """The command line, on the kernel of this test."""
    announce(world.home, Address(world.control.url, "t", os.getpid()))

    async def run(*arguments):
        arguments = [str(argument) for argument in arguments]
        environment = {"LLMOS_HOME": str(world.home)}
        return await asyncio.to_thread(CliRunner().invoke, main, ["state", *arguments], env=environment)

    return run


async def test_an_import_is_one_commit_in_the_journal_of_the_app(world):
    assert (await put(world, FILLED)).json() == {"version": 1, "added": 2, "changed": 0, "removed": 0}
    (commit,) = (await world.api.get("/state/guestbook/log")).json()
    assert commit["cause"] == {"import": "json"}
    (process,) = world.kernel.living()
    kinds = [event.kind for event in world.kernel.journal.events(process.pid)]
    assert (process.app, kinds.count("state.commit")) == ("guestbook", 1)
    await world.api.post("/state/guestbook/undo", json={"version": 1})
    assert (await state_of(world))["value"] == {"entries": {}}


async def test_an_import_that_does_not_fit_changes_nothing(world):
    await put(world, FILLED)
    bad = {"entries": {"3": {**ADA, "id": 3}, "4": {**ADA, "id": 4, "stars": 9}}}
    refused = await put(world, bad, replace=True)
    assert refused.status_code == 422
    assert "/entries/4/stars" in refused.json()["detail"]
    assert await state_of(world) == {"version": 1, "value": FILLED}
    assert len((await world.api.get("/state/guestbook/log")).json()) == 1


async def test_a_site_serves_what_was_imported(world):
    site = await world.serve()
    world.script.say({"status": 200, "body": {"ref": "/entries"}}, {"status": 200, "body": {"ref": "/entries"}})
    before = await site.get("/entries")
    await put(world, FILLED)
    after = await site.get("/entries", headers={"If-None-Match": before.headers["etag"]})
    assert (before.json(), after.json()) == ({}, FILLED["entries"])


async def test_an_app_that_does_not_serve_is_not_run_by_an_import(world):
    await put(world, {}, app="assistant")
    assert [process.kind for process in world.kernel.living()] == ["service"]


async def test_the_difference_of_two_versions_is_a_patch(world, llmos):
    await put(world, FILLED)
    await put(world, {"entries": {"1": {**ADA, "name": "Eve"}}})
    patch = (await world.api.get("/state/guestbook/diff", params={"old": 1, "new": 2})).json()
    assert patch == [{"op": "replace", "path": "/entries/1/name", "value": "Eve"}]
    assert (await llmos("diff", "guestbook", 1, 2)).output == 'replace  /entries/1/name  "Eve"\n'
    assert (await llmos("diff", "guestbook", 1, 1)).output == "nothing is different\n"
    assert "no version 9" in (await llmos("diff", "guestbook", 1, 9)).output


@pytest.mark.parametrize("name", ["state.json", "entries.csv", "ENTRIES.CSV"])
async def test_a_file_brings_the_state_back(world, llmos, tmp_path, name):
    await put(world, FILLED)
    file = tmp_path / name
    assert (await llmos("export", "guestbook", file)).exit_code == 0
    await put(world, {}, replace=True)
    assert (await state_of(world))["value"] == {"entries": {}}
    assert (await llmos("import", "guestbook", file)).output.startswith("2 added, 0 changed, 0 removed")
    assert await state_of(world) == {"version": 3, "value": FILLED}


async def test_without_a_file_the_export_is_printed(world, llmos):
    await put(world, FILLED)
    assert json.loads((await llmos("export", "guestbook", "--collection", "entries")).output) == FILLED["entries"]
    printed = (await llmos("export", "guestbook", "--format", "csv")).output.splitlines()
    assert printed[0] == "_key,id,created,name,message,stars,picture"
    assert printed[2] == "2,2,2026-01-02T03:04:05Z,'=Bo,,3,"


async def test_an_import_says_which_line_and_field_is_wrong(world, llmos, tmp_path):
    file = tmp_path / "entries.csv"
    file.write_text("id,created,name,stars\n1,2026-01-02T03:04:05Z,Ada,5\n2,2026-01-02T03:04:05Z,Bo,6\n")
    refused = await llmos("import", "guestbook", file)
    assert refused.exit_code == 1
    assert "Line 3: " in refused.output and "/entries/2/stars" in refused.output
    assert (await state_of(world))["version"] == 0


async def test_a_file_that_cannot_be_used_is_named(world, llmos, tmp_path):
    (tmp_path / "latin.csv").write_bytes(b"name\n\xe4\n")
    assert "is not UTF-8 text" in (await llmos("import", "guestbook", tmp_path / "latin.csv")).output
    assert "cannot be read" in (await llmos("import", "guestbook", tmp_path / "none.json")).output
    assert "cannot be written" in (await llmos("export", "guestbook", tmp_path / "no" / "where.json")).output


async def test_a_branch_is_the_app_under_another_name_with_its_state(world, llmos):
    await put(world, FILLED)
    await put(world, {}, replace=True)
    made = await llmos("branch", "guestbook", "trial", "--at", 1)
    assert made.exit_code == 0, made.output
    assert (await state_of(world, "trial")) == {"version": 1, "value": FILLED}
    (commit,) = (await world.api.get("/state/trial/log")).json()
    assert commit["cause"] == {"branch": "guestbook", "version": 1}
    trial = load_app(world.home / "apps" / "trial")
    assert (trial.title, trial.model.max_tokens) == ("Guestbook", 400)
    await put(world, {}, app="trial", replace=True)
    await put(world, FILLED)
    assert (await state_of(world, "trial"))["value"] == {"entries": {}}
    assert (await state_of(world))["value"] == FILLED


async def test_a_branch_can_be_served(world):
    await put(world, FILLED)
    await world.api.post("/state/guestbook/branch", json={"name": "trial"})
    site = await world.serve("trial")
    world.script.say({"status": 200, "body": {"ref": "/entries"}})
    assert (await site.get("/entries")).json() == FILLED["entries"]
    assert (await site.get("/guestbook.css")).status_code == 200


async def test_a_branch_keeps_the_comments_of_its_manifest(world):
    folder = install(world.home, "# how clients meet it\n[http]\nrequests_per_minute = 7\n")
    (folder / "app.toml").write_text("# mine\n" + (folder / "app.toml").read_text())
    await world.api.post("/state/guestbook/branch", json={"name": "trial"})
    written = (world.home / "apps" / "trial" / "app.toml").read_text()
    assert written == (folder / "app.toml").read_text().replace('name = "guestbook"', 'name = "trial"')


@pytest.mark.parametrize("name", ["guestbook", "assistant", "../out", "Trial", "", "a b"])
async def test_a_name_that_is_taken_or_none_makes_no_branch(world, name):
    refused = await world.api.post("/state/guestbook/branch", json={"name": name})
    assert refused.status_code == 400
    assert not (world.home / "apps").exists() or list((world.home / "apps").iterdir()) == []


async def test_a_branch_at_an_unknown_version_leaves_nothing_behind(world):
    await put(world, FILLED)
    assert (await world.api.post("/state/guestbook/branch", json={"name": "trial", "at": 7})).status_code == 422
    assert (await world.api.get("/state/trial")).status_code == 404
    assert [path for path in world.home.iterdir() if path.name.startswith(".branch")] == []


async def test_a_state_that_the_schema_no_longer_takes_is_not_branched(world):
    await put(world, FILLED)
    folder = install(world.home)
    schema = json.loads((folder / "schema.json").read_text())
    schema["properties"]["entries"]["additionalProperties"]["required"].append("stars")
    (folder / "schema.json").write_text(json.dumps(schema))
    refused = await world.api.post("/state/guestbook/branch", json={"name": "trial"})
    assert refused.status_code == 422
    assert "'stars' is a required property" in refused.json()["detail"]
    assert not (world.home / "apps" / "trial").exists()


async def test_what_was_left_by_an_app_of_that_name_is_not_overwritten(world):
    install(world.home, name="trial").rename(world.home / "apps" / "trial")
    await put(world, FILLED, app="trial")
    (world.home / "apps" / "trial").rename(world.home / "away")
    refused = await world.api.post("/state/guestbook/branch", json={"name": "trial"})
    assert "still a state of an app called trial" in refused.json()["detail"]


async def test_a_seed_is_the_first_commit_when_the_app_is_first_served(world):
    (install(world.home) / "seed.json").write_text(json.dumps(FILLED))
    assert (await state_of(world))["version"] == 0
    site = await world.serve()
    assert (await site.get("/health")).json()["version"] == 1
    assert (await state_of(world))["value"] == FILLED
    (commit,) = (await world.api.get("/state/guestbook/log")).json()
    assert commit["cause"] == {"seed": True}


async def test_a_seed_is_not_sown_twice_nor_over_something(world):
    (install(world.home) / "seed.json").write_text(json.dumps(FILLED))
    await world.serve()
    await world.api.post("/state/guestbook/undo", json={"version": 1})
    await world.boot()
    await world.serve()
    assert await state_of(world) == {"version": 2, "value": {"entries": {}}}


@pytest.mark.parametrize("text", ["{", '{"entries": {"1": {"id": 1}}}', '{"nope": {}}', "\udcff"])
async def test_a_seed_that_does_not_fit_is_named_and_the_app_not_served(world, text):
    seed = install(world.home) / "seed.json"
    seed.write_bytes(text.encode("utf-8", "surrogateescape"))
    refused = await world.api.post("/sites", json={"app": "guestbook", "port": 0})
    assert f"{seed} cannot be the first state: " in refused.json()["detail"]
    assert (await state_of(world))["version"] == 0


async def test_a_branch_of_a_seeded_app_starts_with_the_state_not_the_seed(world):
    (install(world.home) / "seed.json").write_text(json.dumps(FILLED))
    await world.api.post("/state/guestbook/branch", json={"name": "trial", "at": 0})
    site = await world.serve("trial")
    assert (await site.get("/health")).json()["version"] == 0


async def test_the_state_folder_is_sound_after_all_of_this(world):
    await put(world, FILLED)
    await world.api.post("/state/guestbook/branch", json={"name": "trial"})
    await world.shutdown()
    assert verify(world.home).problems == []
