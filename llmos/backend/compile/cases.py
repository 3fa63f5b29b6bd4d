"""Requests that nobody sent and states that nobody stored, made from a schema: where two handlers may differ."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from llmos.backend.asked import Asked
from llmos.backend.compile.values import CHANCE_OF_AN_OPTION, WORDS, Values
from llmos.backend.compile.view import typed_id
from llmos.backend.request import Reader
from llmos.backend.routes import Match, Route, is_parameter, sends
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import SchemaMismatch

NUM_DOCUMENTS = 4
NOW = "2026-03-04T05:06:07Z"
USERS = ("ann", "ben")
CHANCE_OF_AN_UNKNOWN_ID = 0.15
MAX_TRIES = 10  # at one document; without one that fits the collection has fewer
MAX_FAILURES = 200  # in a row, of requests whose body should fit; then none ever will

State = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Case:
    state: State
    asked: Asked


def cases(route: Route, shapes: dict[str, Shape], reader: Reader, seed: int) -> Iterator[Case]:
    """The same for the same seed, and without end unless no body can be made that fits the schema.

    What does not fit never reaches a handler.
    """
    chance = random.Random(seed)
    num_failures = 0
    while num_failures < MAX_FAILURES:
        state = {name: documents(shape, chance) for name, shape in shapes.items()}
        asked = _asked(route, shapes, reader, state, chance)
        if asked.problems:
            num_failures += 1
        else:
            num_failures = 0
            yield Case(state, asked)


def documents(shape: Shape, chance: random.Random) -> dict[str, Json]:
    keys = [_new_key(shape, number) for number in range(1, 1 + chance.randint(0, NUM_DOCUMENTS))]
    made = {key: _document(shape, key, chance) for key in keys}
    return {key: document for key, document in made.items() if document is not None}


def _new_key(shape: Shape, number: int) -> str:
    if shape.source.has_uuids(shape.collection):
        return str(uuid.UUID(int=number, version=4))
    return str(number)


def _document(shape: Shape, key: str, chance: random.Random) -> Json:
    """One that fits the schema, or None."""
    for _ in range(MAX_TRIES):
        document = _made(shape, key, chance)
        try:
            shape.source.check_document(shape.collection, key, document)
        except SchemaMismatch:
            continue
        return document
    return None


def _made(shape: Shape, key: str, chance: random.Random) -> Json:
    values = Values(shape.source, chance, NUM_DOCUMENTS)
    if not shape.fields:
        return values.of("", shape.schema)
    members: dict[str, Json] = {"id": typed_id(shape, key)} if "id" in shape.fields else {}
    for name, part in shape.fields.items():
        if name == "id" or name in shape.derived:
            continue
        if name == "user" and shape.is_private:
            members[name] = chance.choice(USERS)
        elif name in shape.required or chance.random() < CHANCE_OF_AN_OPTION:
            members[name] = values.of(name, part)
    return shape.filled(members)


def _asked(route: Route, shapes: dict[str, Shape], reader: Reader, state: State, chance: random.Random) -> Asked:
    found: dict[str, str] = {}
    for before, segment in zip(["", *route.segments], route.segments, strict=False):
        if is_parameter(segment):
            found[segment[1:-1]] = _key(state.get(before, {}), chance)
    path = "/" + "/".join(found[part[1:-1]] if is_parameter(part) else part for part in route.segments)
    query = {name: _query(name, shapes, chance) for name in route.query if chance.random() < 0.6}
    shape = reader.shape(route) if sends(route.method) else None
    partial = route.method == "PATCH"
    body = _body(shape, chance, partial=partial) if shape else {}
    problems = shape.problems(body, partial=partial) if shape else []
    user = chance.choice(USERS) if route.user else None
    return Asked(path, Match(route, found), query, body, tuple(problems), NOW, user=user)


def _body(shape: Shape, chance: random.Random, *, partial: bool) -> dict[str, Json]:
    values = Values(shape.source, chance, NUM_DOCUMENTS)
    fields = {name: part for name, part in shape.fields.items() if name not in shape.own}
    kept = [name for name in fields if (name in shape.required and not partial) or chance.random() < 0.6]
    return {name: values.of(name, fields[name]) for name in kept}


def _query(name: str, shapes: dict[str, Shape], chance: random.Random) -> str:
    for shape in shapes.values():
        if name in shape.fields:
            value = Values(shape.source, chance, NUM_DOCUMENTS).of(name, shape.fields[name])
            return str(value).lower() if isinstance(value, bool) else str(value)
    return chance.choice(["1", "2", *WORDS])


def _key(documents: dict[str, Json], chance: random.Random) -> str:
    known = list(documents)
    return "99" if not known or chance.random() < CHANCE_OF_AN_UNKNOWN_ID else chance.choice(known)
