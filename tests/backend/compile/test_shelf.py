import json

import pytest

from llmos.backend.compile.routes import editions
from llmos.backend.compile.shelf import Entry, Shelf
from llmos.backend.compile.source import Handler
from llmos.backend.examples import load_examples
from llmos.backend.routes import parse_rules
from llmos.kernel.app import InvariantSettings
from tests.backend.compile.compiled import EXAMPLES, PROMPT, SCHEMA

ROUTE = "GET /notes/{id}"
EVIL = "def handle(id):\n    return 200, 'evil'"


@pytest.fixture
def shelved(compiled):
    compiled.handle(ROUTE, 'return 200, get("notes", id)')
    return compiled


def live(compiled, name=ROUTE):
    shelf = Shelf(compiled.db, "notes", compiled.attested.__contains__)
    return shelf.live(compiled.route(name), compiled.editions[name])


def change(compiled, **columns):
    sets = ", ".join(f"{name} = ?" for name in columns)
    compiled.db.execute(f"UPDATE backend_handlers SET {sets}", list(columns.values()))


def test_a_handler_is_kept_with_its_evidence(shelved):
    entry = Entry(ROUTE, "e", "disputed", EVIL, {"written": 3, "disputes": [{"ä": None}]}, "why")
    shelved.shelf.keep(entry)
    assert Shelf(shelved.db, "notes", lambda digest: True).entries() == [entry]
    assert Shelf(shelved.db, "other", lambda digest: True).entries() == []


def test_a_handler_that_is_live_runs_after_a_restart(shelved):
    handler = live(shelved)
    assert (handler.source, handler.parameters) == ("def handle(id):\n    return (200, get('notes', id))", ("id",))


def test_a_source_that_was_changed_on_the_disk_does_not_run(shelved):
    change(shelved, source=EVIL)
    assert live(shelved) is None


def test_a_source_that_was_changed_with_its_digest_does_not_run(shelved):
    change(shelved, source=EVIL, digest=Handler(EVIL, ()).digest)
    assert live(shelved) is None


def test_a_source_that_the_journal_does_not_tell_of_does_not_run(shelved):
    shelved.attested.clear()
    assert live(shelved) is None


@pytest.mark.parametrize("standing", ["demoted", "disputed", "failed", "", "LIVE"])
def test_a_handler_runs_only_while_it_is_live(shelved, standing):
    change(shelved, standing=standing)
    assert live(shelved) is None


def test_a_demotion_survives_a_restart(shelved):
    shelved.shelf.demote(ROUTE, "It fails.")
    assert live(shelved) is None
    [entry] = Shelf(shelved.db, "notes", lambda digest: True).entries()
    assert (entry.standing, entry.reason, entry.source != "") == ("demoted", "It fails.", True)


def test_the_handler_of_another_app_does_not_run(shelved):
    other = Shelf(shelved.db, "other", lambda digest: True)
    assert other.live(shelved.route(ROUTE), shelved.editions[ROUTE]) is None
    other.demote(ROUTE, "mine")
    assert live(shelved) is not None


def edition(compiled, prompt=PROMPT, schema=SCHEMA, examples=None, always=()):
    folder = compiled.app.folder
    for name, example in (examples or {}).items():
        (folder / "examples" / f"{name}.json").write_text(json.dumps({"name": name, **example}))
    settings = InvariantSettings(always=always)
    app = compiled.app.model_copy(update={"prompt": prompt, "state_schema": schema, "invariants": settings})
    return editions(app, parse_rules(prompt), load_examples(folder)).get(ROUTE)


def test_an_edition_is_the_same_while_nothing_is_changed(compiled):
    assert edition(compiled) == compiled.editions[ROUTE]
    assert len(set(compiled.editions.values())) == len(compiled.editions)


@pytest.mark.parametrize(
    "made_from",
    [
        {"prompt": PROMPT.replace("Answer 200 with the note, or 404.", "Answer 200 with the note.")},
        {"prompt": PROMPT.replace("Notes.", "Secret notes.", 1)},
        {"prompt": PROMPT.replace("## GET /notes/{id}", "## GET /notes/{id}?q")},
        {"schema": {**SCHEMA, "description": "x"}},
        {"examples": {"read": EXAMPLES["read"] | {"expect": {"status": 200}}}},
        {"examples": {"read-more": EXAMPLES["read"]}},
        {"always": ("notes.stars >= 0",)},
    ],
    ids=["rule", "introduction", "query", "schema", "example", "another example", "invariants"],
)
def test_a_handler_that_was_made_from_something_else_does_not_run(shelved, made_from):
    other = edition(shelved, **made_from)
    assert other not in (None, shelved.editions[ROUTE])
    assert shelved.shelf.live(shelved.route(ROUTE), other) is None
    assert live(shelved) is not None


def test_what_concerns_other_routes_leaves_a_handler_as_it_is(compiled):
    assert (
        edition(compiled, prompt=PROMPT.replace("Remove all notes.", "Remove every note.")) == compiled.editions[ROUTE]
    )
    assert edition(compiled, examples={"add-more": EXAMPLES["add"]}) == compiled.editions[ROUTE]
