"""One tab: what a person sees of its page, and what a hand and a keyboard can do there."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from drivers.browser.errors import BrowserError, IsList, Stuck

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Dialog, Frame, Page, Request

Json = Any
T = TypeVar("T")
BLANK = "about:blank"
WORLD = "llmos"
PARTS = ("read", "hand", "find", "calendar")
ANSWER_SECONDS = 6.0
LOAD_SECONDS = 10.0
NOTICE_SECONDS = 0.06  # for a click to begin what it leads to
STILL_MS, MOST_MS = 120, 1200
MAX_DIALOGS = 8
RESTLESS = 2  # more loads than these in one call, or since it
TRAIL = 6
MAX_LISTENERS = 200
PRESSES = ("click", "mousedown", "mouseup", "pointerdown", "pointerup", "touchstart")
FOCUSES = ("focus", "focusin")
MOVING_TRIES = 4
LOST = (
    "Inspected target navigated",
    "Cannot find context",
    "Execution context was destroyed",
    "Cannot find default",
    "No frame",
    "navigated",
)
HUNG = "The page did not answer and its tab was closed; open another page."
CRASHED = "The page crashed and its tab was closed; open another page."
TALKING = "The page opened one dialog after another and its tab was closed; open another page."


class Tab:
    """A page of a browser context. `notes` are what happened beside what was asked for."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page, self._cdp = page, cdp
        self.notes: list[str] = []
        self.dead = ""
        self._num_dialogs = self._num_arrivals = 0
        self._restless = False  # its page loads itself again and again
        self._trail: deque[str] = deque(maxlen=TRAIL)  # where it was of late: pages may send to one another
        self._listening: set[int] = set()
        self._navigating = False
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        page.on("dialog", self._answer_dialog)
        page.on("crash", lambda _: self._end(CRASHED))
        page.on("close", lambda _: self._end(self.dead or "The page closed itself; open another page."))
        page.on("request", self._leaving)
        page.on("requestfailed", self._stayed)
        page.on("framenavigated", self._arrived_at)

    @property
    def closed(self) -> bool:
        return bool(self.dead) or bool(self.page.is_closed())

    @property
    def url(self) -> str:
        return str(self.page.url)

    def begin(self) -> None:
        """A new call: what was noted before has been told."""
        self.notes.clear()
        self._restless = self._num_arrivals > RESTLESS
        self._num_dialogs = self._num_arrivals = 0

    async def goto(self, url: str) -> str:
        """Load an address; what went wrong, in Chromium's words, or nothing. One that loads for ever is stopped."""
        left = {self.url, *self._trail} - {url}
        if self._restless:
            await self._leave()
        self._num_arrivals = 0
        failed = await self._goto(url)
        came_back = self.url in left and self._num_arrivals > 1
        if came_back or "by another navigation to" in failed:
            await self._leave()
            failed = await self._goto(url)
        return failed

    async def _leave(self) -> None:
        """A restless page would load itself again in place of the next one: it is silenced first."""
        await self.send("Emulation.setScriptExecutionDisabled", value=True)
        await self._goto(BLANK)
        await self.send("Emulation.setScriptExecutionDisabled", value=False)

    async def _goto(self, url: str) -> str:
        from playwright.async_api import Error, TimeoutError

        try:
            await self._while_alive(self.page.goto(url, wait_until="domcontentloaded", timeout=LOAD_SECONDS * 1000))
        except TimeoutError:
            await self._stop_loading()
        except Error as error:
            return str(error).splitlines()[0]
        return ""

    async def back(self) -> bool:
        """False when there is no page before this one."""
        from playwright.async_api import Error, TimeoutError

        before = self.url
        try:
            await self._while_alive(self.page.go_back(wait_until="domcontentloaded", timeout=LOAD_SECONDS * 1000))
        except TimeoutError:
            await self._stop_loading()
        except Error as error:
            raise BrowserError(f"Going back failed ({_first_line(error)}); open an address.") from error
        return self.url != before

    async def settle(self) -> None:
        """Wait until what was just done has had its effect: a new page has come, and nothing changes for a moment."""
        await asyncio.sleep(NOTICE_SECONDS)
        for _ in range(3):
            if self._navigating:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOAD_SECONDS):
                        await self._while_alive(self._arrived.wait())
                await self._loaded()
            await self.run("quiet", STILL_MS, MOST_MS)
            if not self._navigating:
                return

    async def run(self, function: str, *arguments: Json, seconds: float = ANSWER_SECONDS) -> Json:
        """Call a function of page/*.js in the page. Raises Stuck for a page that does not answer, BrowserError."""
        answer = await self._evaluate(function, arguments, by_value=True, seconds=seconds)
        return answer["result"].get("value")

    async def look(self) -> Json:
        """What there is to see: `title`, `url`, `lines`, `born` (of its document), `cut`."""
        from playwright.async_api import Error

        with suppress(Error):  # without these, what looks like no control has no number
            await self._find_listeners()
        return await self.run("look")

    async def _find_listeners(self) -> None:
        """Tell page/read.js which elements the page's scripts listen to, as it cannot see these from its own world."""
        document = await self.send("Runtime.evaluate", expression="document")
        asked = {"objectId": document["result"]["objectId"], "depth": -1, "pierce": True}
        found = (await self.send("DOMDebugger.getEventListeners", **asked))["listeners"]
        nodes: dict[int, bool] = {}  # whether it listens to presses, or only to being reached
        for one in found:
            if one["type"] in PRESSES + FOCUSES and "backendNodeId" in one:
                nodes[one["backendNodeId"]] = nodes.get(one["backendNodeId"], False) or one["type"] in PRESSES
        new = [node for node in nodes if node not in self._listening][:MAX_LISTENERS]
        if not new:
            return
        world = await self._world()
        resolved = [self.send("DOM.resolveNode", backendNodeId=node, executionContextId=world) for node in new]
        objects = [{"objectId": one["object"]["objectId"]} for one in await asyncio.gather(*resolved)]
        await self._evaluate("agent", (), by_value=True)  # that page/read.js is there
        call = {"functionDeclaration": "(...all) => llmos.listens(...all)", "executionContextId": world}
        pressed = {"value": [nodes[node] for node in new]}
        await self.send("Runtime.callFunctionOn", **call, arguments=[pressed, *objects])
        self._listening.update(new)

    async def point(self, number: int) -> Json:
        """Where to click; raises BrowserError when the element is gone, covered or switched off."""
        told = await self.run("point", number)
        if told.get("gone"):
            raise BrowserError(f"There is no [{number}] on the page now; read the page for its numbers.")
        if told.get("disabled"):
            raise BrowserError(f"[{number}] {told['name']} is disabled; do what the page wants before it.")
        if told.get("option"):
            raise IsList("That is an option of a list; choose it there.")
        if "covered" in told:
            raise BrowserError(f'[{number}] {told["name"]} is covered by "{told["covered"]}"; close that first.')
        return told

    async def click(self, number: int) -> Json:
        told = await self.point(number)
        if told["tag"] == "select":
            raise IsList(f"[{number}] {told['name']} is a list of options; choose one of them instead.")
        await self._while_alive(self.page.mouse.click(told["x"], told["y"]), ANSWER_SECONDS)
        return told

    async def hover(self, number: int) -> Json:
        told = await self.point(number)
        await self._while_alive(self.page.mouse.move(told["x"], told["y"]), ANSWER_SECONDS)
        return told

    async def press(self, keys: str) -> None:
        from playwright.async_api import Error

        try:
            await self._while_alive(self.page.keyboard.press(keys), ANSWER_SECONDS)
        except Error as error:
            raise BrowserError(f"There is no key {keys!r}; name one like Enter, Escape, Tab or Control+a.") from error

    async def write(self, text: str) -> None:
        """As keys, so that a page hears each of them; a long text at once."""
        keyboard = self.page.keyboard
        await self._while_alive(keyboard.insert_text(text) if len(text) > 200 or "\n" in text else keyboard.type(text))

    async def attach(self, number: int, path: Path) -> None:
        answer = await self._evaluate("at", (number,), by_value=False)
        with _told_as(f"[{number}] does not take a file; name a file field."):
            await self.send("DOM.setFileInputFiles", objectId=answer["result"]["objectId"], files=[str(path)])

    async def send(self, method: str, **parameters: Json) -> Json:
        return await self._while_alive(self._cdp.send(method, parameters), ANSWER_SECONDS)

    async def screenshot(self) -> bytes:
        taken = self.page.screenshot(animations="disabled", caret="initial", timeout=ANSWER_SECONDS * 1000)
        return await self._while_alive(taken)

    async def tree(self) -> str:
        return str(await self._while_alive(self.page.locator("body").aria_snapshot(timeout=ANSWER_SECONDS * 1000)))

    async def close(self, why: str = "") -> None:
        self.dead = self.dead or why
        with suppress(Exception):  # it may be gone already
            async with asyncio.timeout(5):
                await self.page.close()
        self._ended.set()

    async def _evaluate(
        self, function: str, arguments: tuple[Json, ...], *, by_value: bool, seconds: float = ANSWER_SECONDS
    ) -> Json:
        called = f"{_script()}\n;llmos.{function}(...{json.dumps(arguments)})"
        for attempt in range(MOVING_TRIES):
            try:
                async with asyncio.timeout(seconds):
                    return await self._evaluate_once(called, by_value)
            except TimeoutError as error:
                await self.close(self.dead or HUNG)
                raise Stuck(self.dead) from error
            except BrowserError:
                raise
            except Exception as error:
                if self.closed:
                    raise Stuck(self.dead or CRASHED) from error
                if attempt + 1 == MOVING_TRIES or not any(word in str(error) for word in LOST):
                    raise BrowserError(
                        f"The page keeps changing ({_first_line(error)}); wait, then read it."
                    ) from error
            await self._loaded()
        raise AssertionError("unreachable")

    async def _evaluate_once(self, called: str, by_value: bool) -> Json:
        answer = await self.send(
            "Runtime.evaluate",
            expression=called,
            contextId=await self._world(),
            awaitPromise=True,
            returnByValue=by_value,
        )
        if "exceptionDetails" in answer:
            said = answer["exceptionDetails"].get("exception", {}).get("description", "it failed")
            raise BrowserError(f"The page could not be read ({said.splitlines()[0][:200]}); try another page.")
        return answer

    async def _world(self) -> int:
        """The context of page/*.js in the document that is there now; the same one as long as it is."""
        tree = await self.send("Page.getFrameTree")
        frame = tree["frameTree"]["frame"]["id"]
        return int((await self.send("Page.createIsolatedWorld", frameId=frame, worldName=WORLD))["executionContextId"])

    async def _while_alive(self, doing: Awaitable[T], seconds: float = LOAD_SECONDS + 5) -> T:
        """Do it, unless the page ends first. Raises Stuck."""
        if self.closed:
            if asyncio.iscoroutine(doing):
                doing.close()
            raise Stuck(self.dead or "The tab is closed; open a page.")
        work = asyncio.ensure_future(doing)
        end = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({work, end}, return_when=asyncio.FIRST_COMPLETED, timeout=seconds)
            if work.done():
                return work.result()
            if not end.done():
                await self.close(HUNG)
            raise Stuck(self.dead or CRASHED)
        finally:
            end.cancel()
            work.cancel()
            with suppress(BaseException):
                await asyncio.wait({work}, timeout=0.1)

    async def _loaded(self) -> None:
        from playwright.async_api import Error, TimeoutError

        try:
            loaded = self.page.wait_for_load_state("domcontentloaded", timeout=LOAD_SECONDS * 1000)
            await self._while_alive(loaded)
        except TimeoutError:
            await self._stop_loading()
        except Error:
            if self.closed:
                raise Stuck(self.dead or CRASHED) from None

    async def _stop_loading(self) -> None:
        self.notes.append("The page was still loading and was stopped.")
        self._navigating = False
        await self.send("Page.stopLoading")

    async def _answer_dialog(self, dialog: Dialog) -> None:
        self._num_dialogs += 1
        if self._num_dialogs > MAX_DIALOGS:
            if self._closing is None:
                self.dead = TALKING
                self._ended.set()
                self._closing = asyncio.create_task(self.close(TALKING))
            return
        if dialog.type != "beforeunload":
            self.notes.append(f'The page said "{" ".join(dialog.message.split())[:200]}" in a dialog.')
        with suppress(Exception):  # the page may be gone
            # a question is answered no: what agrees to something is asked for with a click
            await (dialog.dismiss() if dialog.type in ("confirm", "prompt") else dialog.accept())

    def _end(self, why: str) -> None:
        self.dead = self.dead or why
        self._ended.set()

    def _leaving(self, request: Request) -> None:
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self._navigating = True
            self._arrived.clear()

    def _stayed(self, request: Request) -> None:
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self._arrived_at(request.frame)

    def _arrived_at(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self._num_arrivals += 1
            self._trail.append(frame.url)
            self._navigating = False
            self._listening.clear()
            self._arrived.set()


@contextmanager
def _told_as(sentence: str) -> Iterator[None]:
    """What the library says, as one sentence."""
    try:
        yield
    except BrowserError:
        raise
    except Exception as error:
        raise BrowserError(sentence) from error


@cache
def _script() -> str:
    """What runs in the page: each part builds on those before it."""
    folder = Path(__file__).with_name("page")
    return "\n".join((folder / f"{part}.js").read_text("utf-8") for part in PARTS)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or ["it failed"])[0][:200]
