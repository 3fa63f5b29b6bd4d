"""`llmos demo`: every step is done by the real parts, over the same API that anybody can use."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from llmos import models, paths
from llmos.contracts import Json
from llmos.demo.visitor import FilledForm, fill_form
from llmos.errors import LlmosError
from llmos.http.client import KernelClient, connect, read_attachment, running, stop, wait_released
from llmos.http.follow import outcome

APP = "sketch-to-website"


def run_demo(sketch: Path | None, *, once: bool, port: int, as_json: bool) -> None:
    """Sketch, site, form, state, restart. Raises LlmosError at the first step that does not do what it should."""
    picture = sketch or sample()
    read_attachment(picture)  # a missing file is told before anything is started
    Demo(paths.home(), picture, port, Console(stderr=as_json, highlight=False)).run(once, as_json)


def sample() -> Path:
    """The picture that is used when none is given."""
    return paths.bundle_root() / "apps" / APP / "examples" / "guestbook.jpg"


class Demo:
    """One run. `seconds` holds what each step took."""

    def __init__(self, home: Path, sketch: Path, port: int, console: Console) -> None:
        self._home = home
        self._sketch = sketch
        self._port = port
        self._console = console
        self._http = httpx2.Client(timeout=180, trust_env=False)
        self.seconds: dict[str, float] = {}

    def run(self, once: bool, as_json: bool) -> None:
        started = time.monotonic()
        was_running = running(self._home) is not None
        with self._step("model", "Find the embedded model"):
            self._model()
        with self._step("boot", "Start the kernel"):
            kernel = connect(self._home)
            self._say(f"kernel {kernel.pid} owns {self._home}")
        site = self._make_site(kernel)
        with self._step("serve", "Serve it"):
            url = kernel.post("/sites", {"app": site, "port": self._port})["url"]
            html = self._fetch(url)
            self._say(f"[bold]{url}[/] answers with {len(html)} characters of HTML")
        form = fill_form(html)
        if form is None:
            self._say("The sketch has no form, so this site needs no backend.")
        else:
            self._use(kernel, site, url.rstrip("/"), form)
        self.seconds["total"] = round(time.monotonic() - started, 1)
        self._report(site, url, as_json)
        if not once:
            self._stay(site, url)
        elif not was_running:
            stop(self._home)

    def _model(self) -> None:
        model = models.default_model()
        if models.installed(model) is None:
            with models.show_progress(self._console) as progress:
                models.pull(model, progress=progress)
        self._say(f"{model.id} is here and verified")

    def _make_site(self, kernel: KernelClient) -> str:
        self._console.print(f"\nThe sketch: {self._sketch}")
        process = kernel.spawn(APP, files=(self._sketch,))
        events = kernel.events(process["pid"])
        with self._step("see", "See it"):
            seen = self._await_seen(events)
        self._say(_elements(seen))
        with self._step("write", "Write the website"):
            result = self._stream_page(events)
        self._say(f"{result['title']}: {result['elements']} elements became the app [bold]{result['site']}[/]")
        for doubt in result["doubts"]:
            self._say(escape(doubt))
        return str(result["site"])

    def _await_seen(self, events: Iterator[Json]) -> Json:
        for event in events:
            outcome(event)
            if event["kind"] == "syscall.result":
                return event["data"]["result"]
        raise LlmosError("The kernel ended before it saw the sketch; run `llmos demo` again.")

    def _stream_page(self, events: Iterator[Json]) -> Json:
        for event in events:
            if event["kind"] == "engine.delta":
                self._console.print(escape(event["data"]["text"]), end="", style="cyan")
            if (result := outcome(event)) is not None:
                self._console.print()
                return result
        raise LlmosError("The kernel ended before the page was written; run `llmos demo` again.")

    def _use(self, kernel: KernelClient, site: str, url: str, form: FilledForm) -> None:
        action = url + form.action
        with self._step("submit", "Submit its form, as a visitor would"):
            self._say(f"POST {form.action} {escape(json.dumps(form.values, ensure_ascii=False))}")
            answer = self._http.post(action, json=form.values)
            _check(answer, 201)
            self._say(f"{answer.status_code} {escape(answer.text)}")
        with self._step("read", "Read it back"):
            entries = self._entries(action, form)
        with self._step("log", "Look at the commit: llmos state log " + site):
            commit = kernel.get(f"/state/{site}/log", limit=1)[0]
            self._say(f"version {commit['version']}: {escape(json.dumps(commit['patch'], ensure_ascii=False))}")
        with self._step("restart", "Kill the kernel (SIGKILL) and start it again"):
            os.kill(kernel.pid, signal.SIGKILL)
            wait_released(self._home)
            kernel = connect(self._home)
            state = kernel.get(f"/state/{site}")["value"]
            _require(list(state["entries"].values()) == entries, "The restarted kernel lost the stored entry.")
            self._fetch(url)
            self._say(f"kernel {kernel.pid} has the entry, and the site is back at {url}")

    def _entries(self, action: str, form: FilledForm) -> list[Json]:
        answer = self._http.get(action)
        _check(answer, 200)
        listed = answer.json()
        entries = list(listed.values()) if isinstance(listed, dict) else listed
        stored = entries[-1] if entries else {}
        wrong = {key: stored.get(key) for key, value in form.values.items() if stored.get(key) != value}
        _require(not wrong, f"The stored entry differs from what was sent: {wrong}.")
        self._say(f"GET {form.action}: {len(entries)} stored, as it was sent")
        return entries

    def _fetch(self, url: str) -> str:
        answer = self._http.get(url, headers={"Accept": "text/html"})
        _check(answer, 200)
        return answer.text

    @contextmanager
    def _step(self, name: str, title: str) -> Iterator[None]:
        self._console.print(f"\n[bold green]▸[/] [bold]{title}[/]")
        started = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - started, 1)

    def _say(self, what: str | Table) -> None:
        self._console.print(what)

    def _report(self, site: str, url: str, as_json: bool) -> None:
        table = Table("step", "seconds", box=None, header_style="dim")
        for name, seconds in self.seconds.items():
            table.add_row(name, f"{seconds:.1f}")
        self._console.print()
        self._console.print(table)
        if as_json:
            print(json.dumps({"site": site, "url": url, "seconds": self.seconds}))  # noqa: T201

    def _stay(self, site: str, url: str) -> None:
        self._say(
            f"\nYour turn: open [bold]{url}[/] and fill in the form; each commit appears here (Ctrl-C ends).\n"
            f"Then try:  llmos state log {site}  ·  llmos demo your-sketch.jpg  ·  llmos serve guestbook  ·  "
            'llmos run assistant "Hello"'
        )
        with self._http.stream("GET", f"{url}events", timeout=None) as events:
            for line in events.iter_lines():
                if line.startswith("data:"):
                    self._say(f"[green]commit[/] {escape(line[5:].strip())}")


def _elements(seen: Json) -> Table:
    table = Table("", "class", "text", box=None, header_style="dim")
    for element in seen["elements"]:
        table.add_row(str(element["id"]), element["class"], escape(element["text"]))
    return table


def _check(answer: httpx2.Response, status: int) -> None:
    _require(answer.status_code == status, f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LlmosError(otherwise)
