"""Sketches beside the sites made from them, on one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

CELL = (780, 780)
GAP = 24
DESK = "#7d8290"


def contact_sheet(pairs: Sequence[tuple[str, Path, Path]], target: Path) -> None:
    """`pairs` are (caption, sketch, screenshot), one row each."""
    rows = [_row(*pair) for pair in pairs]
    sheet = Image.new("RGB", (2 * CELL[0] + 3 * GAP, GAP + sum(row.height + GAP for row in rows)), DESK)
    top = GAP
    for row in rows:
        sheet.paste(row, (GAP, top))
        top += row.height + GAP
    sheet.save(target)


def _row(caption: str, sketch: Path, screenshot: Path) -> Image.Image:
    left, right = (_thumbnail(path) for path in (sketch, screenshot))
    row = Image.new("RGB", (2 * CELL[0] + GAP, max(left.height, right.height) + GAP), DESK)
    ImageDraw.Draw(row).text((2, 4), caption, fill="white")
    row.paste(left, (0, GAP))
    row.paste(right, (CELL[0] + GAP, GAP))
    return row


def _thumbnail(path: Path) -> Image.Image:
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    picture.thumbnail(CELL)
    return picture
