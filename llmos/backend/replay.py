"""What was asked of an app before, as examples: what would another prompt have answered?

Each journaled answer becomes one example: the state it was decided on, the request, and what came of it. Times that the
request itself had are not compared, as they pass.
"""

from __future__ import annotations

from pathlib import Path

from llmos.backend.examples import ANYTHING, Example, ExampleRequest, Expected, Step
from llmos.contracts import Event, Json
from llmos.kernel.journal import Journal
from llmos.state.store import AppState


def remembered(journal: Journal, pid: int, state: AppState, last: int) -> list[Example]:
    """The `last` answers of an app whose process is `pid`, oldest first; each costs the commits since."""
    answers = [event for event in journal.recent(pid, "http.answer", last) if _is_whole(event)]
    return [_example(event, state) for event in reversed(answers)]


def _is_whole(event: Event) -> bool:
    """Whether it tells the request and both states; those of an older llmos do not."""
    return "on" in event.data and event.data.get("version") is not None


def _example(event: Event, state: AppState) -> Example:
    data = event.data
    headers = {"content-type": "application/json"}
    asked = ExampleRequest(method=data["method"], path=data["path"], query=data["query"], headers=headers)
    if data["body"]:
        asked.body = data["body"]
    if data.get("user"):
        asked.user = data["user"]
    told: dict[str, Json] = {"status": data["status"], "state": _timeless(state.at(data["version"]), data)}
    if data["status"] < 400:
        told["body"] = _timeless(data["answer"], data)
    name = f"{event.seq} {data['method']} {data['path']}"
    return Example(name, state.at(data["on"]), (Step(request=asked, expect=Expected(**told)),), Path("journal"))


def _timeless(value: Json, data: dict[str, Json]) -> Json:
    """`value` as an example expects it: no time of that request, and no address that it came to."""
    if isinstance(value, dict):
        return {name: _timeless(part, data) for name, part in value.items()}
    if isinstance(value, list):
        return [_timeless(part, data) for part in value]
    if value == data["now"]:
        return ANYTHING
    if isinstance(value, str) and data["base"] and value.startswith(f"{data['base']}/"):
        return value.removeprefix(data["base"])
    return value
