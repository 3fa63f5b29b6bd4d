import pytest

from llmos.backend.invariants import Invariants
from llmos.backend.routes import Route
from llmos.errors import AppError, InvariantBroken
from llmos.kernel.app import InvariantSettings
from llmos.state.database import open_database
from llmos.state.store import AppState

NUMBER = {"type": "number"}
SCHEMA = {
    "type": "object",
    "properties": {
        "accounts": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"balance": NUMBER, "limit": NUMBER, "name": {"type": "string"}},
            },
        },
        "open": {"type": "object", "additionalProperties": {}},
        "rate": {"type": "number", "default": 1},
    },
}
MOVE = Route("POST", "/moves", "")
PAY_IN = Route("POST", "/deposits", "")
SUM = {"sum(accounts.balance)": ("POST /deposits",)}


@pytest.fixture
def state(tmp_path):
    state = AppState(open_database(tmp_path / "llmos.db"), "bank", SCHEMA)
    accounts = {"1": {"balance": 10, "limit": 5}, "2": {"balance": 0.5, "limit": 5}, "3": {"name": "empty"}}
    state.commit([{"op": "add", "path": "/accounts", "value": accounts}], cause={})
    return state


def commit(state, patch, route=MOVE, **declared):
    with state.db.atomic(), Invariants(InvariantSettings(**declared), state).kept(route, patch):
        state.commit(patch, cause={})


def refuses(state, patch, route=MOVE, **declared):
    before = state.get("")
    with pytest.raises(InvariantBroken) as error:
        commit(state, patch, route, **declared)
    assert state.get("") == before
    return str(error.value)


def balance(key, value, op="add"):
    return {"op": op, "path": f"/accounts/{key}/balance", "value": value}


def test_a_sum_stays_when_what_one_loses_another_gets(state):
    commit(state, [balance(1, 7), balance(2, 3.5)], constant=SUM)
    assert "sum(accounts.balance) would change" in refuses(state, [balance(1, 6)], constant=SUM)
    assert "would change" in refuses(state, [balance(1, 6), balance(2, 4)], constant=SUM)


def test_a_sum_of_floats_bears_what_rounding_does(state):
    commit(state, [balance(1, 0.1 + 0.2), balance(2, 10.2)], constant=SUM)
    for _ in range(100):
        one, other = state.get("/accounts/1/balance"), state.get("/accounts/2/balance")
        commit(state, [balance(1, one - 0.1), balance(2, other + 0.1)], constant=SUM)
    refuses(state, [balance(1, state.get("/accounts/1/balance") + 0.0001)], constant=SUM)


@pytest.mark.parametrize("great", [10**18, 10**400])
def test_a_sum_of_integers_is_exact_however_great(state, great):
    commit(state, [balance(1, great), balance(2, 1)], PAY_IN, constant=SUM)
    commit(state, [balance(1, great - 1), balance(2, 2)], constant=SUM)
    refuses(state, [balance(1, great)], constant=SUM)


def test_a_sum_of_a_huge_integer_and_a_float_can_be_taken(state):
    commit(state, [balance(1, 10**400), balance(2, 0.5)], PAY_IN, constant=SUM)
    commit(state, [balance(1, 10**400), balance(2, 0.5), balance(3, 0)], constant=SUM)


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "remove", "path": "/accounts/1"}],
        [{"op": "add", "path": "/accounts/4", "value": {"balance": 1}}],
        [{"op": "replace", "path": "/accounts", "value": {}}],
        [{"op": "replace", "path": "/accounts", "value": {"9": {"balance": 10}}}],
        [{"op": "remove", "path": "/accounts/1/balance"}],
        [{"op": "replace", "path": "/accounts/1", "value": {"limit": 10}}],
        [{"op": "copy", "from": "/accounts/1", "path": "/accounts/5"}],
        [{"op": "move", "from": "/accounts/1", "path": "/open/1"}],
        [{"op": "copy", "from": "/accounts/1/balance", "path": "/accounts/3/balance"}],
        [{"op": "replace", "path": "", "value": {"accounts": {}, "open": {}, "rate": 1}}],
    ],
)
def test_a_sum_may_be_changed_only_by_the_routes_that_are_named(state, patch):
    refuses(state, patch, constant=SUM)
    commit(state, patch, PAY_IN, constant=SUM)


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "replace", "path": "/accounts", "value": {"7": {"balance": 10.5}}}],
        [{"op": "move", "from": "/accounts/1", "path": "/accounts/9"}],
        [{"op": "add", "path": "/open/1", "value": {"balance": 99}}],
        [{"op": "add", "path": "/open/1", "value": [1]}],
        [{"op": "replace", "path": "/rate", "value": 9}],
        [],
    ],
)
def test_a_commit_that_leaves_the_sum_is_taken(state, patch):
    commit(state, patch, constant=SUM, always=["accounts.balance >= 0"])


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ("accounts.balance >= 0", 0, True),
        ("accounts.balance >= 0", -0.001, False),
        ("accounts.balance > 0", 0, False),
        ("accounts.balance <= 1.5", 1.5, True),
        ("accounts.balance < -1", -2, True),
        ("accounts.balance == 3", 3.0, True),
        ("accounts.balance != 3", 3, False),
        ("accounts.balance <= limit", 5, True),
        ("accounts.balance <= limit", 6, False),
        ("  accounts.balance<=limit  ", 6, False),
        ("accounts.balance <= 9007199254740993", 9007199254740993, True),
        ("accounts.balance < 9007199254740993", 9007199254740992, True),
        ("accounts.balance < 9007199254740993", 9007199254740993, False),
    ],
)
def test_a_comparison_holds_for_each_document_that_changes(state, rule, value, holds):
    patch = [balance(1, value)]
    if holds:
        commit(state, patch, always=[rule])
    else:
        assert "would not hold for /accounts/1" in refuses(state, patch, always=[rule])


def test_a_comparison_holds_when_a_whole_collection_is_replaced(state):
    patch = [{"op": "replace", "path": "/accounts", "value": {"1": {"balance": 1}, "8": {"balance": -1}}}]
    assert "/accounts/8" in refuses(state, patch, always=["accounts.balance >= 0"])


def test_documents_that_a_commit_does_not_touch_are_not_looked_at(state):
    commit(state, [balance(2, -1)])
    commit(state, [balance(1, 3)], always=["accounts.balance >= 0"])


def test_what_is_not_there_breaks_nothing(state):
    commit(state, [{"op": "add", "path": "/accounts/3/name", "value": "x"}], always=["accounts.balance >= 0"])
    commit(state, [{"op": "add", "path": "/open/1", "value": "a text"}], always=["open.balance >= 0"])


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "stock >= 0",
        "accounts.balance",
        "accounts.balance >= ",
        "accounts.balance => 0",
        "accounts.balance = 0",
        "accounts.balance >= 0; drop",
        "accounts.balance >= 1e3",
        "nothing.balance >= 0",
        "rate.balance >= 0",
        "accounts.blance >= 0",
        "accounts.balance <= limt",
        "sum(accounts.balance) >= 0",
        "accounts.balance.x >= 0",
        "accounts.balance >= 0 and accounts.limit > 0",
    ],
)
def test_a_comparison_that_means_nothing_is_an_error_of_the_app(state, rule):
    with pytest.raises(AppError, match="is not understood"):
        Invariants(InvariantSettings(always=[rule]), state)


@pytest.mark.parametrize(
    "rule",
    ["", "accounts.balance", "sum(accounts)", "sum(nothing.balance)", "sum(accounts.blance)", "avg(accounts.limit)"],
)
def test_a_sum_that_means_nothing_is_an_error_of_the_app(state, rule):
    with pytest.raises(AppError, match="is not understood"):
        Invariants(InvariantSettings(constant={rule: ()}), state)


def test_fields_that_the_schema_does_not_tell_of_may_be_compared(state):
    Invariants(InvariantSettings(always=["open.anything >= 0"], constant={"sum(open.anything)": ()}), state)


def test_a_route_that_the_rules_do_not_have_may_change_nothing(state):
    Invariants(InvariantSettings(constant=SUM), state, ["POST /deposits", "POST /moves"])
    with pytest.raises(AppError, match=r"prompt.md has no `## POST /deposits`"):
        Invariants(InvariantSettings(constant=SUM), state, ["POST /moves"])
