"""Start a driver inside its limits and walls: `python launch.py [OPTIONS] -- COMMAND...`. Imports nothing of llmos.

Covers on Linux, without privileges, for the driver and all it starts: address space; core dumps; gaining privileges
through setuid programs; with --walls, files outside those it was given, signals to other processes and looking into
them (Landlock); root's capabilities; with --no-network, sockets of every kind, local ones too (seccomp).
Does not cover: how many processes it starts, how much it writes where it may write, the names of files under --list,
the command lines of other processes, and whatever the kernel of the machine gets wrong.
"""

import argparse
import ctypes
import os
import platform
import resource
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
PR_CAPBSET_DROP, NUM_CAPABILITIES = 24, 64
NICE = 10  # a driver at work beside the engine takes most of its speed at equal priority

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ_FILE, READ_DIR, EXECUTE = 1 << 2, 1 << 3, 1 << 0
FILE_RIGHTS = EXECUTE | 1 << 1 | READ_FILE | 1 << 14 | 1 << 15  # execute, write, read, truncate, ioctl
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}  # of files, by Landlock's version
ALL_RIGHTS = (1 << 16) - 1  # from version 5
SCOPES = 0b11  # abstract sockets and signals, from version 6

MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # audit's number, socket(2)'s number
IO_URING_SETUP = 425  # opens sockets without socket(2)
X32 = 0x40000000
EACCES, ALLOW, KILL, ERRNO = 13, 0x7FFF0000, 0x80000000, 0x00050000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--walls", action="store_true")
    parser.add_argument("--no-network", action="store_true")
    for name in ("--list", "--read", "--write"):
        parser.add_argument(name, action="append", default=[])
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    limit = arguments.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.nice(NICE)
    if arguments.walls:
        drop_capabilities()
        wall_in_files(arguments.list, arguments.read, arguments.write)
        if arguments.no_network:
            wall_in_network()
    try:
        os.execvp(arguments.command[0], arguments.command)
    except OSError as error:
        sys.exit(f"{arguments.command[0]}: {error.strerror}")


def drop_capabilities() -> None:
    """Root without capabilities is a user who owns root's files: perf's capability, for one, sees through Landlock."""
    libc = ctypes.CDLL(None)
    for number in range(NUM_CAPABILITIES):
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # refused to who has none; those the next program starts without


def missing_walls() -> str:
    """Why this machine cannot build walls; empty when it can."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return f"llmos knows no sandbox for {sys.platform} on {platform.machine()}"
    return "" if landlock_version() > 0 else "this Linux has no Landlock (5.13 or later has, unless turned off)"


def landlock_version() -> int:
    return int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def wall_in_files(listed: list[str], read: list[str], write: list[str]) -> None:
    """From here on only these files, and only for this. Exits when the walls cannot be built."""
    version, libc = landlock_version(), ctypes.CDLL(None, use_errno=True)
    rights = RIGHTS.get(version, ALL_RIGHTS)
    attributes = struct.pack("QQQ", rights, 0, SCOPES if version >= 6 else 0)
    size = len(attributes) if version >= 6 else 8
    ruleset = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    for allowed, paths in ((READ_DIR, listed), (READ_FILE | READ_DIR | EXECUTE, read), (rights, write)):
        for path in paths:
            _allow(libc, ruleset, path, allowed & rights)
    if ruleset < 0 or libc.syscall(RESTRICT_SELF, ruleset, 0) != 0:
        sys.exit(f"cannot build walls: {os.strerror(ctypes.get_errno())}")
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, allowed: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib costs each driver 10 ms at its start
        allowed &= FILE_RIGHTS
    rule = struct.pack("=Qi", allowed, opened)
    if libc.syscall(ADD_RULE, ruleset, 1, rule, 0) != 0:
        sys.exit(f"cannot allow {path}: {os.strerror(ctypes.get_errno())}")
    os.close(opened)


def wall_in_network() -> None:
    """From here on no new sockets, by a filter of system calls. Exits when it cannot be set."""
    audit, socket = MACHINES[platform.machine()]
    refuse = ERRNO | EACCES
    steps = [
        (0x20, 0, 0, 4),  # load the architecture; another one has other numbers
        (0x15, 1, 0, audit),
        (0x06, 0, 0, KILL),
        (0x20, 0, 0, 0),  # load the number of the call
        (0x35, 2, 0, X32),
        (0x15, 1, 0, socket),
        (0x15, 0, 1, IO_URING_SETUP),
        (0x06, 0, 0, refuse),
        (0x06, 0, 0, ALLOW),
    ]
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(program)
    filter_ = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0) != 0:
        sys.exit(f"cannot wall in the network: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
