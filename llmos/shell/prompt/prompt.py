"""The prompt: what is written, what may be meant, and what was written before."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from llmos.shell.prompt.area import PromptArea
from llmos.shell.prompt.commands import Commands
from llmos.shell.prompt.files import completions, open_mention, taken_out
from llmos.shell.prompt.history import History
from llmos.shell.text import one_line

MAX_ROWS = 8


class Offers(StrEnum):
    """What the list above the prompt holds."""

    NOTHING = ""
    COMMANDS = "commands"
    FILES = "files"
    HISTORY = "history"


class Prompt(Vertical):
    DEFAULT_CSS = """
    Prompt { height: auto; max-height: 22; border-top: solid $primary 50%; padding: 0 1;
        &:focus-within { border-top: solid $primary; }
        #offers { height: auto; max-height: 8; border: none; padding: 0; background: $surface; display: none;
            scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #offers.shown { display: block; }
        #line { height: auto; }
        #sign { width: 2; color: $primary; text-style: bold; }
        #files { color: $text-muted; height: auto; display: none; }
        &:ansi { border-top: solid ansi_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close the list", show=False)]

    class Sent(Message):
        """A message, with the files it mentions."""

        def __init__(self, text: str, files: list[Path]) -> None:
            super().__init__()
            self.text, self.files = text, files

    class Line(Message):
        """A command, such as `/help` or `!ls`."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    class Leave(Message):
        """The person wants to read what was said: -1 a page up, 1 a page down, 0 by block."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self, history: History, commands: Callable[[], Commands], folder: Path) -> None:
        super().__init__()
        self._history, self._commands, self._folder = history, commands, folder
        self._offers = Offers.NOTHING
        self._values: list[str] = []
        self._draft = ""
        self._quiet = ""  # a text for which nothing is offered

    def compose(self) -> ComposeResult:
        yield OptionList(id="offers", markup=False, compact=True)
        with Horizontal(id="line"):
            yield Static("❯ ", id="sign")
            yield PromptArea()
        yield Static(id="files")

    def on_mount(self) -> None:
        self.query_one("#offers").can_focus = False

    @property
    def area(self) -> PromptArea:
        return self.query_one(PromptArea)

    @property
    def text(self) -> str:
        return self.area.text

    def put(self, text: str) -> None:
        self._quiet = text
        self.area.put(text)
        self.area.focus()

    def placeholder(self, text: str) -> None:
        self.area.placeholder = text

    @on(PromptArea.Wants)
    def _wanted(self, event: PromptArea.Wants) -> None:
        event.stop()
        match event.what:
            case "submit" if self._offers is Offers.HISTORY:
                self._take()
            case "submit" if self._is_half_a_command():
                self._take()
            case "submit":
                self._submit()
            case "complete" if self._offers:
                self._take()
            case "up" | "down" if self._offers:
                self._move(event.what)
            case "up" | "down":
                self._recall(event.what)
            case "search":
                self._search()
            case "page_up" | "page_down":
                self.post_message(self.Leave(1 if event.what == "page_down" else -1))
            case "leave" | "complete":
                self.post_message(self.Leave(0))

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self.text
        self.query_one("#sign", Static).update("! " if text.startswith("!") else "/ " if text[:1] == "/" else "❯ ")
        self._tell_files(text)
        if self._offers is Offers.HISTORY:
            self._show(Offers.HISTORY, [(entry, "") for entry in self._history.search(text)])
        elif text != self._quiet:
            self._quiet = ""
            self._offer(text)

    def _offer(self, text: str) -> None:
        started = open_mention(self.area.before_cursor)
        if text.startswith("/") and "\n" not in text:
            self._show(Offers.COMMANDS, self._commands().completions(text))
        elif started is not None and not text.startswith("!"):
            self._show(Offers.FILES, [(path, "") for path in completions(started, self._folder)])
        else:
            self._close()

    def _show(self, offers: Offers, found: list[tuple[str, str]]) -> None:
        listed = self.query_one("#offers", OptionList)
        if not found and offers is not Offers.HISTORY:
            self._close()
            return
        self._offers, self._values = offers, [value for value, _ in found]
        listed.set_options([Option(_option(value, told)) for value, told in found])
        listed.highlighted = 0 if found else None
        listed.border_title = "history" if offers is Offers.HISTORY else ""
        listed.add_class("shown")
        self.area.wants_keys = True

    def _close(self) -> None:
        self._offers, self._values = Offers.NOTHING, []
        self.query_one("#offers").remove_class("shown")
        self.area.wants_keys = False

    def _move(self, direction: str) -> None:
        listed = self.query_one("#offers", OptionList)
        listed.action_cursor_down() if direction == "down" else listed.action_cursor_up()

    def _is_half_a_command(self) -> bool:
        """Whether a command's name is not complete yet, so that Enter completes rather than sends it."""
        if self._offers is not Offers.COMMANDS:
            return False
        chosen, text = self._chosen().split(" ")[0], self.text.strip()
        return " " not in text and chosen != text

    def _chosen(self) -> str:
        number = self.query_one("#offers", OptionList).highlighted
        return self._values[number] if number is not None and number < len(self._values) else ""

    def _take(self) -> None:
        """Let what is chosen in the list stand in the prompt."""
        offers, chosen = self._offers, self._chosen()
        self._close()
        if offers is Offers.HISTORY:
            self.put(chosen or self.text)
        elif offers is Offers.COMMANDS and chosen:
            self._take_command(chosen)
        elif offers is Offers.FILES and chosen:
            self._take_file(chosen)

    def _take_command(self, chosen: str) -> None:
        """A name whose command takes nothing is sent at once; else the argument is asked for."""
        name, _, rest = chosen.partition(" ")
        if rest.isupper() or rest.startswith("["):
            self.area.put(f"{name} ")
            return
        self.put(chosen)
        if not rest:
            self._submit()

    def _take_file(self, chosen: str) -> None:
        started = open_mention(self.area.before_cursor) or ""
        row, column = self.area.cursor_location
        quote = '"' if " " in chosen or self.area.before_cursor[: column - len(started)].endswith('"') else ""
        begin = column - len(started) - (1 if self.area.before_cursor[: column - len(started)].endswith('"') else 0)
        is_folder = chosen.endswith("/")
        end = "" if is_folder else f"{quote} "
        self.area.replace(f"{quote}{chosen}{end}", (row, begin), (row, column))

    def _recall(self, direction: str) -> None:
        found = self._history.back(self.text) if direction == "up" else self._history.forward()
        if found is not None:
            self.put(found)

    def _search(self) -> None:
        if self._offers is Offers.HISTORY:
            self._move("down")
            return
        self._draft = self.text
        self._show(Offers.HISTORY, [(entry, "") for entry in self._history.search(self.text)])

    def action_dismiss(self) -> None:
        searched = self._offers is Offers.HISTORY
        self._close()
        self._quiet = self.text
        if searched:
            self.put(self._draft)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._offers) if action == "dismiss" else True

    def _submit(self) -> None:
        text = self.text.strip()
        self._close()
        if not text:
            return
        self._history.add(text)
        self.area.put("")
        if text[0] in "/!":
            self.post_message(self.Line(text))
        else:
            self.post_message(self.Sent(*taken_out(text, self._folder)))

    def _tell_files(self, text: str) -> None:
        files = taken_out(text, self._folder)[1] if "@" in text else []
        told = self.query_one("#files", Static)
        told.display = bool(files)
        if files:
            told.update(Content("with " + ", ".join(f"{one_line(f.name, 40)} ({_size(f)})" for f in files)))


def _option(value: str, told: str) -> Content:
    shown = one_line(value, 100)
    return Content.assemble(f"{shown:<22} ", (told, "dim")) if told else Content(shown)


def _size(path: Path) -> str:
    num_bytes = path.stat().st_size
    return f"{num_bytes / 2**20:.1f} MiB" if num_bytes >= 2**20 else f"{max(1, num_bytes // 1024)} KiB"
