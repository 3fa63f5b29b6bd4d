import os
import re
import signal
import subprocess
import textwrap
import time

import pytest

from llmos.backend.compile import sandbox as module
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.source import Handler, parse_handler
from llmos.errors import HandlerError, StateError


@pytest.fixture
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def handler(body, *parameters):
    """Not checked: as if it had passed the source checks."""
    return Handler(
        f"def handle({', '.join(parameters)}):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}", parameters
    )


def call(sandbox, body, functions=None, /, **arguments):
    return sandbox.call(handler(body, *arguments), arguments, functions or {})


def fails(sandbox, body, functions=None, /, **arguments):
    with pytest.raises(HandlerError) as error:
        call(sandbox, body, functions, **arguments)
    return str(error.value)


def workers():
    """The interpreters that this process has started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True)
    processes = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, parent, name in processes if int(parent) == os.getpid() and "monty" in name]


def kill_workers():
    killed = workers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    return len(killed)


def deep(depth):
    return f"a = []\nfor i in range({depth}):\n    a = [a]\nreturn 200, a"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("return 200, {'a': [1, 2.5, None, True, 'Zoë 🦙']}", (200, {"a": [1, 2.5, None, True, "Zoë 🦙"]})),
        ("return 204", (204, None)),
        ("return [200, 'x']", (200, "x")),
        ("return 200, (1, (2, {'a': (3,)}))", (200, [1, [2, {"a": [3]}]])),
        ("return 200, {1: 2, None: 3}", (200, {"1": 2, "null": 3})),
        ("return 200, map(str, [1])", (200, ["1"])),
        ("return 200, 2**70", (200, 2**70)),
        ("return -5", (-5, None)),
        ("return 200, 'x' * 10**6", (200, "x" * 10**6)),
    ],
)
def test_what_json_has_is_returned_as_json_has_it(sandbox, body, answer):
    assert call(sandbox, body) == answer


@pytest.mark.parametrize(
    "body",
    [
        "return True, 1",
        "return True",
        "return None",
        "pass",
        "return 'x'",
        "return '200', 1",
        "return 200.0, 1",
        "return 200, 1, 2",
        "return 200,",
        "return {'status': 200}",
        "return []",
        "return None, {}",
        "return 200, {1, 2}",
        "return 200, {'a': [{'b': {1}}]}",
        "return 200, frozenset([1])",
        "return 200, float('nan')",
        "return 200, [float('inf'), -1]",
        "return 200, {'a': -float('inf')}",
        "return 200, b'x'",
        "return 200, 1j",
        "return 200, ...",
        "return 200, {(1, 2): 3}",
        "return 200, {'a': 1}.keys()",
        "return 200, {'a': 1}.values()",
        "return 200, range(3)",
        "return 200, lambda: 1",
        "return 200, len",
        "return 200, int",
        "return 200, ValueError('x')",
        "return 200, get",
        "return 200, 2**100000",
        "return 2**100000",
        "a = []\na.append(a)\nreturn 200, a",
        "a = {}\na['a'] = [a]\nreturn 200, a",
        deep(5000),
    ],
)
def test_what_json_does_not_have_is_no_answer(sandbox, body):
    fails(sandbox, body, {"get": lambda: 1})
    assert call(sandbox, "return 200, 1") == (200, 1)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("while True:\n    pass", "longer than"),
        ("while True:\n    try:\n        while True:\n            pass\n    except:\n        pass", "longer than"),
        ("try:\n    while True:\n        pass\nfinally:\n    return 200, 'out'", "longer than"),
        ("return 200, sum(n * n for n in range(10**12))", "longer than|Memory"),
        ("return 200, 'a' * 10**9", "Memory"),
        ("return 200, [0] * 10**9", "Memory"),
        ("return 200, 10 ** 10**8", "Memory"),
        ("try:\n    a = 'a' * 10**9\nexcept:\n    return 200, 'out'", "Memory"),
        ("a = ['x']\nwhile True:\n    a = a + a", "longer than|Memory"),
        ("def f(n):\n    return f(n + 1)\nreturn 200, f(0)", "Recursion"),
        ("while True:\n    get()", "limit"),
        ("while True:\n    try:\n        get()\n    except:\n        pass", "limit"),
    ],
)
def test_a_handler_that_takes_too_much_is_stopped_and_the_next_call_works(sandbox, body, error):
    assert re.search(error, fails(sandbox, body, {"get": lambda: 1}))
    assert call(sandbox, "return 200, get()", {"get": lambda: 1}) == (200, 1)


@pytest.mark.parametrize(
    "body",
    [
        "return 200, body",
        "get()\nreturn 200, body",
        "return 200, get()",
    ],
)
def test_an_interpreter_that_was_killed_between_two_calls_is_not_missed(sandbox, body):
    functions = {"get": lambda: 7}
    first = call(sandbox, body, functions, body={"a": 1})
    assert kill_workers() == 1
    assert call(sandbox, body, functions, body={"a": 1}) == first


def test_an_interpreter_that_is_killed_during_a_call_fails_that_call_alone(sandbox):
    calls = []

    def kill():
        calls.append(kill_workers())
        return 1

    fails(sandbox, "get()\nreturn 200, 1", {"get": kill})
    assert calls == [1], "what a function did is not done again"
    assert call(sandbox, "return 200, 1") == (200, 1)


def test_an_exception_of_a_handler_is_told(sandbox):
    assert "ValueError: no" in fails(sandbox, "raise ValueError('no')")
    assert "KeyError" in fails(sandbox, "return 200, body['a']", body={})
    assert "ZeroDivision" in fails(sandbox, "return 200, 1 / 0")


def refuse():
    raise HandlerError("There is no /a/1 to change.")


def test_an_exception_of_a_function_is_told(sandbox):
    assert "no /a/1" in fails(sandbox, "return 200, get()", {"get": refuse})
    assert "division" in fails(sandbox, "return 200, get()", {"get": lambda: 1 / 0})
    assert "argument" in fails(sandbox, "return 200, get(1, 2)", {"get": refuse})


def test_a_handler_may_catch_what_a_function_refuses(sandbox):
    body = "try:\n    get()\nexcept Exception as error:\n    return 404, str(error)"
    assert call(sandbox, body, {"get": refuse}) == (404, "There is no /a/1 to change.")


def test_a_handler_cannot_hide_that_the_disk_failed(sandbox):
    def fail():
        raise StateError("The disk is full.")

    for body in ("return 200, get()", "try:\n    get()\nexcept:\n    return 404, 'no'"):
        with pytest.raises(StateError, match="The disk is full"):
            call(sandbox, body, {"get": fail})
    assert call(sandbox, "return 200, 1") == (200, 1)


ESCAPES = [
    "import os\nreturn 200, os.listdir('/')",
    "import os\nreturn 200, os.environ['HOME']",
    "import os\nreturn 200, os.getenv('HOME')",
    "import os\nreturn 200, os.system('true')",
    "import os\nos.remove('FILE')\nreturn 200, None",
    "import subprocess\nreturn 200, None",
    "import socket\nreturn 200, None",
    "import urllib.request\nreturn 200, None",
    "import http.client\nreturn 200, None",
    "import ctypes\nreturn 200, None",
    "import importlib\nreturn 200, None",
    "import builtins\nreturn 200, None",
    "import gc\nreturn 200, None",
    "import pickle\nreturn 200, None",
    "import threading\nreturn 200, None",
    "import sys\nreturn 200, sys.modules",
    "from pathlib import Path\nreturn 200, Path('FILE').read_text()",
    "from pathlib import Path\nPath('FILE').write_text('x')\nreturn 200, None",
    "with open('FILE') as f:\n    return 200, f.read()",
    "return 200, open('FILE', 'w').write('x')",
    "return 200, eval(\"open('FILE').read()\")",
    "exec(\"open('FILE', 'w').write('x')\")\nreturn 200, None",
    "return 200, __import__('os')",
    "return 200, compile('1', '', 'eval')",
    "return 200, globals()",
    "return 200, vars()",
    "return 200, ().__class__.__bases__",
    "return 200, ''.__class__.__mro__",
    "return 200, (lambda: 1).__globals__",
    "return 200, (lambda: 1).__code__",
    "return 200, __builtins__",
    "return 200, getattr((), '__class__')",
    "return 200, '{0.__class__}'.format(1)",
    "return 200, type(get).__subclasses__()",
    "return 200, object()",
    "return 200, breakpoint()",
    "return 200, exit()",
    "return 200, input()",
    "try:\n    raise ValueError\nexcept ValueError as e:\n    return 200, e.__traceback__.tb_frame",
]


@pytest.mark.parametrize("body", ESCAPES)
def test_a_handler_that_source_checks_let_through_reaches_nothing(sandbox, tmp_path, body):
    file = tmp_path / "secret"
    file.write_text("secret")
    fails(sandbox, body.replace("FILE", str(file)), {"get": lambda: 1})
    assert file.read_text() == "secret"


@pytest.mark.parametrize(
    "name", ["__self__", "__func__", "__globals__", "__call__", "__init__", "__class__", "__closure__", "__code__", "x"]
)
def test_a_function_that_a_handler_is_given_has_no_attributes(sandbox, name):
    functions = {"get": sandbox.close}
    assert "Attribute" in fails(sandbox, f"return 200, get.{name}", functions)
    assert "Attribute" in fails(sandbox, f"return 200, getattr(get, '{name}')", functions)
    assert "Attribute" in fails(sandbox, f"get.{name} = 1\nreturn 200, None", functions)


def test_a_handler_has_neither_clock_nor_chance(sandbox):
    body = "import time, random, datetime\nreturn 200, [time.time(), str(datetime.datetime.now()), random.random()]"
    first = call(sandbox, body)
    sandbox.close()
    assert call(sandbox, body) == first
    assert first[1][:2] == [0.0, "1970-01-01 00:00:00"]


def test_a_handler_does_not_sleep(sandbox):
    before = time.monotonic()
    call(sandbox, "import time\ntime.sleep(9)\nreturn 200, None")
    assert time.monotonic() - before < 5


def test_what_a_handler_prints_goes_nowhere(sandbox, capfd):
    assert call(sandbox, "print('secret')\nreturn 200, 1") == (200, 1)
    assert capfd.readouterr() == ("", "")


def test_a_handler_does_not_see_the_arguments_of_an_earlier_call(sandbox):
    assert call(sandbox, "return 200, body", body="secret") == (200, "secret")
    assert "body" in fails(sandbox, "return 200, body")
    assert call(sandbox, "return 200, str(_arguments)") == (200, "{}")


@pytest.mark.parametrize(
    "body",
    [
        "f = lambda kept=[]: kept.append(1) or kept\nf()\nreturn 200, f()",
        "def f():\n    kept = []\n    return lambda: kept.append(1) or kept\ng = f()\ng()\nreturn 200, g()",
        "body['a'].append(1)\nbody['a'].append(1)\nreturn 200, body['a']",
        "if (kept := body['a']) is not None:\n    kept += [1, 1]\nreturn 200, kept",
    ],
)
def test_nothing_is_kept_from_one_call_to_the_next(sandbox, body):
    checked = parse_handler(
        f"def handle(body):\n{textwrap.indent(textwrap.dedent(body), '    ')}", ("body",), reading=True
    )
    sent = {"a": []}
    assert [sandbox.call(checked, {"body": sent}, {}) for _ in range(3)] == [(200, [1, 1])] * 3
    assert sent == {"a": []}, "what a handler is handed is a copy"


def test_a_default_of_an_inner_function_lasts_for_one_call(sandbox):
    body = "def inner(kept=[]):\n    kept.append(1)\n    return kept\ninner()\nreturn 200, inner()"
    assert [call(sandbox, body) for _ in range(3)] == [(200, [1, 1])] * 3


def test_two_handlers_do_not_mix(sandbox):
    one, other = handler("return 200, 'one'"), handler("return 200, 'other'")
    answers = [sandbox.call(which, {}, {})[1] for which in (one, other, one, other)]
    assert answers == ["one", "other", "one", "other"]


def test_the_interpreter_is_started_anew_after_many_calls(sandbox, monkeypatch):
    monkeypatch.setattr(module, "MAX_CALLS", 3)
    seen = []
    for _ in range(7):
        call(sandbox, "return 200, 1")
        seen += workers()
    assert [seen.index(pid) for pid in seen] == [0, 0, 0, 3, 3, 3, 6]


def test_the_interpreter_is_started_anew_before_its_calls_out_run_out(sandbox, monkeypatch):
    monkeypatch.setattr(module, "MAX_CALLS_OUT", 20)
    for _ in range(30):
        assert call(sandbox, "return 200, [get() for _ in range(9)]", {"get": lambda: 1}) == (200, [1] * 9)


def test_an_argument_that_no_sandbox_takes_fails_that_call_alone(sandbox):
    fails(sandbox, "return 200, body", body="\ud800")
    fails(sandbox, "return 200, get()", {"get": lambda: "\ud800"})
    fails(sandbox, "return 200, get()", {"get": object})
    assert call(sandbox, "return 200, 1") == (200, 1)


def test_a_source_that_is_no_python_fails_that_call_alone(sandbox):
    with pytest.raises(HandlerError):
        sandbox.call(Handler("def handle(:", ()), {}, {})
    with pytest.raises(HandlerError):
        sandbox.call(Handler("x = 1", ()), {}, {})
    assert call(sandbox, "return 200, 1") == (200, 1)


def test_closing_ends_the_interpreter_and_twice_is_fine(sandbox):
    call(sandbox, "return 200, 1")
    assert len(workers()) == 1
    sandbox.close()
    sandbox.close()
    assert not workers()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return 200, get('a')", "type-check"),
        ("return 200, missing()", "type-check"),
        ("return 200, now() + 1", "type-check"),
        ("add('a')\nreturn 200, None", "type-check"),
        ("return 200, len(now(1))", "type-check"),
    ],
)
def test_a_handler_that_calls_a_function_wrongly_does_not_type_check(sandbox, body, error):
    with pytest.raises(HandlerError, match=error):
        sandbox.check_types(handler(body))


def test_a_handler_that_calls_functions_rightly_type_checks(sandbox):
    sandbox.check_types(
        handler(
            "found = get('a', id)\nif found is None:\n    return 404, 'no'\nreturn 200, update('a', id, body)",
            "id",
            "body",
        )
    )
