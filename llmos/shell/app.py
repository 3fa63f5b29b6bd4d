"""The shell: tabs of conversations, panels, and what the person can do by key or by name."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Event, Key
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer, TextArea

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.shell import garbage
from llmos.shell.actions import Actions
from llmos.shell.boot import PullCard, missing_model
from llmos.shell.choice import Choice
from llmos.shell.conversation.blocks.answer import AnswerBlock
from llmos.shell.conversation.blocks.others import FinishedBlock
from llmos.shell.conversation.greeting import Greeting
from llmos.shell.conversation.view import Conversation
from llmos.shell.help import HelpPage
from llmos.shell.kernel_state import KernelState
from llmos.shell.keyboard import Keyboard
from llmos.shell.link import Link
from llmos.shell.panels import PANELS, OpenEvent, OpenProcess, Panel
from llmos.shell.preferences import Preferences
from llmos.shell.prompt.history import History
from llmos.shell.prompt.prompt import Prompt
from llmos.shell.screens import Help, PanelScreen, Side
from llmos.shell.tabs import TabLabel, TopBar
from llmos.shell.text import one_line

ASSISTANT = "assistant"
TWICE_SECONDS = 2.0
SIDE_COLUMNS = 110  # from this width on a panel stands beside the conversation


class Shell(App[None]):
    """`link` is the line to the kernel. `offers_model` where a missing one is to be fetched; `owns_process` where the
    Python process is the shell's alone."""

    CSS = """
    Screen { background: $background; } #main { height: 1fr; } ContentSwitcher { width: 1fr; height: 1fr; }
    ToastRack { dock: top; align: right top; margin: 1 0 0 0; }
    """
    TITLE = "llmos"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("ctrl+t", "new_tab", "New tab", show=False),
        Binding("ctrl+w", "close_tab", "Close tab", show=False, priority=True),
        Binding("ctrl+pagedown", "turn(1)", "Next tab", show=False, priority=True),
        Binding("ctrl+pageup", "turn(-1)", "Tab before", show=False, priority=True),
        Binding("ctrl+b", "panel", "Panel", show=False, priority=True),
        Binding("ctrl+c", "copy_or_leave", "Copy or end", show=False, priority=True),
        Binding("ctrl+q", "quit", "End", show=False, priority=True),
        *(
            Binding(f"f{n}", f"panel({key!r})", PANELS[key].title, show=False, priority=True)
            for n, key in enumerate(PANELS, 2)
        ),
        *(Binding(f"alt+{n}", f"go({n})", f"Tab {n}", show=False, priority=True) for n in range(1, 10)),
    ]

    def __init__(
        self, link: Link, folder: Path | None = None, *, offers_model: bool = True, owns_process: bool = False
    ) -> None:
        super().__init__()
        self.link, self.folder = link, folder or Path.cwd()
        self._offers_model, self._owns_process = offers_model, owns_process
        self.ready = asyncio.Event()
        self.apps: list[dict[str, Json]] = []
        self.history = History(link.home / "shell" / "history.jsonl")
        self.preferences = Preferences(link.home / "shell" / "preferences.json")
        self._open_before, self._shown_before = set(self.preferences.pids()), self.preferences.shown()
        self.actions = Actions(self)
        # kept, as a query looks only at the screen on top
        self.kernel = KernelState(link)
        self._bar, self._tabs, self._side = TopBar(self.kernel), ContentSwitcher(id="tabs"), Side()
        self._num_opened = 0
        self._asked_to_leave = 0.0
        self._panel = ""
        self.goes_on_plainly = False
        self.keyboard = Keyboard()

    def compose(self) -> ComposeResult:
        yield self._bar
        yield Horizontal(self._tabs, self._side, id="main")
        yield Footer(compact=True)

    async def on_mount(self) -> None:
        self.theme = self.preferences.theme() or self.theme
        self.theme_changed_signal.subscribe(self, lambda theme: self.preferences.keep(theme=theme.name))
        self.link.on_state = partial(self.later, self.kernel.follow)
        await self.open(ASSISTANT, greets=True)
        if self._owns_process:
            garbage.defer()
            self.set_interval(garbage.LOOK_SECONDS, self._tidy)
        self.boot()

    def _tidy(self) -> None:
        """Look for garbage when nobody writes: neither the person nor a model."""
        if self.keyboard.seconds_idle > garbage.QUIET_SECONDS and not any(t.record.busy for t in self.conversations):
            gc.collect()

    # starting

    @work
    async def boot(self) -> None:
        """Offer a model where there is none, then reach the kernel."""
        self.kernel.say("starts …")
        try:
            missing = await asyncio.to_thread(missing_model) if self._offers_model else None
        except LlmosError as error:
            await self.conversation.trouble(str(error))
            return
        if missing is not None:
            self.kernel.say("no model yet")
            card = PullCard(missing)
            await self._tabs.query(Greeting).remove()
            await self.conversation.transcript.mount(card)
            card.focus()
            return
        await self._reach()

    @on(PullCard.Done)
    async def _pulled(self) -> None:
        for card in self._tabs.query(PullCard):
            await card.remove()
        if not self.conversation.record.items:
            await self.conversation.transcript.mount(Greeting())
        self.conversation.prompt.area.focus()
        self.boot()

    async def _reach(self) -> None:
        """Start the kernel or find it, then bring back what was open."""
        try:
            await self.link.connect()
            self.apps = await self.link.get("/apps")
            self.actions.add_apps(self.apps)
            await self._restore(await self.link.get("/processes", last=0))
        except LlmosError as error:
            self.kernel.say("does not start")
            await self.conversation.trouble(f"{error} Type /retry when that is mended.")
            return
        self.ready.set()
        self.kernel.name_model()

    async def _restore(self, living: list[dict[str, Json]]) -> None:
        """Open the tabs that were open in place of the first, unless the person has begun to write there."""
        begun = self.conversation
        for row in living:
            if row["pid"] in self._open_before:
                await self.open(row["app"], pid=row["pid"])
        shown = next((tab for tab in self.conversations if tab.pid and tab.pid == self._shown_before), None)
        if begun.touched or shown is not None:
            self.show(begun if begun.touched or shown is None else shown)
        sessions = [row for row in living if row["session"] and row["kind"] == "chat"]
        others = [row for row in sessions if row["pid"] not in self._open_before]
        names = ", ".join(f"{row['app']} {row['pid']}" for row in others[-5:])
        for greeting in self._tabs.query(Greeting):
            greeting.sessions(f"Talks that go on: {names} · /open and a number shows one" if others else "")
        if len(self.conversations) > 1 and not begun.touched:
            await self.remove_tab(begun, keep=True)

    def later(self, action: Callable[..., object], *arguments: object) -> None:
        """Do it when what happens now is done."""
        self.call_later(action, *arguments)

    # tabs

    @property
    def conversations(self) -> list[Conversation]:
        return [tab for tab in self._tabs.children if isinstance(tab, Conversation)]

    @property
    def conversation(self) -> Conversation:
        """The one on the screen."""
        current = self._tabs.current
        return next(tab for tab in self.conversations if tab.id == current)

    async def open(self, app_name: str, *, pid: int | None = None, greets: bool = False) -> Conversation:
        """A new tab: of a process that runs, or of an app that begins with the first message."""
        for tab in self.conversations:
            if pid is not None and tab.pid == pid:
                self.show(tab)
                return tab
        kind = next((app["kind"] for app in self.apps if app["name"] == app_name), "chat")
        tab = Conversation(
            self.link, app_name, self.ready, self.history, lambda: self.actions.commands,
            session=kind == "chat", greets=greets, folder=self.folder,
        )  # fmt: skip
        self._num_opened += 1
        tab.id = f"tab-{self._num_opened}"
        await self._tabs.add_content(tab, set_current=True)
        if pid is not None:
            tab.attach(pid)
        self.show(tab)
        return tab

    def show(self, tab: Conversation) -> None:
        self._tabs.current = tab.id
        tab.prompt.area.focus()
        self._tabs_changed()

    @work
    async def action_close_tab(self) -> None:
        tab = self.conversation
        if tab.pid is not None and not tab.record.ended:
            choice = await self.push_screen_wait(
                Choice(
                    f"Process {tab.pid} ({tab.app_name}) is alive.",
                    [
                        ("e", "end", "end the process"),
                        ("l", "leave", "close the tab; it goes on, /open shows it again"),
                    ],
                )
            )
            if not choice:
                return
            if choice == "end":
                await self.end(tab)
        await self.remove_tab(tab)

    async def end(self, tab: Conversation) -> None:
        try:
            await self.link.delete(f"/processes/{tab.pid}")
        except LlmosError as error:
            self.notify(one_line(str(error), 300), severity="error", markup=False)

    async def remove_tab(self, tab: Conversation, *, keep: bool = False) -> None:
        """Take a tab away, and show the one beside it unless the one on the screen is to be kept."""
        tabs = self.conversations
        number = tabs.index(tab)
        rest = [other for other in tabs if other is not tab]
        if not rest:
            rest = [await self.open(ASSISTANT, greets=True)]
        if not keep:
            self.show(rest[min(number, len(rest) - 1)])
        await tab.remove()
        self._tabs_changed()

    def action_turn(self, by: int) -> None:
        tabs = self.conversations
        self.show(tabs[(tabs.index(self.conversation) + by) % len(tabs)])

    def action_go(self, number: int) -> None:
        if number <= len(self.conversations):
            self.show(self.conversations[number - 1])

    async def action_new_tab(self) -> None:
        await self.open(ASSISTANT, greets=True)

    @on(TabLabel.Chosen)
    def _tab_chosen(self, event: TabLabel.Chosen) -> None:
        self.action_go(event.number)

    @on(Conversation.Changed)
    def _tab_changed(self, event: Conversation.Changed) -> None:
        tab = event.conversation
        asked = tab.record.open_question()
        if asked is not None and not tab.is_on_screen:
            self.notify(f"{tab.app_name} {tab.pid} asks: {one_line(asked.text, 120)}", timeout=6, markup=False)
        self._tabs_changed()

    @work(exclusive=True, group="tabs")
    async def _tabs_changed(self) -> None:
        tabs = self.conversations
        active = tabs.index(self.conversation)
        await self._bar.show([tab.label for tab in tabs], active)
        pids = [tab.pid for tab in tabs if tab.pid and not tab.record.ended]
        self.preferences.keep(pids=pids, shown=tabs[active].pid)

    # keys

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            self.keyboard.press()
        await super().on_event(event)

    def action_focus_prompt(self) -> None:
        self.conversation.prompt.area.focus()

    def action_help(self) -> None:
        self.push_screen(Help(HelpPage(self.actions.commands)))

    def action_copy_or_leave(self) -> None:
        """Copy what is selected; else empty the prompt; else end, when asked twice."""
        selected = self.screen.get_selected_text()
        focused = self.screen.focused
        if selected is None and isinstance(focused, TextArea):
            selected = focused.selected_text or None
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
        elif isinstance(focused, TextArea) and focused.text:
            focused.clear()
        elif time.monotonic() - self._asked_to_leave < TWICE_SECONDS:
            self.exit()
        else:
            self._asked_to_leave = time.monotonic()
            self.notify("ctrl+c again ends the shell; processes go on.", timeout=TWICE_SECONDS)

    def action_panel(self, name: str = "") -> None:
        """Open a panel, or close the one that is open."""
        side = self._side
        if isinstance(self.screen, PanelScreen):
            shown = self._panel
            self.screen.dismiss(None)
            if name not in ("", shown):
                self.later(self.action_panel, name)
        elif len(self.screen_stack) > 1:
            return
        elif side.has_class("open") and name in ("", self._panel):
            side.remove_class("open")
            self.action_focus_prompt()
        else:
            self._panel = name or self._panel or next(iter(PANELS))
            tab = self.conversation
            self._open_panel(PANELS[self._panel](self.link).begin_at(tab.app_name, tab.pid))

    @work(exclusive=True, group="panel")
    async def _open_panel(self, panel: Panel) -> None:
        if self.size.width < SIDE_COLUMNS:
            await self.push_screen(PanelScreen(panel))
            return
        side = self._side
        await side.remove_children()
        await side.mount(panel)
        side.add_class("open")
        panel.focus()

    # messages of the panels and conversations

    @on(OpenProcess)
    @on(OpenEvent)
    async def _open_process(self, event: OpenProcess | OpenEvent) -> None:
        if isinstance(self.screen, PanelScreen):
            await self.screen.dismiss(None)
        try:
            row = await self.link.get(f"/processes/{event.pid}")
        except LlmosError as error:
            self.notify(one_line(str(error), 300), severity="warning", markup=False)
            return
        tab = await self.open(row["app"], pid=event.pid)
        if isinstance(event, OpenEvent):
            tab.go_to(event.seq)

    @on(Prompt.Line)
    async def _line(self, event: Prompt.Line) -> None:
        await self.actions.run(event.line)

    @on(Greeting.Try)
    async def _try(self, event: Greeting.Try) -> None:
        await self.actions.try_out(event.number)

    @on(FinishedBlock.Serve)
    async def _serve(self, event: FinishedBlock.Serve) -> None:
        await self.actions.start(event.app_name)

    @on(AnswerBlock.Link)
    @work
    async def _link_chosen(self, event: AnswerBlock.Link) -> None:
        choices = [("c", "copy", ""), ("o", "open", "in the browser")]
        if not event.href.lower().startswith(("http://", "https://")):
            choices = choices[:1]
        choice = await self.push_screen_wait(Choice(f"This link leads to\n{event.href}", choices))
        if choice == "copy":
            self.copy_to_clipboard(event.href)
        elif choice == "open":
            self.open_url(event.href)

    def get_system_commands(self, screen: Screen[object]) -> list[SystemCommand]:
        commands = self.actions.commands
        return [
            *(
                SystemCommand(command.usage, command.summary, self.actions.from_palette(command))
                for command in commands
            ),
            SystemCommand("theme", "Choose the colours", self.search_themes),
        ]
