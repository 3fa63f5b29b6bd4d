"""Start Chromium where nothing but the proxy can be reached: `python confine.py SOCKET PORTS COMMAND...`.

In a network namespace of its own (Linux, no privileges needed) there is no network, only a loopback with the proxy's
listening sockets, which are handed to the driver through SOCKET. Ends with the process that started it.
What cannot be built is told in words over SOCKET, and Chromium is started without. Imports nothing but the library.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys

CLONE_NEWUSER, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
INNER_ID = 1000  # Chromium's own sandbox is not for root; inside of the namespace nobody has to be root
NO_SANDBOX = "--no-sandbox"


def main() -> None:
    handing, ports, command = sys.argv[1], [int(port) for port in sys.argv[2].split(",")], sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    is_root = os.geteuid() == 0
    try:
        mapped = enter_namespaces()
        listening = [listen(port) for port in ports]
        hand_over(handing, "walled", listening)
    except OSError as error:
        mapped = False
        hand_over(handing, f"no network namespace ({error.strerror or error})", [])
    if is_root and not mapped and NO_SANDBOX not in command:
        command.append(NO_SANDBOX)
    os.execvp(command[0], command)


def enter_namespaces() -> bool:
    """Whether users are mapped, without which nothing inside can make a namespace of its own."""
    libc, uid, gid = ctypes.CDLL(None, use_errno=True), os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    with socket.socket() as any_socket:
        up = struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, up)
    try:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid or INNER_ID} {uid} 1"),
            ("gid_map", f"{gid or INNER_ID} {gid} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib costs its start
                file.write(text)
    except PermissionError:
        return False
    return True


def listen(port: int) -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", port))
    made.listen(128)
    return made


def hand_over(path: str, told: str, listening: list[socket.socket]) -> None:
    with socket.socket(socket.AF_UNIX) as handing:
        handing.connect(path)
        socket.send_fds(handing, [told.encode()], [one.fileno() for one in listening])


if __name__ == "__main__":
    main()
