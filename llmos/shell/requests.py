"""What is written in a backend's tab is a request to it: `GET /todos`, `POST /todos {"title": "buy milk"}`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from llmos.contracts import Json
from llmos.errors import KernelUnavailable, LlmosError, UsageError
from llmos.shell.conversation.items import Called
from llmos.shell.link import Link

if TYPE_CHECKING:
    from llmos.shell.conversation.view import Conversation

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HOW = 'Write a request, such as GET /todos, or POST /todos {"title": "buy milk"}; its body may go on in more lines.'
SECONDS = 300  # a model may have to answer


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str

    def call(self) -> Called:
        """As it is shown while nothing has come back."""
        arguments = {"body": self.body} if self.body else None
        return Called(0, time.time(), f"{self.method} {self.path}", arguments, by="person")


def parse(text: str) -> Request:
    """A method, a path, and what comes after as the body. Raises UsageError."""
    words = text.split(maxsplit=2)
    if len(words) < 2 or words[0].upper() not in METHODS or not words[1].startswith("/"):
        raise UsageError(HOW)
    return Request(words[0].upper(), words[1], words[2] if len(words) > 2 else "")


async def make(tab: Conversation, link: Link, text: str) -> None:
    """Let the app of a tab answer what is written there, and show both."""
    try:
        request = parse(text)
    except UsageError as error:
        tab.notify(str(error), severity="warning", timeout=6, markup=False)
        return
    call = request.call()
    await tab.show(call)
    try:
        call.result, failed = await answer(link, tab.app_name, request)
        call.error = call.result if failed else ""
    except LlmosError as error:
        call.error = str(error)
    call.done, call.seconds = True, time.time() - call.at
    await tab.shown(call)


async def answer(link: Link, app: str, request: Request) -> tuple[str, bool]:
    """Status and body as they came from where the app is served, and whether it is an error. Raises LlmosError."""
    site = await _site(link, app)
    headers = {"Authorization": f"Bearer {site['token']}"} if site["token"] else {}
    if request.body:
        headers["Content-Type"] = "application/json" if _is_json(request.body) else "text/plain"
    try:
        async with httpx2.AsyncClient(base_url=site["url"], timeout=SECONDS, trust_env=False) as http:
            came = await http.request(request.method, request.path, content=request.body.encode(), headers=headers)
    except httpx2.HTTPError as error:
        raise KernelUnavailable(f"{app} does not answer at {site['url']}; /app {app} serves it again.") from error
    return f"{came.status_code} {came.reason_phrase}\n{_shown(came)}".rstrip(), came.is_error


async def _site(link: Link, app: str) -> dict[str, Json]:
    sites = (await link.get("/status"))["sites"]
    found: dict[str, Json] | None = next((site for site in sites if site["app"] == app), None)
    return found or await link.post("/sites", {"app": app, "port": 0})


def _shown(came: httpx2.Response) -> str:
    kind = came.headers.get("content-type", "")
    if "json" in kind and came.content:
        with suppress(ValueError):  # a file that only says it is JSON
            return json.dumps(came.json(), ensure_ascii=False, indent=2)
    if came.content and "json" not in kind and not kind.startswith("text/"):
        return f"{len(came.content)} bytes of {kind}"
    return came.text


def _is_json(body: str) -> bool:
    return body.lstrip().startswith(("{", "["))
