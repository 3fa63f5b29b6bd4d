"""One drawn page for every seed."""

from __future__ import annotations

import random

import cv2
import numpy as np
import numpy.typing as npt

from drivers.image.eye.training.fonts import Fonts
from drivers.image.eye.training.page import Mark, Page
from drivers.image.eye.training.pages.blocks import annotate
from drivers.image.eye.training.pages.layout import compose
from drivers.image.eye.training.pages.paper import Look, camera_of, look_of, photographed
from drivers.image.eye.training.pages.sheet import Sheet
from drivers.image.eye.training.pages.strokes import Hand

# Ink is drawn this much larger, so that lines can be thinner than two pixels.
DRAWN_LARGER = 2
LEAST_SIDE = 3
LEAST_SEEN = 0.6


def drawn_page(seed: int, fonts: Fonts, size: int = 384) -> Page:
    """The same page for the same seed, fonts and size; the longer side of its picture is `size` pixels."""
    rng = random.Random(seed)
    look = look_of(rng)
    sheet = _sheet(rng, fonts, look, size)
    compose(sheet)
    if sheet.chance(0.12):
        for _ in range(rng.randint(1, 3)):
            annotate(sheet)
    width, height = sheet.width // DRAWN_LARGER, sheet.height // DRAWN_LARGER
    ink, notes = (
        cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA) for drawn in (sheet.ink, sheet.notes)
    )
    camera = camera_of(rng, look, width, height)
    picture = photographed(rng, look, np.asarray(ink, np.uint8), np.asarray(notes, np.uint8), camera)
    seen = (_seen(mark, camera, width, height) for mark in sheet.marks)
    return Page(picture, [mark for mark in seen if mark])


def _sheet(rng: random.Random, fonts: Fonts, look: Look, size: int) -> Sheet:
    ratio = rng.choice((0.35, 0.55, 0.7, 0.75, 0.75, 0.8, 1.0))
    sides = [size, round(size * ratio)]
    if rng.random() < 0.5:
        sides.reverse()
    face = rng.choice(fonts.plain if look.clean or rng.random() < 0.06 else fonts.hands)
    script = "cyrillic" if face.cyrillic and rng.random() < 0.4 else "latin"
    letter = round(
        size * DRAWN_LARGER * rng.choice((0.016, 0.02, 0.024, 0.03, 0.03, 0.036, 0.042, 0.05)) * rng.uniform(0.9, 1.1)
    )
    shake = 0.0 if look.clean else rng.uniform(0.6, 4.5)
    hand = Hand(
        width=min(rng.choice((1, 2, 2, 3, 3, 4)), max(1, letter // 6)),
        wobble=shake,
        overshoot=shake * rng.uniform(0, 4),
        doubling=0.0 if look.clean else rng.choice((0.0, 0.0, 0.1, 0.5)),
        rounding=rng.choice((0.0, 0.1, 0.6)),
        loose=0.0 if look.clean else rng.choice((0.0, 0.0, 0.06, 0.14, 0.25, 0.4)),
    )
    return Sheet(rng, sides[0] * DRAWN_LARGER, sides[1] * DRAWN_LARGER, face, script, hand, letter)


def _seen(mark: Mark, camera: npt.NDArray[np.float64], width: int, height: int) -> Mark | None:
    """The mark where the camera sees it, or None when most of it is outside the picture."""
    left, top, right, bottom = (side / DRAWN_LARGER for side in mark.box)
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
    there = cv2.perspectiveTransform(corners, camera)[0]
    (left, top), (right, bottom) = there.min(axis=0), there.max(axis=0)
    whole = (right - left) * (bottom - top)
    left, right = (float(np.clip(side, 0, width)) for side in (left, right))
    top, bottom = (float(np.clip(side, 0, height)) for side in (top, bottom))
    # A ruled line is thinner than anything else and still an element.
    thin = mark.cls == "Divider" or min(right - left, bottom - top) >= LEAST_SIDE
    if not thin or max(right - left, bottom - top) < LEAST_SIDE or (right - left) * (bottom - top) < LEAST_SEEN * whole:
        return None
    return Mark(mark.cls, (left, top, right, bottom))
