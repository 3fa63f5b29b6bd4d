"""The driver host: gives the kernel eyes, ears and hands that are MCP servers of their own."""

from llmos.kernel.drivers.caller import Caller
from llmos.kernel.drivers.content import ToolResult
from llmos.kernel.drivers.host import DriverHost
from llmos.kernel.drivers.manifest import DriverManifest, Limits, Sandbox, known_drivers, load_driver, shipped_drivers

__all__ = [
    "Caller",
    "DriverHost",
    "DriverManifest",
    "Limits",
    "Sandbox",
    "ToolResult",
    "known_drivers",
    "load_driver",
    "shipped_drivers",
]
