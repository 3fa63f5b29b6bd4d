"""The part of a conversation that is on the screen: of a long one only a window exists, which scrolling moves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual import events, work
from textual.containers import VerticalScroll
from textual.widget import Widget

from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.blocks.choose import block_of
from llmos.shell.conversation.items import Item
from llmos.shell.conversation.record import Change, What
from llmos.shell.link import Link

PAGE = 12
MAX_BLOCKS = 36  # more than a screen of most terminals, and quick to lay out
NEAR_ROWS = 10
DRAW_SECONDS = 2.0
FOLD_SECONDS = 0.3


class Transcript(VerticalScroll, can_focus=False):
    """Shows `items`, the newest at the end, which stays in sight until the person scrolls away."""

    DEFAULT_CSS = """
    Transcript { height: 1fr; padding: 1 0 0 1; scrollbar-size-vertical: 1; overflow-x: hidden; }
    Transcript > .hidden { display: none; }
    """

    def __init__(self, link: Link, items: list[Item]) -> None:
        super().__init__()
        self._link, self._items = link, items
        self._blocks: dict[int, Block] = {}
        self._first = self._end = 0
        self._moving = asyncio.Lock()
        self._width = 0
        self._folded_at = (0, 0, 0)

    def on_mount(self) -> None:
        self.anchor()
        self.set_interval(FOLD_SECONDS, self._fold)

    def on_resize(self, event: events.Resize) -> None:
        """Another width gives other heights."""
        if event.size.width != self._width:
            self._width = event.size.width
            for block in self.blocks:
                for section in block.sections():
                    section.fold(away=False)

    def _fold(self) -> None:
        """Take what is far from sight out of the layout, so that a layout costs what is seen."""
        place = (round(self.scroll_y), self.virtual_size.height, len(self._blocks))
        if place == self._folded_at or not self.is_attached:
            return
        self._folded_at = place
        rows = self.size.height
        for block in self.blocks:
            inner = block.sections()
            top = block.virtual_region.y - self.scroll_y if inner else 0
            for section in inner:
                at = top + section.virtual_region.y
                section.fold(away=at + section.size.height < -rows / 2 or at > 1.5 * rows)

    @property
    def blocks(self) -> list[Block]:
        return [child for child in self.children if isinstance(child, Block)]

    @property
    def at_end(self) -> bool:
        """Whether the newest is in sight."""
        return self._end == len(self._items) and self.scroll_y >= self.max_scroll_y - 1

    async def show_end(self) -> None:
        """Show the newest items, whatever was shown before."""
        async with self._moving:
            await self.remove_children()
            self._blocks.clear()
            self._end = len(self._items)
            self._first = max(0, self._end - 2 * PAGE)
            await self.mount_all(self._made(self._first, self._end))
            self.anchor()

    async def show(self, seq: int) -> None:
        """Show the item that the event `seq` belongs to, and give it the focus."""
        number = next((n for n, item in enumerate(self._items) if item.seq >= seq), len(self._items) - 1)
        async with self._moving:
            await self.remove_children()
            self._blocks.clear()
            self._first = max(0, number - PAGE)
            self._end = min(len(self._items), number + PAGE)
            blocks = self._made(self._first, self._end)
            await self.mount_all(blocks)
        if blocks:
            blocks[number - self._first].focus()

    async def to_end(self) -> None:
        """Bring the newest into sight, from wherever the person reads."""
        if self._end < len(self._items):
            await self.show_end()
        self.anchor()

    async def apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            await self._apply(change)

    async def _apply(self, change: Change) -> None:
        block = self._blocks.get(id(change.item))
        match change.what:
            case What.NEW:
                await self._add(change.item)
            case What.ANEW:
                await self.show_end()
            case What.GROWN if block is not None:
                await block.grown(change.text)
            case What.CHANGED if block is not None:
                await block.changed()
            case What.GONE if block is not None:
                self._end -= 1
                await self._drop([block])

    async def _add(self, item: Item) -> None:
        async with self._moving:
            if self._end != len(self._items) - 1:
                return  # the person reads far above; it is loaded when they come down
            self._end += 1
            await self.mount_all(self._made(self._end - 1, self._end))
            if self.at_end and len(self._blocks) > MAX_BLOCKS:
                old = self.blocks[: len(self._blocks) - MAX_BLOCKS + PAGE]
                self._first += len(old)
                await self._drop(old)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if abs(new_value - self._folded_at[0]) >= self.size.height:
            self._fold()
        if new_value < old_value and new_value < NEAR_ROWS and self._first > 0:
            self._load_older()
        elif new_value > old_value and new_value > self.max_scroll_y - NEAR_ROWS and self._end < len(self._items):
            self._load_newer()

    @work(group="window")
    async def _load_older(self) -> None:
        async with self._moving:
            if self._first == 0 or self.scroll_y >= NEAR_ROWS:
                return
            start = max(0, self._first - PAGE)
            blocks = self._made(start, self._first)
            reference = self.blocks[0] if self._blocks else None
            self._first = start
            await self._mount_drawn(blocks, before=reference)
            await self._keep_in_place(reference, blocks)
            if len(self._blocks) > 2 * MAX_BLOCKS:
                late = self.blocks[2 * MAX_BLOCKS :]
                self._end -= len(late)
                await self._drop(late)

    @work(group="window")
    async def _load_newer(self) -> None:
        async with self._moving:
            if self._end == len(self._items):
                return
            end = min(len(self._items), self._end + PAGE)
            blocks = self._made(self._end, end)
            self._end = end
            await self._mount_drawn(blocks, before=None)
            for block in blocks:
                block.remove_class("hidden")
            if len(self._blocks) > 2 * MAX_BLOCKS:
                early = self.blocks[:PAGE]
                self._first += len(early)
                reference = self.blocks[PAGE]
                top = reference.virtual_region.y - self.scroll_y
                await self._drop(early)
                self.call_after_refresh(self._scroll_back, reference, top)

    async def _mount_drawn(self, blocks: list[Block], before: Widget | None) -> None:
        """Mount out of sight and wait until all heights are final."""
        for block in blocks:
            block.add_class("hidden")
        await self.mount_all(blocks, before=before)
        try:
            async with asyncio.timeout(DRAW_SECONDS):
                await asyncio.gather(*(block.ready() for block in blocks))
        except TimeoutError:
            return

    async def _keep_in_place(self, reference: Widget | None, blocks: list[Block]) -> None:
        """Let what was mounted above appear without moving what the person reads."""
        top = 0.0 if reference is None else reference.virtual_region.y - self.scroll_y
        for block in blocks:
            block.remove_class("hidden")
        if reference is None:
            return
        moved = asyncio.Event()

        def put_back() -> None:
            self._scroll_back(reference, top)
            moved.set()

        self.call_after_refresh(put_back)
        await moved.wait()

    def _scroll_back(self, reference: Widget, top: float) -> None:
        self.scroll_to(y=reference.virtual_region.y - top, animate=False, immediate=True)

    def _made(self, start: int, end: int) -> list[Block]:
        made = [block_of(item, self._link) for item in self._items[start:end]]
        self._blocks |= {id(block.item): block for block in made}
        return made

    async def _drop(self, blocks: list[Block]) -> None:
        for block in blocks:
            self._blocks.pop(id(block.item), None)
        await self.remove_children(blocks)
