"""The apps' states: look into collections and documents, now or as they were, read the log, undo a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal
from urllib.parse import quote

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmos.contracts import Json
from llmos.shell.link import Link
from llmos.shell.panels import state_words as words
from llmos.shell.panels.figures import Told, cell
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Row, Rows
from llmos.shell.text import one_line

COMMITS = 200
PAGE = 200
MORE = "more"


@dataclass(frozen=True)
class Place:
    """Where in the states one looks: all apps, one app, one of its collections; or its log. `at` is a version."""

    app: str = ""
    collection: str = ""
    log: bool = False
    at: int | None = None

    @property
    def level(self) -> Literal["apps", "log", "parts", "documents"]:
        if not self.app:
            return "apps"
        return "log" if self.log else "documents" if self.collection else "parts"

    @property
    def above(self) -> Place:
        if self.log or self.collection:
            return replace(self, log=False, collection="")
        return Place()


EMPTY = {
    "apps": "No app stores anything. One with a schema.json does (llmos app new), and its state will be here.",
    "log": "Nothing was committed yet. Use the app; each change it stores will be here, and u takes one back.",
    "parts": "Nothing is stored here.",
    "documents": "No documents yet. Use the app, and what it stores will be here.",
}


class StatePanel(Panel):
    title = "State"
    key = "state"
    empty = EMPTY["apps"]
    columns = words.APPS
    concerns = ("state.",)
    opens = "Open"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "open", "Open", show=False),
        Binding("left,backspace", "back", "Back", key_display="←"),
        Binding("l", "log", "Log"),
        Binding("u", "undo", "Undo"),
        Binding("v", "view", "As it was"),
        Binding("t", "now", "To now"),
    ]
    DEFAULT_CSS = """
    StatePanel > .place { height: 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.place = self._shown = Place()
        self._line = Static(classes="place")
        self._pages = 1
        self._held: dict[str, Json] = {}
        self._version = 0
        self._was: tuple[str, int, Json] = ("", -1, None)

    def begin_at(self, app: str, pid: int | None) -> StatePanel:
        self._begin = app
        return self

    def head(self) -> Sequence[Widget]:
        return (self._line,)

    async def load(self) -> Sequence[Row]:
        place = self.place
        load = {"apps": self._apps, "log": self._log, "parts": self._parts, "documents": self._documents}[place.level]
        columns = {"apps": words.APPS, "log": words.COMMITS, "parts": words.PARTS, "documents": words.DOCUMENTS}
        rows = await load()
        self._shown = place
        self.rows.recolumn(columns[place.level])
        self.instead.update(Content(EMPTY[place.level]))
        self._line.update(self._where())
        self.refresh_bindings()
        return rows

    async def detail(self, key: str) -> Told:
        place, held = self._shown, self._held
        if key == MORE:
            return Told(body=Content("Enter shows the next documents."))
        if place.level == "apps":
            return words.about_app(held[key])
        if place.level == "log":
            return words.about_commit(held[key], await self._changes(int(key)))
        if place.level == "documents":
            return words.about_document(f"/{place.collection}{key}", held[key])
        value = held[key]
        if key.startswith("/"):
            return Told(body=Content(f"{value:,} documents; Enter shows them."))
        return words.about_document(f"/{key}", value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        place, some = self._shown, self.rows.key is not None
        match action:
            case "back":
                return bool(place.app)
            case "log":
                return place.level != "log" and (bool(place.app) or some)
            case "undo" | "view":
                return place.log and some
            case "now":
                return place.at is not None
            case _:
                return True

    def action_open(self) -> None:
        if key := self.rows.key:
            self._go_into(key)

    @on(Rows.Opened)
    def _opened(self, event: Rows.Opened) -> None:
        event.stop()
        self._go_into(event.key)

    def action_back(self) -> None:
        before = self._shown
        self._go(before.above, cursor=f"/{before.collection}" if before.collection else before.app)

    def action_log(self) -> None:
        self._go(replace(self._shown, app=self._shown.app or self.rows.key or "", collection="", log=True))

    def action_view(self) -> None:
        self._go(replace(self._shown, log=False, at=int(self.rows.key or 0)))

    def action_now(self) -> None:
        self._go(replace(self._shown, at=None))

    @work(group="act")
    async def action_undo(self) -> None:
        app, version = self._shown.app, int(self.rows.key or 0)
        async with self.telling():
            diff = words.difference(await self._changes(version), back=True)
            if await self.confirmed(f"Undo version {version}? This will be committed:", diff, "undo it"):
                commit = await self.link.post(f"/state/{quote(app)}/undo", {"version": version})
                self.say(f"✓ Version {version} is undone by version {commit['version']}.")
                await self.reload(cursor=str(commit["version"]))

    def _go_into(self, key: str) -> None:
        place = self._shown
        if key == MORE:
            self._pages += 1
            self.refresh_soon()
        elif place.level == "apps":
            self._go(Place(key))
        elif place.level == "parts" and key.startswith("/"):
            self._go(replace(place, collection=key[1:]))
        else:
            self.query_one(".detail").focus()

    def _go(self, place: Place, cursor: str | None = None) -> None:
        self.place, self._pages = place, 1
        self.say("")
        self.run_worker(self.reload(cursor or ""), group="go", exclusive=True)

    def _where(self) -> Content:
        place = self.place
        names = ["all apps", *filter(None, [place.app, place.collection, "log" if place.log else ""])]
        told = " › ".join(one_line(name, 60) for name in names)
        if place.at is not None:
            return Content.assemble(told, "  ", (f" at version {place.at}; t shows it as it is now ", "reverse"))
        return Content.assemble(told, (f"  version {self._version}" if place.app else "", "dim"))

    async def _apps(self) -> list[Row]:
        apps = await self.link.get("/state")
        self._held = {app["app"]: app for app in apps}
        self.border_subtitle = f"{len(apps)} apps"
        return [words.app_row(app) for app in apps]

    async def _log(self) -> list[Row]:
        commits = await self.link.get(f"/state/{quote(self.place.app)}/log", limit=COMMITS)
        self._held = {str(commit["version"]): commit for commit in commits}
        self._version = commits[0]["version"] if commits else 0
        self.border_subtitle = f"{len(commits)}{' newest' if len(commits) == COMMITS else ''} commits"
        return [words.commit_row(commit) for commit in commits]

    async def _parts(self) -> list[Row]:
        told = await self.link.get(f"/state/{quote(self.place.app)}/parts")
        self._version, counts = told["version"], {part["name"]: part["documents"] for part in told["collections"]}
        values = {part["name"]: part["value"] for part in told["values"]}
        if self.place.at is not None:
            was = await self._as_it_was(self.place.at)
            counts = {name: len(was.get(name, {})) for name in counts}
            values = {name: value for name, value in was.items() if name not in counts}
        self._held = {f"/{name}": count for name, count in counts.items()} | values
        self.border_subtitle = f"{sum(counts.values()):,} documents"
        collections = [words.collection_row(name, count) for name, count in counts.items()]
        return collections + [words.value_row(name, value) for name, value in values.items()]

    async def _documents(self) -> list[Row]:
        place, more = self.place, False
        if place.at is not None:
            documents = (await self._as_it_was(place.at)).get(place.collection, {})
        else:
            documents, more = await self._read_pages()
        self._held = {f"/{key}": document for key, document in documents.items()}
        self.border_subtitle = f"{len(documents):,} documents{', more below' if more else ''}"
        rows = [words.document_row(key, document) for key, document in documents.items()]
        return rows + ([Row(MORE, (cell("…"), cell("more documents")))] if more else [])

    async def _read_pages(self) -> tuple[dict[str, Json], bool]:
        """The first pages of the collection, and whether there is more."""
        path = f"/state/{quote(self.place.app)}/documents/{quote(self.place.collection, safe='')}"
        documents: dict[str, Json] = {}
        for _ in range(self._pages):
            after = next(reversed(documents), None)
            told = await self.link.get(path, limit=PAGE, after=after)
            self._version = told["version"]
            documents |= told["documents"]
            if len(told["documents"]) < PAGE:
                return documents, False
        return documents, True

    async def _as_it_was(self, version: int) -> dict[str, Json]:
        """The whole state at a version; the last one asked for is kept."""
        if self._was[:2] != (self.place.app, version):
            told = await self.link.get(f"/state/{quote(self.place.app)}", at=version)
            self._was = (self.place.app, version, told["value"])
        value: dict[str, Json] = self._was[2]
        return value

    async def _changes(self, version: int) -> list[dict[str, Json]]:
        told = await self.link.get(f"/state/{quote(self._shown.app)}/changes/{version}")
        changes: list[dict[str, Json]] = told["changes"]
        return changes
