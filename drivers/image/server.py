"""The MCP server: two read-only tools over one picture each."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
Image = Annotated[str, Field(description="The picture's bytes as base64, or as a data: URL.")]

server = MCPServer(
    "image", instructions="Sees drawn pages and reads text. Pictures are passed as bytes, never as paths."
)


@server.tool(annotations=READS, structured_output=False)
def see(image: Image) -> CallToolResult:
    """The page drawn on a picture: its elements with class, box and text, their layout, and a short text of it all."""
    return _answer("see", image)


@server.tool(annotations=READS, structured_output=False)
def ocr(image: Image) -> CallToolResult:
    """The lines of text on a picture, with their boxes."""
    return _answer("ocr", image)


def _answer(tool: str, image: str) -> CallToolResult:
    from drivers.image import see as pipeline  # OpenCV and the OCR engine load here, on the first call
    from drivers.image.picture import PictureError, open_picture

    try:
        result: dict[str, Any] = getattr(pipeline, tool)(open_picture(image))
    except PictureError as error:
        return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
    return CallToolResult(content=[TextContent(type="text", text=result["text"])], structured_content=result)
