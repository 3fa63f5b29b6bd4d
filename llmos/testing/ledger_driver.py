"""A driver whose effects can be counted: it appends lines to the file LEDGER and may be killed at any instant."""

import os
import sys
import time
from pathlib import Path

from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("ledger")
LEDGER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("ledger.txt")
WORK_SECONDS = 0.02


@server.tool()
def append(line: str) -> dict[str, int]:
    """Append a line; not to be repeated."""
    time.sleep(WORK_SECONDS)
    with LEDGER.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
    time.sleep(WORK_SECONDS)
    return {"appended": 1}


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def count(line: str) -> dict[str, int]:
    """How often the line is there."""
    time.sleep(WORK_SECONDS)
    lines = LEDGER.read_text("utf-8").splitlines() if LEDGER.exists() else []
    return {"count": lines.count(line)}


if __name__ == "__main__":
    server.run("stdio")
