"""What the walls do not count: what a session's folder holds, and the programs that a call leaves behind.

No program of the sandbox can leave the process group it was started in, so all that a call started is known by that.
Files that are deleted and still open, or still mapped, take up the disk and are counted too; who hides them is ended.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TYPE_CHECKING

from drivers.python.piped import Piped

if TYPE_CHECKING:
    from sandlock import Process

MAX_FOLDER_BYTES = 256 * 2**20
MAX_FILES = 2_000
MAX_ROUNDS = 200
KEEPER = Path(__file__).with_name("keeper.py")
BLOCK = 512
DELETED = " (deleted)"


class Guard:
    """Starts and ends the programs of all sessions, whose folders lie in `root`, and looks after them."""

    def __init__(self, root: Path) -> None:
        # a program ends with the thread that started it, so one thread starts them all
        self._starting = ThreadPoolExecutor(1, "starting")
        command = [sys.executable, "-I", "-S", str(KEEPER), str(root)]
        self._keeper = Popen(command, stdin=PIPE, stdout=DEVNULL, cwd="/", start_new_session=True, text=True, bufsize=1)

    def start(self, make: Callable[[], Process]) -> Piped:
        program = Piped(self._starting.submit(make).result())
        self._tell(f"+{program.pid}")
        return program

    def end(self, program: Piped) -> int:
        """End a program and all that it started; its exit code."""
        self.end_others(program)
        exit_code = program.end()
        self._tell(f"-{program.pid}")
        return exit_code

    def end_others(self, program: Piped) -> bool:
        """End all that a program started; whether nothing is left."""
        for _ in range(MAX_ROUNDS):
            left = [pid for pid in _members(program.pid) if pid != program.pid]
            if not left:
                return True
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in left:
                    with suppress(OSError):
                        os.kill(pid, number)
        return False

    def excess(self, folder: Path, program: Piped) -> str:
        """What there is too much of in the folder of a session that this program works in; empty when all is well."""
        num_bytes = num_files = 0
        for size in _sizes(folder):
            num_bytes, num_files = num_bytes + size, num_files + 1
            if num_files > MAX_FILES:
                return f"It made more than {MAX_FILES} files."
            if num_bytes > MAX_FOLDER_BYTES:
                break
        try:
            num_bytes += sum(_held(_members(program.pid), folder).values())
        except PermissionError:
            return "It hid which files it has open."
        return f"It wrote more than {MAX_FOLDER_BYTES // 2**20} MB." if num_bytes > MAX_FOLDER_BYTES else ""

    def close(self) -> None:
        """After the sessions: the keeper deletes their folder."""
        self._starting.shutdown()
        with suppress(OSError):
            self._keeper.communicate(timeout=10)

    def _tell(self, line: str) -> None:
        assert self._keeper.stdin is not None
        with suppress(OSError):
            self._keeper.stdin.write(f"{line}\n")


def _members(group: int) -> list[int]:
    """The processes of a group that are not dead."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - hundreds of names, several times a second
        if name.isdigit():
            with suppress(OSError, IndexError, ValueError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                state, _, of, *_ = file.read().rpartition(b")")[2].split()
                if int(of) == group and state not in (b"Z", b"X"):
                    found.append(int(name))
    return found


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes on the disk of all in a folder; links are not followed."""
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    yield entry.stat(follow_symlinks=False).st_blocks * BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)


def _held(of: list[int], folder: Path) -> dict[tuple[str, str], int]:
    """Bytes of deleted files that processes hold, by file. Raises PermissionError when one cannot be looked into."""
    held: dict[tuple[str, str], int] = {}
    for pid in of:
        with suppress(FileNotFoundError, ProcessLookupError):
            held |= _open(pid) | _mapped(pid, str(folder))
    return held


def _open(pid: int) -> dict[tuple[str, str], int]:
    held: dict[tuple[str, str], int] = {}
    with os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                found = entry.stat()
                if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
                    held[device, str(found.st_ino)] = found.st_blocks * BLOCK
    return held


def _mapped(pid: int, folder: str) -> dict[tuple[str, str], int]:
    held: dict[tuple[str, str], int] = {}
    for line in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines():
        if line.endswith(DELETED) and folder in line:
            span, _, _, device, inode, *_ = line.split(maxsplit=5)
            first, last = (int(address, 16) for address in span.split("-"))
            held[device, inode] = held.get((device, inode), 0) + last - first
    return held
