"""What the walls do not count: what a session's folder holds, and the programs that a call leaves behind.

The driver adopts every process whose parent ends (`adopt`), so nothing that the code starts gets out of its sight.
Files that are deleted and still open, or still mapped, take up the disk and are counted too; who hides them is ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MAX_FOLDER_BYTES = 256 * 2**20
MAX_FILES = 5_000
MAX_ROUNDS = 200
PR_SET_CHILD_SUBREAPER = 36
BLOCK = 512
DELETED = " (deleted)"


def adopt() -> None:
    """From here on, processes whose parents end become children of this one."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Guard:
    """Looks after the programs of all sessions. `at_work` are those that the driver itself started."""

    def __init__(self) -> None:
        self.at_work: set[int] = set()

    def excess(self, folder: Path, root: int) -> str:
        """What there is too much of in the folder of a session whose program is `root`; empty when all is well."""
        num_bytes = num_files = 0
        for size in _sizes(folder):
            num_bytes, num_files = num_bytes + size, num_files + 1
            if num_files > MAX_FILES:
                return f"It made more than {MAX_FILES} files."
            if num_bytes > MAX_FOLDER_BYTES:
                break
        try:
            num_bytes += sum(_held(self._below(root), folder).values())
        except PermissionError:
            return "It hid which files it has open."
        return f"It wrote more than {MAX_FOLDER_BYTES // 2**20} MB." if num_bytes > MAX_FOLDER_BYTES else ""

    def end_others(self, root: int | None = None) -> bool:
        """End all below `root`, and all that was adopted, but what is at work; whether nothing is left."""
        for _ in range(MAX_ROUNDS):
            left = [pid for pid in self._below(root) if pid not in self.at_work]
            if not left:
                return True
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in left:
                    with suppress(OSError):
                        os.kill(pid, number)
            for pid in left:
                with suppress(OSError):
                    os.waitpid(pid, os.WNOHANG)
        return False

    def _below(self, root: int | None) -> list[int]:
        """A process, all below it, and those that this process adopted with all below them."""
        children: dict[int, list[int]] = {}
        for pid, parent in _parents():
            children.setdefault(parent, []).append(pid)
        adopted = [pid for pid in children.get(os.getpid(), ()) if pid not in self.at_work]
        found = adopted if root is None else [root, *adopted]
        for pid in found:
            found += [child for child in children.get(pid, ()) if child not in found]
        return found


def _parents() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):  # noqa: PTH208 - hundreds of names, several times a second
        if name.isdigit():
            with suppress(OSError, IndexError, ValueError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                state, parent, *_ = file.read().rpartition(b")")[2].split()
                if state != b"Z":  # the dead take up a number and nothing else, until their parent looks
                    yield int(name), int(parent)


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
