"""What is set when the driver starts: the options of its command, which `driver.toml` gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.serving import parser_of


@dataclass(frozen=True)
class Settings:
    """`allow` are hosts for callers that are told no grants, which any MCP client but llmos is."""

    chromium: str = ""
    search: str = ""
    allow: tuple[str, ...] = ()
    shown: bool = False
    sandbox: bool = True
    memory_mb: int = 1500
    download_mb: int = 20


def read(arguments: Sequence[str] | None = None) -> tuple[Settings, int | None]:
    """The settings, and the port to serve on where it is not standard input and output."""
    parser = parser_of("python -m drivers.browser")
    parser.add_argument("--chromium", default="", help="The browser's program.  [found on the machine]")
    parser.add_argument("--search", default="", help="A search engine's address with {} for the words.")
    parser.add_argument("--allow", action="append", default=[], help="A host that may be reached; may be said again.")
    parser.add_argument("--shown", action="store_true", help="Show the browser's window.")
    parser.add_argument("--no-sandbox", dest="sandbox", action="store_false", help="Without Chromium's own sandbox.")
    parser.add_argument("--memory-mb", type=int, default=1500, help="Memory of one page's process.")
    parser.add_argument("--download-mb", type=int, default=20, help="Size of one download.")
    told = vars(parser.parse_args(arguments))
    port = told.pop("http")
    return Settings(**{**told, "allow": tuple(told["allow"])}), port
