"""One HTTP server on one address, inside the kernel's event loop."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from llmos.errors import KernelBusy, KernelError
from llmos.http.connections import Connection, OneEnd

BACKLOG = 2048  # connections that wait to be accepted; uvicorn's own number


class _Server(uvicorn.Server):
    """Signals belong to the daemon, not to each listener."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Listener:
    """Listens at once: a taken port is an error before anything is promised, and who is told of a site finds it,
    though the server behind it needs another moment.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._socket = _bind(host, port)
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            OneEnd(app),
            http=Connection,
            ws="none",
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name=f"listener {self.port}")

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def close(self) -> None:
        self._server.should_exit = True
        await asyncio.wait({self._task}, timeout=5)
        self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once only where the protocol is named; else an answer in two pieces waits 40 ms for the client
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise KernelBusy(f"Port {port} is taken by another program; choose one with --port.") from error
        raise KernelError(f"Cannot listen on {host}:{port}: {error.strerror}; choose another --host.") from error
    except OverflowError as error:
        listener.close()
        raise KernelError(f"{port} is not a port; choose one from 1 to 65535 with --port.") from error
    return listener
