"""Programs that people's models write, each of which has to run: what each says."""
# ruff: noqa: E501 - each program is one line of a table

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROGRAMS = {
    "the fiftieth Fibonacci number": ("a, b = 0, 1\nfor _ in range(50): a, b = b, a + b\nprint(a)", "12586269025"),
    "a value at the end": ("x = 6\nx * 7", "42"),
    "an assignment at the end": ("total = sum(range(11))", "total = 55"),
    "several assignments at the end": ("a, b = divmod(17, 5)", "a = 3\nb = 2"),
    "a loop that prints": ("for n in range(3): print(n)", "0\n1\n2"),
    "primes": ("print([n for n in range(2, 30) if all(n % d for d in range(2, n))])", "[2, 3, 5, 7, 11, 13, 17, 19, 23, 29]"),
    "a class with inheritance": ("class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return super().f() + 1\nB().f()", "2"),
    "a dataclass": ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(3)", "P(x=3)"),
    "an enum": ("from enum import Enum\nclass C(Enum): RED = 1\nC.RED.name", "'RED'"),
    "a generator": ("def count():\n    n = 0\n    while True:\n        yield n\n        n += 1\ng = count()\n[next(g) for _ in range(3)]", "[0, 1, 2]"),
    "a decorator with a cache": ("from functools import cache\n@cache\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(80)", "23416728348467685"),
    "a context manager": ("from contextlib import contextmanager\n@contextmanager\ndef c():\n    yield 5\nwith c() as x: print(x)", "5"),
    "exceptions": ("try: int('x')\nexcept ValueError as e: print('no number')\nfinally: print('end')", "no number\nend"),
    "pattern matching": ("match {'a': 1}:\n    case {'a': x}: print(x)", "1"),
    "f-strings": ("f'{1234567.891:,.2f} {0.256:.1%}'", "'1,234,567.89 25.6%'"),
    "json": ("import json\njson.loads('{\"a\": [1, null]}')", "{'a': [1, None]}"),
    "csv": ("import csv, io\nlist(csv.reader(io.StringIO('a,b\\n1,2')))", "[['a', 'b'], ['1', '2']]"),
    "regular expressions": ("import re\nre.findall(r'\\d+', 'a1b22')", "['1', '22']"),
    "dates": ("from datetime import date, timedelta\nprint(date(2024, 2, 28) + timedelta(days=2))", "2024-03-01"),
    "time zones": ("from datetime import datetime\nfrom zoneinfo import ZoneInfo\nprint(datetime(2024, 7, 1, tzinfo=ZoneInfo('Europe/Berlin')).utcoffset())", "2:00:00"),
    "the calendar": ("import calendar\ncalendar.isleap(2024)", "True"),
    "decimals": ("from decimal import Decimal\nDecimal('0.1') + Decimal('0.2')", "Decimal('0.3')"),
    "fractions": ("from fractions import Fraction\nprint(Fraction(1, 3) + Fraction(1, 6))", "1/2"),
    "large numbers": ("len(str(2 ** 10000))", "3011"),
    "statistics": ("import statistics\nstatistics.median([3, 1, 2])", "2"),
    "random with a seed": ("import random\nrandom.seed(1)\nrandom.randint(1, 100)", "18"),
    "itertools": ("from itertools import permutations\nlen(list(permutations(range(5))))", "120"),
    "a heap": ("import heapq\nh = [3, 1, 2]\nheapq.heapify(h)\nheapq.heappop(h)", "1"),
    "hashes": ("import hashlib\nhashlib.sha256(b'').hexdigest()[:8]", "'e3b0c442'"),
    "base64 and compression": ("import base64, zlib\nzlib.decompress(zlib.compress(base64.b64encode(b'hi')))", "b'aGk='"),
    "XML": ("import xml.etree.ElementTree as E\nE.fromstring('<a><b>1</b></a>').find('b').text", "'1'"),
    "a database": ("import sqlite3\nc = sqlite3.connect('a.db')\nc.execute('create table t(x)')\nc.execute('insert into t values (5)')\nc.execute('select sum(x) from t').fetchone()", "(5,)"),
    "a file": ("from pathlib import Path\nPath('note.txt').write_text('hello')\nPath('note.txt').read_text()", "'hello'"),
    "a temporary folder": ("import tempfile, os\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close(); print(os.listdir(d))", "['x']"),
    "copies of files": ("import shutil\nopen('a.txt', 'w').write('x')\nshutil.copy2('a.txt', 'b.txt')", "'b.txt'"),
    "an archive": ("import zipfile\nopen('a.txt', 'w').write('x')\nwith zipfile.ZipFile('a.zip', 'w') as z: z.write('a.txt')\nzipfile.ZipFile('a.zip').namelist()", "['a.txt']"),
    "a pickle": ("import pickle\npickle.loads(pickle.dumps({1: 2}))", "{1: 2}"),
    "a module of one's own": ("open('mine_too.py', 'w').write('x = 7')\nimport mine_too\nmine_too.x", "7"),
    "another program": ("import subprocess\nsubprocess.run(['echo', 'hi'], capture_output=True, text=True).stdout", "'hi\\n'"),
    "another Python": ("import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(5)'], capture_output=True, text=True).stdout", "'5\\n'"),
    "threads": ("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as p: print(sum(p.map(abs, [-1, 2])))", "3"),
    "asyncio": ("import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nasyncio.run(f())", "3"),
    "numpy": ("import numpy as np\nprint(np.arange(6).reshape(2, 3).sum(axis=0))", "[3 5 7]"),
    "linear algebra": ("import numpy as np\nprint(np.linalg.solve([[2, 1], [1, 3]], [3, 5]).round(2))", "[0.8 1.4]"),
    "pandas": ("import pandas as pd\npd.DataFrame({'a': ['x', 'y', 'x'], 'b': [1, 2, 3]}).groupby('a').b.sum().to_dict()", "{'x': 4, 'y': 2}"),
    "pandas and a file": ("import pandas as pd\npd.DataFrame({'a': [1, 2]}).to_csv('t.csv', index=False)\nprint(pd.read_csv('t.csv').a.mean())", "1.5"),
    "a table at the end": ("import pandas as pd\npd.DataFrame({'a': [1]})", "   a\n0  1"),
    "matplotlib and a file": ("import os\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('p.png')\nplt.close()\nos.path.getsize('p.png') > 1000", "True"),
    "an early end": ("print('so far')\nimport sys\nsys.stdout.flush()", "so far"),
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
async def test_it_runs(python, program):
    code, said = PROGRAMS[program]
    assert (await python.run(code, "programs")).strip("\n") == said.strip("\n")


async def test_a_shell_and_python_share_a_folder(python):
    await python.run("open('shared.txt', 'w').write('one\\ntwo\\n')", "shared")
    assert (await python.shell("wc -l < shared.txt; sort -r shared.txt | head -1", "shared")).split() == ["2", "two"]


async def test_a_shell_says_its_exit_code(python):
    said = await python.shell("echo out; echo err >&2; exit 4", "shared")
    assert said == "out\nerr\nIt ended with exit code 4."


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero (line 1: 1 / 0)"),
        ("def f(n):\n    return 1 / n\n\nf(0)", "ZeroDivisionError: division by zero (line 2: return 1 / n)"),
        ("x = = 3", "SyntaxError: invalid syntax (line 1: x = = 3) Send the whole corrected code again."),
        ("math.sqrt(2)", "NameError: name 'math' is not defined (line 1: math.sqrt(2)) Write import math first."),
        ("np.ones(3)", "NameError: name 'np' is not defined (line 1: np.ones(3)) Write import numpy as np first."),
        ("import plums", "No module named 'plums' (line 1: import plums) Use the standard library, numpy, pandas or matplotlib"),
        ("input('name?')", "There is nobody to type anything"),
        ("def f(): return f()\nf()", "Use a loop instead of recursion."),
        ("open('/etc/passwd').read()", "Only files in the current folder can be used"),
        ("import urllib.request as u\nu.urlopen('http://example.org')", "There is no network."),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "E (line 3: raise E)"),
    ],
)  # fmt: skip
async def test_an_error_is_one_line_that_helps(python, code, said):
    told = await python.fails(code, "errors")
    assert said in told and "Traceback" not in told and "\n" not in told.removeprefix("name?").strip("\n")


async def test_what_was_printed_before_an_error_is_told_too(python):
    assert (await python.fails("print('so far')\n1 / 0")).startswith("so far\nZeroDivisionError")


async def test_a_program_that_says_nothing_is_told_to(python):
    assert "print the answer" in await python.run("def f(): pass")


async def test_nothing_to_run_and_too_much_to_run_are_said(python):
    assert "nothing to run" in await python.fails("  \n")
    assert "run it in parts" in await python.fails("#" * 100_001)


async def test_a_chart_comes_back_as_data_that_a_shell_can_draw(python):
    result = await python.call("run", code="chart(['a', 'b'], [1, 2.5], kind='bar', title='Plums')")
    (chart,) = result.structured_content["charts"]
    assert (chart["mark"], chart["title"]) == ("bar", "Plums")
    assert chart["data"]["values"] == [{"x": "a", "y": 1}, {"x": "b", "y": 2.5}]
    assert "at most 2000" in await python.fails("chart(range(3000), range(3000))")


async def test_functions_that_call_themselves_remember_what_they_returned(python):
    """Small models write the Fibonacci numbers so; without it, the fiftieth would take an hour."""
    code = "def f(n):\n    if n <= 1:\n        return n\n    else:\n        return f(n-1) + f(n-2)\nprint(f(50))"
    assert await python.run(code) == "12586269025"


@pytest.mark.parametrize(
    "code",
    [
        "n = 1\ndef f(x):\n    return x if x < 2 else n * (f(x - 1) + f(x - 2))\na = f(5)\nn = 2\nprint(a, f(5))",
        "c = [0]\ndef f(x):\n    c.append(x)\n    return x if x < 2 else f(x - 1) + f(x - 2)\nf(3)\na = len(c)\nf(3)\nprint(a, len(c))",
        "def f(x):\n    print('f', end='')\n    return x if x < 2 else f(x - 1) + f(x - 2)\nf(2)\nf(2)\nprint()",
        "def f(x, got=[]):\n    got += [x]\n    return len(got) if x < 2 else f(x - 1) + f(x - 2)\nprint(f(2), f(2))",
    ],
)  # fmt: skip
async def test_but_only_those_that_depend_on_nothing_else(python, code):
    import subprocess
    import sys

    plain = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: ASYNC221
    assert await python.run(code) == plain.strip()
