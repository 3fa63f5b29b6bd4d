"""How /v1 does in llm-comply, a suite by others that holds servers to OpenAI's chat and responses APIs.

The suite is a program of its own, installed apart from llmos; it talks to a kernel in a folder of its own, over HTTP.
"""

import asyncio
import json
import shutil
from pathlib import Path

from llmos.contracts import Engine, Json
from llmos.errors import UsageError
from llmos.http.guard import LOOPBACK, Guard
from llmos.http.listener import Listener
from llmos.http.openai.api import openai_api
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat

SUITES = ("openai-chat", "open-responses")
REQUEST_SECONDS = 600  # a slow machine is no failure


def find_tool(name: str) -> str:
    """Raises UsageError when the suite is not installed."""
    found = shutil.which(name)
    if found is None:
        raise UsageError(
            f"There is no command {name}; install it apart: python -m venv comply && comply/bin/pip install llm-comply,"
            " then name it with --tool comply/bin/llm-comply."
        )
    return found


async def bench_openai(engine: Engine, tool: str, home: Path) -> dict[str, Json]:
    """What each suite says of each of its tests. Takes the engine over and closes it."""
    kernel = Kernel(home, engine, DriverHost(shipped_drivers(), home / "logs"), {"chat": run_chat})
    kernel.start()
    listener = Listener(Guard(openai_api(kernel), hosts=LOOPBACK, token=None), "127.0.0.1", 0)
    try:
        model = (await kernel.engine.info()).model
        return {"model": model, "suites": {suite: await _run(tool, suite, f"{listener.url}/v1") for suite in SUITES}}
    finally:
        await listener.close()
        await kernel.close()


async def _run(tool: str, suite: str, url: str) -> dict[str, Json]:
    options = ["--format", suite, "--base-url", url, "--api-key", "none", "--model", "llmos", "--json"]
    running = await asyncio.create_subprocess_exec(
        tool, *options, "--timeout", str(REQUEST_SECONDS), stdout=asyncio.subprocess.PIPE
    )
    try:
        said, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
    return summed(_report(tool, said))


def _report(tool: str, said: bytes) -> Json:
    try:
        return json.loads(said)
    except ValueError as error:
        raise UsageError(f"{tool} did not report in JSON; take llm-comply 0.5 or newer.") from error


def summed(report: Json) -> dict[str, Json]:
    """Counts, and by name what did not simply pass, with the suite's own words."""
    told = {row["id"]: row for row in report["results"]}
    of = {
        status: {name: row.get("errors", []) for name, row in told.items() if row["status"] == status}
        for status in ("passed", "failed", "skipped")
    }
    return {
        "tests": len(told),
        "passed": len(of["passed"]),
        "failed": of["failed"],
        "skipped": of["skipped"],
        "warned": {name: row["warnings"] for name, row in told.items() if row.get("warnings")},
    }
