"""What a process may do, decided here and never by the model.

A grant is `driver.tool`, or `driver.tool:RESOURCE` where the driver's manifest says which argument of the tool is its
resource: a host (`browser.open:example.com`, `*.example.com`), a path (`files.read:~/notes`: it and all below), or text
(`process.ask:translator`, with `*`).

Covers: a tool that the app's manifest does not list; a resource outside the grant (other hosts, look-alike hosts, `..`,
symlinks as they are at the time of the check); tools that the manifest lists under `ask`, or whose driver calls them
destructive, which wait for a person unless a person has granted them to this process or always.
Does not cover: what a driver does with a call once it is allowed (its sandbox does), a symlink that changes between the
check and the driver's use of it, and what one granted tool can be talked into by another's result.
"""

import os
import re
from collections.abc import Callable, Iterable
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from llmos.contracts import Json, Resource, ToolInfo
from llmos.errors import Denied
from llmos.kernel.app import App

SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*:)?//", re.I)


class Verdict(Enum):
    ALLOWED = "allowed"
    ASK = "ask"


def decide(app: App, tool: ToolInfo, arguments: dict[str, Json], granted: Iterable[str] = ()) -> Verdict:
    """Whether the app may make this call; `granted` is what a person allowed beyond the manifest.

    Raises Denied when neither the manifest nor a person's answer could allow it.
    """
    if _covered(granted, tool, arguments):
        return Verdict.ALLOWED
    asks = _covered(app.capabilities.ask, tool, arguments)
    if not asks and not _covered(app.capabilities.tools, tool, arguments):
        raise Denied(_refusal(app, tool, arguments))
    return Verdict.ASK if asks or tool.destructive else Verdict.ALLOWED


def grant_of(tool: ToolInfo, arguments: dict[str, Json]) -> str:
    """The narrowest grant that allows this call."""
    reached = _reached(tool.resource, arguments)
    return tool.name if reached is None else f"{tool.name}:{reached}"


def tool_names(app: App) -> list[str]:
    """The tools that the app's manifest speaks of, without their resources."""
    grants = [*app.capabilities.tools, *app.capabilities.ask]
    return list(dict.fromkeys(grant.partition(":")[0] for grant in grants))


def _covered(grants: Iterable[str], tool: ToolInfo, arguments: dict[str, Json]) -> bool:
    return any(_covers(grant, tool, arguments) for grant in grants)


def _covers(grant: str, tool: ToolInfo, arguments: dict[str, Json]) -> bool:
    name, _, pattern = grant.partition(":")
    if name != tool.name:
        return False
    if not pattern:
        return True
    reached = _reached(tool.resource, arguments)
    return reached is not None and tool.resource is not None and _MATCH[tool.resource.kind](reached, pattern)


def _reached(resource: Resource | None, arguments: dict[str, Json]) -> str | None:
    """The resource that a call names, in the one spelling that grants are compared with."""
    value = arguments.get(resource.argument) if resource else None
    if resource is None or not isinstance(value, str | int) or not str(value):
        return None
    return _READ[resource.kind](str(value))


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url if SCHEME.match(url) else f"//{url}")
        return (parts.hostname or "").rstrip(".").lower() or None
    except ValueError:
        return None


def _path(value: str) -> str | None:
    try:
        return os.path.realpath(Path(value).expanduser())
    except (OSError, ValueError, RuntimeError):
        return None


def _host_matches(host: str, pattern: str) -> bool:
    if pattern == "*" or host == pattern.lower():
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:].lower())


def _path_matches(path: str, pattern: str) -> bool:
    folder = _path(pattern)
    return folder is not None and Path(path).is_relative_to(folder)


_READ: dict[str, Callable[[str], str | None]] = {"host": _host, "path": _path, "text": lambda value: value}
_MATCH: dict[str, Callable[[str, str], bool]] = {"host": _host_matches, "path": _path_matches, "text": fnmatchcase}


def _refusal(app: App, tool: ToolInfo, arguments: dict[str, Json]) -> str:
    grant = grant_of(tool, arguments)
    return f"The app {app.name} may not use {grant}; to allow it, add it to [capabilities] tools in its app.toml."
