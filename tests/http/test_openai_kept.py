"""Responses that are kept: found again, gone on from, listed, deleted."""

import json

import openai
import pytest

from tests.http.test_openai import CALL
from tests.http.test_openai_responses import WEATHER, told


async def test_a_conversation_goes_on_from_a_previous_response(ask, world):
    world.script.say("Hello Ann.", "You are Ann.", "Still Ann.")
    first = await ask("I am Ann.", instructions="Be brief.")
    second = await ask("Who am I?", previous_response_id=first.id)
    third = await ask("And now?", previous_response_id=second.id)
    said = [(message.role, message.text) for message in world.script.requests[-1].messages]
    assert said == [
        ("user", "I am Ann."),
        ("assistant", "Hello Ann."),
        ("user", "Who am I?"),
        ("assistant", "You are Ann."),
        ("user", "And now?"),
    ]
    assert third.previous_response_id == second.id


async def test_a_call_is_answered_through_the_previous_response(ask, world):
    world.script.say(CALL, "It is sunny.")
    first = await ask(tools=[WEATHER])
    result = {"type": "function_call_output", "call_id": first.output[0].call_id, "output": "sunny"}
    second = await ask([result], tools=[WEATHER], previous_response_id=first.id)
    assert second.output_text == "It is sunny."
    assert json.loads(world.script.requests[-1].messages[-2].text) == CALL


async def test_a_response_is_found_again_after_a_restart(url, ask, world):
    world.script.say("Hello yourself.")
    made = await ask()
    await world.boot()
    async with openai.AsyncOpenAI(base_url=f"{url}v1", api_key="none") as client:
        found = await client.responses.retrieve(made.id)
    assert found.to_dict() == made.to_dict()


async def test_a_streamed_response_is_kept_as_it_was_told(client, ask, world):
    world.script.say("Hello yourself.")
    *_, last = await told(await ask(stream=True))
    assert (await client.responses.retrieve(last.response.id)).to_dict() == last.response.to_dict()


async def test_a_response_that_is_not_to_be_stored_is_not(client, ask, world):
    world.script.say("Hello yourself.")
    made = await ask(store=False)
    with pytest.raises(openai.NotFoundError):
        await client.responses.retrieve(made.id)
    with pytest.raises(openai.BadRequestError) as refused:
        await ask(previous_response_id=made.id)
    assert (refused.value.param, refused.value.code) == ("previous_response_id", "previous_response_not_found")


async def test_a_deleted_response_is_gone_and_what_came_after_it_cannot_go_on(client, ask, world):
    world.script.say("One.", "Two.")
    first = await ask()
    second = await ask(previous_response_id=first.id)
    await client.responses.delete(first.id)
    for gone in (client.responses.retrieve, client.responses.delete, client.responses.input_items.list):
        with pytest.raises(openai.NotFoundError):
            await gone(first.id)
    assert (await client.responses.retrieve(second.id)).output_text == "Two."
    with pytest.raises(openai.BadRequestError, match="deleted"):
        await ask(previous_response_id=second.id)


async def test_the_items_that_a_response_answers_are_listed_page_by_page(client, ask, world):
    world.script.say("Two.", "Four.")
    first = await ask("One")
    second = await ask("Three", previous_response_id=first.id)
    page = await client.responses.input_items.list(second.id, limit=2, order="asc")
    assert page.has_more
    texts = [item.content[0].text async for item in page]
    assert texts == ["One", "Two.", "Three"]
    newest = await client.responses.input_items.list(second.id)
    assert newest.data[0].content[0].text == "Three"


async def test_an_item_can_be_sent_by_its_id_alone(ask, world):
    world.script.say("Two.", "Three.")
    first = await ask("One")
    await ask([{"type": "item_reference", "id": first.output[0].id}, {"role": "user", "content": "Next?"}])
    assert [message.text for message in world.script.requests[-1].messages] == ["Two.", "Next?"]
