"""What a conversation consists of, in the order it happened. Plain values; widgets and plain mode show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from llmos.contracts import Json


@dataclass(frozen=True)
class File:
    """An attachment as events name it; its bytes are the blob `sha256`."""

    sha256: str
    media_type: str
    name: str

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


@dataclass
class Item:
    """`seq` is the event that began it; `at` is when, in seconds since 1970."""

    seq: int
    at: float


@dataclass
class Said(Item):
    """A message to the process. `source` is `user`, or another process."""

    text: str
    files: tuple[File, ...] = ()
    source: str = "user"


@dataclass
class Answer(Item):
    """What the model answers. `code` where it is the source of a page rather than Markdown."""

    text: str = ""
    done: bool = False
    code: bool = False
    cut: bool = False
    interrupted: bool = False
    tokens: int = 0
    seconds: float = 0.0


@dataclass
class Called(Item):
    """A syscall. `by` is `model`, `kernel` or `person`; without `done` it is under way."""

    tool: str
    arguments: Json
    by: str = "model"
    done: bool = False
    result: Json = None
    error: str = ""
    blob: str = ""
    chars: int = 0
    files: tuple[File, ...] = ()
    seconds: float = 0.0
    progress: str = ""


@dataclass
class Asked(Item):
    """A question to a person. Open while `choice` is empty and it is not `closed`."""

    pid: int
    about: str
    tool: str
    arguments: Json
    text: str
    choices: tuple[str, ...]
    choice: str = ""
    by: str = ""
    closed: bool = False

    @property
    def open(self) -> bool:
        return not (self.choice or self.closed)


@dataclass
class Finished(Item):
    """What a process that is no conversation came to, such as a website."""

    result: Json


@dataclass
class Trouble(Item):
    """What went wrong, in one sentence that says what to do. `retry` where asking again may help."""

    sentence: str
    retry: bool = True


@dataclass
class Note(Item):
    """A line about what happened beside the talk. One that is `rewound` marks where it was gone back in it."""

    text: str
    kind: Literal["plain", "end", "rewound"] = "plain"
    data: dict[str, Json] = field(default_factory=dict)
