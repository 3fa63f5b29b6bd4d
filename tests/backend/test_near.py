"""Made-up requests near the examples of the shop."""

from itertools import islice

import pytest

from llmos.backend.compile.near import near
from llmos.backend.compile.routes import examples_of
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.trial import Court
from llmos.backend.examples import load_examples
from llmos.backend.request import Reader
from llmos.backend.routes import parse_rules
from tests.backend.by_hand import APPS, empty_state, handlers_of, shapes_of

SHOP = APPS["shop"]
RULES = parse_rules(SHOP.prompt)
STATE = empty_state("shop")
SHAPES = shapes_of(STATE)
CHECKOUT = "/carts/1/checkout"


def cases_of(path, seed=1):
    route = RULES.match("POST", path).route
    examples = examples_of(route, RULES, load_examples(SHOP.folder))
    return list(islice(near(examples, RULES, Reader(SHAPES, STATE), SHAPES, seed), 60))


@pytest.fixture(scope="module")
def court():
    sandbox = Sandbox()
    yield Court(SHOP, shapes_of(STATE), sandbox)
    sandbox.close()


def test_the_same_seed_makes_the_same_cases_and_another_seed_others():
    assert cases_of(CHECKOUT) == cases_of(CHECKOUT)
    assert cases_of(CHECKOUT) != cases_of(CHECKOUT, seed=2)


def test_bodies_fit_the_schema():
    asked = [case.asked for case in cases_of("/orders")]
    assert all(one.body["quantity"] >= 1 and not one.problems for one in asked)
    assert len({str(one.body) for one in asked}) > 5


def test_other_documents_are_there_now_and_then():
    with_orders = [bool(case.state.get("orders")) for case in cases_of("/carts/2/checkout")]
    assert 5 < with_orders.count(True) < 55


def test_they_reach_what_a_rule_does_and_what_it_refuses(court):
    handler = handlers_of("shop")["POST /carts/{id}/checkout"]
    tried = [case for case in cases_of(CHECKOUT) if court.admits(case.state, case.asked)]
    statuses = [court.try_one(handler, case.state, case.asked).status for case in tried]
    assert statuses.count(204) >= 10
    assert statuses.count(409) >= 10
