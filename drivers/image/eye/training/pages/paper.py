"""What the drawing lies on and how it was taken: paper, pen, light, the camera's place and its faults."""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
_PAPERS: tuple[Colour, ...] = (
    (250, 250, 250),
    (240, 240, 238),
    (245, 238, 215),
    (225, 225, 230),
    (200, 200, 200),
    (170, 168, 165),
)
_DESKS: tuple[Colour, ...] = ((120, 85, 55), (60, 50, 45), (160, 130, 95), (90, 95, 100), (200, 195, 185))
# in a hundred
_KINDS = {"paper": 46, "pencil": 16, "faint": 8, "marker": 8, "board": 6, "blueprint": 4, "clean": 8}


@dataclass(frozen=True)
class Look:
    """`strength` is how much of the pen's colour the ink has: a pencil has little."""

    paper: Colour
    pen: Colour
    note: Colour
    strength: float
    ruling: str
    clean: bool = False


def look_of(rng: random.Random) -> Look:
    note = rng.choice(((200, 30, 30), (220, 50, 40), (30, 60, 200), (20, 140, 60)))
    kind = rng.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
    paper = rng.choice(_PAPERS)
    ruling = rng.choice(("", "", "", "", "lined", "grid", "dotted"))
    if kind == "blueprint":
        return Look((25, 60, 130), (225, 235, 250), (250, 220, 90), rng.uniform(0.7, 1), rng.choice(("", "grid")))
    if kind == "board":
        return Look((235, 240, 240), rng.choice(((20, 30, 140), (20, 20, 20), (20, 110, 50))), note, 0.85, "")
    if kind == "clean":
        grey = rng.randint(0, 110)
        return Look((255, 255, 255), (grey, grey, grey), note, 1.0, "", clean=rng.random() < 0.6)
    if kind == "pencil":
        grey = rng.randint(60, 110)
        return Look(paper, (grey, grey, grey), note, rng.uniform(0.3, 0.7), ruling)
    if kind == "faint":
        return Look(paper, rng.choice(((90, 90, 150), (110, 110, 115))), note, rng.uniform(0.2, 0.4), ruling)
    pen = rng.choice(((25, 25, 30), (30, 35, 90), (20, 40, 150), (50, 50, 60)))
    return Look(paper, pen, note, rng.uniform(0.65, 1), ruling)


def camera_of(rng: random.Random, look: Look, width: int, height: int) -> npt.NDArray[np.float64]:
    """The perspective, turn and distance that take a point of the sheet to one of the picture."""
    if look.clean:
        return np.eye(3)
    tilt = rng.choice((0.005, 0.015, 0.03, 0.05, 0.08))
    inset = rng.choice((-0.02, 0.0, 0.0, 0.0, 0.03, 0.08, 0.14))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = np.radians(rng.gauss(0, 1.6))
    middle = corners.mean(axis=0)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    there = (corners - middle) @ matrix.T * (1 - 2 * inset) + middle
    shake = [[rng.gauss(0, tilt * width / 2), rng.gauss(0, tilt * height / 2)] for _ in range(4)]
    return np.asarray(cv2.getPerspectiveTransform(corners, (there + shake).astype(np.float32)), np.float64)


def photographed(
    rng: random.Random, look: Look, ink: Picture, notes: Picture, camera: npt.NDArray[np.float64]
) -> Picture:
    """The sheet with its ink as a picture of the same size."""
    height, width = ink.shape
    flat = _flat(rng, look, ink, notes)
    if look.clean:
        return flat
    desk = rng.random() < 0.3
    border = rng.choice(_DESKS) if desk else look.paper
    seen = cv2.warpPerspective(
        flat, camera, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=border
    )
    lit = seen.astype(np.float32) * _light(rng, width, height)[..., None] * _tint(rng)
    grain = np.random.default_rng(rng.getrandbits(32)).standard_normal((height, width), np.float32)
    lit += grain[..., None] * np.float32(rng.choice((0.5, 2.0, 3.0, 6.0)))
    picture = np.clip(lit, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9))
    if min(look.paper) > max(look.pen) and rng.random() < 0.15:
        picture = _scanned(rng, picture)
    if rng.random() < 0.6:
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(35, 95)])
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.asarray(picture, np.uint8)


def _scanned(rng: random.Random, picture: Picture) -> Picture:
    """As a scanning program makes it: the paper white, whatever light fell on it, and the ink strong."""
    around = cv2.blur(picture, (61, 61)).astype(np.float32)
    dark = np.maximum(around - picture - rng.uniform(4, 14), 0) * rng.uniform(1.5, 4)
    return np.asarray(np.clip(255 - dark, 0, 255), np.uint8)


def _flat(rng: random.Random, look: Look, ink: Picture, notes: Picture) -> Picture:
    height, width = ink.shape
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = look.paper
    _rule(rng, look, sheet)
    for drawn, colour, strength in ((ink, look.pen, look.strength), (notes, look.note, 0.9)):
        if drawn.any():
            share = (drawn.astype(np.float32) * (strength / 255))[..., None]
            sheet += (np.array(colour, np.float32) - sheet) * share
    return sheet.astype(np.uint8)


def _rule(rng: random.Random, look: Look, sheet: npt.NDArray[np.float32]) -> None:
    if not look.ruling:
        return
    gap, faint = rng.randint(9, 22), rng.uniform(0.08, 0.3)
    colour = np.array(rng.choice(((90, 130, 200), (130, 130, 130))), np.float32)
    if look.ruling == "dotted":
        sheet[::gap, ::gap] += (colour - sheet[::gap, ::gap]) * faint * 2
        return
    sheet[::gap] += (colour - sheet[::gap]) * faint
    if look.ruling == "grid":
        sheet[:, ::gap] += (colour - sheet[:, ::gap]) * faint


def _light(rng: random.Random, width: int, height: int) -> npt.NDArray[np.float32]:
    """How much light falls where: uneven, with dark corners, at times with the shadow of a hand."""
    coarse = np.ones((6, 6), np.float32)
    depth = rng.choice((0.02, 0.1, 0.25, 0.45))
    down, across = np.mgrid[0:6, 0:6] / 5
    coarse -= (
        depth * (rng.random() * down + rng.random() * across if rng.random() < 0.5 else (1 - down) * rng.random())
    ).astype(np.float32)
    if rng.random() < 0.4:
        coarse -= (rng.uniform(0.1, 0.5) * ((down - 0.5) ** 2 + (across - 0.5) ** 2)).astype(np.float32)
    light = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.2:
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        shadow = np.zeros((height // 4, width // 4), np.float32)
        cv2.ellipse(shadow, (int(x / 4), int(y / 4)), (width // 8, height // 10), rng.uniform(0, 180), 0, 360, 1.0, -1)
        soft = cv2.GaussianBlur(shadow, (0, 0), rng.uniform(3, 9))
        light = light * (1 - rng.uniform(0.1, 0.4) * cv2.resize(soft, (width, height)))
    return np.asarray(light, np.float32)


def _tint(rng: random.Random) -> npt.NDArray[np.float32]:
    return np.array([rng.uniform(0.95, 1.03) for _ in range(3)], np.float32)
