"""The MCP server: one tool, which changes nothing. torch and diffusers load with the first picture."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from pydantic import Field

CALM = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
Prompt = Annotated[str, Field(description="What the picture shows, in a few words.")]
Size = Annotated[int, Field(description="Pixels of each side, 256 to 1024.")]
Steps = Annotated[int, Field(description="More is finer and slower, 1 to 100.")]
Seed = Annotated[int, Field(description="Another number makes another picture of the same words.")]


def make_server(models: Path) -> MCPServer:
    """The server that finds its models in the folder `models`."""
    server = MCPServer("imagine", instructions="Makes pictures of texts by a diffusion model.")

    @server.tool(annotations=CALM, structured_output=False)
    def picture(prompt: Prompt, size: Size = 512, steps: Steps = 25, seed: Seed = 0) -> CallToolResult:
        """Make a picture of what a text says."""
        from drivers.imagine.diffusion import ImagineError, Wish, imagine

        try:
            png, model = imagine(models, Wish(prompt, size, steps, seed))
        except ImagineError as error:
            return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
        told = TextContent(type="text", text=f"A picture of the text, {size} x {size} pixels, by {model}.")
        shown = ImageContent(type="image", data=base64.b64encode(png).decode(), mime_type="image/png")
        return CallToolResult(content=[told, shown])

    return server
