"""Server-sent events, read byte by byte as the standard says them."""

from collections.abc import AsyncIterator


async def data_events(body: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """The `data` of each event; comments (keep-alives) and other fields are passed over."""
    data: list[str] = []
    async for line in _lines(body):
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif line.startswith("error:"):  # how llama.cpp once sent errors in mid-stream
            data.append(f'{{"error":{line[6:]}}}')
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


async def _lines(body: AsyncIterator[bytes]) -> AsyncIterator[str]:
    # `aiter_lines` would also break lines at U+2028, which JSON may hold, and give up on invalid UTF-8
    rest = b""
    async for piece in body:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
