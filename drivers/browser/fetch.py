"""One file over HTTP within a size, for `download`: Chromium would read a file without end to its end.

Each hop of a redirect is admitted like any page's request, and connected to at the address that was checked.
"""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from drivers.browser.errors import BrowserError

MAX_HOPS = 5
CONNECT_SECONDS = 10.0
READ_BYTES = 2**16
REDIRECTS = (301, 302, 303, 307, 308)

Admit = Callable[[str, int], Awaitable[list[str]]]
CookiesOf = Callable[[str], Awaitable[str]]


@dataclass(frozen=True)
class Answer:
    url: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    data: bytes = b""


async def fetch(url: str, admit: Admit, cookies_of: CookiesOf, max_bytes: int, seconds: float, agent: str) -> Answer:
    """Raises BrowserError, Refused."""
    end = time.monotonic() + seconds
    for _ in range(MAX_HOPS):
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await admit(parts.hostname or "", port)
        headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
        if cookies := await cookies_of(url):
            headers["Cookie"] = cookies
        answer = await asyncio.to_thread(_ask, parts, port, addresses[0], headers, max_bytes, end)
        if answer.status not in REDIRECTS or "location" not in answer.headers:
            return answer
        url = urljoin(url, answer.headers["location"])
        if urlsplit(url).scheme not in ("http", "https"):
            raise BrowserError("The address leads to what is no web address; try another.")
    raise BrowserError("The address sends from place to place without end; try another.")


def _ask(parts: SplitResult, port: int, address: str, headers: dict[str, str], max_bytes: int, end: float) -> Answer:
    connection = _Pinned(parts, port, address)
    try:
        connection.request("GET", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", headers=headers)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        data = b"" if response.status in REDIRECTS else _read(response, connection, max_bytes, end)
        return Answer(parts.geturl(), response.status, told, data)
    except ssl.SSLError as error:
        raise BrowserError(f"{parts.hostname} has no valid certificate; try another address.") from error
    except (OSError, http.client.HTTPException) as error:
        raise BrowserError(f"{parts.hostname} broke off ({error or type(error).__name__}); try again.") from error
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, connection: _Pinned, max_bytes: int, end: float) -> bytes:
    pieces, size = [], 0
    while piece := response.read1(READ_BYTES):
        size += len(piece)
        if size > max_bytes:
            raise BrowserError(f"The file is larger than {max_bytes // 2**20} MB and was left.")
        if time.monotonic() > end:
            raise BrowserError("The download took too long and was given up.")
        pieces.append(piece)
    return b"".join(pieces)


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name says by now."""

    def __init__(self, parts: SplitResult, port: int, address: str) -> None:
        super().__init__(parts.hostname or "", port, timeout=CONNECT_SECONDS)
        self._address, self._secure = address, parts.scheme == "https"
        self.default_port = 443 if self._secure else 80  # so that the Host header leaves it out

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(plain, server_hostname=self.host) if self._secure else plain
