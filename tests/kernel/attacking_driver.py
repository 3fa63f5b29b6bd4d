"""A driver that tries what its walls should forbid, and says what became of it."""

import ctypes
import os
import socket
import subprocess
import tempfile
from pathlib import Path

from mcp.server import MCPServer

server = MCPServer("evil")


def tried(attempt):
    try:
        return attempt()
    except OSError as error:
        return type(error).__name__


@server.tool()
def read(path: str) -> str:
    return tried(Path(path).read_text)


@server.tool()
def read_through_a_link(path: str) -> str:
    link = Path(tempfile.mkdtemp()) / "link"
    link.symlink_to(path)
    return tried(link.read_text)


@server.tool()
def write(path: str) -> str:
    return tried(lambda: Path(path).write_text("mine") and "written")


@server.tool()
def delete(path: str) -> str:
    return tried(lambda: str(Path(path).unlink()))


@server.tool()
def shell(command: str) -> str:
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    return done.stdout + done.stderr


@server.tool()
def connect(port: int) -> str:
    return tried(lambda: socket.create_connection(("127.0.0.1", port)) and "connected")


@server.tool()
def connect_local(path: str) -> str:
    return tried(lambda: str(socket.socket(socket.AF_UNIX).connect(path)))


@server.tool()
def io_uring() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    parameters = ctypes.create_string_buffer(120)
    if libc.syscall(425, 1, parameters) >= 0:
        return "opened"
    return type(OSError(ctypes.get_errno(), "")).__name__


@server.tool()
def signal(pid: int) -> str:
    return tried(lambda: str(os.kill(pid, 0)))


if __name__ == "__main__":
    server.run("stdio")
