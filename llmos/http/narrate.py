"""A process's journal in words, one event a line, for people."""

import json
import time
from collections.abc import Callable

from llmos.contracts import Json

MAX_CHARS = 160

Tell = Callable[[dict[str, Json]], str]


def narrate(event: Json) -> str:
    """`   17  14:02:11  called image.see {"image": 1}`: terminal escapes and line breaks become spaces."""
    tell = _TELLS.get(event["kind"])
    try:
        said = tell(event["data"]) if tell else f"{event['kind']} {_json(event['data'])}"
    except (KeyError, TypeError):  # an event of an older or newer llmos
        said = f"{event['kind']} {_json(event['data'])}"
    clock = time.strftime("%H:%M:%S", time.localtime(event["at"]))
    return f"{event['seq']:>6}  {clock}  {said}"


def one_line(text: str, max_chars: int = MAX_CHARS) -> str:
    """Text that cannot do anything to a terminal, on one line."""
    head = text[: 4 * max_chars]  # enough to fill the line, however much follows
    flat = " ".join("".join(letter if letter.isprintable() else " " for letter in head).split())
    return flat if len(flat) <= max_chars and len(head) == len(text) else f"{flat[:max_chars]}…"


def _json(value: Json) -> str:
    return one_line(json.dumps(value, ensure_ascii=False))


def _message(data: dict[str, Json]) -> str:
    files = ", ".join(item["name"] or item["media_type"] for item in data["attachments"])
    return f"{data.get('source', 'user')}: {one_line(data['text'])}" + (f"  [{one_line(files)}]" if files else "")


def _spawned(data: dict[str, Json]) -> str:
    by = f" by process {data['parent']}" if data.get("parent") else ""
    return f"started as {data['app']} ({data['kind']}){by}"


def _thought(data: dict[str, Json]) -> str:
    what = "" if data.get("purpose", "step") == "step" else f" ({data['purpose']})"
    return f"model{what}, {data['tokens']} tokens in {data.get('seconds', 0)} s: {one_line(data['text'])}"


def _result(data: dict[str, Json]) -> str:
    if "error" in data:
        return f"error of {data['tool']}: {one_line(data['error'])}"
    if "blob" in data:
        return f"result of {data['tool']}: {data['chars']} characters"
    result = data["result"]
    return f"result of {data['tool']}: {one_line(result) if isinstance(result, str) else _json(result)}"


def _offered(data: dict[str, Json]) -> str:
    why = f" for {', '.join(data['tasks'])}" if data.get("tasks") else f", {data['by']}" if data["tools"] else ""
    return f"may call {', '.join(data['tools']) or 'no tool'}{why}"


def _asked(data: dict[str, Json]) -> str:
    return f"asks: {one_line(data['text'])} {_json(data['arguments'])}  ({' | '.join(data['choices'])})"


def _answered(data: dict[str, Json]) -> str:
    if data.get("interrupted"):
        return "was interrupted and waits for a message"
    if data.get("error"):
        return f"could not answer: {one_line(data['error'])}"
    return f"answered: {_json(data['result'])}" if data.get("result") is not None else "waits for a message"


_TELLS: dict[str, Tell] = {
    "process.spawned": _spawned,
    "message.user": _message,
    "message.history": lambda data: f"with {len(data['messages'])} earlier messages",
    "engine.request": lambda data: "asks the model" + (f" ({data['purpose']})" if data.get("purpose") else ""),
    "engine.answer": _thought,
    "engine.retry": lambda data: f"asks the engine again: {one_line(data['error'])}",
    "tools.offered": _offered,
    "syscall.intent": lambda data: f"calls {data['tool']} {_json(data['arguments'])}",
    "syscall.progress": lambda data: (
        f"{data['tool']} is at {data['done']:g} of {data['total'] or '?'}: {one_line(data['text'])}"
    ),
    "syscall.result": _result,
    "question.asked": _asked,
    "question.answered": lambda data: f"was told {data['choice']} by {data.get('by', 'user')}",
    "context.compacted": lambda data: f"compacted up to event {data['upto']}: {one_line(data['text'])}",
    "recording.noted": lambda data: f"noted part {data['part']} of {data['of']}: {one_line(data['text'])}",
    "process.child": lambda data: f"started process {data['child']}",
    "process.answered": _answered,
    "process.rewound": lambda data: f"goes on from before event {data['before']}",
    "process.done": lambda data: f"done: {_json(data['result'])}",
    "process.failed": lambda data: f"failed: {one_line(data['error'])}",
    "process.killed": lambda data: "killed",
    "site.opened": lambda data: f"serves at http://{data['host']}:{data['port']}/",
    "site.closed": lambda data: "is no longer served",
    "http.answer": lambda data: (
        f"answered {data['method']} {one_line(data['path'])} with {data['status']}, by {data['by']}"
    ),
    "state.commit": lambda data: f"state is at version {data['version']}: {_json(data['patch'])}",
}
