"""What a person, or another process, said."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from llmos.shell.conversation.blocks.attached import Attached
from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.items import Said
from llmos.shell.link import Link
from llmos.shell.text import clean, one_line


class SaidBlock(Block):
    DEFAULT_CSS = """
    SaidBlock {
        border-left: outer $primary; background: $primary 12%; padding: 0 1;
        &:ansi { background: transparent; border-left: thick ansi_blue; }
        .who { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("e", "edit", "Edit and send again")]

    class Edit(Message):
        def __init__(self, item: Said) -> None:
            super().__init__()
            self.item = item

    item: Said

    def __init__(self, item: Said, link: Link) -> None:
        super().__init__(item)
        self._link = link

    def compose(self) -> ComposeResult:
        if self.item.source != "user":
            yield Static(Content(f"from {one_line(self.item.source)}"), classes="who")
        if self.item.text:
            yield Static(Content(clean(self.item.text)), markup=False)
        yield from (Attached(file, self._link) for file in self.item.files)

    def copied(self) -> str:
        return self.item.text

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.item.source == "user" if action == "edit" else True

    def action_edit(self) -> None:
        self.post_message(self.Edit(self.item))
