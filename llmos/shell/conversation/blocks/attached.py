"""A file that came with a message or a result: its name, and the picture where it is one."""

from __future__ import annotations

import asyncio

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from llmos.errors import LlmosError
from llmos.shell.conversation.items import File
from llmos.shell.conversation.pictures import decoded, picture_widget
from llmos.shell.link import Link
from llmos.shell.text import one_line


class Attached(Vertical):
    DEFAULT_CSS = "Attached { height: auto; .name { color: $text-muted; } }"

    def __init__(self, file: File, link: Link) -> None:
        super().__init__()
        self._file, self._link = file, link

    def compose(self) -> ComposeResult:
        name = one_line(self._file.name, 80) or one_line(self._file.media_type, 40)
        yield Static(Content(f"@ {name}"), classes="name")

    def on_mount(self) -> None:
        if self._file.is_picture:
            self._show()

    @work
    async def _show(self) -> None:
        try:
            data = await self._link.blob(self._file.sha256)
        except LlmosError as error:
            await self.mount(Static(Content(one_line(str(error))), classes="name"))
            return
        picture = await asyncio.to_thread(decoded, data)
        if picture is not None and self.is_attached:
            await self.mount(picture_widget(picture, self.app.size.height))
