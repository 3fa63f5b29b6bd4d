"""What a server lists as its tools, as the tools that the kernel knows: names it can spell, schemas it can check.

A hint counts only when it is given: MCP's default for a tool without annotations is "may destroy", and a tool that is
destructive asks a person each time, so most servers would ask for everything and people would stop reading.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from mcp import types as mcp_types

from llmos.contracts import Json, Resource, ToolInfo
from llmos.kernel.drivers.manifest import DriverManifest, ToolSettings

MAX_NAME_CHARS = 64
ANY_OBJECT: Json = {"type": "object"}


def tool_infos(manifest: DriverManifest, listed: Iterable[mcp_types.Tool]) -> dict[str, tuple[ToolInfo, str]]:
    """By the name the kernel uses after `driver.`: the tool, and how its server calls it."""
    tools = {tool.name: tool for tool in reversed([*listed])}
    names = spell({name: None for name in reversed([*tools])})
    return {spelled: (_tool_info(manifest, spelled, tools[name]), name) for name, spelled in names.items()}


def spell(names: Iterable[str]) -> dict[str, str]:
    """A name of letters, digits, dashes and underscores for each. Which one does not depend on their order."""
    wanted = {name: re.sub(r"[^A-Za-z0-9_-]", "_", name) for name in names if name}
    taken = Counter(wanted.values())
    return {
        name: plain if name == plain and len(plain) <= MAX_NAME_CHARS else _told_apart(name, plain, taken)
        for name, plain in wanted.items()
    }


def mend(result: Json) -> None:
    """Make a tools/list result of a careless server readable: a tool without a usable schema takes any object."""
    tools = result.get("tools") if isinstance(result, dict) else None
    if not isinstance(tools, list):
        return
    result["tools"] = [tool for tool in tools if isinstance(tool, dict) and isinstance(tool.get("name"), str)]
    for tool in result["tools"]:
        if not _is_schema(tool.get("inputSchema")):
            tool["inputSchema"] = dict(ANY_OBJECT)
        if "outputSchema" in tool and not _is_schema(tool["outputSchema"]):
            del tool["outputSchema"]
        for optional, kind in (("description", str), ("title", str), ("annotations", dict), ("icons", list)):
            if optional in tool and not isinstance(tool[optional], kind):
                del tool[optional]


def _is_schema(schema: Json) -> bool:
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return False
    return True


def _told_apart(name: str, plain: str, taken: Counter[str]) -> str:
    if taken[plain] == 1 and len(plain) <= MAX_NAME_CHARS:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain[: MAX_NAME_CHARS - 9]}_{digest}"


def _tool_info(manifest: DriverManifest, spelled: str, tool: mcp_types.Tool) -> ToolInfo:
    known = manifest.tools.get(spelled) or manifest.tools.get(tool.name) or ToolSettings()
    hints = tool.annotations or mcp_types.ToolAnnotations()
    read_only = _first(known.read_only, hints.read_only_hint)
    return ToolInfo(
        name=f"{manifest.name}.{spelled}",
        summary=tool.description or tool.title or "",
        schema=tool.input_schema,
        read_only=read_only,
        idempotent=_first(known.idempotent, hints.idempotent_hint),
        destructive=_first(known.destructive, hints.destructive_hint and not read_only),
        resource=Resource(known.resource, known.kind, known.also) if known.resource else None,
    )


def _first(*said: bool | None) -> bool:
    return next((bool(value) for value in said if value is not None), False)
