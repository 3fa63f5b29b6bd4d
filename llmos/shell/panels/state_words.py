"""Apps' states as rows and as words: what is stored, which commits there were, and what each changed."""

from __future__ import annotations

import json

from textual.content import Content

from llmos.contracts import Json
from llmos.shell.panels.figures import Told, cell, clock, exact, figure, headed, written_json
from llmos.shell.panels.rows import Column, Row
from llmos.shell.text import clean, one_line

APPS = (
    Column("app"),
    Column("version", 8, at_right=True),
    Column("documents", 10, 44, at_right=True),
    Column("changed", 17, 60),
)
PARTS = (Column("part", 20), Column("holds"))
DOCUMENTS = (Column("id", 12), Column("document"))
COMMITS = (Column("version", 8, at_right=True), Column("when", 16, 50), Column("by"))
MAX_VALUE_CHARS = 4_000
CAUSES = {"pid": "process", "undo": "undo of version", "import": "import of", "branch": "branch of"}
SIGNS = {"added": "+", "changed": "~", "removed": "-"}


def app_row(app: dict[str, Json]) -> Row:
    changed = clock(app["at"]) if app["at"] else "never"
    figures = (figure(str(app["version"])), figure(exact(app["documents"])))
    return Row(app["app"], (cell(app["app"]), *figures, cell(changed)))


def collection_row(name: str, num_documents: int) -> Row:
    return Row(f"/{name}", (cell(name), cell(f"{num_documents:,} documents")))


def value_row(name: str, value: Json) -> Row:
    return Row(name, (cell(name), cell(in_line(value), "dim")))


def document_row(key: str, document: Json) -> Row:
    return Row(f"/{key}", (cell(key), cell(in_line(document), "dim")))


def commit_row(commit: dict[str, Json]) -> Row:
    version = str(commit["version"])
    return Row(version, (figure(version), cell(clock(commit["at"])), cell(cause(commit["cause"]))))


def in_line(value: Json) -> str:
    return one_line(json.dumps(value, ensure_ascii=False), 300)


def cause(told: dict[str, Json]) -> str:
    """Who or what made a commit: `POST /entries`, `process 7`, `undo of version 3`."""
    if "method" in told:
        user = f" by {told['user']}" if told.get("user") else ""
        return one_line(f"{told['method']} {told['path']}{user}", 200)
    for name, words in CAUSES.items():
        if name in told:
            return one_line(f"{words} {told[name]}", 200)
    return "seed.json" if told.get("seed") else one_line(json.dumps(told, ensure_ascii=False), 200)


def about_app(app: dict[str, Json]) -> Told:
    return Told(
        [
            ("app", f"{app['app']}  {one_line(app['title'], 80)}"),
            ("version", str(app["version"])),
            ("documents", exact(app["documents"])),
            ("changed", clock(app["at"]) if app["at"] else "never: use its site, or ask it to store something"),
        ]
    )


def about_document(pointer: str, document: Json) -> Told:
    return Told(lead=Content(one_line(pointer, 120)), body=written_json(document))


def about_commit(commit: dict[str, Json], changes: list[dict[str, Json]]) -> Told:
    told = [("version", str(commit["version"])), ("when", clock(commit["at"])), ("by", cause(commit["cause"]))]
    return Told(told, headed("Changed", difference(changes)))


def difference(changes: list[dict[str, Json]], *, back: bool = False) -> Content:
    """Each place with what it held and what it holds; `back` tells what an undo would do to it."""
    return Content("\n").join(_change(_turned(change) if back else change) for change in changes)


def _turned(change: dict[str, Json]) -> dict[str, Json]:
    whats = {"added": "removed", "removed": "added", "changed": "changed"}
    return {**change, "what": whats[change["what"]], "before": change["after"], "after": change["before"]}


def _change(change: dict[str, Json]) -> Content:
    what = change["what"]
    content = Content.assemble((f"{SIGNS[what]} {one_line(change['path'], 200)}", "bold"), f"  {what}")
    if what != "added":
        content += Content.assemble("\n", (_value("-", change["before"]), "$text-error"))
    if what != "removed":
        content += Content.assemble("\n", (_value("+", change["after"]), "$text-success"))
    return content


def _value(sign: str, value: Json) -> str:
    text = clean(json.dumps(value, ensure_ascii=False, indent=2), max_chars=MAX_VALUE_CHARS)
    return "\n".join(f"  {sign} {line}" for line in text.split("\n"))
