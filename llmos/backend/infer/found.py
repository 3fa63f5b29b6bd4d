"""What was found out about a backend from those who call it, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from llmos.contracts import Json


@dataclass(frozen=True)
class Field:
    """One member of a body or an answer. `guessed` when only its name told the type."""

    name: str
    schema: dict[str, Json]
    required: bool = False
    guessed: bool = False

    def joined(self, other: Field) -> Field:
        """What both tell; a guess gives way."""
        schema = other.schema if self.guessed and not other.guessed else self.schema
        return replace(
            self, schema=schema, required=self.required or other.required, guessed=self.guessed and other.guessed
        )


@dataclass(frozen=True)
class Call:
    """One request that a front end makes. `path` is a pattern, `/todos/{id}`; `reads` are members of its answer.

    `sends_unknown` when the source does not tell what the body holds.
    """

    method: str
    path: str
    where: str
    fields: tuple[Field, ...] = ()
    query: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    reads_of_items: frozenset[str] = frozenset()
    sends_unknown: bool = False


@dataclass
class Found:
    """Everything that a folder told. `types` are the members of TypeScript's interfaces, `reads` those of variables."""

    title: str = ""
    calls: list[Call] = field(default_factory=list)
    types: dict[str, list[Field]] = field(default_factory=dict)
    reads: dict[str, set[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
