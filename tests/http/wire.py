"""HTTP as it is on the wire: requests that no client library would send."""

import asyncio
import json
from typing import NamedTuple


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def connect(site):
    return await asyncio.open_connection(site.base_url.host, site.base_url.port)


async def read_answer(reader, *, has_body=True):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (part.partition(":") for part in rest)}
    length = int(headers.get("content-length", 0)) if has_body else 0
    return Answer(int(line.split()[1]), headers, await reader.readexactly(length))


def request(method, target, body=b"", host="127.0.0.1", **headers):
    lines = {"Host": host, **({"Content-Length": len(body)} if body else {}), **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


async def send(site, sent, *, has_body=True):
    """What a connection of its own answers to these bytes."""
    reader, writer = await connect(site)
    try:
        writer.write(sent)
        return await asyncio.wait_for(read_answer(reader, has_body=has_body), 20)
    finally:
        writer.close()


async def is_closed(reader, seconds):
    """Whether the other side closes within this time, whatever else it still says."""
    try:
        async with asyncio.timeout(seconds):
            while await reader.read(65536):
                pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def is_problem(answer):
    """Whether a refusal says why, in a document of RFC 9457."""
    told = json.loads(answer.body)
    return answer.headers["content-type"] == "application/problem+json" and told["status"] == answer.status
