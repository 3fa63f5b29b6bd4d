"""The driver as the kernel meets it."""

import asyncio
import json
import subprocess
import sys

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_the_tools_say_of_themselves_is_true(python):
    tools = {tool.name: tool.annotations for tool in (await python.client.list_tools()).tools}
    assert set(tools) == {"run", "shell", "calculate"}
    for name in ("run", "shell"):
        hints = tools[name]
        assert not hints.read_only_hint and not hints.idempotent_hint and not hints.open_world_hint
        assert not hints.destructive_hint  # nothing but the session's own folder can be changed: see test_escapes
    assert tools["calculate"].read_only_hint and tools["calculate"].idempotent_hint


async def test_a_session_is_changed_by_a_run_and_not_by_a_calculation(python):
    await python.run("n = 1", "counting")
    assert [await python.run("n += 1\nn", "counting") for _ in range(2)] == ["2", "3"]
    assert [await python.calculate("2 * 3") for _ in range(2)] == ["6", "6"]


@pytest.mark.parametrize("module", ["drivers.python.server", "drivers.python.sessions", "drivers.python.calculate"])
async def test_nothing_heavy_loads_before_it_is_needed(module):
    code = f"import sys, {module}; print(*sys.modules)"
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "pandas", "matplotlib", "pint", "sandlock", "pydantic_monty"}
    assert heavy.isdisjoint(done.stdout.split())


async def test_an_interpreter_has_loaded_nothing_that_was_not_asked_for(python):
    code = "import sys\nsorted({'numpy', 'pandas', 'matplotlib', 'asyncio', 'site'} & set(sys.modules))"
    assert await python.run(code, "fresh") == "[]"


async def test_a_calculation_that_is_refused_is_an_error_for_the_model(python):
    result = await python.call("calculate", expression="9**9**9**9")
    assert result.is_error and "use smaller numbers" in result.content[0].text


async def test_two_processes_run_at_the_same_time(python):
    await asyncio.gather(python.run("1", "left-hand"), python.run("1", "right-hand"))
    code = "import time\nbegun = time.time()\ntime.sleep(2)\n[begun, time.time()]"
    told = await asyncio.gather(*(python.run(code, name) for name in ("left-hand", "right-hand")))
    begun, ended = zip(*map(json.loads, told), strict=True)
    assert max(begun) < min(ended)
