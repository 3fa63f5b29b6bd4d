"""Which tools the app assistant is offered for a few hundred messages: what they lacked, and what was too much."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from llmos.contracts import Embedder, Json
from llmos.kernel.app import App
from llmos.kernel.choosing import choose
from llmos.kernel.likeness import Likeness
from llmos.kernel.tasks import asked, load_tasks

QUESTIONS = Path(__file__).with_name("tools_questions.toml")
ONCE_OPEN = "browser.read"  # tools that are of use on an open page are no choice for a first message


@dataclass(frozen=True)
class Question:
    """A first message. All it `needs` must be offered (one of it, with `any_of`); `may` does no harm."""

    kind: str
    text: str
    needs: frozenset[str]
    may: frozenset[str]
    any_of: bool = False
    picture: bool = False
    recording: bool = False


@dataclass(frozen=True)
class Offer:
    question: Question
    tools: frozenset[str]
    scores: dict[str, float]

    @property
    def lacks(self) -> bool:
        needs = self.question.needs
        return bool(needs) and not (needs & self.tools if self.question.any_of else needs <= self.tools)

    @property
    def extra(self) -> frozenset[str]:
        return self.tools - self.question.needs - self.question.may


async def bench_tools(app: App, embedder: Embedder | None) -> Json:
    """Closes the embedder."""
    try:
        return {"by": "meaning" if embedder else "words", **figures(await offers(app, load_questions(), embedder))}
    finally:
        if embedder:
            await embedder.close()


def load_questions(file: Path = QUESTIONS) -> list[Question]:
    return [
        Question(
            kind,
            text,
            frozenset(told["needs"]),
            frozenset(told.get("may", ())),
            told.get("any", False),
            told.get("picture", False),
            told.get("recording", False),
        )
        for kind, told in tomllib.loads(file.read_text("utf-8")).items()
        for text in told["messages"]
    ]


async def offers(app: App, questions: Iterable[Question], embedder: Embedder | None) -> list[Offer]:
    """What each would be offered, without asking any model but the embedding one."""
    likeness = Likeness(embedder)
    tasks = [task for task in load_tasks(app.folder) if ONCE_OPEN not in task.tools]
    told = []
    for question in questions:
        message = asked(question.text, picture=question.picture, recording=question.recording)
        choice = await choose(message, tasks, likeness, app.capabilities.choose)
        told.append(Offer(question, frozenset(choice.tools), dict(choice.scores or {})))
    return told


def figures(told: list[Offer]) -> Json:
    """Counts for each kind and for all: `right` had what it needed and nothing more."""
    kinds = list(dict.fromkeys(offer.question.kind for offer in told))
    rows = {kind: _counts([offer for offer in told if offer.question.kind == kind]) for kind in kinds}
    return {
        "kinds": rows,
        "all": _counts(told),
        "wrong": [_wrong(offer) for offer in told if offer.lacks or offer.extra],
    }


def _counts(told: list[Offer]) -> Json:
    """`precision` is the share of offered tools that were of use, `recall` of messages that had what they needed."""
    num_tools, num_extra = sum(len(offer.tools) for offer in told), sum(len(offer.extra) for offer in told)
    needing = [offer for offer in told if offer.question.needs]
    return {
        "asked": len(told),
        "right": sum(not offer.lacks and not offer.extra for offer in told),
        "lacked": sum(offer.lacks for offer in told),
        "too_many": sum(bool(offer.extra) for offer in told),
        "precision": round(1 - num_extra / num_tools, 3) if num_tools else None,
        "recall": round(1 - sum(offer.lacks for offer in needing) / len(needing), 3) if needing else None,
        "tools_each": round(num_tools / len(told), 2),
    }


def _wrong(offer: Offer) -> Json:
    asked_for = offer.question
    return {
        "kind": asked_for.kind,
        "text": asked_for.text,
        "offered": sorted(offer.tools),
        "needed": sorted(asked_for.needs),
        "scores": {name: round(score, 2) for name, score in offer.scores.items()},
    }
