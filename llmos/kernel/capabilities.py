"""What a process may do, decided here and never by the model.

A grant is `driver.tool`, or `driver.tool:RESOURCE` where the driver's manifest says which argument of the tool is its
resource: a host (`browser.open:example.com`, `*.example.com`), a path (`files.read:~/notes`: it and all below), or text
(`process.ask:translator`, with `*`).

Covers: a tool that the app's manifest does not list; a resource outside the grant (other hosts, look-alike hosts, and
what `folders.py` says of paths), also where a call names several; tools that the manifest lists under `ask`, or whose
driver calls them destructive, which wait for a person unless a person has granted them to this process or always.
Does not cover: what a driver does with a call once it is allowed (its sandbox does), a symlink that changes between the
check and the driver's use of it, and what one granted tool can be talked into by another's result.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from llmos.contracts import Json, Resource, ToolInfo
from llmos.errors import Denied
from llmos.kernel.app import App
from llmos.kernel.folders import folder_of, path_matches, real_path

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


def patterns_of(app: App, tool: ToolInfo, granted: Iterable[str] = ()) -> list[str]:
    """What the grants of this tool name as what it may reach."""
    grants = [*app.capabilities.tools, *app.capabilities.ask, *granted]
    return [pattern for name, _, pattern in (grant.partition(":") for grant in grants) if name == tool.name and pattern]


def roots_of(app: App, tool: ToolInfo, arguments: dict[str, Json], granted: Iterable[str] = ()) -> list[Path]:
    """The folders within which an allowed call may work.

    A person's yes to a call that only looks is a yes to just its path; to change a file takes the folder it is in.
    """
    if tool.resource is None or tool.resource.kind != "path":
        return []
    reached = _all_reached(tool.resource, arguments)
    patterns = [
        one for one in patterns_of(app, tool, granted) if any(path and path_matches(path, one) for path in reached)
    ]
    if not patterns and tool.name in app.capabilities.ask and reached[0]:
        if tool.read_only:
            return [Path(reached[0])]
        patterns = [str(Path(path).parent) for path in reached if path]
    return list(dict.fromkeys(folder for folder in map(folder_of, patterns) if folder is not None))


def _covered(grants: Iterable[str], tool: ToolInfo, arguments: dict[str, Json]) -> bool:
    """Whether each thing that the call reaches is covered by one of the grants."""
    patterns = [pattern for name, _, pattern in (grant.partition(":") for grant in grants) if name == tool.name]
    if "" in patterns:
        return True
    reached = _all_reached(tool.resource, arguments)
    return bool(patterns) and all(one is not None and _is_in(tool.resource, one, patterns) for one in reached)


def _is_in(resource: Resource | None, reached: str, patterns: Iterable[str]) -> bool:
    return resource is not None and any(_MATCH[resource.kind](reached, pattern) for pattern in patterns)


def _all_reached(resource: Resource | None, arguments: dict[str, Json]) -> list[str | None]:
    if resource is None:
        return [None]
    more = [replace(resource, argument=name) for name in resource.also if arguments.get(name)]
    return [_reached(one, arguments) for one in (resource, *more)]


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


def _host_matches(host: str, pattern: str) -> bool:
    if pattern == "*" or host == pattern.lower():
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:].lower())


_READ: dict[str, Callable[[str], str | None]] = {"host": _host, "path": real_path, "text": lambda value: value}
_MATCH: dict[str, Callable[[str, str], bool]] = {"host": _host_matches, "path": path_matches, "text": fnmatchcase}


def _refusal(app: App, tool: ToolInfo, arguments: dict[str, Json]) -> str:
    grant = grant_of(tool, arguments)
    allow = "to allow it, add it to [capabilities] tools in its app.toml"
    patterns = patterns_of(app, tool)
    if tool.resource is None or tool.resource.kind != "path" or not patterns:
        return f"The app {app.name} may not use {grant}; {allow}."
    if whole := [pattern for pattern in patterns if folder_of(pattern) is None]:
        return f"{whole[0]} cannot be granted as a whole, as it holds keys and settings; {_BELOW}."
    return f"The app {app.name} may not use {grant}, only what is not hidden in {' or '.join(patterns)}; {allow}."


_BELOW = "name a folder below it, such as ~/Documents, in the app's app.toml"
