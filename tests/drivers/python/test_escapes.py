"""Ways out of the sandbox of `run`, each tried for real: what is outside stays as it was and unseen."""

import asyncio
import os
import platform
import site
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from .attacks import ATTACKS, INTERFACES, PRELUDE
from .conftest import HUSH, ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")
REFUSALS = {1, 13, 38}  # EPERM, EACCES, ENOSYS


class Outside:
    """What an attack is after. `intact` is whether all of it is as it was."""

    def __init__(self, folder):
        self.folder, self.secret = folder, folder / "secret"
        (folder / "empty").mkdir()
        self.secret.write_text("the key is 4711")
        self.secret.chmod(0o644)
        self.before = self._looks()
        environment = {**os.environ, "SECRET_TOKEN": HUSH}
        self.victim = subprocess.Popen(["sleep", "600"], env=environment, start_new_session=True)
        self.limits = self._limits()

    def _looks(self):
        look = self.secret.stat()
        return (
            look.st_mode,
            look.st_uid,
            look.st_mtime_ns,
            look.st_nlink,
            self.secret.read_text(),
            os.listxattr(self.secret),
        )

    def _limits(self):
        pid = self.victim.pid
        limits = Path(f"/proc/{pid}/limits").read_text()
        return limits, os.getpriority(os.PRIO_PROCESS, pid), os.sched_getaffinity(pid), os.sched_getscheduler(pid)

    def assert_intact(self):
        assert sorted(path.name for path in self.folder.iterdir()) == ["empty", "secret"]
        assert self._looks() == self.before
        assert self.victim.poll() is None
        assert self._limits() == self.limits


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    found = Outside(folder)
    yield found
    found.victim.kill()
    found.victim.wait()


@pytest.fixture(scope="session")
def listening(tmp_path_factory):
    """A server on the loopback, on a local socket, and on an abstract one."""
    folder = tmp_path_factory.mktemp("sockets")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as local,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
    ):
        mark = f"llmos-mark-{os.getpid()}"
        local.bind(str(folder / "socket"))
        abstract.bind(f"\0{mark}")
        datagrams.bind(str(folder / "datagrams"))
        local.listen()
        abstract.listen()
        yield {
            "PORT": server.getsockname()[1],
            "SOCKET": folder / "socket",
            "DATAGRAMS": folder / "datagrams",
            "MARK": mark,
        }


@pytest.fixture
def written(outside, listening, tmp_path):
    """An attack's code with what is outside filled in."""

    def fill(attack, parent, link):
        names = {
            **listening,
            "SECRET": outside.secret,
            "OUTSIDE": outside.folder,
            "HOME": Path.home(),
            "VICTIM": outside.victim.pid,
            "PARENT": parent,
            "PACKAGES": site.getsitepackages()[0],
            "DRIVER": ROOT / "drivers" / "python",
            "LINK": link,
            "HUSH": HUSH,
        }
        code = attack.code
        for name, value in names.items():
            code = code.replace(f"@{name}@", str(value))
        return PRELUDE + code

    return fill


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
async def test_the_sandbox_keeps_it_in(python, outside, written, attack):
    code = written(attack, "os.getppid()", attack.name.replace(" ", "-"))
    assert "ESCAPED" not in await python.says(code)
    outside.assert_intact()
    assert await python.run("'on' + 'ward'") == "'onward'"


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.real], ids=lambda attack: attack.name)
async def test_without_a_sandbox_it_would_get_out(outside, written, tmp_path, attack):
    environment = {**os.environ, "SECRET_TOKEN": HUSH}
    code = written(attack, outside.victim.pid, "link")
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert "ESCAPED" in done.stdout, done.stderr


@pytest.fixture(scope="module")
def asked():
    """Each interface of the kernel with its numbers as the sandbox would ask for it."""
    column = 1 if platform.machine() == "aarch64" else 0
    return {name: (row[column], row[2]) for name, row in INTERFACES.items()}


@pytest.mark.parametrize("interface", INTERFACES)
async def test_an_interface_of_the_kernel_is_closed(python, asked, interface):
    number, arguments = asked[interface]
    passed = ", ".join(f"ctypes.c_long({argument})" for argument in arguments)
    said = await python.run(f"{PRELUDE}\nprint(libc.syscall({number}, {passed}), ctypes.get_errno())")
    result, errno = map(int, said.split())
    assert result == -1 and errno in REFUSALS


@pytest.mark.parametrize("flag", ["0x10000000", "0x20000000", "0x00020000", "0x40000000"])
async def test_no_namespace_can_be_made_with_a_process(python, flag):
    code = f"""{PRELUDE}
number, order = (220, (0, 0, 0, 0)) if ARM else (56, (0, 0, 0, 0))
pid = libc.syscall(number, ctypes.c_long({flag} | 17), *map(ctypes.c_long, order))
if pid == 0: os._exit(0)
print(pid > 0)"""
    assert await python.run(code) == "False"


@pytest.mark.parametrize(
    "command",
    [
        "cat @SECRET@",
        "ls @OUTSIDE@",
        "echo x > @OUTSIDE@/mine",
        "cp @SECRET@ stolen && cat stolen",
        "chmod 777 @SECRET@; rm @SECRET@",
        "mv @OUTSIDE@/empty @OUTSIDE@/full",
        "kill -9 @VICTIM@",
        "cat /proc/@VICTIM@/environ",
        "env; set",
        "echo > /dev/tcp/127.0.0.1/@PORT@ && echo ESCAPED",
        "ls /root /home",
        "renice 19 -p @VICTIM@",
        "mount -t tmpfs none . && echo ESCAPED",
        "unshare -r id -u && echo ESCAPED",
        "su -c id root </dev/null && echo ESCAPED",
        "find / -name secret -newer /etc/hostname 2>/dev/null | head; cat /etc/shadow",
    ],
)
async def test_a_shell_stands_behind_the_same_walls(python, outside, written, command):
    class Asked:
        code = command

    said = await python.shell(written(Asked, 0, "link").removeprefix(PRELUDE))
    assert "the key" not in said and HUSH not in said and "ESCAPED" not in said
    outside.assert_intact()
