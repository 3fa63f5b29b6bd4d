"""The shell's panels by name."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from llmos.shell.link import Link

PANELS: dict[str, Callable[[Link], Widget]] = {}
