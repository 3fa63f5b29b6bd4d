"""Start a driver inside its limits: `python launch.py --memory-mb N -- COMMAND...`. Imports nothing of llmos.

Covers: address space, core dumps, gaining privileges through setuid programs (Linux).
Does not cover: files, network and system calls; each driver that needs those walls builds them itself.
"""

import argparse
import ctypes
import os
import resource
import sys

PR_SET_NO_NEW_PRIVS = 38
NICE = 10  # a driver at work beside the engine takes most of its speed at equal priority


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    limit = arguments.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.nice(NICE)
    os.execvp(arguments.command[0], arguments.command)


if __name__ == "__main__":
    main()
