"""What the model answers, as it comes."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Markdown, Static

from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.items import Answer
from llmos.shell.conversation.markdown import SafeMarkdown, Section

FENCE = "~~~~~~"


class AnswerBlock(Block):
    DEFAULT_CSS = "AnswerBlock { margin: 0; .end { color: $text-muted; margin: 0 0 1 0; } }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "copy_code", "Copy code"),
        Binding("r", "retry", "Ask again"),
    ]

    class Retry(Message):
        """The person wants another answer."""

    class Link(Message):
        """The person chose a link; `href` is what it leads to."""

        def __init__(self, href: str) -> None:
            super().__init__()
            self.href = href

    item: Answer

    def __init__(self, item: Answer) -> None:
        self.markdown = SafeMarkdown(_shown(item))
        self._end = Static(classes="end")
        super().__init__(item, self.markdown, self._end)
        self._num_copied = 0
        self._show_end()

    def sections(self) -> list[Section]:
        return self.markdown.finished()

    async def grown(self, text: str) -> None:
        self.markdown.grow(text)

    async def changed(self) -> None:
        await self.markdown.settle()
        if self.markdown.given != _shown(self.item) and self.is_attached:
            await self.markdown.become(_shown(self.item))
        self._show_end()

    async def ready(self) -> None:
        await self.markdown.ready()

    def copied(self) -> str:
        return self.item.text

    def action_retry(self) -> None:
        self.post_message(self.Retry())

    def action_copy_code(self) -> None:
        """The last block of code; again, the one before it."""
        blocks = self.markdown.code_blocks()
        if not blocks:
            self.app.notify("There is no code in this answer; c copies all of it.", timeout=3)
            return
        number = len(blocks) - 1 - self._num_copied % len(blocks)
        self._num_copied += 1
        self.app.copy_to_clipboard(blocks[number])
        self.app.notify(f"Code block {number + 1} of {len(blocks)} copied.", timeout=2)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        event.stop()
        self.post_message(self.Link(event.href))

    def _show_end(self) -> None:
        self._end.update(_end(self.item))
        self._end.display = bool(_end(self.item).plain)


def _shown(item: Answer) -> str:
    return f"{FENCE}html\n{item.text}" if item.code else item.text


def _end(item: Answer) -> Content:
    if item.interrupted:
        return Content("… interrupted")
    return Content("… cut: it reached the app's limit for one answer; say “go on”") if item.cut else Content("")
