import copy

import pytest

from llmos.backend.compile import compiler as module
from llmos.backend.compile.compiler import MAX_CANDIDATES, NUM_CASES
from llmos.backend.compile.trial import Verdict
from tests.backend.compile.compiled import EXAMPLES, SCHEMA

ADD = 'note = add("notes", body)\nreturn 201, note'
ADD_TOO = 'return 201, add("notes", body)'
ALWAYS_DONE = 'return 201, add("notes", {**body, "done": True})'
NEVER_STARRED = 'stars = body.get("stars", 3)\nreturn 201, add("notes", {**body, "stars": stars})'
WRONG = 'return 201, "stored"'
READ = 'return 200, get("notes", id)'
CHANGE_EXAMPLE = {
    "state": {"notes": {"1": {"id": 1, "title": "tea", "done": False}}},
    "request": {"method": "PATCH", "path": "/notes/1", "body": {"title": "x"}},
    "expect": {"status": 200, "body": {"id": 1, "title": "x", "done": False}},
}


async def test_two_that_agree_are_promoted_and_nobody_else_is_asked(compiled):
    entry = await compiled.compile("POST /notes", ADD, ADD_TOO, WRONG)
    assert (entry.standing, entry.reason) == ("live", "")
    assert entry.source == "def handle(body):\n    return (201, add('notes', body))", "the shorter one of the two"
    evidence = {"written": 2, "examples": 2, "journaled": 0, "cases": NUM_CASES, "agreed": 2}
    assert entry.evidence == evidence | {"rejected": [], "disputes": []}
    assert entry.edition == compiled.editions["POST /notes"]


async def test_two_that_were_shown_the_same_are_not_enough_and_three_are(compiled):
    shown_the_same = [ADD, WRONG, ADD_TOO, WRONG]
    entry = await compiled.compile("POST /notes", *shown_the_same, *[WRONG] * (MAX_CANDIDATES - 4))
    assert entry.standing == "failed"
    entry = await compiled.compile("POST /notes", *shown_the_same, ADD)
    assert (entry.standing, entry.evidence["written"], entry.evidence["agreed"]) == ("live", 5, 3)


async def test_candidates_are_shown_worked_handlers_of_two_kinds_by_turns(compiled):
    await compiled.compile("POST /notes", WRONG, WRONG, WRONG, *[ADD] * (MAX_CANDIDATES - 3))
    first, second, third = (request.messages[1].text.split(".")[0] for request in compiled.asked[:3])
    assert first == third != second


async def test_what_code_refuses_by_itself_is_no_example_to_write_after(compiled):
    await compiled.compile("POST /notes", ADD, ADD)
    told = compiled.asked[0].messages[-2].text
    assert 'Example: POST /notes {"title": "tea", "stars": 3, "done": true} -> 201' in told
    assert "-> 422" not in told
    assert told.endswith("The body was checked before: every field fits. Do not check it again.")


async def test_the_same_text_twice_is_agreement(compiled):
    assert (await compiled.compile("POST /notes", ADD, ADD)).evidence["agreed"] == 2


async def test_one_alone_is_not_promoted(compiled):
    entry = await compiled.compile("POST /notes", ADD, *[WRONG] * (MAX_CANDIDATES - 1))
    assert (entry.standing, entry.source) == ("failed", "")
    assert (entry.evidence["written"], entry.evidence["agreed"]) == (MAX_CANDIDATES, 0)
    assert len(entry.evidence["rejected"]) == 1
    assert entry.reason == entry.evidence["rejected"][-1]


async def test_three_against_one_are_promoted_and_the_one_is_told(compiled):
    for bodies in ([ADD, ALWAYS_DONE, ADD_TOO, ADD], [ALWAYS_DONE, ADD, ADD_TOO, ADD]):
        entry = await compiled.compile("POST /notes", *bodies)
        assert (entry.standing, entry.evidence["written"]) == ("live", 4)
        assert "'done': True" not in entry.source
        assert len(entry.evidence["disputes"]) == 1


async def test_one_against_one_is_disputed_and_the_dispute_tells_where_they_differ(compiled):
    entry = await compiled.compile("POST /notes", ADD, ALWAYS_DONE, *[WRONG] * (MAX_CANDIDATES - 2))
    assert (entry.standing, entry.reason) == ("disputed", "Candidates disagree; add an example that settles it.")
    [dispute] = entry.evidence["disputes"]
    assert (dispute["request"]["method"], dispute["request"]["path"]) == ("POST", "/notes")
    assert dispute["request"]["body"].get("done", False) is False
    assert set(dispute["state"]) == {"notes"}
    mine, theirs = dispute["answers"]
    assert (mine["status"], theirs["status"]) == (201, 201)
    assert (mine["body"]["done"], theirs["body"]["done"]) == (False, True)
    assert len(mine["state"]["notes"]) == len(dispute["state"]["notes"]) + 1
    assert mine["state"] != theirs["state"]


async def test_a_dispute_tells_the_query(make_compiled):
    list_example = EXAMPLES["list"] | {"request": {"method": "GET", "path": "/notes", "query": {"done": "true"}}}
    compiled = make_compiled(prompt="## GET /notes?done\nAnswer 200 with the notes.", examples={"list": list_example})
    bodies = ['return 200, get_all("notes")', 'return 200, [n for n in get_all("notes") if n.get("done") == done]']
    entry = await compiled.compile("GET /notes", *bodies, *["pass"] * 9)
    assert entry.standing == "disputed"
    assert "done" in entry.evidence["disputes"][0]["request"].get("query", {"done": None})


async def test_three_that_all_differ_are_disputed(compiled):
    entry = await compiled.compile("POST /notes", ADD, ALWAYS_DONE, NEVER_STARRED, *[WRONG] * 8)
    assert (entry.standing, len(entry.evidence["disputes"])) == ("disputed", 1)


async def test_a_truth_is_not_a_number_when_answers_are_compared(compiled):
    one = 'n = get("notes", id)\nreturn 200, {**n, "done": bool(n.get("done"))}'
    other = 'n = get("notes", id)\nreturn 200, {**n, "done": 1 if n.get("done") else 0}'
    entry = await compiled.compile("GET /notes/{id}", one, other, *["pass"] * 9)
    assert entry.standing != "live"
    assert not Verdict(200, [True], {}).same(Verdict(200, [1], {}))
    assert Verdict(200, [1.0], {"a": {"b": None}}).same(Verdict(200, [1], {"a": {"b": None}}))
    assert not Verdict(200, {"a": 1}).same(Verdict(200, {"a": 1, "b": 1}))
    assert not Verdict(200, [1, 2]).same(Verdict(200, [1]))


REJECTED = [
    ("POST /notes", WRONG, "The example add came out otherwise"),
    ("POST /notes", 'return 201, add("notes")', "does not type-check"),
    ("POST /notes", "return 201, missing(body)", "uses missing, which it is not given"),
    ("POST /notes", "return 201, (", "is not Python"),
    ("POST /notes", "import os\nreturn 201, None", "has no import"),
    ("POST /notes", 'return 500, "no"', "answered 500, which the rule"),
    ("POST /notes", 'if body["stars"] > 9:\n    return 422, "no"\nreturn 201, add("notes", body)', "made-up requests"),
    ("POST /notes", 'return 201, add("notes", {**body, "title": ""})', "schema"),
    ("POST /notes", "while True:\n    pass", "It took longer"),
    ("GET /notes/{id}", 'update("notes", id, {})\nreturn 200, get("notes", id)', "uses update, which it is not given"),
    ("GET /notes", 'remove_all("notes")\nreturn 200, []', "uses remove_all"),
]


@pytest.mark.parametrize(("route", "body", "reason"), REJECTED)
async def test_a_bad_candidate_is_rejected_with_its_reason(compiled, route, body, reason):
    entry = await compiled.compile(route, *[body] * MAX_CANDIDATES)
    assert entry.standing == "failed"
    [told] = entry.evidence["rejected"]
    assert reason in told
    assert entry.reason == told


def history_of(compiled, answer):
    before = {"notes": {"4": {"id": 4, "title": "old", "done": False}}}
    note = {"id": 5, "title": "new", "done": False}
    after = copy.deepcopy(before)
    after["notes"]["5"] = note
    asked = compiled.asked_of("POST /notes", {"title": "new"})
    return lambda route: [(asked, before, Verdict(201, note | answer, after))]


async def test_a_candidate_that_answers_as_the_journal_does_is_promoted(compiled):
    entry = await compiled.compile("POST /notes", ADD, ADD_TOO, history=history_of(compiled, {}))
    assert (entry.standing, entry.evidence["journaled"]) == ("live", 1)


async def test_a_candidate_that_answers_otherwise_than_the_journal_is_rejected(compiled):
    entry = await compiled.compile("POST /notes", *[ADD] * MAX_CANDIDATES, history=history_of(compiled, {"done": True}))
    assert entry.standing == "failed"
    [told] = entry.evidence["rejected"]
    assert told.startswith("POST /x was answered 201 {")
    assert "and it answers 201 {" in told


async def test_the_journal_settles_what_candidates_disagree_on(compiled):
    entry = await compiled.compile("POST /notes", ALWAYS_DONE, ADD, ADD_TOO, history=history_of(compiled, {}))
    assert (entry.standing, entry.evidence["written"], len(entry.evidence["rejected"])) == ("live", 3, 1)


async def test_a_route_without_an_example_that_succeeds_is_not_compiled(compiled):
    for route in ("POST /clear", "PATCH /notes/{id}"):
        entry = await compiled.compile(route)
        assert (entry.standing, entry.reason) == ("failed", "It has no example that succeeds; write one.")
    assert compiled.asked == []


async def test_a_route_whose_rule_names_no_status_is_not_compiled(compiled):
    entry = await compiled.compile("POST /silent")
    assert (entry.standing, entry.reason) == ("failed", "Its rule names no status; say which it answers with.")


@pytest.mark.parametrize("state", [{"notes": {"1": {}}}, {"notes": []}, {"other": 1}, {"notes": {"": {"id": 1}}}])
async def test_an_example_whose_state_does_not_fit_is_told_of_before_the_model_is_asked(make_compiled, state):
    compiled = make_compiled(examples={"add": EXAMPLES["add"] | {"state": state}})
    entry = await compiled.compile("POST /notes")
    assert (entry.standing, entry.reason.startswith("The example add: ")) == ("failed", True)
    assert compiled.asked == []


async def test_a_route_for_which_no_request_can_be_made_up_is_not_compiled(make_compiled):
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["notes"]["additionalProperties"]["properties"]["title"]["pattern"] = "^tea-[0-9]{4}$"
    example = EXAMPLES["add"] | {"expect": {"status": 201}}
    compiled = make_compiled(schema=schema, examples={"add": example})
    entry = await compiled.compile("POST /notes")
    assert entry.standing == "failed"
    assert entry.reason.startswith("No request could be made up")


async def test_ids_that_are_made_up_do_not_keep_candidates_from_agreeing(make_compiled):
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["notes"]["additionalProperties"]["properties"]["id"] = {"type": "string", "format": "uuid"}
    added = EXAMPLES["add"]["expect"]["body"] | {"id": "..."}
    example = EXAMPLES["add"] | {"expect": {"status": 201, "body": added}}
    compiled = make_compiled(schema=schema, examples={"add": example})
    assert (await compiled.compile("POST /notes", ADD, ADD_TOO)).standing == "live"


async def test_compiling_changes_no_state(compiled):
    compiled.note()
    before = compiled.state.get(""), compiled.state.version
    await compiled.compile("POST /notes", ADD, ADD_TOO)
    assert (compiled.state.get(""), compiled.state.version) == before
    assert compiled.journal == []


async def test_candidates_are_asked_for_one_by_one_with_seeds_of_their_own(compiled):
    await compiled.compile("POST /notes", *[WRONG] * MAX_CANDIDATES)
    assert [request.seed for request in compiled.asked] == list(range(MAX_CANDIDATES))
    assert [request.temperature for request in compiled.asked] == [0.0, *[module.WARM] * (MAX_CANDIDATES - 1)]


async def test_a_change_that_is_made_only_where_there_is_a_document_is_compiled(make_compiled):
    compiled = make_compiled(examples={"change": CHANGE_EXAMPLE})
    entry = await compiled.compile("PATCH /notes/{id}", *['return 200, update("notes", id, body)'] * 2)
    assert (entry.standing, entry.evidence["examples"]) == ("live", 1)
