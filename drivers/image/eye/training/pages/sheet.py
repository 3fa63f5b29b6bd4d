"""A sheet being drawn on: its ink, and which element every stroke belongs to."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from drivers.image.eye.training.fonts import Face
from drivers.image.eye.training.page import Mark
from drivers.image.eye.training.pages import strokes
from drivers.image.eye.training.pages.strokes import Box, Hand, Points

SUBPIXEL_BITS = 4


@dataclass
class Span:
    left: float = 1e9
    top: float = 1e9
    right: float = -1e9
    bottom: float = -1e9

    def take(self, box: Box) -> None:
        self.left, self.top = min(self.left, box[0]), min(self.top, box[1])
        self.right, self.bottom = max(self.right, box[2]), max(self.bottom, box[3])

    def box(self) -> Box:
        return self.left, self.top, self.right, self.bottom


@dataclass
class Sheet:
    """`ink` and `notes` are 0 (bare) to 255; `notes` is what a second, coloured pen draws. `letter` is the height
    of capitals in pixels."""

    rng: random.Random
    width: int
    height: int
    face: Face
    script: str
    hand: Hand
    letter: int
    ink: npt.NDArray[np.uint8] = field(init=False)
    notes: npt.NDArray[np.uint8] = field(init=False)
    marks: list[Mark] = field(default_factory=list)
    _spans: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ink = np.zeros((self.height, self.width), np.uint8)
        self.notes = np.zeros((self.height, self.width), np.uint8)

    @contextmanager
    def element(self, cls: str) -> Iterator[None]:
        """All that is drawn within becomes one mark, whose box is what the ink covers."""
        span = Span()
        self._spans.append(span)
        yield
        self._spans.pop()
        if span.right > span.left:
            self.marks.append(Mark(cls, span.box()))
            if self._spans:
                self._spans[-1].take(span.box())

    def draw(self, *lines: Points, width: int | None = None, noted: bool = False) -> None:
        width = width or self.hand.width
        canvas = self.notes if noted else self.ink
        for points in lines:
            pressure = 255 if not self.hand.wobble else self.rng.randint(185, 255)
            cv2.polylines(canvas, [_fixed(points)], False, pressure, width, cv2.LINE_AA, SUBPIXEL_BITS)
            (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
            self.cover((left - width / 2, top - width / 2, right + width / 2, bottom + width / 2))

    def fill(self, points: Points, shade: int) -> None:
        cv2.fillPoly(self.ink, [_fixed(points)], shade, cv2.LINE_AA, SUBPIXEL_BITS)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.draw(strokes.line(self.rng, self.hand, (x0, y0), (x1, y1)))

    def rectangle(self, box: Box, rounding: float | None = None) -> None:
        if rounding is None:
            self.draw(*strokes.rectangle(self.rng, self.hand, box))
        else:
            self.draw(strokes.rounded(self.rng, self.hand, box, rounding))

    def ellipse(self, box: Box) -> None:
        self.draw(strokes.ellipse(self.rng, self.hand, box))

    def text(self, x: float, y: float, words: str, letter: int, limit: float, noted: bool = False) -> float:
        """Writes as many of the words as fit between `x` and `limit`, capitals' tops at `y`. Returns where it ends."""
        canvas = self.notes if noted else self.ink
        letter = self._squeezed(words, letter, limit - x)
        slope = self.rng.gauss(0, 0.012) if self.hand.wobble else 0.0
        space = letter * self.rng.uniform(0.4, 1.4)
        start = x
        for text in words.split():
            if x + self._wide(text, letter) > limit and x > start:
                break
            for piece in self._pieces(text):
                word = self.face.word(piece, letter)
                lift = self.rng.gauss(0, letter * 0.04) if self.hand.wobble else 0.0
                self._stamp(
                    canvas, word.ink, round(x + word.left), round(y + letter + word.top + lift + slope * (x - start))
                )
                x += word.advance + self.hand.loose * letter
            x += space - self.hand.loose * letter
        return x - space

    def _pieces(self, text: str) -> list[str]:
        """The letters of a hand that sets each apart, or the whole word."""
        return list(text) if self.hand.loose else [text]

    def _wide(self, text: str, letter: int) -> float:
        if not self.hand.loose:
            return float(self.face.word(text, letter).ink.shape[1])
        return sum(self.face.word(piece, letter).advance + self.hand.loose * letter for piece in text)

    def _squeezed(self, words: str, letter: int, room: float) -> int:
        """A first word that is too long for its room is written smaller, as people do."""
        wide = self._wide(words.split()[0], letter)
        return letter if wide <= room else max(8, letter // 2, int(letter * room / wide))

    def measure(self, words: str, letter: int) -> float:
        loose = self.hand.loose * letter
        advances = (self.face.word(text, letter).advance + loose * (len(text) - 1) for text in words.split())
        return sum(advance + letter * 0.55 for advance in advances) - letter * 0.55

    def _stamp(self, canvas: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8], x: int, y: int) -> None:
        height, width = ink.shape
        left, top = max(0, -x), max(0, -y)
        right, bottom = min(width, self.width - x), min(height, self.height - y)
        if right > left and bottom > top:
            place = canvas[y + top : y + bottom, x + left : x + right]
            np.maximum(place, ink[top:bottom, left:right], out=place)
        self.cover((x, y, x + width, y + height))

    def cover(self, box: Box) -> None:
        """The element that is being drawn reaches at least so far."""
        if self._spans:
            self._spans[-1].take(box)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def erase(self, box: Box) -> None:
        left, top, right, bottom = box
        self.ink[max(0, int(top)) : int(bottom), max(0, int(left)) : int(right)] = 0


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    """As OpenCV takes parts of pixels."""
    return np.asarray(np.round(points * 2**SUBPIXEL_BITS), np.int32)
