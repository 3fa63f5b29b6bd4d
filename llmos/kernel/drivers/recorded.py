"""What drivers really said, kept in a folder, one readable JSON file each, and said again without their processes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from llmos.contracts import Attachment, Json, ToolInfo
from llmos.errors import DriverUnavailable, ToolFailed
from llmos.kernel.drivers.caller import Caller
from llmos.kernel.drivers.content import ToolResult
from llmos.kernel.drivers.host import DriverHost
from llmos.kernel.drivers.listed import tool_of
from llmos.kernel.drivers.manifest import DriverManifest

MAX_SHOWN_CHARS = 200


class RecordingHost(DriverHost):
    """Calls the drivers and writes what they say to `folder`; a call that broke off is not kept."""

    def __init__(self, manifests: Mapping[str, DriverManifest], logs: Path, folder: Path) -> None:
        super().__init__(manifests, logs)
        self._folder = folder

    async def tools(self, driver: str, caller: Caller | None = None) -> list[ToolInfo]:
        tools = await super().tools(driver, caller)
        _write(self._folder / f"{driver}.json", [asdict(tool) for tool in tools])
        return tools

    async def run(self, name: str, arguments: dict[str, Json], caller: Caller | None = None) -> ToolResult:
        asked = canonical_call(name, arguments)
        try:
            result = await super().run(name, arguments, caller)
        except ToolFailed as error:
            _write(self._folder / _name(asked), {**asked, "error": str(error)})
            raise
        _write(
            self._folder / _name(asked),
            {**asked, "value": result.value, "attachments": _kept(result.attachments), "source": result.source},
        )
        return result


class ReplayHost(DriverHost):
    """Says what a RecordingHost wrote to `folder`. Raises DriverUnavailable for what was never asked."""

    def __init__(self, manifests: Mapping[str, DriverManifest], folder: Path) -> None:
        super().__init__(manifests, folder)
        self._folder = folder

    async def tools(self, driver: str, caller: Caller | None = None) -> list[ToolInfo]:
        rows = self._read(f"{driver}.json", f"the tools of {driver}")
        return [tool_of(row) for row in rows]

    async def run(self, name: str, arguments: dict[str, Json], caller: Caller | None = None) -> ToolResult:
        said = self._read(_name(canonical_call(name, arguments)), f"this call of {name}")
        if "error" in said:
            raise ToolFailed(said["error"])
        held = [Attachment(base64.b64decode(a["data"]), a["media_type"], a["name"]) for a in said["attachments"]]
        return ToolResult(said["value"], tuple(held), said.get("source", ""))

    def _read(self, name: str, what: str) -> Json:
        try:
            return json.loads((self._folder / name).read_text("utf-8"))
        except FileNotFoundError:
            raise DriverUnavailable(
                f"{self._folder / name} does not record {what}; run the test once with RecordingHost."
            ) from None


def canonical_call(name: str, arguments: dict[str, Json]) -> dict[str, Json]:
    """All that the result depends on; long texts, such as pictures, stand as their digests."""
    return {"tool": name, "arguments": _shortened(arguments)}


def _shortened(value: Json) -> Json:
    if isinstance(value, str) and len(value) > MAX_SHOWN_CHARS:
        return f"sha256:{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value


def _kept(attachments: tuple[Attachment, ...]) -> list[Json]:
    return [
        {"media_type": one.media_type, "name": one.name, "data": base64.b64encode(one.data).decode()}
        for one in attachments
    ]


def _name(asked: dict[str, Json]) -> str:
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:20]
    return f"{asked['tool']}-{digest}.json"


def _write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
