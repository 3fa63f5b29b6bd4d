"""The protocol of backend-GPT, built anew as the baseline: the whole state goes in, and the whole new state comes out.

As there, the model answers in free text with two marks, what follows them is read as JSON and then as Python, and the
new state replaces the old one. Kinder than there: the model is asked for a status as well, and told the next ids; and
its answer is begun with the first mark, because a model that chats would explain itself first.
"""

import ast
import json
from contextlib import suppress
from urllib.parse import urlencode

from llmos.bench.backend.reference import BASE, Call
from llmos.contracts import ChatRequest, Engine, Json, Message
from llmos.errors import AnswerError, EngineError

RESPONSE, STATE = "!API response!:", "!New Database State!:"
MAX_TOKENS = 1500
UNREAD = 502  # what a backend answers whose model gave no usable answer
PROMPT = """\
{app}

API call:
{call}

Database state:
{state}

Output the API response as JSON prefixed with '!API response!:': an object with "status" and "body". \
Then output the whole new database state as JSON, prefixed with '!New Database State!:'. \
If the API call only requests data, then do not change the database state, \
but base your API response off what is in the database.
"""


class Baseline:
    """One app answered this way. Nothing keeps two calls apart, as nothing did there."""

    def __init__(self, engine: Engine, app: str) -> None:
        """`app` is its description."""
        self.value: Json = {}
        self._engine = engine
        self._app = app

    async def ask(self, call: Call) -> tuple[int, Json]:
        """Status UNREAD where the answer cannot be read; then nothing changes."""
        prompt = PROMPT.format(app=self._app, call=_told(call), state=json.dumps(self.value))
        try:
            asked = (Message("user", prompt), Message("assistant", RESPONSE))
            request = ChatRequest(asked, max_tokens=MAX_TOKENS)
            text = "".join([chunk.text async for chunk in self._engine.stream(request)])
            response, state = parse(RESPONSE + text)
        except (AnswerError, EngineError):
            return UNREAD, None
        self.value = state
        if not isinstance(response, dict) or not isinstance(response.get("status"), int):
            return 200, response
        return response["status"], response.get("body")

    def state(self) -> Json:
        return {name: part for name, part in self.value.items() if name != "next_ids"} if self._is_object else None

    def store(self, state: dict[str, Json], next_ids: dict[str, int]) -> dict[str, int]:
        self.value = {**json.loads(json.dumps(state)), "next_ids": dict(next_ids)}
        return next_ids

    @property
    def _is_object(self) -> bool:
        return isinstance(self.value, dict)


def parse(text: str) -> tuple[Json, Json]:
    """The response and the new state. Raises AnswerError."""
    before, mark, state = text.partition(STATE)
    response = before.partition(RESPONSE)[2]
    if not mark or not response:
        raise AnswerError("The answer lacks a mark; ask again.")
    return _read(response), _read(state)


def _read(text: str) -> Json:
    """JSON, or a literal of Python. A fence around it is taken away, which the original did not do."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    with suppress(ValueError, RecursionError):
        return json.loads(bare)
    try:
        return ast.literal_eval(bare)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise AnswerError(f"The answer is neither JSON nor Python: {bare[:80]}.") from error


def _told(call: Call) -> str:
    query = f"?{urlencode(call.query)}" if call.query else ""
    body = "" if call.body is None else f"\n{json.dumps(call.body)}"
    return f"{call.method} {BASE}{call.path}{query}{body}"
