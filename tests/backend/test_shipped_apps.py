"""The backends that ship with llmos: their examples are a specification that handlers written by hand meet."""

from functools import partial

import pytest
from jsonschema import Draft202012Validator

from llmos.backend.asked import Asked
from llmos.backend.backend import Backend
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.trial import Court
from llmos.backend.examples import load_examples, run_example
from llmos.backend.routes import parse_rules
from tests.backend.by_hand import APPS, Written, drivers, empty_state, handler_for, nobody_thinks, seed_of, shapes_of

NOW = "2026-01-02T03:04:05Z"
EXAMPLES = [(name, example) for name, app in APPS.items() for example in load_examples(app.folder)]

every_app = pytest.mark.parametrize("name", APPS)
every_example = pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}-{example.name}" for name, example in EXAMPLES]
)


@pytest.fixture(scope="module")
def sandbox():
    made = Sandbox()
    yield made
    made.close()


def with_times(value):
    """What an example expects, as it may come."""
    if isinstance(value, dict):
        return {name: with_times(part) for name, part in value.items()}
    return [with_times(part) for part in value] if isinstance(value, list) else NOW if value == "..." else value


def test_the_backends_that_ship():
    assert APPS.keys() >= {"bank", "chess", "guestbook", "notes", "shop", "todo"}


@every_app
def test_an_app_makes_a_backend(name):
    state = empty_state(name)
    Backend(APPS[name], state, nobody_thinks, lambda kind, data: None, state.db.atomic)


@every_example
def test_the_states_of_an_example_fit_the_schema(name, example):
    validator = Draft202012Validator(APPS[name].state_schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    validator.validate(example.state)
    validator.validate(with_times(example.expect.state or {}))


def statuses_of(name):
    """What the examples of each route expect."""
    rules = parse_rules(APPS[name].prompt)
    seen = {route: [] for route in rules.routes}
    for example in load_examples(APPS[name].folder):
        route = rules.match(example.request.method, example.request.path).route
        seen[route].append(example.expect.status)
    return seen


@every_app
def test_every_route_has_an_example_that_succeeds(name):
    assert [route.name for route, seen in statuses_of(name).items() if min(seen, default=500) >= 400] == []


@pytest.mark.parametrize("name", ["bank", "chess", "notes", "shop", "todo"])
def test_a_route_to_compile_succeeds_in_two_ways_and_refuses_in_every_way_it_names(name):
    for route, seen in statuses_of(name).items():
        assert sum(status < 400 for status in seen) >= 2, route.name
        assert set(route.statuses) <= set(seen), route.name


@every_app
def test_a_first_state_fits_the_schema(name):
    empty_state(name).commit(
        [{"op": "replace", "path": "", "value": empty_state(name).get("") | seed_of(name)}], cause={}
    )


@every_example
async def test_handlers_written_by_hand_meet_the_examples(name, example, sandbox):
    result = await run_example(APPS[name], example, nobody_thinks, partial(Written, name, sandbox), drivers)
    assert result.passed, result.differences


def verdict_on(name, source, method, path, body, state, sandbox):
    """What comes of a request that this handler answers."""
    scratch = empty_state(name)
    shapes = shapes_of(scratch)
    match = parse_rules(APPS[name].prompt).match(method, path)
    asked = Asked(path, match, {}, body, (), NOW)
    return Court(APPS[name], shapes, sandbox).try_one(handler_for(match.route, source), state, asked)


def account(key, balance):
    return {"id": key, "created": NOW, "owner": "Ada", "balance": balance}


PAYS_WITHOUT_TAKING = """
def handle(body):
    payee = get("accounts", body["to"])
    update("accounts", body["to"], {"balance": payee["balance"] + body["amount"]})
    return 201, add("transfers", body)
"""

PAYS_WHAT_IS_NOT_THERE = """
def handle(body):
    update("accounts", body["from"], {"balance": get("accounts", body["from"])["balance"] - body["amount"]})
    update("accounts", body["to"], {"balance": get("accounts", body["to"])["balance"] + body["amount"]})
    return 201, add("transfers", body)
"""

SELLS_WHAT_IS_NOT_THERE = """
def handle(body):
    product = get("products", body["product"])
    update("products", product["id"], {"stock": product["stock"] - body["quantity"]})
    return 201, add("orders", {**body, "total": product["price"] * body["quantity"]})
"""

OPENS = 'def handle(body):\n    return 201, add("accounts", body)'


def transfer(source, amount, sandbox):
    state = {"accounts": {"1": account(1, 100), "2": account(2, 0)}}
    return verdict_on("bank", source, "POST", "/transfers", {"from": 1, "to": 2, "amount": amount}, state, sandbox)


def test_no_handler_of_the_bank_makes_money(sandbox):
    assert "sum(accounts.balance) would change" in transfer(PAYS_WITHOUT_TAKING, 10, sandbox).error


def test_opening_an_account_may_bring_money(sandbox):
    opened = verdict_on("bank", OPENS, "POST", "/accounts", {"owner": "Bob", "balance": 5}, {}, sandbox)
    assert (opened.status, opened.error) == (201, "")


def test_no_handler_of_the_bank_leaves_an_account_in_debt(sandbox):
    assert transfer(PAYS_WHAT_IS_NOT_THERE, 100, sandbox).status == 201
    assert "balance" in transfer(PAYS_WHAT_IS_NOT_THERE, 101, sandbox).error


def test_no_handler_of_the_shop_sells_what_is_not_there(sandbox):
    state = {"products": {"1": {"id": 1, "name": "Tea", "price": 5, "stock": 2}}}
    sold = partial(verdict_on, "shop", SELLS_WHAT_IS_NOT_THERE, "POST", "/orders", sandbox=sandbox)
    assert sold(body={"product": 1, "quantity": 2}, state=state).status == 201
    assert "stock" in sold(body={"product": 1, "quantity": 3}, state=state).error
