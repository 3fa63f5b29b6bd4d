"""Upright boxes in pixels; the only geometry the driver needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """Left and top are inside, right and bottom are outside."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.top + self.bottom) / 2

    def intersection(self, other: Box) -> Box:
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def overlap(self, other: Box) -> float:
        """Area both share, zero when they are apart."""
        shared = self.intersection(other)
        return shared.area if shared.width > 0 and shared.height > 0 else 0.0

    def iou(self, other: Box) -> float:
        shared = self.overlap(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def inside(self, other: Box) -> float:
        """The share of this box that lies in `other`."""
        return self.overlap(other) / self.area if self.area else 0.0

    def shared_width(self, other: Box) -> float:
        return max(0.0, min(self.right, other.right) - max(self.left, other.left))

    def shared_height(self, other: Box) -> float:
        return max(0.0, min(self.bottom, other.bottom) - max(self.top, other.top))

    def same_line(self, other: Box) -> bool:
        """True when more than half of the lower one's height is beside the other."""
        return self.shared_height(other) > 0.5 * min(self.height, other.height)

    def grow(self, dx: float, dy: float) -> Box:
        return Box(self.left - dx, self.top - dy, self.right + dx, self.bottom + dy)

    def clip(self, width: float, height: float) -> Box:
        return Box(
            min(max(self.left, 0), width),
            min(max(self.top, 0), height),
            min(max(self.right, 0), width),
            min(max(self.bottom, 0), height),
        )

    def scale(self, x: float, y: float) -> Box:
        return Box(self.left * x, self.top * y, self.right * x, self.bottom * y)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them."""
    known = list(boxes)
    return Box(
        min(b.left for b in known),
        min(b.top for b in known),
        max(b.right for b in known),
        max(b.bottom for b in known),
    )
