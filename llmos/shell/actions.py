"""What the shell can do by name. The / commands, the palette and the help are this one list."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from llmos import paths
from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.shell import voice
from llmos.shell.conversation.greeting import TRY
from llmos.shell.conversation.items import Called
from llmos.shell.conversation.outbox import Outgoing
from llmos.shell.panels import PANELS
from llmos.shell.prompt.commands import Command, Commands
from llmos.shell.prompt.files import completions, mention
from llmos.shell.text import one_line

if TYPE_CHECKING:
    from llmos.shell.app import Shell

SKETCH = ("apps", "sketch-to-website", "examples", "guestbook.jpg")


class Actions:
    """`run` does what a line that begins with / or ! says."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.commands = Commands(self._all())

    def _all(self) -> Sequence[Command]:
        shell = self._shell
        listed = [
            Command("help", "Keys and commands", _plainly(shell.action_help), keys="f1"),
            Command("app", "Start an app in a new tab", self.start, "NAME", self._app_names),
            Command("open", "Show a process in a tab", self._open, "PID"),
            Command("attach", "Add a file to the message", self._attach, "FILE", self._files),
            Command("retry", "Ask the last thing again", self._retry),
            Command("edit", "Say the last message otherwise, in its place", _plainly(self._edit)),
            Command("undo", "Go back to what was said before /edit or /retry", _plainly(self._undo)),
            Command("copy", "Copy the last answer", _plainly(lambda: shell.conversation.copy_answer())),
            Command("clear", "Begin anew in this tab; the old process is ended", self._clear),
            Command("new", "New tab", lambda _: shell.action_new_tab(), keys="ctrl+t"),
            Command("close", "Close the tab", _plainly(shell.action_close_tab), keys="ctrl+w"),
            Command("talk", "Talk by voice with this app; it takes the terminal", self._talk),
            Command("model", "Which model thinks", self._model, "[NAME]"),
            Command("theme", "Choose the colours", _plainly(shell.search_themes)),
            Command("plain", "Go on in plain lines, for a screen reader", self._plain),
            Command("quit", "End the shell; processes go on", _plainly(shell.exit), keys="ctrl+q"),
        ]
        panels = [
            Command(key, f"Panel: {panel.title}", _plainly(partial(shell.action_panel, key)), keys=f"f{number}")
            for number, (key, panel) in enumerate(PANELS.items(), 2)
        ]
        return [*listed, *panels]

    def add_apps(self, apps: Sequence[dict[str, Json]]) -> None:
        """Let each app be started by /its-name."""
        for app in apps:
            name = app["name"]
            self.commands.add(Command(name, one_line(app["summary"], 70), self._starter(name)))

    def _starter(self, name: str) -> Callable[[str], Awaitable[None]]:
        return lambda _: self.start(name)

    async def run(self, line: str) -> None:
        if line.startswith("!"):
            self._shell.run_worker(self._run_shell(line[1:].strip()))
            return
        found = self.commands.find(line)
        if found is None:
            self._tell(f"There is no command {line.split()[0]}; /help lists them.")
            return
        command, argument = found
        await command.run(argument)

    def from_palette(self, command: Command) -> Callable[[], None]:
        """Run it, or where it takes something, begin its line in the prompt."""
        if command.argument:
            return partial(self._shell.conversation.prompt.put, f"/{command.name} ")
        return partial(self._shell.later, command.run, "")

    async def start(self, name: str) -> None:
        """An app in a new tab: a talk begins with the first message, a backend is served at once."""
        app = next((app for app in self._shell.apps if app["name"] == name), None)
        if app is None:
            await self._refresh_apps()
            app = next((app for app in self._shell.apps if app["name"] == name), None)
        if app is None:
            self._tell(
                f"There is no app {one_line(name, 40)!r}; /app and tab lists them." if name else "Say which app."
            )
        elif app["kind"] == "backend":
            self._shell.run_worker(self._serve(name))
        else:
            tab = await self._shell.open(name)
            tab.prompt.placeholder(one_line(app["summary"], 120))

    async def try_out(self, number: int) -> None:
        """One of the three things of the greeting."""
        if number == 1:
            tab = await self._shell.open("sketch-to-website")
            tab.session = False
            tab.send(Outgoing("", [paths.bundle_root().joinpath(*SKETCH)]))
        elif number == 2:
            self._shell.conversation.send(Outgoing(TRY[1][1].strip("“”")))
            self._shell.action_focus_prompt()
        else:
            await self._shell.ready.wait()
            await self.start("todo")

    async def _refresh_apps(self) -> None:
        try:
            self._shell.apps = await self._shell.link.get("/apps")
        except LlmosError as error:
            self._tell(str(error))
        self.add_apps(self._shell.apps)

    async def _serve(self, name: str) -> None:
        link = self._shell.link
        try:
            try:
                site = await link.post("/sites", {"app": name})
            except LlmosError:  # the port is taken: any other will do
                site = await link.post("/sites", {"app": name, "port": 0})
        except LlmosError as error:
            self._tell(str(error))
            return
        tab = await self._shell.open(name, pid=site["pid"])
        tab.prompt.placeholder(f"GET /… or POST /… and a body · in a browser: {site['url']}")
        self._tell(f"{name} is served at {site['url']}", warns=False)

    async def _open(self, argument: str) -> None:
        if not argument.isdecimal():
            self._tell("Say which process, by its number: /open 3. /processes shows them.")
            return
        try:
            row = await self._shell.link.get(f"/processes/{argument}")
        except LlmosError as error:
            self._tell(str(error))
            return
        await self._shell.open(row["app"], pid=row["pid"])

    async def _attach(self, argument: str) -> None:
        prompt = self._shell.conversation.prompt
        prompt.put(f"{prompt.text}{mention(argument)} " if argument else "@")

    async def _retry(self, argument: str) -> None:
        if not self._shell.ready.is_set():
            self._shell.boot()
        else:
            self._shell.conversation.retry()

    def _edit(self) -> None:
        self._shell.conversation.edit_last()

    def _undo(self) -> None:
        self._shell.conversation.undo()

    async def _clear(self, argument: str) -> None:
        tab = self._shell.conversation
        if tab.pid is not None and not tab.record.ended:
            await self._shell.end(tab)
        await self._shell.open(tab.app_name, greets=True)
        await self._shell.remove_tab(tab, keep=True)

    async def _talk(self, argument: str) -> None:
        try:
            await voice.talk(self._shell, self._shell.link.home, self._shell.conversation.app_name, argument)
        except LlmosError as error:
            self._tell(str(error))

    async def _model(self, argument: str) -> None:
        """The panel of models, or another one to think with."""
        if not argument:
            self._shell.action_panel("models")
            return
        self._tell(f"Loads {one_line(argument, 60)} …", warns=False)
        self._shell.run_worker(self._switch(argument))

    async def _switch(self, name: str) -> None:
        try:
            engine = await self._shell.link.post("/engine", {"model": name})
        except LlmosError as error:
            self._tell(str(error))
            return
        self._tell(f"{engine['model']} thinks from now on.", warns=False)
        self._shell.kernel.name_model()

    async def _plain(self, argument: str) -> None:
        self._shell.goes_on_plainly = True
        self._shell.exit()

    async def _run_shell(self, line: str) -> None:
        """A shell line of the person's own, in the sandbox of the python driver."""
        if not line:
            return
        call = Called(0, time.time(), "python.shell", {"command": line}, by="person")
        tab = self._shell.conversation
        await tab.show(call)
        try:
            await self._shell.ready.wait()
            call.result = await self._shell.link.post("/drivers/python/shell", {"command": line})
        except LlmosError as error:
            call.error = str(error)
        call.done, call.seconds = True, time.time() - call.at
        await tab.shown(call)

    def _app_names(self, typed: str) -> Sequence[str]:
        return [app["name"] for app in self._shell.apps]

    def _files(self, typed: str) -> Sequence[str]:
        return completions(typed, Path(self._shell.folder))

    def _tell(self, sentence: str, *, warns: bool = True) -> None:
        self._shell.notify(
            one_line(sentence, 300), severity="warning" if warns else "information", timeout=6, markup=False
        )


def _plainly(action: Callable[[], object]) -> Callable[[str], Awaitable[None]]:
    """An action that takes nothing and need not be waited for."""

    async def run(argument: str) -> None:
        action()

    return run
