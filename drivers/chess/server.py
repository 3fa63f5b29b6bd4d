"""The MCP server: two read-only tools over a position."""

from __future__ import annotations

from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from drivers.chess import rules
from drivers.chess.rules import Choices, Played

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
Fen = Annotated[str, Field(description="The position in Forsyth-Edwards Notation.", max_length=100)]
Move = Annotated[str, Field(description="From and to, such as e2e4; e7e8q to promote.", max_length=20)]

server = MCPServer("chess", instructions="Knows the rules of chess; it does not play.")


@server.tool(annotations=READS)
def play(fen: Fen, move: Move) -> Played:
    """Whether a move is legal, and the position after it."""
    try:
        return rules.play(fen, move)
    except rules.NoPosition as error:
        raise ToolError(str(error)) from error


@server.tool(annotations=READS)
def moves(fen: Fen) -> Choices:
    """All legal moves of a position, and whether the game is over."""
    try:
        return rules.choices(fen)
    except rules.NoPosition as error:
        raise ToolError(str(error)) from error
