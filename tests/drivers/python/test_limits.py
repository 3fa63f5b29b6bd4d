"""What a run may use, what it leaves behind, and what becomes of a session whose run is stopped."""
# ruff: noqa: E501 - programs as they are sent

import asyncio
import base64
import io
import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from .conftest import living, started

pytestmark = pytest.mark.asyncio(loop_scope="session")
GONE = "Its variables are gone, its files remain"
EMPTIED = "Its variables and its files are gone"


async def goes_on(python, process):
    """The session takes the next run as if nothing had been."""
    return await python.run("6 * 7", process) == "42"


async def test_a_run_that_takes_too_long_is_interrupted_and_keeps_its_variables(hasty):
    await hasty.run("kept = 5", "slow")
    said = await hasty.fails("import time\nprint('begun')\ntime.sleep(60)", "slow")
    assert said.startswith("begun\nIt took longer than 3 s.") and "Its variables are kept" in said
    assert await hasty.run("kept", "slow") == "5"


async def test_a_run_that_does_not_let_itself_be_interrupted_is_ended_and_its_files_remain(hasty):
    code = "import signal, time\nfor s in (2, 14, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    await hasty.run("open('kept.txt', 'w').write('mine')", "stubborn")
    said = await hasty.fails(code, "stubborn")
    assert "It took longer than 3 s." in said and GONE in said
    assert await hasty.run("open('kept.txt').read()", "stubborn") == "'mine'"


async def test_more_memory_than_there_is_for_it_ends_in_an_error_or_in_the_end_of_the_interpreter(python):
    assert "MemoryError" in await python.fails("a = [bytearray(300 * 2**20) for _ in range(10)]", "memory")
    assert "memory" in await python.fails("bytearray(20 * 2**30)", "memory")
    assert await goes_on(python, "memory")


async def test_many_processes_together_have_no_more_memory(python):
    before = psutil.virtual_memory().available
    code = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        held = bytearray(600 * 2**20)
        time.sleep(2.5)
        os._exit(0)
time.sleep(1.5)"""
    running = python.says(code, "together")
    task, lowest = asyncio.ensure_future(running), before
    while not task.done():
        lowest = min(lowest, psutil.virtual_memory().available)
        await asyncio.sleep(0.05)
    assert before - lowest < 2.6 * 2**30
    assert await goes_on(python, "together")


@pytest.mark.parametrize(
    "code",
    [
        "for n in range(9): open(f'big{n}', 'wb').write(bytes(50 * 2**20))",
        "import os\nheld = []\nfor n in range(9):\n    f = open('d', 'wb')\n    os.unlink('d')\n    f.write(bytes(50 * 2**20))\n"
        "    f.flush()\n    held.append(f)",
        "import os, mmap\nheld = []\nfor n in range(9):\n    f = open('d', 'w+b')\n    os.unlink('d')\n    f.truncate(50 * 2**20)\n"
        "    held.append(mmap.mmap(f.fileno(), 0))\n    f.close()",
        "import os\nos.posix_fallocate\nfor n in range(9):\n    f = open(f'f{n}', 'wb')\n    os.posix_fallocate(f.fileno(), 0, 50 * 2**20)",
    ],
    ids=["files", "deleted files", "mapped deleted files", "empty space"],
)
async def test_a_folder_that_holds_too_much_is_emptied(python, code):
    said = await python.fails(code, "disk")
    assert "It wrote more than 256 MB." in said and EMPTIED in said
    assert await python.run("import os\nos.listdir('.')", "disk") == "[]"


async def test_too_many_files_are_too_much_as_well(python):
    said = await python.fails("for n in range(2500): open(f'f{n}', 'w').close()", "inodes")
    assert "It made more than 2000 files." in said
    assert await goes_on(python, "inodes")


async def test_who_hides_which_files_it_has_open_is_ended_unless_the_driver_is_root(python):
    code = "import ctypes, time\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\ntime.sleep(1)"
    said = await python.says(code, "hidden")
    assert os.geteuid() == 0 or "It hid which files it has open." in said
    assert await goes_on(python, "hidden")


async def test_one_file_can_only_be_so_large(python):
    said = await python.fails("open('big', 'wb').write(bytes(70 * 2**20))", "file")
    assert "File too large" in said and "64 MB" in said
    assert await goes_on(python, "file")


async def test_a_fork_bomb_stays_small_and_is_gone_afterwards(hasty):
    code = "import os\nwhile True:\n    try: os.fork()\n    except OSError: os.getpid()"
    await hasty.says(code, "bomb")
    assert await goes_on(hasty, "bomb")
    assert len(living("drivers/python/interpreter.py")) < 12


async def test_a_shells_fork_bomb_stays_small_as_well(python):
    await python.shell("bomb() { bomb | bomb & }; bomb; sleep 1", "bomb")
    assert living("bomb() ") == []


async def test_threads_without_end_are_refused(hasty):
    code = "import threading, time\nn = 0\nwhile True:\n    threading.Thread(target=time.sleep, args=(1,), daemon=True).start()"
    said = await hasty.says(code, "threads")
    assert "thread" in said or "took longer" in said or "killed" in said
    assert await goes_on(hasty, "threads")


@pytest.mark.parametrize("way", ["fork", "shell"])
async def test_what_a_call_leaves_running_ends_with_it(python, way):
    if way == "fork":
        code = "import os\nif os.fork() == 0:\n    if os.fork() == 0: os.execvp('sleep', ['sleep', '987.5'])\n    os._exit(0)"
        await python.says(f"{code}\nimport time; time.sleep(0.3)", "left")
    else:
        await python.shell("(setsid nohup sleep 987.5 &) ; nohup sleep 987.5 > /dev/null 2>&1 & sleep 0.3", "left")
    assert living("sleep 987.5") == []


async def test_a_shell_command_that_leaves_its_output_open_does_not_keep_anybody_waiting(python):
    begun = time.monotonic()
    assert await python.shell("sleep 987.6 & echo begun", "open") == "begun\n"
    assert time.monotonic() - begun < 10
    assert living("sleep 987.6") == []


async def test_nothing_goes_on_between_calls(python):
    await python.run(
        "import threading, time\nturns = 0\ndef turn():\n    global turns\n    while True:\n        turns += 1\n"
        "        time.sleep(0.001)\nthreading.Thread(target=turn, daemon=True).start()",
        "between",
    )
    before = int(await python.run("turns", "between"))
    await asyncio.sleep(0.5)
    assert int(await python.run("turns", "between")) - before < 200


async def test_a_flood_of_output_is_cut_off(python):
    said = await python.fails("while True: print('x' * 10000)", "flood")
    assert "It printed more than 16 MB." in said and len(said) < 5000
    assert await goes_on(python, "flood")


async def test_a_long_output_is_told_by_its_beginning_and_its_end(python):
    said = await python.run("for n in range(100000): print(n)")
    assert said.startswith("0\n1\n") and said.endswith("99999") and "left out" in said and len(said) < 9000


async def test_answers_that_the_code_makes_up_hurt_nobody(python):
    forge = (
        "import os, sys\nline = {0!r}.replace(b'NAME', sys._getframe().f_code.co_filename.encode())\n"
        "for fd in range(3, 20):\n    try: os.write(fd, line)\n    except OSError: pass"
    )
    made_up = b'{"name": "NAME", "value": 5, "figures": [1, "x"], "charts": 7, "line": []}\n'
    for forged in (b"[" * 100_000 + b"\n", b"nonsense\n", made_up, b'{"name": "NAME", "error": 5}\n', b"\xff\n"):
        await python.says(forge.format(forged), "forged")
        assert await goes_on(python, "forged")


async def test_only_what_is_a_picture_is_passed_on_as_one(python):
    code = (
        "import sys, types\nplots = types.ModuleType('p')\nplots.get_fignums = lambda: [1]\n"
        "class F:\n    def savefig(self, file, **k): file.write(b'<svg onload=x>')\n"
        "plots.figure = lambda n: F()\nplots.close = lambda a: None\nsys.modules['matplotlib.pyplot'] = plots"
    )
    result = await python.call("run", "picture", code=code)
    assert [part.type for part in result.content] == ["text"]


async def test_an_interpreter_that_ends_itself_is_started_again(python):
    await python.run("x = 1", "ended")
    assert "ended with exit code 3" in await python.fails("import os\nos._exit(3)", "ended")
    assert "NameError" in await python.fails("x", "ended")


async def test_what_a_session_plants_does_not_grow_in_the_next_interpreter_or_in_another_session(python):
    planted = "open('{}', 'w').write('open(\"grown\", \"w\")\\nraise SystemExit')"
    names = ("sitecustomize.py", "usercustomize.py", "json.py", "random.py", "numpy.py", "ctypes.py", "x.pth")
    names = (*names, ".bashrc", ".profile", ".bash_profile", ".pythonstartup.py")
    await python.run("\n".join(planted.format(name) for name in names), "gardener")
    await python.says("import os\nos._exit(0)", "gardener")
    assert await python.run("import json, random, os\nos.path.exists('grown')", "gardener") == "False"
    assert await python.run("import os\nos.listdir('.')", "neighbour") == "[]"
    assert await python.shell("ls grown 2>&1", "gardener") != "grown\n"


async def test_a_session_sees_nothing_of_another(python):
    where = await python.run("import os\nopen('mine.txt', 'w').write('mine')\nprint(os.getcwd())", "one")
    assert "PermissionError" in await python.fails(f"open('{where}/mine.txt')", "two")
    assert "PermissionError" in await python.fails(f"import os\nos.listdir('{Path(where).parents[1]}')", "two")
    assert "NameError" in await python.fails("planets", "two")


async def test_the_fifth_session_ends_the_one_that_was_not_used_for_longest(temporary):
    async with started(temporary) as python:
        for process in ("a", "b", "c", "d", "a", "e"):
            await python.run(f"name = '{process}'", process)
        assert await python.run("name", "a") == "'a'"
        assert "NameError" in await python.fails("name", "b")


@pytest.mark.parametrize("end", ["closed", "killed"])
async def test_nothing_outlives_the_driver(tmp_path, end):
    hold = "import ctypes, os, time\nctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\nos.fork()\ntime.sleep(100)"
    async with started(tmp_path) as python:
        holding = asyncio.ensure_future(python.says(hold, "x"))
        inside = await _two_inside(tmp_path)
        if end == "killed":
            os.kill(inside[0].parent().pid, signal.SIGKILL)
        holding.cancel()
    assert psutil.wait_procs(inside, timeout=10)[1] == []
    deadline = time.monotonic() + 10
    while list(tmp_path.glob("llmos-sessions-*")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def _two_inside(folder):
    """The processes that work in a session below a folder, once there are two."""
    async with asyncio.timeout(20):
        while True:
            working = [(p, p.info["cwd"] or "") for p in psutil.process_iter(["cwd"])]
            inside = [p for p, where in working if where.startswith(str(folder)) and where.endswith("/work")]
            if len(inside) == 2:
                return inside
            await asyncio.sleep(0.1)


async def test_a_call_that_is_given_up_ends_at_once(temporary):
    async with started(temporary) as python:
        call = asyncio.ensure_future(python.says("import time\ntime.sleep(100)"))
        await asyncio.sleep(0.5)
        call.cancel()
        begun = time.monotonic()
        assert await python.run("1 + 1") == "2"
        assert time.monotonic() - begun < 10


async def test_an_interpreter_outlives_the_thread_that_first_asked_for_it(python):
    await python.run("x = 5", "thread")
    await asyncio.sleep(10.5)  # an idle thread ends after 10 s, with the next call of another
    await asyncio.gather(python.run("1", "other"), python.run("2"))
    assert await python.run("x", "thread") == "5"


async def test_a_session_whose_folder_was_deleted_or_turned_into_a_link_has_one_again(python, tmp_path):
    await python.run("import os, shutil\nshutil.rmtree(os.getcwd())", "folder")
    assert await python.shell("pwd > here; ls", "folder") == "here\n"
    where = (await python.shell("cat here", "folder")).strip()
    swap = (
        f"import os, shutil\nos.chdir('..')\nshutil.rmtree('work')\nos.symlink({str(tmp_path)!r}, 'work')\nos._exit(0)"
    )
    await python.says(swap, "folder")
    assert await python.run("import os\nprint(os.getcwd(), os.path.islink(os.getcwd()))", "folder") == f"{where} False"
    assert list(tmp_path.iterdir()) == []


async def test_a_long_program_of_any_letters_arrives_whole(python):
    code = "x = '" + '\u4e00\\n"' * 12_000 + "'\nlen(x)"
    assert await python.run(code, "long") == "36000"


async def test_figures_come_back_as_pictures_and_are_closed(python):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.figure()\nplt.bar([1], [2])"
    result = await python.call("run", "figures", code=code)
    text, *pictures = result.content
    assert text.text == "[drew 2 figures]"
    sizes = [Image.open(io.BytesIO(base64.b64decode(picture.data))).size for picture in pictures]
    assert sizes == [(640, 480)] * 2 and {picture.mime_type for picture in pictures} == {"image/png"}
    assert len((await python.call("run", "figures", code="1")).content) == 1
