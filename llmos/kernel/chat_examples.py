"""What a chat app is held to: `examples/*.json` of its folder, each a message with what must come of it.

Covers: what is attached and a folder of pages lie in the app's own folder (no absolute path, no `..`, no link out).
Does not cover: what the app's tools change while an example is asked; that stays as with any other process.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator

from llmos.contracts import Event, Json
from llmos.errors import AppError
from llmos.kernel.app import App, Section, first_problem

THOUSANDS = re.compile(r"(?<=\d)[,'’_\u00a0\u2009\u202f](?=\d{3}(?!\d))")
INTEGER_LAST = re.compile(r"(?<!\d\.)(?<!\d)\d+\Z")
SITE = "{site}"
TOOL = r"^[a-z0-9-]+\.\w+$"


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write a text or leave it out")
    return text


Text = Annotated[str, AfterValidator(_not_empty)]
Tool = Annotated[str, Field(pattern=TOOL)]


class ChatExpected(Section):
    """What is left out is not compared."""

    says: tuple[Text, ...] = Field((), min_length=1, description="Texts that occur in the answer.")
    never: tuple[Text, ...] = Field((), alias="not", min_length=1, description="Texts that do not occur in it.")
    calls: tuple[Tool, ...] | None = Field(
        None, description="Tools that are called and come back without an error; with [] the model calls none."
    )
    opens: tuple[Text, ...] = Field(
        (),
        min_length=1,
        description="Pages of its site that are asked for, with what is sent: `/sent.html?name=Ann`.",
    )
    answer: dict[str, Json] | None = Field(
        None, min_length=1, description="Fields of an answer that is JSON (`answer.json`), each with its exact value."
    )

    @model_validator(mode="after")
    def _expects_something(self) -> ChatExpected:
        if not self.model_fields_set:
            raise ValueError("needs at least one of says, not, calls, opens, answer")
        return self


class ChatFile(Section):
    """One file of `examples/`, named after it."""

    text: Text = Field("", description="The message; it may be left out where something is attached.")
    attach: tuple[Text, ...] = Field((), description="Files that come with it, by their paths from `examples/`.")
    site: Text = Field(
        "",
        description="A folder of pages, served on this machine while it is asked; {site} in the text is its address.",
    )
    expect: ChatExpected = Field(description="What must come of it.")

    @model_validator(mode="after")
    def _asks_something(self) -> ChatFile:
        if not self.text and not self.attach:
            raise ValueError("needs text, attach or both")
        if bool(self.site) != (SITE in self.text):
            raise ValueError(f"site: needs a folder of pages, and {SITE} in the text for its address")
        if self.expect.opens and not self.site:
            raise ValueError("expect.opens: needs a site whose pages are opened")
        return self


@dataclass(frozen=True)
class ChatExample:
    """`file` is where it was read; `attached` are the files that come with the text, `site` the folder of its pages."""

    name: str
    text: str
    attached: tuple[Path, ...]
    expect: ChatExpected
    file: Path
    site: Path | None = None


@dataclass(frozen=True)
class Outcome:
    """What the events of a process tell: its answer, or the `error` it ended with.

    `said` is each step of the model; `worked` the tools that came back without an error, `errors` what the last call of
    any other said; `asked` what a person was asked and it was refused; `opened` what was asked of the example's pages.
    """

    text: str
    error: str
    said: tuple[str, ...]
    called: tuple[str, ...]
    worked: frozenset[str]
    errors: dict[str, str]
    asked: tuple[str, ...]
    opened: tuple[str, ...] = ()


def load_chat_examples(app: App) -> list[ChatExample]:
    """The examples of a chat app by file name. Raises AppError that names a file which is none, and the place."""
    return [_load(app, path) for path in sorted((app.folder / "examples").glob("*.json"))]


def outcome_of(events: Iterable[Event]) -> Outcome:
    """What became of a process that has ended, from all its events."""
    told = list(events)
    results = [event.data for event in told if event.kind == "syscall.result"]
    answers = {event.data["question"]: event.data["choice"] for event in told if event.kind == "question.answered"}
    return Outcome(
        text=next((_text(event.data["result"]) for event in told if event.kind == "process.done"), ""),
        error=next((_ending(event) for event in told if event.kind in ("process.failed", "process.killed")), ""),
        said=tuple(event.data["text"] for event in told if _is_step(event)),
        called=tuple(data["tool"] for data in results if data["by"] == "model"),
        worked=frozenset(data["tool"] for data in results if "error" not in data),
        errors={data["tool"]: data["error"] for data in results if "error" in data},
        asked=tuple(event.data["text"] for event in told if _is_refused(event, answers)),
    )


def differences(expect: ChatExpected, outcome: Outcome) -> Iterator[str]:
    """A line for each thing that is not as expected. Nothing is compared where there is no answer."""
    for question in outcome.asked:
        yield f"asked a person: {question} Nobody is asked while examples run, so it was refused."
    if outcome.error:
        yield f"no answer: {outcome.error}"
        return
    found = _plain(outcome.text)
    yield from (f"says: {text!r} is not in the answer" for text in expect.says if not _occurs(text, found))
    yield from (f"not: {text!r} is in the answer" for text in expect.never if _occurs(text, found))
    yield from _calls(expect, outcome)
    yield from _opens(expect.opens, outcome.opened)
    yield from _fields(expect.answer or {}, outcome.text)


def _calls(expect: ChatExpected, outcome: Outcome) -> Iterator[str]:
    if expect.calls is None:
        return
    if not expect.calls:
        yield from (f"calls: {tool} was called" for tool in dict.fromkeys(outcome.called))
    for tool in expect.calls:
        if tool not in outcome.worked:
            error = outcome.errors.get(tool)
            yield f"calls: {tool} was not called" if error is None else f"calls: {tool} came back with: {error}"


def _opens(expected: tuple[str, ...], opened: tuple[str, ...]) -> Iterator[str]:
    """Also what is sent to a page twice, or otherwise than expected: an order is made once."""
    yield from (f"opens: {path} was not asked for" for path in expected if path not in opened)
    forms = {path.partition("?")[0] for path in expected if "?" in path}
    sent = Counter(path for path in opened if "?" in path and path.partition("?")[0] in forms)
    yield from (f"opens: {path} was asked for, too" for path in (sent - Counter(expected)).elements())


def _fields(expected: dict[str, Json], text: str) -> Iterator[str]:
    if not expected:
        return
    try:
        got = json.loads(text)
    except ValueError:
        got = None
    if not isinstance(got, dict):
        yield "answer: it is not a JSON object"
        return
    for name, wanted in expected.items():
        if name not in got or not _same(wanted, got[name]):
            found = json.dumps(got[name], ensure_ascii=False) if name in got else "nothing"
            yield f"answer.{name}: got {found}"


def _same(wanted: Json, got: Json) -> bool:
    """Whether two JSON values are equal: 1 is 1.0, and neither is true."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return wanted.keys() == got.keys() and all(_same(part, got[name]) for name, part in wanted.items())
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(_same, wanted, got))
    return isinstance(wanted, bool) == isinstance(got, bool) and bool(wanted == got)


def _plain(text: str) -> str:
    """A text without what is not compared: case, how white space is written, separators of thousands."""
    return " ".join(THOUSANDS.sub("", text).casefold().split())


def _occurs(text: str, plain: str) -> bool:
    """Whether the text is in a plain one.

    A number at its edge is meant as a whole: 12 is in 12.0 and not in 112; 41.84 is in 41.842, which is more exact.
    """
    wanted = _plain(text)
    before = r"(?<!\d)" if wanted[0].isdigit() else ""
    after = r"(?!\d)" if INTEGER_LAST.search(wanted) else ""
    return re.search(before + re.escape(wanted) + after, plain) is not None


def _load(app: App, path: Path) -> ChatExample:
    try:
        read = ChatFile.model_validate_json(path.read_text("utf-8"))
        if read.expect.answer is not None and app.answer_schema is None:
            raise ValueError(f"expect.answer: {app.name} has no answer.json that says its fields")
        attached = tuple(_attached(app, path.parent, name) for name in read.attach)
        site = _inside(app, path.parent, read.site, "site") if read.site else None
        if site and not site.is_dir():
            raise ValueError(f"site: there is no folder {read.site} beside the example")
    except ValidationError as error:
        raise AppError(f"{path} is not an example: {first_problem(error)}.") from error
    except (ValueError, OSError) as error:
        raise AppError(f"{path} is not an example: {str(error).splitlines()[0]}.") from error
    return ChatExample(path.stem, read.text, attached, read.expect, path, site)


def _attached(app: App, beside: Path, name: str) -> Path:
    """The file that an example attaches. Raises ValueError when it is none, or lies outside the app's folder."""
    file = _inside(app, beside, name, "attach")
    if not file.is_file():
        raise ValueError(f"attach: there is no file {name} beside the example")
    return file


def _inside(app: App, beside: Path, name: str, field: str) -> Path:
    named, path = Path(name), beside / name
    inside = not named.is_absolute() and ".." not in named.parts
    if not inside or not path.resolve().is_relative_to(app.folder.resolve()):
        raise ValueError(f"{field}: {name} lies outside the app's folder; put it beside the example")
    return path


def _text(result: Json) -> str:
    return str(result["text"]) if isinstance(result, dict) and "text" in result else ""


def _ending(event: Event) -> str:
    return str(event.data["error"]) if event.kind == "process.failed" else f"process {event.pid} was killed"


def _is_refused(event: Event, answers: dict[int, str]) -> bool:
    return event.kind == "question.asked" and answers.get(event.seq, "no") == "no"


def _is_step(event: Event) -> bool:
    return event.kind == "engine.answer" and event.data.get("purpose", "step") == "step"
