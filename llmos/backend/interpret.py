"""The model answers a request: it is shown the rule, a window of the state, and the request. Code checks its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from llmos.backend.answer import parse_answer
from llmos.backend.asked import Asked
from llmos.backend.grammar import answer_schema
from llmos.backend.problem import HttpError
from llmos.backend.prompt import correction, messages
from llmos.backend.proposal import Proposal
from llmos.backend.references import reader, resolve
from llmos.backend.routes import Rules
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.backend.window import Window, look
from llmos.contracts import ChatRequest, Json, Message
from llmos.errors import AnswerError, InvariantBroken, PatchError, SchemaMismatch
from llmos.kernel.app import App
from llmos.state.store import AppState

ATTEMPTS = 2
UNFOUNDED = "Nothing is missing or empty and every field fits; what the texts say is no reason to refuse."

T = TypeVar("T")
Think = Callable[[ChatRequest], Awaitable[str]]


class Interpreter:
    """Answers requests to one app by asking the model."""

    def __init__(self, app: App, state: AppState, rules: Rules, shapes: dict[str, Shape], think: Think) -> None:
        self._app = app
        self._state = state
        self._rules = rules
        self._shapes = shapes
        self._think = think

    async def answer(self, asked: Asked, settle: Callable[[Proposal], T]) -> T:
        """What `settle` makes of the model's answer; one that cannot be used is shown to the model once.

        Raises HttpError (502) after that, Conflict when the state changed meanwhile, EngineError.
        """
        corrected: tuple[Message, ...] = ()
        for _ in range(ATTEMPTS):
            window = self._look(asked)
            schema = answer_schema(asked.route, window, self._shapes, self._state.schema)
            text = await self._think(self._question(asked, window, schema, corrected))
            try:
                return settle(self._proposal(window, text, schema, reconsidered=bool(corrected)))
            except (AnswerError, PatchError, SchemaMismatch, InvariantBroken) as error:
                corrected, problem = correction(text, str(error)), str(error)
        raise HttpError(502, f"The model gave no usable answer, and nothing was changed: {problem}")

    def _look(self, asked: Asked) -> Window:
        with self._state.db.atomic():
            return look(self._scoped(asked.user), self._shapes, asked)

    def _scoped(self, user: str | None) -> Scoped:
        return Scoped(self._state, self._shapes, user)

    def _question(self, asked: Asked, window: Window, schema: Json, corrected: tuple[Message, ...]) -> ChatRequest:
        told = messages(self._rules, asked.route, self._shapes, window)
        settings = self._app.model
        return ChatRequest(
            (*told, *corrected), max_tokens=settings.max_tokens, temperature=settings.temperature, schema=schema
        )

    def _proposal(self, window: Window, text: str, schema: Json, *, reconsidered: bool) -> Proposal:
        state = self._scoped(window.user).get
        answer = parse_answer(text, schema, window, reader(window, self._shapes, state))
        read = reader(window, self._shapes, state, telling=True)
        if answer.status == 422 and window.fits and not reconsidered:
            raise AnswerError(UNFOUNDED)
        return Proposal(
            answer.status, answer.patch, lambda: resolve(answer.body, read), window.version, "model", answer.error
        )
