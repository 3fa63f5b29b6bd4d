"""Markdown that a model wrote, shown as it streams: HTML is text, no link opens by itself, nothing becomes markup."""

from __future__ import annotations

import asyncio
import time

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownTable, MarkdownTableCellContents, MarkdownTableContent
from textual.widgets.markdown import MarkdownFence

from llmos.shell.text import Cleaner, clean

MIN_SECONDS = 0.04
MAX_SECONDS = 1.5
REST = 4  # for each second of drawing, so many seconds are left to all else


def parser() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"html": False})


class QuietCells(MarkdownTableContent):
    """A table without tooltips: Textual reads those as markup."""

    def compose(self) -> ComposeResult:
        for header in self.headers:
            yield MarkdownTableCellContents(header, classes="header")
        for number, row in enumerate(self.rows, 1):
            for cell in row:
                yield MarkdownTableCellContents(cell, classes=f"row{number} cell")
            self.last_row = number


class QuietTable(MarkdownTable):
    DEFAULT_CSS = "QuietTable { width: auto; max-width: 100%; margin-bottom: 1; }"

    def compose(self) -> ComposeResult:
        self._headers, self._rows = self._get_headers_and_rows()
        yield QuietCells(self._headers, self._rows)


class SafeMarkdown(Markdown):
    """Shows a text from outside. `grow` may be called hundreds of times a second."""

    DEFAULT_CSS = """
    SafeMarkdown { padding: 0; background: transparent; }
    SafeMarkdown > MarkdownBlock:last-child { margin-bottom: 0; }
    SafeMarkdown > MarkdownFence { margin: 0 0 1 0; }
    SafeMarkdown MarkdownH1 { content-align: left middle; margin: 0 0 1 0; }
    SafeMarkdown MarkdownFence > Label { padding: 0 1; }
    """
    BLOCKS = Markdown.BLOCKS | {"table_open": QuietTable}

    def __init__(self, text: str = "") -> None:
        self._cleaner, self.given = Cleaner(), text
        self.drawn = asyncio.Event()
        super().__init__(self._cleaner.add(text) or None, parser_factory=parser, open_links=False)
        self._pending = ""
        self._drawing: asyncio.Task[None] | None = None

    def grow(self, text: str) -> None:
        """Show more text soon: pieces that come faster than they can be drawn are drawn together."""
        self.given += text
        self._pending += self._cleaner.add(text)
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.create_task(self._draw(), name="draw markdown")

    async def become(self, text: str) -> None:
        """Show another text instead."""
        await self.settle()
        self._cleaner, self._pending, self.given = Cleaner(), "", text
        await self.update(clean(text))

    def on_markdown_table_of_contents_updated(self, event: Markdown.TableOfContentsUpdated) -> None:
        """Textual posts it when a whole text has been drawn."""
        event.stop()
        self.drawn.set()

    async def settle(self) -> None:
        """Wait until all that was given is on the screen."""
        if self._drawing is not None:
            await self._drawing

    def code_blocks(self) -> list[str]:
        return [fence.code for fence in self.query(MarkdownFence)]

    async def _draw(self) -> None:
        while self._pending and self.is_mounted:
            text, self._pending = self._pending, ""
            started = time.monotonic()
            await self.append(text)
            taken = time.monotonic() - started
            await asyncio.sleep(min(MAX_SECONDS, max(MIN_SECONDS, REST * taken)))
