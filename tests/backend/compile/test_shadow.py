"""What a handler answered is asked of the model too, when nobody else wants it."""

import asyncio
import json

import pytest

from llmos.backend.compile.shadow import MAX_DOCUMENTS, Shadow
from llmos.errors import EngineUnavailable

ADD = 'return 201, add("notes", body)'
SHOUT = 'return 201, add("notes", {**body, "title": body["title"].upper()})'
STORED = {"op": "add", "path": "/notes/1", "value": {"ref": "/body", "with": {"id": 1}}}
ADDED = {"status": 201, "patch": [STORED], "body": {"ref": "/notes/1"}}


@pytest.fixture
def shadow(compiled):
    told = []
    made = Shadow(
        compiled.app,
        compiled.state,
        compiled.rules,
        compiled.shapes,
        compiled.routes,
        compiled.think,
        lambda kind, data: told.append((kind, data)),
    )
    made.told = told
    return made


async def answered(compiled, source):
    """One request that a handler answered."""
    compiled.handle("POST /notes", source)
    response = await compiled.ask("POST", "/notes", {"title": "tea"})
    assert response.status == 201 and compiled.asked == []
    compiled.answers = [json.dumps(ADDED)]


async def test_the_same_answer_is_counted(compiled, shadow):
    await answered(compiled, ADD)
    await shadow.one()
    uses = compiled.routes.uses["POST /notes"]
    assert (uses.shadowed, uses.differed) == (1, 0)
    assert shadow.told[0][1]["differs"] is False
    assert compiled.state.version == 1, "nothing is stored by it"


async def test_another_answer_is_shown_to_the_author_and_the_handler_goes_on(compiled, shadow):
    await answered(compiled, SHOUT)
    await shadow.one()
    assert compiled.routes.uses["POST /notes"].differed == 1
    [dispute] = compiled.shelf.entry("POST /notes").evidence["disputes"]
    assert (dispute["request"]["body"], dispute["state"]) == ({"title": "tea"}, {"notes": {}})
    assert [answer["body"]["title"] for answer in dispute["answers"]] == ["TEA", "tea"]
    compiled.routes.forget("POST /notes")
    assert (await compiled.ask("POST", "/notes", {"title": "milk"})).status == 201
    assert len(compiled.asked) == 1


async def test_a_model_that_talks_nonsense_proves_nothing(compiled, shadow):
    await answered(compiled, ADD)
    compiled.answers = ["I think", "so"]
    await shadow.one()
    uses = compiled.routes.uses["POST /notes"]
    assert (uses.shadowed, uses.differed) == (1, 0)


async def test_one_request_a_route_is_asked_once(compiled, shadow):
    await answered(compiled, ADD)
    await shadow.one()
    await shadow.one()
    assert len(compiled.asked) == 1


async def test_a_large_state_is_left_alone(compiled, shadow):
    await answered(compiled, ADD)
    many = {str(key): {"id": key, "title": "tea", "done": False} for key in range(1, MAX_DOCUMENTS + 2)}
    compiled.state.commit([{"op": "replace", "path": "/notes", "value": many}], cause={})
    await shadow.one()
    assert compiled.asked == [] and shadow.told == []


async def test_without_an_engine_it_says_so_and_the_next_one_is_asked_again(compiled, shadow):
    await answered(compiled, ADD)

    async def dead(request):
        raise EngineUnavailable("There is no engine.")

    shadow._think, alive = dead, shadow._think
    with pytest.raises(EngineUnavailable):
        await shadow.one()
    shadow._think = alive
    compiled.answers = [json.dumps(ADDED).replace("/notes/1", "/notes/2").replace('"id": 1', '"id": 2')]
    await compiled.ask("POST", "/notes", {"title": "tea"})
    await shadow.one()
    uses = compiled.routes.uses["POST /notes"]
    assert (uses.shadowed, uses.differed) == (1, 0)


async def test_nothing_waits_for_it(compiled, shadow):
    await asyncio.wait_for(shadow.one(), 1)
    assert shadow.told == []
