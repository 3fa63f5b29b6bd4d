"""The last walls before code runs: `last_wall.py MEMORY FILE COMMAND...` sets them and becomes the command.

It runs inside the sandbox, and sets for good, for the command and all it starts, what Landlock and sandlock leave open:
the size of a file, the address space of a process, core dumps, locked memory; capabilities; sockets, and sending
open files over those that come in pairs, as nobody could count what lies in them; the mode, owner, times and attributes
of files that belong to the user, which Landlock does not guard; the limits and priorities of the user's other
processes, which would end them; leaving the process group, by which the driver knows what it has to end; watching
folders; calls of the kernel that are newer than this list.
Modes and times are not refused but left as they are, since programs set them in passing.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator

Step = tuple[int, int, int, int]  # code, jump if true, jump if false, operand
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
REFUSE, REFUSE_SOCKET, UNKNOWN, IGNORE = ERRNO | 1, ERRNO | 13, ERRNO | 38, ERRNO
ARCHITECTURE, NUMBER, ARGUMENTS = 4, 0, 16
X32 = 0x40000000
NEWEST = 470
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_CAPBSET_DROP, NUM_CAPABILITIES = 22, 2, 24, 64
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
TERMINALS_AND_FLAGS = (0x5412, 0x541C, 0x40086602, 0x401C5820)  # TIOCSTI, TIOCLINUX, FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS = {
    "x86_64": {
        "socket": (41, 46, 307),  # socket, sendmsg, sendmmsg
        "mode": (90, 91, 268, 452, 132, 235, 261, 280),  # chmod, fchmod, fchmodat, fchmodat2, utime and its likes
        "owner": (92, 93, 94, 260),
        "attributes": (188, 189, 190, 197, 198, 199, 463, 466, 469),
        "priority": (141, 142, 144, 203, 251, 314),  # setpriority, sched_set*, ioprio_set
        "group": (109, 112),  # setpgid, setsid
        "watch": (254,),  # inotify_add_watch
        "limits": (302,),  # prlimit64
        "ioctl": (16,),
    },
    "aarch64": {
        "socket": (198, 211, 269),
        "mode": (52, 53, 452, 88),
        "owner": (54, 55),
        "attributes": (5, 6, 7, 14, 15, 16, 463, 466, 469),
        "priority": (140, 118, 119, 122, 30, 274),
        "group": (154, 157),
        "watch": (27,),
        "limits": (261,),
        "ioctl": (29,),
    },
}


def main() -> None:
    memory_bytes, file_bytes = int(sys.argv[1]), int(sys.argv[2])
    for limit, value in (
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.umask(0o077)
    libc = ctypes.CDLL(None)
    for number in range(NUM_CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # refused to who has none; the next program starts without them
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    filter_calls(libc)
    os.execv(sys.argv[3], sys.argv[3:])


def filter_calls(libc: ctypes.CDLL) -> None:
    """A filter of system calls on top of the sandbox's own. Exits when it cannot be set."""
    steps = [*program(os.uname().machine)]
    held = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    filter_ = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0) != 0:
        sys.exit("cannot set the last walls")


def program(machine: str) -> Iterator[Step]:
    calls = CALLS[machine]
    yield from ((LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, AUDIT[machine]), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER))
    yield from ((AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE), (AT_LEAST, 0, 1, NEWEST), (RETURN, 0, 0, UNKNOWN))
    for name, answer in (("socket", REFUSE_SOCKET), ("mode", IGNORE)):
        yield from _answered(calls[name], answer)
    for name in ("owner", "attributes", "priority", "group", "watch"):
        yield from _answered(calls[name], REFUSE)
    yield from ((EQUAL, 0, 4, calls["limits"][0]), (LOAD, 0, 0, ARGUMENTS))
    yield from ((EQUAL, 1, 0, 0), (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW))  # one's own limits may be set
    yield from ((EQUAL, 0, 2 + 2 * len(TERMINALS_AND_FLAGS), calls["ioctl"][0]), (LOAD, 0, 0, ARGUMENTS + 8))
    yield from _answered(TERMINALS_AND_FLAGS, REFUSE)
    yield from ((RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ALLOW))


def _answered(numbers: tuple[int, ...], answer: int) -> Iterator[Step]:
    for number in numbers:
        yield from ((EQUAL, 0, 1, number), (RETURN, 0, 0, answer))


if __name__ == "__main__":
    main()
