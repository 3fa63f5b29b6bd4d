"""The model's answer to one request, checked, and made into a patch of the state and a body."""

from __future__ import annotations

import json
from dataclasses import dataclass

import jsonschema

from llmos.backend.references import Read, resolve
from llmos.backend.window import Window
from llmos.contracts import Json
from llmos.errors import AnswerError
from llmos.state.patch import Patch


@dataclass(frozen=True)
class Answer:
    """`body` may hold references into the state after the patch. `error` is the reason of a refusal."""

    status: int
    patch: Patch
    body: Json = None
    error: str | None = None


def parse_answer(text: str, schema: Json, window: Window, read: Read) -> Answer:
    """Check the model's text and fill in what its patch refers to. Raises AnswerError with a sentence for the model."""
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise AnswerError(f"The answer is not JSON: {error}.") from error
    if isinstance(answer, dict) and window.reading and answer.get("patch"):
        raise AnswerError(f"{window.method} changes nothing; leave the patch out.")
    problem = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(answer))
    if problem is not None:
        raise AnswerError(f"The answer does not fit at {problem.json_path}: {problem.message[:200]}.")
    if "error" in answer:
        return Answer(answer["status"], [], error=answer["error"])
    return Answer(answer["status"], [_filled(op, read) for op in answer.get("patch", [])], answer["body"])


def _filled(operation: dict[str, Json], read: Read) -> dict[str, Json]:
    if "value" not in operation:
        return operation
    return operation | {"value": resolve(operation["value"], read)}
