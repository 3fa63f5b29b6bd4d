"""The small Python, for machines without a sandbox: what it does, and that nothing gets out of it either."""

import pytest

from drivers.python.small import SmallPython

from .conftest import ROOT, started

# prctl(PR_SET_SECCOMP) and seccomp(2) answer EPERM from here on, by a filter of system calls
REFUSES_SECCOMP = """
import ctypes, os, struct
seccomp = 277 if os.uname().machine == 'aarch64' else 317
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, seccomp), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000)]
held = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(22, 2, struct.pack('HxxxxxxP', len(steps), ctypes.addressof(held)), 0, 0)
"""
WHY = "there is no sandbox for plan9"


@pytest.fixture
def small():
    python = SmallPython(WHY)
    yield python
    python.close()


def says(small, code):
    return small.run(code).content[0].text


def test_it_keeps_variables_prints_and_tells_the_last_value(small):
    assert says(small, "x = 6\nprint('six')\nx * 7") == "six\n42"
    assert says(small, "x + 1") == "7"
    assert says(small, "a, b = 0, 1\nfor _ in range(50): a, b = b, a + b\nprint(a)") == "12586269025"
    assert "print the answer" in says(small, "y = 1")


def test_functions_that_call_themselves_remember_what_they_returned(small):
    code = "def f(n):\n    if n <= 1:\n        return n\n    else:\n        return f(n-1) + f(n-2)\nprint(f(50))"
    assert says(small, code) == "12586269025"
    assert says(small, "f(60)") == "1548008755920"


def test_it_draws_charts_as_data(small):
    result = small.run("chart([1, 2], [3, 4], kind='point')")
    assert result.structured_content["charts"][0]["mark"] == "point"
    assert result.structured_content["engine"] == "small Python"


def test_errors_say_where_and_what_is_missing_says_why(small):
    assert says(small, "x = 1\nx / 0").startswith("ZeroDivisionError: division by zero (line 2: x / 0)")
    assert WHY in says(small, "import numpy")
    assert says(small, "x = = 1").startswith("SyntaxError")


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "x = 'a'\nwhile True: x = x + x",
        "x = 9 ** 9 ** 9 ** 9",
        "def f(): return f()\nf()",
        "while True: print('x' * 10000)",
        "[0] * 10 ** 12",
        "for _ in range(5000): chart([1], [1])",
    ],
)
def test_what_goes_on_for_ever_is_ended_and_the_next_run_works(small, code, monkeypatch):
    monkeypatch.setattr("drivers.python.small.SECONDS", 1.0)
    assert small.run(code).is_error
    assert says(small, "1 + 1") == "2"


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd').read()",
        "from pathlib import Path\nPath('/etc/passwd').read_text()",
        "import os\nos.system('id')",
        "import os\nos.listdir('/')",
        "import os\nos.environ['PATH']",
        "import os\nos.getenv('PATH').upper()",
        "import subprocess",
        "import socket",
        "import ctypes",
        "import sys\nsys.modules['os']",
        "__import__('os')",
        "eval('open(\\'/etc/passwd\\').read()')",
        "exec('import os; os.system(\\'id\\')')",
        "compile('1', 'x', 'eval')",
        "().__class__.__bases__[0].__subclasses__()",
        "(lambda: 0).__globals__",
        "(lambda: 0).__code__",
        "(x for x in [1]).gi_frame",
        "chart.__globals__",
        "chart.__self__",
        "chart.__closure__",
        "try: 1 / 0\nexcept ZeroDivisionError as e: e.__traceback__.tb_frame.f_globals",
        "'{0.__class__.__init__.__globals__}'.format(chart)",
        "getattr(chart, '__globals__')",
        "globals()['__builtins__']",
        "breakpoint()",
        "input()",
    ],
)
def test_the_machine_is_out_of_its_reach(small, code):
    assert small.run(code).is_error, says(small, code)


async def test_where_the_sandbox_cannot_be_built_nothing_runs_without_it(tmp_path):
    """On a machine whose kernel refuses the filter of system calls, as some containers do."""
    filtered = tmp_path / "filtered"
    filtered.mkdir()
    (filtered / "sitecustomize.py").write_text(REFUSES_SECCOMP)
    async with started(tmp_path, PYTHONPATH=f"{filtered}:{ROOT}") as python:
        assert "No shell can be run safely here, as the sandbox cannot be built" in await python.shell("id")
        assert await python.run("6 * 7") == "42"
        assert "the sandbox cannot be built" in await python.fails("import numpy")


async def test_a_driver_without_a_sandbox_says_so_and_never_runs_a_shell(tmp_path):
    """Where sandlock is hidden from the driver's interpreter, as where it was never installed."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'sandlock' else find(name, *rest)\n"
    )
    async with started(tmp_path, PYTHONPATH=f"{hidden}:{ROOT}") as python:
        assert "No shell can be run safely here" in await python.shell("id")
        assert await python.run("x = 40\nx + 2") == "42"
        assert await python.run("x") == "40"
        assert "NameError" in await python.fails("x", "another")
        assert "sandlock is not installed" in await python.fails("import numpy")
