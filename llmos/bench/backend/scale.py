"""What a write, a read and a page of a list cost when little is stored, and when much is: a bank that grows."""

import json
import random
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from llmos.backend.backend import Backend
from llmos.backend.request import Request
from llmos.bench.backend.figures import percentiles
from llmos.bench.backend.inside import Inside, inside, nobody
from llmos.bench.backend.load import account
from llmos.contracts import Json
from llmos.errors import LlmosError

SIZES = (10, 1_000, 100_000)
BALANCE = 10**6
KINDS = ("write", "read", "page")
PAGE_SIZE = 20
WARM = 20  # requests of each kind that are not measured
AT_ONCE = 2_000  # documents of one commit while the state is filled

Call = Callable[[], Awaitable[None]]


async def bench_scale(
    home: Path, folder: Path, calls: int, progress: Callable[[str], None], sizes: tuple[int, ...] = SIZES
) -> Json:
    """`home` has compiled handlers of the bank; copies of it are made in `folder`.

    The sizes take turns, request by request, so that what else the machine does meets all of them alike.
    """
    milliseconds: dict[tuple[str, int], list[float]] = {(kind, size): [] for kind in KINDS for size in sizes}
    order = random.Random(1)
    async with AsyncExitStack() as stack:
        banks = {}
        for size in sizes:
            progress(f"storing {size} accounts")
            copy = folder / str(size)
            shutil.copytree(home, copy)
            bank = await stack.enter_async_context(inside(copy, "bank", nobody()))
            _fill(bank, size)
            banks[size] = _calls(bank.backend(compiled=True), size)
        progress(f"{calls} writes, reads and pages at each size")
        for number in range(-WARM, calls):
            for kind, size in order.sample(list(milliseconds), len(milliseconds)):
                began = time.perf_counter()
                await banks[size][kind]()
                if number >= 0:
                    milliseconds[kind, size].append((time.perf_counter() - began) * 1000)
    return {"calls": calls, **{kind: _row(kind, milliseconds, sizes) for kind in KINDS}}


def _row(kind: str, milliseconds: dict[tuple[str, int], list[float]], sizes: tuple[int, ...]) -> Json:
    rows = {size: percentiles(milliseconds[kind, size]) for size in sizes}
    least = rows[sizes[0]]["p50"]
    return {str(size): {**row, "to_smallest": round(row["p50"] / least, 2)} for size, row in rows.items()}


def _fill(bank: Inside, size: int) -> None:
    bank.store({"accounts": {}, "transfers": {}})
    for first in range(1, size + 1, AT_ONCE):
        keys = range(first, min(first + AT_ONCE, size + 1))
        patch = [{"op": "add", "path": f"/accounts/{key}", "value": account(key, BALANCE)} for key in keys]
        bank.state.commit(patch, cause={"benchmark": True})


def _calls(backend: Backend, size: int) -> dict[str, Call]:
    chance, number = random.Random(1), iter(range(10**9))

    async def write() -> None:
        payer, payee = chance.sample(range(1, size + 1), 2)
        body = json.dumps({"from": payer, "to": payee, "amount": 1}).encode()
        await _asked(backend, Request("POST", "/transfers", body=body, content_type="application/json"), 201)

    async def read() -> None:
        # a query that the rule does not know keeps the answer from coming out of the cache
        query = {"nonce": str(next(number))}
        await _asked(backend, Request("GET", f"/accounts/{chance.randint(1, size)}", query), 200)

    async def page() -> None:
        last = chance.randint(1, size)
        query = {"limit": str(PAGE_SIZE), "after": f"a{last}-{last}", "nonce": str(next(number))}
        await _asked(backend, Request("GET", "/accounts", query), 200)

    return {"write": write, "read": read, "page": page}


async def _asked(backend: Backend, request: Request, status: int) -> None:
    answer = await backend.handle(request)
    if answer.status != status:
        raise LlmosError(f"{request.method} {request.path} answered {answer.status}: {answer.body.decode()[:200]}")
