"""The driver as any MCP client meets it: a process."""

import sys
from pathlib import Path

from mcp import Client, StdioServerParameters

ROOT = Path(__file__).parents[3]
SERVER = StdioServerParameters(
    command=sys.executable, args=["-m", "drivers.chess"], env={"PYTHONPATH": str(ROOT)}, cwd=ROOT
)
MATED = "rnb1kbnr/pppp1ppp/8/4p3/6Pq/5P2/PPPPP2P/RNBQKBNR w KQkq - 1 3"


async def test_it_answers_over_mcp_and_refuses_what_is_no_position():
    async with Client(SERVER) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() == {"play", "moves"}
        assert all(tool.annotations.read_only_hint and tool.annotations.idempotent_hint for tool in tools.values())
        told = await client.call_tool("moves", {"fen": MATED})
        assert told.structured_content == {"fen": MATED, "turn": "white", "status": "checkmate", "moves": []}
        refused = await client.call_tool("play", {"fen": "chess", "move": "e2e4"})
        assert refused.is_error and "is no position of chess" in refused.content[0].text
