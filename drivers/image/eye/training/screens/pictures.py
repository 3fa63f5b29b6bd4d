"""What generated pages show beside words: photographs of a kind, signs and charts, all as SVG within the page."""

from __future__ import annotations

import math
import random
from urllib.parse import quote

SIGNS = (
    "M3 12h18M3 6h18M3 18h18",
    "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M16 16l5 5",
    "M12 21s-8-5-8-11a4 4 0 0 1 8-2a4 4 0 0 1 8 2c0 6-8 11-8 11z",
    "M4 6h2l2 10h10l2-7H8M9 20h.1M17 20h.1",
    "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4 21c0-5 4-7 8-7s8 2 8 7",
    "M5 5l14 14M19 5L5 19",
    "M5 13l4 4L19 7",
    "M12 5v14M5 12h14",
    "M6 9l6 6 6-6",
    "M9 6l6 6-6 6",
    "M4 11l8-7 8 7v9H4z",
    "M12 3l3 6 6 1-4 5 1 6-6-3-6 3 1-6-4-5 6-1z",
    "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
    "M4 5h16v14H4zM4 6l8 7 8-7",
    "M6 10a6 6 0 0 1 12 0v5l2 3H4l2-3zM10 21h4",
    "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
    "M4 20l1-5L16 4l4 4L9 19z",
    "M12 4v11M7 10l5 5 5-5M4 20h16",
    "M5 12h.1M12 12h.1M19 12h.1",
    "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
)


def sign(rng: random.Random, side: int, path: str = "") -> str:
    """One small drawing in the colour of the text around it."""
    path = path or rng.choice(SIGNS)
    filled = "currentColor" if path.endswith("z") and rng.random() < 0.4 else "none"
    return (
        f'<svg width="{side}" height="{side}" viewBox="0 0 24 24" fill="{filled}" stroke="currentColor" '
        f'stroke-width="{rng.choice((1.5, 2, 2, 2.5))}" stroke-linecap="round"><path d="{path}"/></svg>'
    )


def colour(rng: random.Random, light: tuple[int, int] = (25, 80)) -> str:
    return f"hsl({rng.randint(0, 359)} {rng.randint(10, 80)}% {rng.randint(*light)}%)"


def photograph(rng: random.Random, width: int, height: int) -> str:
    """The address of a picture, which is itself within the address."""
    makes = (_landscape, _shapes, _portrait, _thing, _grain)
    inner = rng.choices(makes, (35, 15, 20, 22, 8))[0](rng, width, height)
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
    return "data:image/svg+xml," + quote(f'{text}preserveAspectRatio="xMidYMid slice">{inner}</svg>')


def _ground(rng: random.Random, upper: str, lower: str) -> str:
    return (
        f'<defs><linearGradient id="g" x2="{rng.random():.1f}" y2="1"><stop stop-color="{upper}"/>'
        f'<stop offset="1" stop-color="{lower}"/></linearGradient></defs>'
        '<rect width="100%" height="100%" fill="url(#g)"/>'
    )


def _landscape(rng: random.Random, width: int, height: int) -> str:
    drawn = _ground(rng, colour(rng, (55, 85)), colour(rng, (70, 95)))
    sun = f"{rng.uniform(0.1, 0.9) * width:.0f}", f"{rng.uniform(0.1, 0.4) * height:.0f}"
    drawn += f'<circle cx="{sun[0]}" cy="{sun[1]}" r="{min(width, height) * 0.1:.0f}" fill="{colour(rng, (80, 95))}"/>'
    for level in (0.5, 0.65, 0.8):
        tops = " ".join(
            f"L{width * part / 5:.0f} {height * (level + rng.uniform(-0.15, 0.1)):.0f}" for part in range(6)
        )
        drawn += f'<path d="M0 {height} {tops} L{width} {height}z" fill="{colour(rng, (15, 60))}"/>'
    return drawn


def _shapes(rng: random.Random, width: int, height: int) -> str:
    drawn = _ground(rng, colour(rng), colour(rng))
    for _ in range(rng.randint(3, 12)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.05, 0.4) * min(width, height)
        drawn += (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.0f}" fill="{colour(rng)}" opacity="{rng.uniform(0.3, 1):.1f}"/>'
        )
    return drawn


def _portrait(rng: random.Random, width: int, height: int) -> str:
    middle, side, skin = width / 2, min(width, height), colour(rng, (40, 80))
    return (
        _ground(rng, colour(rng), colour(rng))
        + f'<ellipse cx="{middle}" cy="{height}" rx="{side * 0.4}" ry="{side * 0.35}" fill="{colour(rng)}"/>'
        f'<circle cx="{middle}" cy="{height * 0.42}" r="{side * 0.23}" fill="{colour(rng, (10, 40))}"/>'
        f'<ellipse cx="{middle}" cy="{height * 0.46}" rx="{side * 0.17}" ry="{side * 0.22}" fill="{skin}"/>'
    )


def _thing(rng: random.Random, width: int, height: int) -> str:
    """Something to buy, on bare ground."""
    wide, high = width * rng.uniform(0.25, 0.6), height * rng.uniform(0.3, 0.7)
    left, top = (width - wide) / 2, (height - high) / 2
    shape = (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{high:.0f}" rx="{rng.randint(0, 40)}" '
        f'fill="{colour(rng)}"/><rect x="{left + wide * 0.2:.0f}" y="{top + high * 0.3:.0f}" width="{wide * 0.6:.0f}" '
        f'height="{high * 0.2:.0f}" fill="{colour(rng)}"/>'
    )
    return f'<rect width="100%" height="100%" fill="{colour(rng, (85, 97))}"/>{shape}'


def _grain(rng: random.Random, width: int, height: int) -> str:
    often = rng.choice((0.01, 0.03, 0.1, 0.6))
    return (
        f'<filter id="n"><feTurbulence baseFrequency="{often}" numOctaves="3" seed="{rng.randint(0, 999)}"/>'
        f'<feColorMatrix values="1 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 0 0 1"/></filter>'
        f'<rect width="{width}" height="{height}" filter="url(#n)"/>'
    )


def chart(rng: random.Random, height: int) -> str:
    """Bars or curves as wide as their place, or a pie."""
    said = rng.choice(("Chart of sales", "Line chart", "Bar chart: visitors", "chart"))
    if rng.random() < 0.3:
        size, inner = f'width="{height}" height="{height}" viewBox="105 5 190 190"', _pie(rng)
    else:
        tall = rng.choice(("auto", f"{height}px"))
        size = f'style="width:100%;height:{tall};display:block" viewBox="0 0 400 200" preserveAspectRatio="none"'
        inner = rng.choice((_bars, _curves))(rng)
    return f'<svg role="img" aria-label="{said}" {size}>{inner}</svg>'


def _axes(rng: random.Random) -> str:
    lines = "".join(f"M30 {y}H395" for y in range(20, 181, rng.choice((20, 40, 80))))
    words = "".join(
        f'<text x="{40 + 58 * n}" y="196" font-size="9" fill="currentColor">{rng.randint(1, 99)}</text>'
        for n in range(6)
    )
    faint = f'<path d="{lines}" stroke="currentColor" opacity=".25"/>'
    return f'{faint}<path d="M30 10V180H395" stroke="currentColor" fill="none"/>{words}'


def _bars(rng: random.Random) -> str:
    count, ink = rng.randint(4, 14), colour(rng, (35, 65))
    step, drawn = 360 / count, _axes(rng)
    for number in range(count):
        high = rng.uniform(10, 160)
        place = f'x="{34 + number * step:.0f}" y="{180 - high:.0f}" width="{step * 0.7:.0f}" height="{high:.0f}"'
        drawn += f'<rect {place} fill="{ink}"/>'
    return drawn


def _curves(rng: random.Random) -> str:
    drawn = _axes(rng)
    for _ in range(rng.randint(1, 3)):
        points = " ".join(f"{30 + 36 * n},{rng.uniform(25, 170):.0f}" for n in range(11))
        ink = colour(rng, (35, 65))
        drawn += f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{rng.choice((2, 3))}"/>'
    return drawn


def _pie(rng: random.Random) -> str:
    cuts = sorted(rng.uniform(0, 2 * math.pi) for _ in range(rng.randint(3, 6)))
    drawn = ""
    for start, end in zip(cuts, [*cuts[1:], cuts[0] + 2 * math.pi], strict=True):
        x0, y0, x1, y1 = (round(v) for a in (start, end) for v in (200 + 90 * math.cos(a), 100 + 90 * math.sin(a)))
        drawn += (
            f'<path d="M200 100L{x0} {y0}A90 90 0 {int(end - start > math.pi)} 1 {x1} {y1}z" fill="{colour(rng)}"/>'
        )
    hole = f'<circle cx="200" cy="100" r="45" fill="{colour(rng, (90, 98))}"/>' if rng.random() < 0.4 else ""
    return drawn + hole
