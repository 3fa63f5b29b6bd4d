"""Compiling one route: the model writes candidates, and evidence decides.

A candidate must be one clean function that type-checks, pass the route's examples, and answer as the model did where
the journal has an answer. Then those that were written after different worked handlers must agree on requests that are
made up from the schema.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from llmos.backend.asked import Asked
from llmos.backend.compile.cases import Case, cases
from llmos.backend.compile.near import case_of, near
from llmos.backend.compile.prompt import Shown, header, question, set_of
from llmos.backend.compile.routes import CompiledRoutes, editions, examples_of, propose
from llmos.backend.compile.run import parameters
from llmos.backend.compile.shelf import Entry
from llmos.backend.compile.source import Handler, parse_handler
from llmos.backend.compile.trial import Court, Verdict, dispute_of
from llmos.backend.examples import Example, run_example
from llmos.backend.interpret import Think
from llmos.backend.lookups import CallTool, Lookups
from llmos.backend.problem import HttpError
from llmos.backend.proposal import Proposal
from llmos.backend.request import Reader
from llmos.backend.routes import Route, Rules
from llmos.backend.shape import Shape
from llmos.contracts import ChatRequest, Json
from llmos.errors import HandlerError
from llmos.kernel.app import App
from llmos.state.store import AppState

MAX_CANDIDATES = 11
NUM_CASES = 80
WARM = 0.4  # temperature of all candidates but the first
MAX_ERROR_SHARE = 0.1
ALIKE = 3  # candidates that must agree where all were shown the same
NO_ANSWER = 502  # a driver was asked what it cannot tell; no handler will be asked that
OUTVOTED = 3  # candidates that agree, to each that does not

History = Callable[[Route], list[tuple[Asked, Json, Verdict]]]


@dataclass
class Candidate:
    """A handler that passed; `verdicts` are its answers to the generated cases, in their order.

    `after` is the set of worked handlers that it was written after.
    """

    handler: Handler
    verdicts: list[Verdict]
    after: int

    @property
    def num_errors(self) -> int:
        return sum(bool(verdict.error) for verdict in self.verdicts)

    def agrees(self, other: Candidate) -> bool:
        return self.dispute(other) is None

    def dispute(self, other: Candidate) -> int | None:
        """The first case on which both have an answer, and not the same."""
        for number, (mine, theirs) in enumerate(zip(self.verdicts, other.verdicts, strict=True)):
            if not mine.error and not theirs.error and not mine.same(theirs):
                return number
        return None


@dataclass
class Evidence:
    """What was seen of one route; it is kept with the handler, and shown by `llmos backend routes`."""

    written: int = 0
    examples: int = 0
    journaled: int = 0
    cases: int = 0
    agreed: int = 0
    rejected: list[str] = field(default_factory=list)
    disputes: list[Json] = field(default_factory=list)


class Compiler:
    """Compiles routes of one app, one at a time."""

    def __init__(
        self,
        app: App,
        state: AppState,
        rules: Rules,
        shapes: dict[str, Shape],
        routes: CompiledRoutes,
        examples: list[Example],
        think: Think,
        history: History = lambda route: [],
        call: CallTool | None = None,
    ) -> None:
        self._app = app
        self._rules = rules
        self._shapes = shapes
        self._reader = Reader(shapes, state)
        self._routes = routes
        self._think = think
        self._history = history
        self._examples = examples
        self._call = call
        self._lookups = Lookups(app, rules, shapes, state, call)
        self._editions = editions(app, rules, self._examples)
        self._court = Court(app, shapes, routes.sandbox)

    async def compile(self, route: Route) -> Entry:
        """The new entry of a route; not yet on the shelf."""
        evidence = Evidence()
        examples = examples_of(route, self._rules, self._examples)
        if not route.statuses:
            return self._entry(route, evidence, "failed", reason="Its rule names no status; say which it answers with.")
        if not any(example.expect.status < 400 for example in examples):
            return self._entry(route, evidence, "failed", reason="It has no example that succeeds; write one.")
        for example in examples:
            if refusal := self._court.refusal(example.state):
                return self._entry(route, evidence, "failed", reason=f"The example {example.name}: {refusal}")
        try:
            tried = await self._cases(route, examples)
            shown = await self._shown(examples)
        except HttpError as error:
            return self._entry(route, evidence, "failed", reason=str(error))
        if not tried:
            reason = "No request could be made up that its schema takes; simplify the schema of its body."
            return self._entry(route, evidence, "failed", reason=reason)
        passed: list[Candidate] = []
        async for candidate in self._candidates(route, examples, shown, tried, evidence):
            passed.append(candidate)
            groups = _groups(passed)
            if _is_enough(groups):
                return self._promoted(route, groups, tried, evidence)
        return self._unsettled(route, passed, tried, evidence)

    async def _candidates(
        self, route: Route, examples: list[Example], shown: list[Shown], tried: list[Case], evidence: Evidence
    ) -> AsyncIterator[Candidate]:
        for seed in range(MAX_CANDIDATES):
            asked = question(self._rules, route, self._shapes, shown, seed=seed, temperature=WARM if seed else 0.0)
            text = await self._think(asked)
            evidence.written += 1
            try:
                handler = parse_handler(header(route) + text, parameters(route), reading=route.method == "GET")
                self._routes.sandbox.check_types(handler)
                evidence.examples = await self._pass_examples(handler, examples)
                evidence.journaled = self._agree_with_journal(route, handler)
                yield self._tried(handler, tried, evidence, set_of(seed))
            except HandlerError as error:
                if str(error) not in evidence.rejected:
                    evidence.rejected.append(str(error))

    async def _shown(self, examples: list[Example]) -> list[Shown]:
        """What code refuses by itself is not shown: candidates would check it again, and get it wrong."""
        shown = []
        for example in examples:
            case = case_of(example, self._rules, self._reader)
            if case is not None and self._court.admits(case.state, case.asked):
                shown.append(Shown(example, (await self._looked_up(case)).asked.found))
        return shown

    async def _looked_up(self, case: Case) -> Case:
        """With what its request looks up. Raises HttpError."""
        if not case.asked.route.lookups:
            return case
        wanted = self._court.wanted(self._lookups, case.state, case.asked)
        return replace(case, asked=replace(case.asked, found=await self._lookups.results(wanted), looked_up=wanted))

    async def _pass_examples(self, handler: Handler, examples: list[Example]) -> int:
        for example in examples:
            result = await run_example(
                self._app, example, _never, lambda state: _Only(self, handler, state), self._call
            )
            if not result.passed:
                differences = "; ".join(result.differences)[:300]
                raise HandlerError(f"The example {example.name} came out otherwise: {differences}")
        return len(examples)

    def _agree_with_journal(self, route: Route, handler: Handler) -> int:
        history = self._history(route)
        for asked, state, answered in history:
            verdict = self._court.try_one(handler, state, asked)
            if not verdict.error and not verdict.same(answered):
                raise HandlerError(
                    f"{route.method} {asked.path} was answered {answered.told()}, and it answers {verdict.told()}."
                )
        return len(history)

    def _tried(self, handler: Handler, tried: list[Case], evidence: Evidence, after: int) -> Candidate:
        verdicts = [self._court.try_one(handler, case.state, case.asked) for case in tried]
        candidate = Candidate(handler, verdicts, after)
        evidence.cases = len(tried)
        if candidate.num_errors > MAX_ERROR_SHARE * len(tried):
            first = next(verdict.error for verdict in verdicts if verdict.error)
            raise HandlerError(f"It fails on {candidate.num_errors} of {len(tried)} made-up requests: {first}")
        return candidate

    async def _cases(self, route: Route, examples: list[Example]) -> list[Case]:
        """By turns near the examples and from the schema alone. Raises HttpError when a driver does not answer."""
        beside = near(examples, self._rules, self._reader, self._shapes, seed=1)
        pairs = zip(beside, cases(route, self._shapes, self._reader, seed=1), strict=False)
        found = islice(chain.from_iterable(pairs), 3 * NUM_CASES)
        possible: list[Case] = []
        for case in found:
            if len(possible) == NUM_CASES:
                break
            if self._court.admits(case.state, case.asked):
                try:
                    possible.append(await self._looked_up(case))
                except HttpError as error:
                    if error.status != NO_ANSWER:
                        raise
        return possible

    def _promoted(self, route: Route, groups: list[list[Candidate]], tried: list[Case], evidence: Evidence) -> Entry:
        """The plainest of those that agree; one that does not is told to the author all the same."""
        group = groups[0]
        evidence.disputes = [_dispute(group[0], other[0], tried) for other in groups[1:2]]
        best = min(group, key=lambda candidate: (candidate.num_errors, len(candidate.handler.source)))
        evidence.agreed = len(group)
        return self._entry(route, evidence, "live", best.handler.source)

    def _unsettled(self, route: Route, passed: list[Candidate], tried: list[Case], evidence: Evidence) -> Entry:
        groups = _groups(passed)
        if len(groups) < 2:
            reason = evidence.rejected[-1] if evidence.rejected else "Too few candidates agreed."
            return self._entry(route, evidence, "failed", reason=reason)
        first, second = (group[0] for group in groups[:2])
        evidence.disputes = [_dispute(first, second, tried)]
        reason = "Candidates disagree; add an example that settles it."
        return self._entry(route, evidence, "disputed", first.handler.source, reason)

    def _entry(self, route: Route, evidence: Evidence, standing: str, source: str = "", reason: str = "") -> Entry:
        return Entry(route.name, self._editions[route.name], standing, source, vars(evidence), reason)  # type: ignore[arg-type]

    def propose(self, handler: Handler, asked: Asked, state: AppState) -> Proposal:
        return propose(self._routes.sandbox, handler, asked, state, self._shapes)


class _Only:
    """`Handlers` with one candidate in it, for the examples: there is no model behind it."""

    def __init__(self, compiler: Compiler, handler: Handler, state: AppState) -> None:
        self._compiler, self._handler, self._state = compiler, handler, state

    def propose(self, asked: Asked) -> Proposal:
        return self._compiler.propose(self._handler, asked, self._state)

    def stumbled(self, asked: Asked, error: str) -> None:
        raise HandlerError(error)

    def interpreted(self, asked: Asked) -> None:
        """It never is."""


async def _never(request: ChatRequest) -> str:
    raise HandlerError("The model is not asked while a handler is tried.")


def _groups(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Candidates that agree with one another, the largest group first."""
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        home = next((group for group in groups if all(candidate.agrees(other) for other in group)), None)
        if home is None:
            groups.append([candidate])
        else:
            home.append(candidate)
    return sorted(groups, key=len, reverse=True)


def _is_enough(groups: list[list[Candidate]]) -> bool:
    """Two written after different sets of worked handlers, or three after one; more where another disagrees."""
    first, *others = groups
    alike = len({candidate.after for candidate in first}) == 1
    wanted = ALIKE if alike else 2
    return len(first) >= (max(wanted, OUTVOTED * len(others[0])) if others else wanted)


def _dispute(first: Candidate, second: Candidate, tried: list[Case]) -> Json:
    number = first.dispute(second)
    assert number is not None
    case = tried[number]
    return dispute_of(case.asked, case.state, first.verdicts[number], second.verdicts[number])
