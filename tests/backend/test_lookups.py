"""What a rule looks up in existing software, before the model or a handler answers."""

import json

import pytest

from llmos.errors import AppError, CallInterrupted, Denied, DriverUnavailable, ToolFailed
from tests.backend.compile.compiled import Compiled

PROMPT = """\
A shop for travellers.

## POST /prices
If `rate` is not `known`, answer 409. Otherwise add the body as a new price with `euros` set to `euros` of `rate`, and
answer 201 with the price. A body that does not fit is answered 422.

## GET /prices
Answer 200 with the list of all prices.
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "prices": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "amount": {"type": "integer", "minimum": 1, "maximum": 1000},
                    "currency": {"type": "string", "maxLength": 3},
                    "euros": {"type": "integer", "readOnly": True},
                },
                "required": ["id", "amount", "euros"],
                "additionalProperties": False,
            },
        },
    },
}
RATE = {
    "route": "POST /prices",
    "tool": "bank.rate",
    "arguments": {"amount": "/body/amount", "currency": "/body/currency", "known": "/prices"},
}
HANDLER = 'if not rate["known"]:\n    return 409, "?"\nreturn 201, add("prices", {**body, "euros": rate["euros"]})'
STORED = {
    "op": "add",
    "path": "/prices/1",
    "value": {"ref": "/body", "with": {"id": 1, "euros": {"ref": "/rate/euros"}}},
}
ANSWER = {"status": 201, "patch": [STORED], "body": {"ref": "/prices/1"}}
EXAMPLES = {
    "add": {
        "request": {"method": "POST", "path": "/prices", "body": {"amount": 5}},
        "expect": {"status": 201, "body": {"id": 1, "amount": 5, "euros": 10}},
    },
    "add-ten": {
        "request": {"method": "POST", "path": "/prices", "body": {"amount": 10}},
        "expect": {"status": 201, "body": {"id": 1, "amount": 10, "euros": 20}},
    },
}


class Exchange(Compiled):
    """An app whose prices are known to a driver: `answer` is what it says, or raises."""

    def __init__(self, home, **lookups):
        self.calls = []
        self.answer = lambda arguments: {"known": True, "euros": 2 * arguments["amount"]}
        rights, lookups = {"tools": ["bank.rate"]}, {"rate": RATE} | lookups
        super().__init__(home, PROMPT, SCHEMA, EXAMPLES, call=self.look_up, lookups=lookups, capabilities=rights)

    async def look_up(self, tool, arguments):
        assert tool == "bank.rate"
        self.calls.append(arguments)
        found = self.answer(arguments)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def shop(tmp_path):
    made = Exchange(tmp_path)
    yield made
    made.close()


async def post(shop, amount=5):
    shop.answers.append(json.dumps(ANSWER))
    return await shop.ask("POST", "/prices", {"amount": amount})


async def test_the_model_is_shown_what_was_looked_up_and_may_store_it(shop):
    response = await post(shop)
    assert (response.status, json.loads(response.body)) == (201, {"id": 1, "amount": 5, "euros": 10})
    assert shop.calls == [{"amount": 5, "known": {}}], "what the client left out is not sent"
    assert '/rate: {"known": true, "euros": 10}' in shop.asked[0].messages[-1].text
    assert shop.journal[-1][1]["found"] == {"rate": {"known": True, "euros": 10}}


async def test_a_handler_is_written_with_it_tried_with_it_and_given_it(shop):
    entry = await shop.compile("POST /prices", HANDLER, HANDLER)
    assert (entry.standing, entry.reason) == ("live", "")
    assert "Looked up before the function is called, and given to it: `rate`." in shop.asked[0].messages[-2].text
    assert 'rate = {"known": true, "euros": 10} -> 201' in shop.asked[0].messages[-2].text
    assert len(shop.calls) >= 80
    shop.attested.add(entry.digest)
    shop.shelf.keep(entry)
    shop.answers = []
    response = await shop.ask("POST", "/prices", {"amount": 7})
    assert json.loads(response.body) == {"id": 1, "amount": 7, "euros": 14}


async def test_requests_that_the_driver_cannot_answer_are_no_cases_and_a_dead_driver_fails_the_route(shop):
    shop.answer = lambda given: (
        ToolFailed("odd")
        if given["amount"] % 2 and given["amount"] != 5
        else {"known": True, "euros": 2 * given["amount"]}
    )
    assert (await shop.compile("POST /prices", HANDLER, HANDLER)).standing == "live"
    shop.answer = lambda given: DriverUnavailable("The driver bank keeps failing.")
    entry = await shop.compile("POST /prices", HANDLER, HANDLER)
    assert (entry.standing, entry.reason) == ("failed", "The driver bank keeps failing.")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ToolFailed("No such currency."), 502),
        (DriverUnavailable("The driver bank keeps failing."), 503),
        (CallInterrupted("The driver bank died."), 503),
        (Denied("bank.rate may change something."), 500),
    ],
)
async def test_a_driver_that_has_no_answer_is_a_problem_and_nothing_changes(shop, error, status):
    shop.answer = lambda given: error
    response = await post(shop)
    assert (response.status, shop.state.version, shop.asked) == (status, 0, [])
    assert str(error) in json.loads(response.body)["detail"]


async def test_a_route_without_lookups_asks_nobody(shop):
    shop.answers = [json.dumps({"status": 200, "body": {"list": "/prices"}})]
    assert (await shop.ask("GET", "/prices")).status == 200
    assert shop.calls == []


async def test_what_was_looked_up_for_values_that_changed_meanwhile_is_looked_up_again(shop):
    """Another price is stored while the model thinks: the answer rests on what is no longer so."""
    taken = [{"op": "add", "path": "/prices/9", "value": {"id": 9, "amount": 1, "euros": 1}}]

    def interfering():
        shop.state.commit(taken, cause={})
        return json.dumps(ANSWER)

    again = json.dumps(ANSWER).replace("/prices/1", "/prices/10").replace('"id": 1', '"id": 10')
    shop.answers = [interfering, again]
    response = await shop.ask("POST", "/prices", {"amount": 5})
    assert response.status == 201, response.body
    assert [given["known"].keys() for given in shop.calls] == [set(), {"9"}]


async def test_the_lookups_of_a_request_that_code_refuses_are_not_made(shop):
    assert (await shop.ask("POST", "/prices", {"amount": "many"})).status == 422
    assert shop.calls == []


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("body", {}, "needs another name"),
        ("prices", {}, "needs another name"),
        ("to-day", {}, "needs another name"),
        ("more", {"route": "GET /nothing"}, "which prompt.md has no rule for"),
        ("more", {"tool": "bank.rob"}, r"grant it under \[capabilities\] tools"),
        ("more", {"arguments": {"amount": "/loans/1"}}, "neither of the request nor a collection"),
        ("more", {"arguments": {"amount": "body"}}, "is not a JSON Pointer"),
    ],
)
def test_what_cannot_be_looked_up_is_refused_when_the_app_is_opened(tmp_path, name, changes, said):
    with pytest.raises(AppError, match=said):
        Exchange(tmp_path, **{name: RATE | changes})


def test_a_route_with_another_lookup_is_compiled_anew(tmp_path, shop):
    (tmp_path / "other").mkdir()
    other = Exchange(tmp_path / "other", rate=RATE | {"arguments": {"amount": "/body/amount"}})
    assert other.editions["POST /prices"] != shop.editions["POST /prices"]
    assert other.editions["GET /prices"] == shop.editions["GET /prices"]
    other.close()
