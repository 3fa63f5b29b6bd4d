"""How a Python driver is served: on its standard input and output, or on a loopback port for clients that want HTTP."""

from __future__ import annotations

import argparse
from typing import Any

from mcp.server import MCPServer

LOOPBACK = "127.0.0.1"


def parser_of(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--http", type=int, metavar="PORT", help=f"serve Streamable HTTP on {LOOPBACK}, at /mcp")
    return parser


def serve(server: MCPServer[Any], port: int | None) -> None:
    if port is None:
        server.run("stdio")
    else:
        server.run("streamable-http", host=LOOPBACK, port=port)
