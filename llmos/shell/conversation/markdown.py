"""Markdown that a model wrote, shown as it streams: HTML is text, no link opens by itself, nothing becomes markup.

A long text is shown in sections, so that what grows costs what its last section costs.
"""

from __future__ import annotations

import asyncio
import re
import time

from markdown_it import MarkdownIt
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownTable, MarkdownTableCellContents, MarkdownTableContent
from textual.widgets.markdown import MarkdownFence

from llmos.shell.keyboard import keyboard_of
from llmos.shell.text import Cleaner

MIN_SECONDS = 0.1
MAX_SECONDS = 1.0
BITE_CHARS = 240  # drawn at once; more would keep a key waiting
REST = 3  # for each second of drawing so many are left to all else; one where much waits
SECTION_CHARS = 1_000
PART = re.compile(r"(?<=\n\n)(?=#|[^\W\d_])")  # where a heading or a paragraph begins
FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)


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


class Code(MarkdownFence):
    """Code in the language it names; where it names none, no language is guessed, which takes Pygments a second."""

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:
        return super().highlight(code, language.split(" ")[0] or "text", ansi, dark)


class Section(Markdown):
    DEFAULT_CSS = """
    Section { padding: 0; background: transparent; }
    Section > Code { margin: 0 0 1 0; }
    Section MarkdownH1 { content-align: left middle; margin: 0 0 1 0; }
    Section MarkdownFence > Label { padding: 0 1; }
    """
    BLOCKS = Markdown.BLOCKS | {"table_open": QuietTable, "fence": Code, "code_block": Code}

    def __init__(self, text: str) -> None:
        super().__init__(text or None, parser_factory=parser, open_links=False)
        self.drawn = asyncio.Event()
        self.folded = False

    def on_markdown_table_of_contents_updated(self, event: Markdown.TableOfContentsUpdated) -> None:
        """Textual posts it when a whole text has been drawn."""
        event.stop()
        self.drawn.set()

    def fold(self, away: bool) -> None:
        """Take what it holds out of the layout, or back in; its height stays."""
        if away and self.drawn.is_set() and self.size.height and not self.folded:
            self.styles.height = self.size.height
        elif not away and self.folded:
            self.styles.height = None
        else:
            return
        self.folded = away
        for child in self.children:
            child.display = not away


class SafeMarkdown(Vertical):
    """Shows a text from outside. `grow` may be called hundreds of times a second."""

    DEFAULT_CSS = "SafeMarkdown { height: auto; width: 1fr; }"

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._begin(text)
        self._drawing: asyncio.Task[None] | None = None
        self._composed = asyncio.Event()

    def on_mount(self) -> None:
        self._composed.set()

    def _begin(self, text: str) -> None:
        self._cleaner, self.given, self._pending = Cleaner(), text, ""
        self._first = sections(self._clean(text))
        self._last = self._first[-1]

    def _clean(self, text: str) -> str:
        return self._cleaner.add(text)

    def compose(self) -> ComposeResult:
        yield from map(Section, self._first)

    def grow(self, text: str) -> None:
        """Show more text soon: pieces that come faster than they can be drawn are drawn together."""
        self.given += text
        self._pending += self._clean(text)
        if self._drawing is None or self._drawing.done():
            self._drawing = asyncio.create_task(self._draw(), name="draw markdown")

    async def become(self, text: str) -> None:
        """Show another text instead."""
        await self.settle()
        self._begin(text)
        async with self.batch():
            await self.remove_children()
            await self.mount_all(map(Section, self._first))

    async def settle(self) -> None:
        """Wait until all that was given is on the screen."""
        if self._drawing is not None:
            await self._drawing

    async def ready(self) -> None:
        """Returns when the text it began with is drawn."""
        await self._composed.wait()
        await asyncio.gather(*(section.drawn.wait() for section in self.query_children(Section)))

    def finished(self) -> list[Section]:
        """The sections that do not grow any more."""
        found = list(self.query_children(Section))
        return found[:-1] if self._drawing is not None and not self._drawing.done() else found

    def code_blocks(self) -> list[str]:
        return [fence.code for fence in self.query(MarkdownFence)]

    async def _draw(self) -> None:
        await self._composed.wait()
        keyboard = keyboard_of(self)
        while self._pending and self.is_attached:
            await keyboard.gap()
            started = time.process_time()
            text, self._pending = self._pending[:BITE_CHARS], self._pending[BITE_CHARS:]
            await self._append(text)
            await self._shown()
            taken = time.process_time() - started
            rest = 1 if len(self._pending) > 2 * BITE_CHARS else REST
            await asyncio.sleep(min(MAX_SECONDS, max(MIN_SECONDS, rest * taken)))

    async def _append(self, text: str) -> None:
        whole = self._last + text
        first, *others = sections(whole, len(self._last))
        await self.query_children(Section).last().append(first[len(self._last) :])
        if others:
            await self.mount_all(map(Section, others))
        self._last = others[-1] if others else first

    async def _shown(self) -> None:
        """Until what was appended has been laid out and painted."""
        painted = asyncio.Event()
        if self.call_after_refresh(painted.set):
            await painted.wait()


def sections(text: str, fixed: int = 0) -> list[str]:
    """The text in parts that can be drawn apart: long enough, and each begun by a heading or paragraph outside code.

    The first `fixed` characters stay together.
    """
    parts, start = [], 0
    for found in PART.finditer(text, max(0, fixed - 2)):
        at = found.start()
        if at >= fixed and at - start >= SECTION_CHARS and len(FENCE.findall(text, start, at)) % 2 == 0:
            parts.append(text[start:at])
            start = at
    return [*parts, text[start:]]
