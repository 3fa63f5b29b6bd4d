"""A process's events, folded into what a person sees. Knows no terminal; the shell and plain mode both stand on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from llmos.contracts import Json
from llmos.http.narrate import narrate
from llmos.shell.conversation.items import Answer, Asked, Called, File, Finished, Item, Note, Said, Trouble
from llmos.shell.link import FINAL

Event = dict[str, Json]
SILENT = frozenset(
    {
        "process.spawned",
        "process.idle",
        "engine.admitted",
        "engine.preempted",
        "message.history",
        "site.named",
        "tools.offered",
        "recording.noted",
    }
)

SAID_ANEW = "What was said here before is kept; /undo goes back to it."
BACK_AGAIN = "Back to what was said before; /undo leaves it again."


class Doing(StrEnum):
    """What the process does now."""

    WAITING = "waits for you"
    THINKING = "thinks"
    WRITING = "answers"
    CALLING = "uses a tool"
    ASKING = "asks you"
    ENDED = "has ended"


class What(StrEnum):
    NEW = "new"
    GROWN = "grown"
    CHANGED = "changed"
    GONE = "gone"
    ANEW = "anew"


@dataclass(frozen=True)
class Change:
    """`text` is what was added where an answer has grown. After `ANEW` other items are there, `item` the last."""

    what: What
    item: Item
    text: str = ""


class Record:
    """`add` takes events in order, streamed ones among them, and tells what they change."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.doing = Doing.WAITING
        self.tool = ""
        self.kind = "chat"
        self.app = ""
        self.session = False
        self.seq = 0
        self.tokens = 0
        self._draft = ""
        self._answer: Answer | None = None
        self._in_call = False
        self._changes: list[Change] = []
        self._begun = 0
        self._before: dict[int, list[Item]] = {}  # what was there before each rewind

    @property
    def ended(self) -> bool:
        return self.doing is Doing.ENDED

    @property
    def busy(self) -> bool:
        return self.doing not in (Doing.WAITING, Doing.ENDED)

    @property
    def can_stop(self) -> bool:
        """Whether what it does can be stopped; a backend would end with it."""
        return self.busy and self.kind != "backend"

    def past(self, events: Iterable[Event]) -> None:
        """Take in what happened before anybody looked."""
        for event in events:
            self.add(event)

    def add(self, event: Event) -> list[Change]:
        self.seq = event["seq"] or self.seq
        self._changes = []
        take = _TAKES.get(event["kind"])
        try:
            if take is not None:
                take(self, event)
            elif event["kind"] not in SILENT:
                self._note(event, _in_words(event))
        except (KeyError, TypeError):  # an event of an older or newer llmos
            self._note(event, _in_words(event))
        return self._changes

    def last_said(self) -> Said | None:
        """What the person said last."""
        return next((i for i in reversed(self.items) if isinstance(i, Said) and i.source == "user"), None)

    def can_rewind(self, said: Said) -> bool:
        """Whether the process can go on from before this message."""
        return self.session and not self.ended and said.source == "user" and said.seq > self._begun

    def last_rewound(self) -> Note | None:
        return next((i for i in reversed(self.items) if isinstance(i, Note) and i.kind == "rewound"), None)

    def last_answer(self) -> Answer | None:
        return next((item for item in reversed(self.items) if isinstance(item, Answer)), None)

    def open_question(self) -> Asked | None:
        return next((item for item in reversed(self.items[-50:]) if isinstance(item, Asked) and item.open), None)

    def trouble(self, sentence: str, at: float, *, retry: bool = True) -> list[Change]:
        """Tell what went wrong on this side of the kernel."""
        self._changes = []
        self._new(Trouble(0, at, sentence, retry))
        return self._changes

    def put(self, item: Item) -> list[Change]:
        """Show what the person did here, and no event tells."""
        self._changes = []
        self._new(item)
        return self._changes

    def touch(self, item: Item) -> list[Change]:
        return [Change(What.CHANGED, item)]

    # what each event does

    def _spawned(self, event: Event) -> None:
        data = event["data"]
        self.kind, self.app, self.session = data["kind"], data["app"], bool(data.get("session"))
        self._begun = event["seq"]

    def _said(self, event: Event) -> None:
        data = event["data"]
        if self.kind == "backend":  # it takes requests; what began it says nothing
            return
        self._new(Said(event["seq"], event["at"], data["text"], _files(data), data.get("source", "user")))
        if self.doing is Doing.WAITING:
            self.doing = Doing.THINKING

    def _asked_engine(self, event: Event) -> None:
        self.doing, self._in_call = Doing.THINKING, True
        if event["data"].get("purpose", "step") == "step":
            self._restart()

    def _restart(self) -> None:
        self._draft = ""
        if self._answer is not None and not self._answer.done:
            self.items.remove(self._answer)
            self._tell(What.GONE, self._answer)
        self._answer = None

    def _streamed(self, event: Event) -> None:
        data = event["data"]
        if data.get("purpose", "step") != "step" or not self._in_call:
            return  # what comes after the call's end was overtaken by it
        if self._answer is not None:
            self._answer.text += data["text"]
            self._tell(What.GROWN, self._answer, data["text"])
            return
        self._draft += data["text"]
        if self._draft.lstrip().startswith("{") or not self._draft.strip():
            return  # a call of a tool in the making
        self.doing = Doing.WRITING
        self._answer = Answer(self.seq, event["at"], self._draft, code=self.kind != "chat")
        self._new(self._answer)

    def _told_so_far(self, event: Event) -> None:
        """The whole text so far, for those who missed some of it."""
        self._draft = ""
        if self._answer is None:
            self._streamed(event)
        elif self._in_call and event["data"].get("purpose", "step") == "step":
            self._answer.text = event["data"]["text"]
            self._tell(What.CHANGED, self._answer)

    def _thought(self, event: Event) -> None:
        data = event["data"]
        self._in_call = False
        self.tokens += data["tokens"]
        if data.get("purpose", "step") != "step":
            return
        self.doing = Doing.WAITING if self.kind == "backend" else Doing.THINKING  # for the next request
        whole: str = data["text"]
        if whole.lstrip().startswith("{") or not whole.strip() or self.kind not in ("chat", "page"):
            self._restart()
            return
        self._settle(event, whole)
        if self._answer is not None:
            self._answer.tokens, self._answer.seconds = data["tokens"], data.get("seconds", 0.0)
            self._answer.cut = data.get("finish") in ("length", "loop")

    def _settle(self, event: Event, whole: str) -> None:
        """What the answer under way came to."""
        if self._answer is None:
            self._answer = Answer(event["seq"], event["at"], whole, code=self.kind != "chat")
            self._new(self._answer)
        elif self._answer.text != whole:
            self._answer.text = whole
            self._tell(What.CHANGED, self._answer)

    def _called(self, event: Event) -> None:
        data = event["data"]
        self.doing, self.tool = Doing.CALLING, data["tool"]
        self._new(Called(event["seq"], event["at"], data["tool"], data["arguments"], data["by"]))

    def _progressed(self, event: Event) -> None:
        data, call = event["data"], self._open_call(event["data"]["tool"])
        if call is not None:
            of = f" of {data['total']:g}" if data["total"] else ""
            call.progress = f"{data['done']:g}{of} {data['text']}".strip()
            self._tell(What.CHANGED, call)

    def _served(self, event: Event) -> None:
        data, call = event["data"], self._open_call(event["data"]["tool"])
        self.doing = Doing.THINKING
        if call is None:  # refused before it began
            call = Called(event["seq"], event["at"], data["tool"], None, data["by"])
            self._new(call)
        call.done, call.progress, call.seconds = True, "", event["at"] - call.at
        call.result, call.error = data.get("result"), data.get("error", "")
        call.blob, call.chars, call.files = data.get("blob", ""), data.get("chars", 0), _files(data)
        self._tell(What.CHANGED, call)

    def _open_call(self, tool: str) -> Called | None:
        recent = reversed(self.items[-20:])
        return next((i for i in recent if isinstance(i, Called) and not i.done and i.tool == tool), None)

    def _questioned(self, event: Event) -> None:
        data = event["data"]
        self.doing = Doing.ASKING
        asked = Asked(
            event["seq"],
            event["at"],
            pid=event["pid"],
            about=data["about"],
            tool=data["tool"],
            arguments=data["arguments"],
            text=data["text"],
            choices=tuple(data["choices"]),
        )
        self._new(asked)

    def _chose(self, event: Event) -> None:
        data = event["data"]
        for item in reversed(self.items):
            if isinstance(item, Asked) and item.seq == data["question"]:
                item.choice, item.by = data["choice"], data.get("by", "user")
                self._tell(What.CHANGED, item)
        self.doing = Doing.THINKING

    def _answered(self, event: Event) -> None:
        data = event["data"]
        self._close_questions()
        if data.get("interrupted"):
            self._interrupt(event)
        elif data.get("error"):
            self._restart()
            self._new(Trouble(event["seq"], event["at"], data["error"]))
        elif isinstance(data.get("result"), dict):
            self._complete(event, data["result"])
        self.doing, self._answer, self._draft = Doing.WAITING, None, ""

    def _rewound(self, event: Event) -> None:
        before = event["data"]["before"]
        text = BACK_AGAIN if before in self._before else SAID_ANEW
        kept = self._as_before(before)
        self._before[event["seq"]] = list(self.items)
        note = Note(event["seq"], event["at"], text, "rewound")
        self.items[:] = [*kept, note]
        self.doing, self._answer, self._draft = Doing.WAITING, None, ""
        self._tell(What.ANEW, note)

    def _as_before(self, seq: int) -> list[Item]:
        """What was there before a message, or before an earlier rewind."""
        if seq in self._before:
            return self._before[seq]
        for items in (self.items, *reversed(self._before.values())):
            for number, item in enumerate(items):
                if isinstance(item, Said) and item.seq == seq:
                    return items[:number]
        return []

    def _interrupt(self, event: Event) -> None:
        for item in self.items[-20:]:
            if isinstance(item, Called) and not item.done:
                item.done, item.error = True, "It was interrupted."
                self._tell(What.CHANGED, item)
        if self._answer is None or self._answer.done:
            self._note(event, "interrupted")
            return
        self._answer.done = self._answer.interrupted = True
        self._tell(What.CHANGED, self._answer)

    def _complete(self, event: Event, result: dict[str, Json]) -> None:
        text = result.get("text")
        if not isinstance(text, str):
            if self._answer is not None:
                self._answer.done = True
                self._tell(What.CHANGED, self._answer)
            self._new(Finished(event["seq"], event["at"], result))
            return
        self._settle(event, text)
        if self._answer is not None:
            self._answer.done, self._answer.cut = True, bool(result.get("cut"))
            self._tell(What.CHANGED, self._answer)

    def _ended(self, event: Event) -> None:
        kind, data = event["kind"], event["data"]
        self._close_questions()
        if kind == "process.done" and isinstance(data["result"], dict):
            self._complete(event, data["result"])
        elif kind == "process.failed":
            self._restart()
            self._new(Trouble(event["seq"], event["at"], data["error"]))
        elif kind == "process.killed":
            self._restart()
            self._new(Note(event["seq"], event["at"], "The process was ended.", "end"))
        self.doing, self._answer = Doing.ENDED, None

    def _close_questions(self) -> None:
        asked = self.open_question()
        if asked is not None:
            asked.closed = True
            self._tell(What.CHANGED, asked)

    def _compacted(self, event: Event) -> None:
        self._note(event, "What was said earlier is kept in short for the model; nothing is lost from the journal.")

    def _retried(self, event: Event) -> None:
        self._note(event, f"asks the engine again: {event['data']['error']}")

    def _opened(self, event: Event) -> None:
        self._note(event, f"serves at http://{event['data']['host']}:{event['data']['port']}/")

    def _committed(self, event: Event) -> None:
        data = event["data"]
        text = f"state is at version {data['version']}"
        self._new(Note(event["seq"], event["at"], text, data={"patch": data["patch"]}))

    def _note(self, event: Event, text: str) -> None:
        self._new(Note(event["seq"], event["at"], text))

    def _new(self, item: Item) -> None:
        self.items.append(item)
        self._tell(What.NEW, item)

    def _tell(self, what: What, item: Item, text: str = "") -> None:
        self._changes.append(Change(what, item, text))


def _in_words(event: Event) -> str:
    """As `llmos log` tells it, without its number and time."""
    return narrate(event).lstrip().split("  ", 2)[-1].strip()


def _files(data: dict[str, Json]) -> tuple[File, ...]:
    return tuple(File(item["sha256"], item["media_type"], item["name"]) for item in data.get("attachments", ()))


_TAKES: dict[str, Callable[[Record, Event], None]] = {
    "process.spawned": Record._spawned,
    "message.user": Record._said,
    "engine.request": Record._asked_engine,
    "engine.delta": Record._streamed,
    "engine.partial": Record._told_so_far,
    "engine.answer": Record._thought,
    "engine.retry": Record._retried,
    "syscall.intent": Record._called,
    "syscall.progress": Record._progressed,
    "syscall.result": Record._served,
    "question.asked": Record._questioned,
    "question.answered": Record._chose,
    "process.answered": Record._answered,
    "process.rewound": Record._rewound,
    **dict.fromkeys(FINAL, Record._ended),
    "context.compacted": Record._compacted,
    "site.opened": Record._opened,
    "state.commit": Record._committed,
}
