"""A source, a front end's folder or an OpenAPI file, as the files of an app, with a report of what they leave out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from llmos.backend.infer.cases import body_of, examples
from llmos.backend.infer.draft import Collection, Draft
from llmos.backend.infer.found import Field
from llmos.backend.infer.frontend import read_frontend
from llmos.backend.infer.openapi import read_openapi
from llmos.backend.infer.plan import plan
from llmos.backend.infer.rules import prompt
from llmos.backend.infer.words import SPEAKABLE, one_line
from llmos.backend.starting import MAX_TITLE_CHARS
from llmos.contracts import Json
from llmos.errors import UsageError

MAX_NAME_CHARS = 40
MAX_NOTE_CHARS = 400
DOCUMENTS = frozenset({".json", ".yaml", ".yml"})


@dataclass(frozen=True)
class Proposal:
    """`files` by their path in the app's folder; `routes` as in prompt.md; `report` a sentence each."""

    name: str
    files: dict[str, str]
    routes: tuple[str, ...]
    report: tuple[str, ...]


def propose(source: Path, name: str | None = None) -> Proposal:
    """Raises UsageError when the source cannot be read, or nothing in it tells of a backend."""
    named = re.sub(r"[^a-z0-9]+", "-", source.resolve().stem.lower()).strip("-") or "backend"
    is_document = source.suffix.lower() in DOCUMENTS and not source.is_dir()
    draft = read_openapi(source) if is_document else plan(read_frontend(source), named.replace("-", " ").capitalize())
    if not draft.routes:
        why = f" {draft.notes[0]}" if draft.notes else ""
        raise UsageError(
            f"Nothing in {source} tells of a backend that can be proposed; name the folder whose scripts call it.{why}"
        )
    for collection in draft.collections.values():
        _leave_out_unspeakable(draft, collection)
        _make_sampleable(draft, collection)
    named = name or named[:MAX_NAME_CHARS].strip("-")
    routes = tuple(f"{route.method} {route.path}" for route in draft.ordered())
    report = tuple(dict.fromkeys(one_line(note, MAX_NOTE_CHARS) for note in draft.notes))
    return Proposal(named, _files(draft, named), routes, report)


def _leave_out_unspeakable(draft: Draft, collection: Collection) -> None:
    """A name from outside must not become a heading of prompt.md, nor a status of a rule."""
    for name in [*collection.fields, *collection.stamps]:
        if not SPEAKABLE.fullmatch(name):
            draft.note(f"A field of {collection.many} is called {name!r}, which no rule can say: left out.")
            collection.fields.pop(name, None)
    collection.stamps = [name for name in collection.stamps if SPEAKABLE.fullmatch(name)]


def _make_sampleable(draft: Draft, collection: Collection) -> None:
    """A required field of which no example can be made would leave the app without any: its pattern is left out."""
    while True:
        try:
            body_of(collection)
            return
        except ValueError:
            found = next(field for field in collection.fields.values() if field.required and not _has_sample(field))
            schema = {"type": found.schema["type"]} if "type" in found.schema else {}
            if found.schema == schema:
                raise
            draft.note(f"`{found.name}` of {collection.many}: no example was found that fits; its bounds are left out.")
            collection.fields[found.name] = Field(found.name, schema, required=True)


def _has_sample(found: Field) -> bool:
    single = Collection("one", {found.name: found})
    try:
        return bool(body_of(single))
    except ValueError:
        return False


def _files(draft: Draft, name: str) -> dict[str, str]:
    files = {"app.toml": _manifest(draft, name), "prompt.md": prompt(draft), "schema.json": _json(draft.state_schema())}
    return files | {f"examples/{title}.json": _json(example) for title, example in examples(draft).items()}


def _manifest(draft: Draft, name: str) -> str:
    title = _toml(one_line(draft.title, MAX_TITLE_CHARS - 4) or name)
    summary = _toml(one_line(draft.summary or f"The backend of {draft.title}", 250).rstrip(".") + ".")
    return (
        f'name = "{name}"\ntitle = {title}\nkind = "backend"\nsummary = {summary}\nversion = "0.1.0"\n\n'
        "[model]\nmax_tokens = 400\n"
    )


def _toml(text: str) -> str:
    """TOML takes JSON's strings, but no surrogate pairs."""
    return json.dumps(text, ensure_ascii=False)


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
