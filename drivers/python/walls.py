"""The walls around an interpreter or a shell: sandlock (Landlock, seccomp), which needs no privileges.

Covered, for the program and all it starts, each line attacked in `tests/drivers/python/`: files other than the system's
programs, Python and the session's folder; all of the network, local sockets too; other processes, their memory and
their environment; the environment of the driver; how many processes, how much memory, how large a file; kernel
interfaces that a program does not need; gaining privileges. `guard.py` adds what a call leaves behind and what the
folder holds.
Not covered: processor time within the time of a call, what the time that things take can tell, the version of the
system and what is installed on it, and whatever the kernel of the machine gets wrong.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandlock import Process

MEMORY_MB = 1024  # of one process; all of a session together twice as much
FILE_MB = 64
MAX_PROCESSES = 24
MAX_OPEN_FILES = 128
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store", "/run/current-system")
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts", "/proc/cpuinfo", "/proc/meminfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
HELD = ("/sys/devices/system/cpu",)
# beyond what sandlock denies by itself; sockets are refused by the interpreter before it runs any code
DENIED = ("memfd_create", "memfd_secret", "kcmp", "pidfd_getfd", "mq_open", "fanotify_init")
SHELLS = ("/bin/bash", "/usr/bin/bash", "/bin/sh")
PYTHON = (sys.executable, "-I", "-S", "-B")
LAST_WALL = Path(__file__).with_name("last_wall.py")
INTERPRETER = Path(__file__).with_name("interpreter.py")


@cache
def missing() -> str:
    """Why code cannot be run in a sandbox here; empty when it can."""
    if sys.platform != "linux":
        return f"there is no sandbox for {sys.platform}"
    if find_spec("sandlock") is None:
        return "sandlock is not installed (pip install 'llmos[python]')"
    import sandlock

    version, needed = sandlock.landlock_abi_version(), sandlock.min_landlock_abi()
    if version < needed:
        return f"this Linux has Landlock {max(version, 0)} and the sandbox needs {needed} (Linux 6.12 or newer)"
    return "" if _works() else "the sandbox cannot be built on this machine (its log says why)"


def _works() -> bool:
    """Whether a program starts behind the walls and ends well; a container may forbid what its kernel can."""
    with tempfile.TemporaryDirectory() as name:
        for part in ("work", "tmp"):
            (Path(name) / part).mkdir()
        try:
            return bool(shell("exit 0", Path(name)).wait(timeout=20).success)
        except (RuntimeError, OSError) as error:
            print(f"no sandbox: {error}", file=sys.stderr)  # noqa: T201 - the driver's log
            return False


def interpreter(folder: Path) -> Process:
    """An interpreter whose folder this is, as `interpreter.py` has it."""
    return _start([*PYTHON, str(INTERPRETER), *packages()], folder)


def shell(command: str, folder: Path) -> Process:
    """A shell at work on one command; what it writes comes from its standard output and error."""
    program = next(path for path in SHELLS if Path(path).exists())
    return _start([program, "-c", f"exec 2>&1\n{command}"], folder)


def _start(command: list[str], folder: Path) -> Process:
    from sandlock import Sandbox, StdioMode

    sandbox = Sandbox(
        fs_readable=readable(),
        fs_writable=[str(folder), "/dev/null"],
        max_processes=MAX_PROCESSES,
        max_memory=f"{MEMORY_MB * 2}M",
        max_open_files=MAX_OPEN_FILES,
        extra_deny_syscalls=list(DENIED),
        no_coredump=True,
        cwd=str(work_folder(folder)),
        clean_env=True,
        env=environment(folder),
    )
    limits = [str(MEMORY_MB * 2**20), str(FILE_MB * 2**20)]
    piped = StdioMode.PIPED
    return sandbox.popen([*PYTHON, str(LAST_WALL), *limits, *command], stdin=piped, stdout=piped, stderr=piped)


def environment(folder: Path) -> dict[str, str]:
    """All that the code sees of one: nothing of the driver's but the language and the time zone."""
    own = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
    aside = {name: str(folder / "tmp") for name in ("TMPDIR", "MPLCONFIGDIR")}
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {
        **own,
        **threads,
        **aside,
        "HOME": str(work_folder(folder)),
        "PATH": path,
        "MPLBACKEND": "Agg",
        "MALLOC_ARENA_MAX": "2",
        "TERM": "dumb",
    }


def work_folder(folder: Path) -> Path:
    """Where the code works, in the folder of its session; what libraries leave lies beside it."""
    return folder / "work"


def packages() -> list[str]:
    """Where the driver's own packages lie."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


def readable() -> list[str]:
    """What the code may read: the system's programs, Python and its packages, never a folder near the root."""
    python = {sys.prefix, sys.base_prefix, *packages()}
    home = Path.home()
    own = [path for path in sorted(python) if len(Path(path).parts) > 2 and not home.is_relative_to(path)]
    named = [*SYSTEM, *FILES, *DEVICES, *HELD, *own, str(LAST_WALL), str(INTERPRETER)]
    return [path for path in named if Path(path).exists()]
