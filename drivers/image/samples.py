"""Draws the sample sketches: `python -m drivers.image.samples FONT FOLDER`. The same font gives the same pictures.

FONT is a handwriting font that Pillow can open. The pages are drawn with a wobbling pen, laid on a desk, lit from
one side and photographed a little askew.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Photo = NDArray[np.float32]
Point = tuple[float, float]
PAGE = (1200, 1560)  # pixels of the paper
PHOTO = (1200, 1560)  # pixels of the photograph
INK = np.asarray([46, 52, 104], np.float32)
PAPER = np.asarray([240, 238, 231], np.float32)
DESK = np.asarray([92, 66, 48], np.float32)


class Pen:
    """A hand that draws on one page; `seed` is its mood."""

    def __init__(self, font: Path, seed: int) -> None:
        self._font = font
        self.random = np.random.default_rng(seed)
        self.page = Image.new("L", PAGE, 0)

    def line(self, *points: Point) -> None:
        for start, end in pairwise(points):
            self._stroke(self._wobble(np.asarray(start), np.asarray(end)))

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        """Two strokes, as most people draw a box; they meet only nearly."""
        n = self.random.normal(0, 2.0, 8)
        corner = (left + n[0], top + n[1])
        self.line(corner, (left + n[2], bottom + n[3]), (right + n[4], bottom + n[5]))
        self.line((corner[0] - 1, corner[1] + 1), (right + n[6], top + n[7]), (right + n[4] + 1, bottom + n[5] + 2))

    def circle(self, x: float, y: float, radius: float) -> None:
        angle = np.linspace(-1.7, 4.9, 60)
        reach = radius * (1 + 0.05 * np.sin(angle * 2 + self.random.uniform(0, 6)))
        self._stroke(np.stack([x + reach * np.cos(angle), y + 0.95 * reach * np.sin(angle)], axis=1))

    def write(self, x: float, y: float, text: str, size: int = 54) -> float:
        """Text whose baseline is at `y`; where it ends."""
        for letter in text:
            font = ImageFont.truetype(self._font, round(size * self.random.normal(1, 0.02)))
            spot = (x, y + self.random.normal(0, size * 0.018))
            ImageDraw.Draw(self.page).text(spot, letter, fill=235, font=font, anchor="ls", stroke_width=1)
            x += font.getlength(letter) * self.random.normal(1.04, 0.02)
        return x

    def image(self, left: float, top: float, right: float, bottom: float) -> None:
        self.box(left, top, right, bottom)
        inset = 0.06 * min(right - left, bottom - top)
        self.line((left + inset, top + inset), (right - inset, bottom - inset))
        self.line((right - inset, top + inset), (left + inset, bottom - inset))

    def field(self, y: float, caption: str, left: float = 110, right: float = 900, tall: float = 86) -> None:
        self.write(left, y, caption)
        self.box(left, y + 28, right, y + 28 + tall)

    def button(self, left: float, top: float, text: str) -> None:
        end = self.write(left + 52, top + 74, text)
        self.box(left, top, end + 52, top + 112)

    def link(self, x: float, y: float, text: str) -> float:
        end = self.write(x, y, text)
        self.line((x - 4, y + 24), (end + 4, y + 26))
        return end

    def _wobble(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
        length = float(np.linalg.norm(end - start))
        steps = max(3, round(length / 9))
        along = np.linspace(0, 1, steps)[:, None]
        drift = np.cumsum(self.random.normal(0, 0.35, (steps, 2)), axis=0)
        bow = np.sin(np.pi * along) * self.random.normal(0, min(4.0, length / 160), 2)
        return np.asarray(start + (end - start) * along + (drift - along * drift[-1]) + bow)

    def _stroke(self, points: NDArray[np.float64]) -> None:
        draw = ImageDraw.Draw(self.page)
        for a, b in pairwise(points):
            pressure = 235 - abs(self.random.normal(0, 18))
            draw.line([*a, *b], fill=round(pressure), width=5 if self.random.random() < 0.8 else 6, joint="curve")


def guestbook(pen: Pen) -> None:
    pen.write(110, 190, "Guestbook", 104)
    pen.write(110, 300, "Thanks for stopping by!", 58)
    pen.field(440, "Your name")
    pen.field(660, "E-mail")
    pen.field(880, "Message", right=1040, tall=230)
    pen.box(112, 1196, 156, 1240)
    pen.write(190, 1236, "Show my name to everyone", 56)
    pen.button(112, 1310, "Sign the guestbook")


def signup(pen: Pen) -> None:
    pen.write(110, 180, "Create account", 96)
    pen.field(320, "Full name")
    pen.field(530, "Password")
    pen.write(110, 740, "Country")
    pen.box(110, 768, 900, 854)
    pen.line((808, 770), (806, 853))
    pen.line((832, 798), (856, 830), (880, 796))
    pen.write(110, 960, "Plan")
    for x, name in ((130, "Free"), (400, "Team"), (690, "Company")):
        pen.circle(x, 1026, 23)
        pen.write(x + 46, 1044, name)
    ImageDraw.Draw(pen.page).ellipse([120, 1016, 141, 1037], fill=225)
    pen.box(112, 1116, 156, 1160)
    pen.line((120, 1136), (133, 1152), (164, 1104))
    pen.write(190, 1156, "I accept the terms")
    pen.button(112, 1230, "Sign up")
    pen.link(540, 1306, "Log in instead")


def shop(pen: Pen) -> None:
    pen.write(110, 170, "Tea shop", 104)
    pen.link(640, 164, "Cart")
    pen.link(830, 164, "Contact")
    pen.line((100, 225), (1090, 232))
    for top, name, price in ((300, "Green tea", "$8.50"), (640, "Black tea", "$7.20")):
        pen.image(120, top, 400, top + 250)
        pen.write(470, top + 60, name, 62)
        pen.write(470, top + 140, price)
        pen.button(790, top + 40, "Buy")
    pen.write(110, 1020, "Our story", 80)
    for row, right in enumerate((1060, 1030, 1066, 700)):
        pen.line((116, 1080 + 46 * row), (right, 1082 + 46 * row))
    pen.button(112, 1330, "See all teas")


PAGES: dict[str, tuple[Callable[[Pen], None], int]] = {
    "guestbook": (guestbook, 7),
    "signup": (signup, 11),
    "shop": (shop, 5),
}


def photograph(ink: Image.Image, seed: int) -> Image.Image:
    """The page on a desk, seen slightly from the side, under a lamp."""
    random = np.random.default_rng(seed)
    inked = cv2.GaussianBlur(np.asarray(ink, np.float32) / 255.0, (0, 0), 0.8)[..., None]
    fibre = _cloud(random, (PAGE[1], PAGE[0]), 3)[..., None] * 2.0 + random.normal(0, 2.0, (PAGE[1], PAGE[0], 1))
    sheet = ((PAPER + fibre) * (1 - 0.92 * inked) + INK * 0.92 * inked).astype(np.float32)
    corners = _askew(random)
    flat = np.asarray([[0, 0], [PAGE[0], 0], [PAGE[0], PAGE[1]], [0, PAGE[1]]], np.float32)
    view = cv2.getPerspectiveTransform(flat, corners)
    seen = cv2.warpPerspective(sheet, view, PHOTO, flags=cv2.INTER_AREA)
    covers = cv2.warpPerspective(np.ones((PAGE[1], PAGE[0]), np.float32), view, PHOTO)[..., None]
    cast = cv2.GaussianBlur(np.roll(covers, (14, 10), (0, 1)), (0, 0), 14)[..., None]
    photo = seen * covers + _desk(random) * (1 - 0.55 * cast) * (1 - covers)
    lit = cv2.GaussianBlur(photo * _light(random)[..., None], (0, 0), 0.9)
    return Image.fromarray(np.clip(lit + random.normal(0, 2.2, lit.shape), 0, 255).astype(np.uint8))


def _askew(random: np.random.Generator) -> NDArray[np.float32]:
    width, height = PHOTO
    corners = np.asarray([[62, 58], [width - 66, 44], [width - 30, height - 52], [36, height - 40]], np.float32)
    return (corners + random.uniform(-14, 14, (4, 2))).astype(np.float32)


def _desk(random: np.random.Generator) -> Photo:
    rows = _cloud(random, (PHOTO[1], 8), 5)
    grain = cv2.resize(rows, PHOTO, interpolation=cv2.INTER_CUBIC)[..., None]
    return (DESK + 9 * grain + 3 * random.normal(0, 1, (PHOTO[1], PHOTO[0], 1))).astype(np.float32)


def _light(random: np.random.Generator) -> Photo:
    """Bright near the lamp, with the soft shadow of whoever holds the camera."""
    y, x = np.mgrid[0 : PHOTO[1], 0 : PHOTO[0]].astype(np.float32)
    across = (x / PHOTO[0] * 0.6 + y / PHOTO[1] * 0.4).astype(np.float32)
    centre = (PHOTO[0] * random.uniform(0.75, 0.95), PHOTO[1] * random.uniform(0.85, 1.0))
    shadow = np.exp(-(((x - centre[0]) / 420) ** 2) - ((y - centre[1]) / 380) ** 2)
    return np.asarray(1.02 - 0.2 * across - 0.16 * shadow, np.float32)


def _cloud(random: np.random.Generator, shape: tuple[int, int], size: float) -> Photo:
    soft = cv2.GaussianBlur(random.normal(0, 1, shape).astype(np.float32), (0, 0), size)
    return np.asarray(soft / max(float(soft.std()), 1e-6), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("font", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    for name, (draw, seed) in PAGES.items():
        pen = Pen(arguments.font, seed)
        draw(pen)
        photograph(pen.page, seed).save(arguments.folder / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main()
