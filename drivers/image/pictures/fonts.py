"""The font that labels are written in: DejaVu where the system has it, else the one that Pillow carries."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from PIL import ImageFont

KNOWN = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


def font(size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(files()[0], size)


@cache
def files() -> tuple[str, ...]:
    """Paths, the regular font first."""
    found = tuple(str(path) for name in KNOWN if (path := _installed(name)))
    return found or (str(_carried()),)


def family() -> str:
    return ImageFont.truetype(files()[0], 10).getname()[0] or "sans-serif"


def _installed(name: str) -> Path | None:
    try:
        return Path(str(ImageFont.truetype(name, 10).path))
    except OSError:
        return None


def _carried() -> Path:
    """Latin letters only."""
    carried = ImageFont.load_default(10)
    path = Path(tempfile.mkdtemp(prefix="font-")) / "carried.ttf"
    path.write_bytes(carried.font_bytes if isinstance(carried, ImageFont.FreeTypeFont) else b"")
    return path
