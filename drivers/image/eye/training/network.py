"""The eye's network: down to a thirty-second of the picture, up again to a quarter, and heat and sides for each cell.

Small kernels see strokes where the maps are large; the deep part, where large kernels cost little, sees what an element
is part of, how far a long line goes, and the place on the page that tells a heading from a label.
"""

from __future__ import annotations

import math
from itertools import pairwise

from torch import Tensor, nn

from drivers.image.eye.classes import CLASSES
from drivers.image.eye.peaks import GROUPS
from drivers.image.eye.prepared import CHANNELS

WIDTHS = (40, 112, 224, 384)
DEPTHS = (1, 2, 6, 3)
KERNELS = (3, 5, 7, 7)
RARE = 0.01  # how much heat the untrained network sees


class Block(nn.Module):
    """Looks around in each channel, then mixes them."""

    def __init__(self, width: int, kernel: int) -> None:
        super().__init__()
        self.around = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.mix = nn.Sequential(nn.Conv2d(width, 2 * width, 1), nn.ReLU(inplace=True), nn.Conv2d(2 * width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.mix(self.norm(self.around(x)))
        return x + mixed


class Eye(nn.Module):
    """From (batch, CHANNELS, height, width), sides in multiples of 32, to heat as logits (batch, classes, height / 4,
    width / 4) and the logarithm of how far the sides are in pixels (batch, 4 a group, height / 4, width / 4)."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS) -> None:
        super().__init__()
        first = widths[0]
        self.stem = nn.Sequential(_halved(CHANNELS, first // 2), _halved(first // 2, first))
        self.downs = nn.ModuleList(_halved(a, b) for a, b in pairwise(widths))
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width, kernel) for _ in range(depth)))
            for width, depth, kernel in zip(widths, depths, KERNELS, strict=True)
        )
        self.ups = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.joined = nn.ModuleList(
            Block(width, kernel) for width, kernel in zip(widths[:-1], KERNELS[:-1], strict=True)
        )
        self.last = nn.Sequential(
            nn.Conv2d(first, 2 * first, 3, padding=1, bias=False), nn.BatchNorm2d(2 * first), nn.ReLU(inplace=True)
        )
        self.heat = nn.Conv2d(2 * first, len(CLASSES), 1)
        self.sides = nn.Conv2d(2 * first, 4 * len(GROUPS), 1)
        nn.init.constant_(self.heat.bias, math.log(RARE / (1 - RARE)))  # type: ignore[arg-type]
        nn.init.constant_(self.sides.bias, math.log(12.0))  # type: ignore[arg-type]

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        seen = [self.stages[0](self.stem(picture))]
        for down, stage in zip(self.downs, self.stages[1:], strict=True):
            seen.append(stage(down(seen[-1])))
        x = seen.pop()
        for up, join in zip(reversed(self.ups), reversed(self.joined), strict=True):
            x = join(seen.pop() + nn.functional.interpolate(up(x), scale_factor=2.0, mode="nearest"))
        x = self.last(x)
        return self.heat(x), self.sides(x)


def _halved(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
