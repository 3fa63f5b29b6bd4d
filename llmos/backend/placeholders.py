"""`{{1.body.id}}` in a step of an example: what an earlier step was answered, by the number of the step.

After the number comes `status`, `body` or `headers`, then member names or list positions. A string that is nothing but
a placeholder stands for the value itself, so that a number stays a number; within a longer string it is written out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llmos.contracts import Json

_ANY = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FORM = re.compile(r"(\d+)\.(status|body|headers)((?:\.[^.{}]+)*)")

Answers = Sequence[dict[str, Json]]  # of the steps so far: status, headers, body


class Unanswered(Exception):
    """An earlier step was answered without what a placeholder names."""


def check_placeholders(value: Json, step: int, place: str) -> None:
    """Raises ValueError that names the place unless every placeholder of step number `step` names an earlier one."""
    for where, text in _texts(value, place):
        for inner in _ANY.findall(text):
            form, said = _FORM.fullmatch(inner.strip()), f"{where}: {{{{{inner}}}}}"
            if form is None:
                raise ValueError(f"{said} must look like {{{{1.body.id}}}}: a step, then status, body or headers")
            if not 1 <= int(form[1]) < step:
                raise ValueError(f"{said} is in step {step} and must name an earlier one, from 1 on")


def filled(value: Json, answers: Answers) -> Json:
    """`value` with its placeholders replaced. Raises Unanswered."""
    return _replaced(value, lambda inner: _looked_up(inner.strip(), answers))


def _replaced(value: Json, find: Callable[[str], Json]) -> Json:
    if isinstance(value, dict):
        return {_written(name, find): _replaced(part, find) for name, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, find) for part in value]
    if not isinstance(value, str):
        return value
    whole = _ANY.fullmatch(value)
    return find(whole[1]) if whole and value.count("{{") == 1 else _written(value, find)


def _written(text: str, find: Callable[[str], Json]) -> str:
    def write(match: re.Match[str]) -> str:
        found = find(match[1])
        return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)

    return _ANY.sub(write, text)


def _looked_up(inner: str, answers: Answers) -> Json:
    number, part, path = _groups(inner)
    found: Any = answers[number - 1].get(part)
    for name in path:
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise Unanswered(f"{{{{{inner}}}}}: step {number} was answered without it")
    return found


def _groups(inner: str) -> tuple[int, str, list[str]]:
    form = _FORM.fullmatch(inner)
    assert form is not None, "placeholders are checked when the file is read"
    path = [name for name in form[3].split(".") if name]
    return int(form[1]), form[2], [name.lower() for name in path] if form[2] == "headers" else path


def _texts(value: Json, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield place, name
            yield from _texts(part, f"{place}.{name}")
    elif isinstance(value, list):
        for position, part in enumerate(value):
            yield from _texts(part, f"{place}.{position}")
