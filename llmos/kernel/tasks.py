"""The kinds of tasks that a chat app is given, told by examples: `examples/*.toml` of its folder.

Each file names the tools that such a task needs, what the model is told when it is offered them, and messages that ask
for it. With `[capabilities] choose`, a message is offered the tools of the tasks that it is most like.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from llmos.errors import AppError
from llmos.kernel.app import Section

Brought = Literal["", "picture", "recording", "address", "path"]

ADDRESS = re.compile(
    r"\bhttps?://\S+|\bwww\.[\w-]+\.\S+|\blocalhost:\d+\S*"
    r"|(?<![\w.@/~-])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|info|io|eu|de|fr|es|it|nl|uk|ch|at|example)\b(?:/\S*)?",
    re.I,
)
FILE_TYPES = "txt|md|pdf|docx?|xlsx?|odt|ods|csv|json|html?|py|js|sh|log|toml|ya?ml|ini|rtf|xml|zip|ics"
PATH = re.compile(
    rf"(?<![\w.~/])(?:~|\.{{1,2}})?/[\w.-]*[A-Za-z][^\s,;:!?\"'`)]*|(?<![\w./~-])[\w-]+\.(?:{FILE_TYPES})\b"
)
SHOWN_CHARS = 400  # of a long message, its beginning and its end tell what is wanted


class Task(Section):
    """One file of `examples/`, named after it."""

    name: str = ""
    tools: tuple[str, ...] = Field((), description="Tools that it needs, granted under [capabilities]; none for talk.")
    told: str = Field("", description="What the model is told when it is offered these tools.")
    first: bool = Field(False, description="Whether its answer begins with a call; small models guess otherwise.")
    remind: bool = Field(
        False,
        description="Whether what was asked is said again with each result, to be gone on with; for small models.",
    )
    when: Brought = Field(
        "", description="What a message must bring: a picture, a recording, the address of a page, the path of a file."
    )
    messages: tuple[str, ...] = Field((), description="What people say who want it.")


@dataclass(frozen=True)
class Asked:
    """What tells of a message which tools it needs: its words, what it brings, and what came `before` it."""

    words: str
    brings: frozenset[Brought] = frozenset()
    before: frozenset[Brought] = frozenset()


def asked(
    text: str, before: frozenset[Brought] = frozenset(), *, picture: bool = False, recording: bool = False
) -> Asked:
    """Addresses and paths are taken out of the words: what they are called says nothing of what is wanted."""
    shown = text if len(text) <= 2 * SHOWN_CHARS else f"{text[:SHOWN_CHARS]}\n{text[-SHOWN_CHARS:]}"
    without, num_addresses = ADDRESS.subn("this page", shown)
    words, num_paths = PATH.subn(_spoken_of, without)
    found: dict[Brought, bool] = {
        "picture": picture,
        "recording": recording,
        "address": num_addresses > 0,
        "path": num_paths > 0,
    }
    brings = frozenset(brought for brought, there in found.items() if there)
    return Asked(words, brings, before - brings)


def load_tasks(folder: Path) -> list[Task]:
    """The tasks of an app folder. Raises AppError with the file and what is wrong in it."""
    return [_load(file) for file in sorted((folder / "examples").glob("*.toml"))]


def _spoken_of(path: re.Match[str]) -> str:
    return "this file" if "." in path[0].rpartition("/")[2].lstrip(".") else "this folder"


def _load(file: Path) -> Task:
    try:
        return Task(**{**tomllib.loads(file.read_text("utf-8")), "name": file.stem})
    except ValidationError as error:
        first = error.errors()[0]
        raise AppError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AppError(f"{file} is not valid TOML: {error}.") from error
