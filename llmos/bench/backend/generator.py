"""Sends requests as fast as they are answered, from a process of its own: `python -m llmos.bench.backend.generator`.

Reads a plan from its standard input, and writes what came of each request to its standard output, both JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from typing import NamedTuple

from llmos.contracts import Json
from llmos.errors import LlmosError

MAX_SECONDS = 600.0


class Answer(NamedTuple):
    status: int
    milliseconds: float


class Connection:
    """One connection that is kept alive, and opened anew after it broke. Plain sockets: a client library would be
    slower than what it measures."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Json = None, key: str = "") -> tuple[int, bytes]:
        """Raises OSError or EOFError when the server is gone, or goes before it has answered."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._streams
            writer.write(_request(f"{self._host}:{self._port}", method, path, body, key))
            return await _response(reader)
        except (OSError, EOFError, asyncio.CancelledError):
            await self.close()
            raise

    async def close(self) -> None:
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _request(host: str, method: str, path: str, body: Json, key: str) -> bytes:
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
    lines += ["Content-Type: application/json"] if data else []
    lines += [f"Idempotency-Key: {key}"] if key else []
    return "\r\n".join([*lines, "", ""]).encode() + data


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return int(first.split(" ", 2)[1]), await reader.readexactly(int(headers.get("content-length", "0")))


async def generate(host: str, port: int, requests: list[Json], concurrency: int) -> tuple[float, list[Answer]]:
    """The seconds that all took, and an answer for each; status 0 is none."""
    waiting, answers = deque(requests), list[Answer]()

    async def client() -> None:
        connection = Connection(host, port)
        while waiting:
            request, began = waiting.popleft(), time.perf_counter()
            try:
                status, _ = await connection.ask(request["method"], request["path"], request.get("body"))
            except (OSError, EOFError):
                status = 0
            answers.append(Answer(status, (time.perf_counter() - began) * 1000))
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(concurrency)))
    return time.perf_counter() - began, answers


def from_outside(host: str, port: int, requests: list[Json], concurrency: int) -> tuple[float, list[Answer]]:
    """`generate` in another process. Raises LlmosError with its last words."""
    plan = json.dumps({"host": host, "port": port, "requests": requests, "concurrency": concurrency})
    command = [sys.executable, "-m", "llmos.bench.backend.generator"]
    ran = subprocess.run(command, input=plan, capture_output=True, text=True, timeout=MAX_SECONDS)
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-1:] or [""]
        raise LlmosError(f"The load generator ended early: {last[0][:300]}")
    told = json.loads(ran.stdout)
    return float(told["seconds"]), [Answer(*answer) for answer in told["answers"]]


def main() -> None:
    seconds, answers = asyncio.run(generate(**json.load(sys.stdin)))
    json.dump({"seconds": seconds, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
