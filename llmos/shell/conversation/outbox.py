"""Messages on their way to a process: they wait until the kernel is there, and go in order."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from pathlib import Path

from llmos.contracts import Json
from llmos.http.client import read_attachment
from llmos.shell.conversation.items import File, Said
from llmos.shell.link import Link


@dataclass
class Outgoing:
    """A message before it is an event. `files` are on this disk, `kept` are already the kernel's.

    It takes the place of the earlier message `instead_of` and of all that came after that one.
    """

    text: str
    files: list[Path] = field(default_factory=list)
    kept: tuple[File, ...] = ()
    instead_of: int | None = None

    @classmethod
    def again(cls, said: Said, *, instead: bool) -> Outgoing:
        return cls(said.text, kept=said.files, instead_of=said.seq if instead else None)

    async def body(self, link: Link) -> dict[str, Json]:
        """As the API takes it. Raises UsageError when a file cannot be read, LlmosError."""
        attachments = [await asyncio.to_thread(read_attachment, path) for path in self.files]
        for file in self.kept:
            data = base64.b64encode(await link.blob(file.sha256)).decode()
            attachments.append({"name": file.name, "media_type": file.media_type, "data": data})
        return {"text": self.text, "attachments": attachments, "instead_of": self.instead_of}

    @property
    def shown(self) -> str:
        names = "".join(f"\n@ {path.name}" for path in self.files) + "".join(f"\n@ {file.name}" for file in self.kept)
        return f"{self.text}{names}".strip()
