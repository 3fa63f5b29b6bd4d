"""Cases near an app's examples: the same states and requests with other values here and there.

Values made from a schema alone seldom meet: an order needs a product, a stock and a quantity that fit. The examples
hold such values, so near them handlers are tried where they do something.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial

from llmos.backend.compile.cases import NOW, USERS, Case, State, documents
from llmos.backend.examples import EXAMPLE_USER, Example
from llmos.backend.problem import HttpError
from llmos.backend.request import Reader, Request
from llmos.backend.routes import Rules, sends
from llmos.backend.shape import Shape
from llmos.contracts import Json

CHANCE_OF_ANOTHER_VALUE = 0.2
MAX_TRIES = 2000
CHANCE_OF_OTHER_DOCUMENTS = 0.3

Pool = dict[str, list[Json]]
Vary = Callable[[str, Json], Json]


def near(examples: list[Example], rules: Rules, reader: Reader, shapes: dict[str, Shape], seed: int) -> Iterator[Case]:
    """At most MAX_TRIES, the same for the same seed; one of the examples must succeed. Bodies fit the schema."""
    chance = random.Random(seed)
    pool: Pool = {"user": list(USERS)}
    for example in examples:
        _collect("", [example.state, example.request.body, example.request.query], pool)
    for _ in range(MAX_TRIES):
        case = case_of(chance.choice(examples), rules, reader, partial(_varied, pool=pool, chance=chance))
        if case is not None:
            yield Case(_beside(case.state, shapes, chance), case.asked)


def _beside(state: State, shapes: dict[str, Shape], chance: random.Random) -> State:
    """With documents, now and then, in collections that the example leaves empty: what was there before stays there."""
    empty = [name for name in shapes if not state.get(name) and chance.random() < CHANCE_OF_OTHER_DOCUMENTS]
    return state | {name: documents(shapes[name], chance) for name in empty}


def case_of(example: Example, rules: Rules, reader: Reader, vary: Vary = lambda name, value: value) -> Case | None:
    """The example as a case; None when its request is not one that a handler could be asked."""
    asked = example.request
    state = vary("", example.state)
    query = vary("", asked.query)
    body = b"" if asked.body is None else json.dumps(vary("", asked.body)).encode()
    match = rules.match(asked.method, asked.path)
    user = vary("user", asked.user or EXAMPLE_USER) if match.route.user else None
    request = Request(asked.method, asked.path, query, body=body, content_type="application/json", user=user)
    try:
        read = reader.read(request, match, NOW)
    except HttpError:
        return None
    return None if sends(asked.method) and read.problems else Case(state, read)


def _collect(name: str, value: Json, pool: Pool) -> None:
    """The plain values of all examples, by the name of their field."""
    if isinstance(value, dict):
        for member, part in value.items():
            _collect(member, part, pool)
    elif isinstance(value, list):
        for part in value:
            _collect(name, part, pool)
    else:
        pool.setdefault(name, []).append(value)


def _varied(name: str, value: Json, pool: Pool, chance: random.Random) -> Json:
    if isinstance(value, dict):
        return {member: _varied(member, part, pool, chance) for member, part in value.items()}
    if isinstance(value, list):
        return [_varied(name, part, pool, chance) for part in value]
    if name == "id" or chance.random() >= CHANCE_OF_ANOTHER_VALUE:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and chance.random() < 0.5:
        return value + chance.choice([-1, 1])
    return chance.choice(pool[name])
