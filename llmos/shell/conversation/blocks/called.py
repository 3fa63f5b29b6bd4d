"""A syscall: one line, and on demand what it was called with and what it gave."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmos.errors import LlmosError
from llmos.shell.conversation.arguments import in_short, result_shown, result_text
from llmos.shell.conversation.blocks.arguments import Arguments
from llmos.shell.conversation.blocks.attached import Attached
from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.items import Called
from llmos.shell.link import Link
from llmos.shell.text import one_line


class CalledBlock(Block):
    DEFAULT_CSS = """
    CalledBlock {
        .line { color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        .body { height: auto; padding: 0 0 0 2; display: none; }
        .part { color: $text-muted; text-style: bold; }
        .pictures { height: auto; padding: 0 0 0 2; }
    }
    CalledBlock.open .body { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "unfold", "Open or close", key_display="enter")]

    item: Called

    def __init__(self, item: Called, link: Link, *, expanded: bool = False) -> None:
        self._head, self._body = Static(classes="line"), Vertical(classes="body")
        self._pictures = Vertical(classes="pictures")
        super().__init__(item, self._head, self._body, self._pictures)
        self._link = link
        self._whole = ""
        self._num_files = 0
        self.set_class(expanded, "open")

    async def on_mount(self) -> None:
        await self.changed()

    async def changed(self) -> None:
        if not self.is_attached:
            return
        self._head.update(self._line())
        if self.has_class("open"):
            await self._fill()
        new, self._num_files = self.item.files[self._num_files :], len(self.item.files)
        await self._pictures.mount_all(Attached(file, self._link) for file in new)
        self._pictures.display = bool(self._pictures.children)

    def copied(self) -> str:
        return self._result()

    def on_click(self) -> None:
        self.action_unfold()

    @work
    async def action_unfold(self) -> None:
        self.toggle_class("open")
        self._head.update(self._line())
        if self.has_class("open"):
            await self._fetch()
            await self._fill()

    def _line(self) -> Content:
        item = self.item
        mark = "▾" if self.has_class("open") else "▸"
        state = "✗" if item.error else "✓" if item.done else "…"
        tail = one_line(item.error.partition("\n")[0], 60) if item.error else item.progress or _time(item)
        return Content.assemble(
            f"{mark} {state} ",
            (one_line(item.tool, 40), "bold"),
            "  ",
            (one_line(tail, 80), "italic"),
            "  ",
            in_short(item.arguments),
        )

    async def _fetch(self) -> None:
        if self.item.blob and not self._whole:
            try:
                self._whole = (await self._link.blob(self.item.blob)).decode("utf-8", "replace")
            except LlmosError as error:
                self._whole = str(error)

    def _result(self) -> str:
        item = self.item
        return item.error or self._whole or (result_text(item.result) if item.result is not None else "")

    async def _fill(self) -> None:
        parts: list[Widget] = [Arguments(self.item.arguments)]
        if self.item.done:
            refused = self.item.error and self.item.result is None
            said = "refused" if refused else f"gave, after {self.item.seconds:.1f} s"
            parts += [Static(said, classes="part"), Static(Content(result_shown(self._result()) or "nothing"))]
        async with self.batch():
            await self._body.remove_children()
            await self._body.mount_all(parts)


def _time(item: Called) -> str:
    return f"{item.seconds:.1f} s" if item.done else "runs"
