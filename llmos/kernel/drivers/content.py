"""What a tool's result says: text and structure for the model, pictures and other bytes beside it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from mcp import types as mcp_types

from llmos.contracts import Attachment, Json
from llmos.errors import ToolFailed

MAX_SOURCE_CHARS = 120


@dataclass(frozen=True)
class ToolResult:
    """`value` is text, or the structure that the tool gave; `attachments` are the bytes that its text names.

    `source` is whose words these are, where the driver says it: "web page example.com".
    """

    value: Json
    attachments: tuple[Attachment, ...] = ()
    source: str = ""


def read_result(tool: str, result: mcp_types.CallToolResult) -> ToolResult:
    """Raises ToolFailed with the tool's own words when it says that it failed."""
    attachments: list[Attachment] = []
    text = "\n".join(_told(part, attachments) for part in result.content)
    if result.is_error:
        raise ToolFailed(text.strip() or f"{tool} failed and did not say why.")
    value = text if result.structured_content is None else result.structured_content
    return ToolResult(value, tuple(attachments), _source(result))


def _source(result: mcp_types.CallToolResult) -> str:
    said = (result.meta or {}).get("llmos/source", "")
    return re.sub(r"[^\w .:/-]", "_", said)[:MAX_SOURCE_CHARS] if isinstance(said, str) else ""


def _told(part: mcp_types.ContentBlock, attachments: list[Attachment]) -> str:
    """One part as text; bytes in it are put aside and named."""
    if isinstance(part, mcp_types.TextContent):
        return part.text
    if isinstance(part, mcp_types.ImageContent | mcp_types.AudioContent):
        return _put_aside(part.data, part.mime_type, "", attachments)
    if isinstance(part, mcp_types.ResourceLink):
        return " ".join(filter(None, [f"[link to {part.uri}]", part.title or part.name, part.description]))
    held = part.resource
    if isinstance(held, mcp_types.TextResourceContents):
        return f"[{held.uri}]\n{held.text}"
    return _put_aside(held.blob, held.mime_type or "application/octet-stream", str(held.uri), attachments)


def _put_aside(data: str, media_type: str, name: str, attachments: list[Attachment]) -> str:
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        return f"[{media_type} that is not valid base64]"
    attachments.append(Attachment(raw, media_type, name))
    return f"[{name or media_type}, {len(raw)} bytes, blob {hashlib.sha256(raw).hexdigest()[:12]}]"
