"""A request as it comes in: its body, understood or refused, and whether its client still waits."""

import asyncio
import json
from collections.abc import Awaitable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from llmos.http.openai.refusal import Refusal

T = TypeVar("T")
Body = TypeVar("Body", bound=BaseModel)

MAX_BODY_BYTES = 48 * 2**20


async def read_body(request: Request, kind: type[Body]) -> Body:
    """Raises Refusal, with the parameter that is wrong."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_BODY_BYTES:
            raise Refusal(f"The body is larger than {MAX_BODY_BYTES // 2**20} MiB; send less.", None, 413)
    try:
        return kind.model_validate(json.loads(raw))
    except RecursionError as error:
        raise Refusal("The body is nested too deeply.") from error
    except ValidationError as error:
        raise _invalid(error) from error
    except ValueError as error:
        raise Refusal(f"The body is not JSON: {error}.") from error


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """Do it as long as the client is there; work for one who has gone away is given up."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Refusal("The client went away.", None, 499)
        return working.result()
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


def _invalid(error: ValidationError) -> Refusal:
    # of a value that may be several things, the one it nearly was tells most
    told = max(error.errors(), key=lambda one: len(one["loc"]))
    param = ""
    for part in told["loc"]:
        if isinstance(part, int):
            param += f"[{part}]"
        elif part.isidentifier():  # not "list[...]", pydantic's name for a branch of a union
            param += f".{part}" if param else part
    return Refusal(f"{param or 'body'}: {told['msg']}.", param or None)
