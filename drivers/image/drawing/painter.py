"""Draws in a process of its own, which ends alone when a drawing takes too long, too much memory, or breaks resvg.

`python -m drivers.image.drawing.painter` reads one drawing as JSON from its standard input and writes what came of it.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from drivers.image.picture import PictureError
from drivers.image.pictures.coded import Coded

CPU_SECONDS = 8
SECONDS = 25.0  # by the clock, for a machine that is busy
MEMORY_BYTES = 2 * 2**30
ROOT = Path(__file__).parents[3]


def paint(svg: str, side: int) -> tuple[list[str], Coded]:
    """What cannot be seen of a checked drawing, and its picture. Raises PictureError."""
    asked = json.dumps({"svg": svg, "side": side}).encode("utf-8", "replace")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", __name__]
    try:
        child = subprocess.run(command, input=asked, capture_output=True, timeout=SECONDS, env=environment, check=False)
        told = json.loads(child.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise PictureError(
            "The drawing is too much for the renderer; draw it with fewer and simpler shapes."
        ) from error
    if "error" in told:
        raise PictureError(told["error"])
    return told["unseen"], Coded(base64.b64decode(told["png"]), "image/png")


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    from drivers.image.drawing.look import unseen
    from drivers.image.drawing.render import render
    from drivers.image.drawing.svg import check

    try:
        drawing = check(asked["svg"])
        png = render(drawing, asked["side"]).data
        return {"unseen": unseen(drawing), "png": base64.b64encode(png).decode()}
    except PictureError as error:
        return {"error": str(error)}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.write(json.dumps(_answer(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
