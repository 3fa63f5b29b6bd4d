"""One item of a conversation on the screen: can be reached by key, copied, and drawn anew when its item changes."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from llmos.shell.conversation.items import Item
from llmos.shell.conversation.markdown import Section


class Block(Vertical, can_focus=True):
    """Shows `item`. Subclasses compose it, and say in `changed` what is to be drawn again."""

    DEFAULT_CSS = """
    Block {
        height: auto; width: 1fr; margin: 0 0 1 0; padding: 0 1 0 0;
        border-left: blank;
        &:focus { border-left: outer $accent; background: $boost; }
        &:ansi:focus { border-left: thick ansi_bright_blue; background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Up", show=False),
        Binding("down", "step(1)", "Down", show=False),
        Binding("c", "copy", "Copy"),
    ]

    class Step(Message):
        """The person wants the next block, or the one before."""

        def __init__(self, block: Block, by: int) -> None:
            super().__init__()
            self.block, self.by = block, by

    def __init__(self, item: Item, *children: Widget) -> None:
        super().__init__(*children)
        self.item = item

    def copied(self) -> str:
        """What is copied: the text as it came."""
        return ""

    async def changed(self) -> None:
        """The item says something else now."""

    async def grown(self, text: str) -> None:
        """`text` was added to the item."""

    async def ready(self) -> None:
        """Returns when all is drawn, so that the height is final."""

    def sections(self) -> list[Section]:
        """The parts of it that can be taken out of the layout while nobody sees them."""
        return []

    def action_step(self, by: int) -> None:
        self.post_message(self.Step(self, by))

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.copied())
        self.app.notify("Copied.", timeout=2)


def card(widget: str, colour: str, ansi: str) -> str:
    """The styles of a card: a frame in one colour, heavier in the terminal's own colours where it has the keys."""
    return f"""
    {widget} {{ border: round {colour}; padding: 0 1;
        &:focus {{ border: round {colour}; background: {colour} 8%; }}
        &:ansi {{ border: round {ansi}; }}
        &:ansi:focus {{ border: heavy {ansi}; background: transparent; }}
    }}
    """
