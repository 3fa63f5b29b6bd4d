"""Who calls: what a request's `_meta` tells of the app, the process and what they were granted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Caller:
    """`hosts` may be reached at any time, `host` is what this one call was allowed, `searches` the search engine's."""

    app: str = ""
    process: str = ""
    hosts: tuple[str, ...] = ()
    host: str = ""
    searches: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.app, self.process


def read(meta: Mapping[str, Any] | None, allowed: Sequence[str]) -> Caller:
    """The kernel of llmos tells; for any other client it is `allowed`, which the driver's command says."""
    told = meta or {}
    if "llmos/app" not in told:
        return Caller(hosts=tuple(allowed), searches=True)
    grants = [str(grant) for grant in told.get("llmos/grants", ())]
    return Caller(
        app=str(told["llmos/app"]),
        process=str(told.get("llmos/process", "")),
        hosts=tuple(_resources(grants, "open")),
        host=next((host for host in _resources([str(told.get("llmos/grant", ""))], "open") if "*" not in host), ""),
        searches=bool([*_resources(grants, "search"), *_resources([str(told.get("llmos/grant", ""))], "search")]),
    )


def _resources(grants: Sequence[str], tool: str) -> list[str]:
    """What grants of this tool name; `*` for one that names nothing."""
    parts = [grant.partition(":") for grant in grants]
    return [resource or "*" for name, _, resource in parts if name.rpartition(".")[2] == tool]
