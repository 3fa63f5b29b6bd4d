"""How people draw each element. Every function draws one in a place and returns the height that it took."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from drivers.image.eye.training.pages import strokes
from drivers.image.eye.training.pages.sheet import Sheet
from drivers.image.eye.training.pages.words import action_of, figure_of, text_of


def written(sheet: Sheet, cls: str, x: float, y: float, width: float, scale: float = 1.0) -> float:
    """A Label, Heading or Link: one line of text."""
    rng, letter = sheet.rng, max(8, round(sheet.letter * scale))
    words = figure_of(rng) if cls == "Label" and sheet.chance(0.15) else text_of(rng, sheet.script)
    with sheet.element(cls):
        end = sheet.text(x, y, words, letter, x + width)
        if cls == "Link" and sheet.chance(0.9):
            below = y + letter * rng.uniform(1.2, 1.4)
            sheet.line(x, below, end, below + rng.gauss(0, 1))
    return letter * 1.5


def label(sheet: Sheet, x: float, y: float, width: float) -> float:
    return written(sheet, "Label", x, y, width)


def heading(sheet: Sheet, x: float, y: float, width: float) -> float:
    return written(sheet, "Heading", x, y, width, sheet.rng.uniform(1.0, 1.8))


def link(sheet: Sheet, x: float, y: float, width: float) -> float:
    return more(sheet, x, y, width) if sheet.chance(0.2) else written(sheet, "Link", x, y, width)


def more(sheet: Sheet, x: float, y: float, width: float) -> float:
    """A plus in a box and what unfolds when it is pressed."""
    rng, letter = sheet.rng, sheet.letter
    side = letter * rng.uniform(1, 1.4)
    with sheet.element("Link"):
        sheet.rectangle((x, y, x + side, y + side))
        sign(sheet, rng.choice("++-"), x, y, side)
        sheet.text(x + side + letter * rng.uniform(0.4, 0.9), y, text_of(rng, sheet.script), letter, x + width)
    return letter * 1.6


def sign(sheet: Sheet, which: str, x: float, y: float, side: float) -> None:
    """A plus or a minus within a square."""
    sheet.line(x + side * 0.25, y + side / 2, x + side * 0.75, y + side / 2)
    if which == "+":
        sheet.line(x + side / 2, y + side * 0.25, x + side / 2, y + side * 0.75)


def paragraph(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    gap = letter * rng.uniform(1.45, 2.0)
    count = rng.randint(2, 5)
    way = rng.choice(("lines", "lines", "waves", "text"))
    with sheet.element("Paragraph"):
        for number in range(count):
            reach = width * (rng.uniform(0.4, 0.9) if number == count - 1 else rng.uniform(0.85, 1))
            middle = y + letter / 2 + number * gap
            if way == "lines":
                sheet.line(x, middle, x + reach, middle)
            elif way == "waves":
                sheet.draw(strokes.scribble(rng, (x, middle), reach, letter * 0.6))
            else:
                sheet.text(x, y + number * gap, text_of(rng, sheet.script, 5, 9).lower(), letter, x + reach)
    return count * gap


def choice(sheet: Sheet, cls: str, x: float, y: float, width: float) -> float:
    """A CheckBox or RadioButton; its box spans the caption."""
    rng, letter = sheet.rng, sheet.letter
    side = letter * rng.uniform(0.9, 1.35)
    top = y + letter / 2 - side / 2
    box = (x, top, x + side, top + side)
    with sheet.element(cls):
        if cls == "CheckBox":
            sheet.draw(*strokes.rectangle(rng, sheet.hand, box))
            if sheet.chance(0.45):
                _tick(sheet, box)
        else:
            sheet.ellipse(box)
            if sheet.chance(0.4):
                inner = side * rng.uniform(0.22, 0.35)
                dot = strokes.ellipse(rng, sheet.hand, (x + inner, top + inner, x + side - inner, top + side - inner))
                sheet.fill(dot, 240)
        sheet.text(x + side + letter * rng.uniform(0.2, 1.2), y, text_of(rng, sheet.script), letter, x + width)
    return letter * 1.5


def _tick(sheet: Sheet, box: strokes.Box) -> None:
    left, top, right, bottom = box
    side = right - left
    if sheet.chance(0.6):
        over = sheet.rng.uniform(-0.1, 0.35) * side
        points = [
            (left + side * 0.2, top + side * 0.5),
            (left + side * 0.45, bottom - side * 0.15),
            (right + over, top - over),
        ]
        sheet.draw(np.array(points))
    else:
        sheet.line(left, top, right, bottom)
        sheet.line(right, top, left, bottom)


def checkbox(sheet: Sheet, x: float, y: float, width: float) -> float:
    return choice(sheet, "CheckBox", x, y, width)


def radio(sheet: Sheet, x: float, y: float, width: float) -> float:
    return choice(sheet, "RadioButton", x, y, width)


@contextmanager
def framed(sheet: Sheet, cls: str, x: float, y: float, width: float, height: float) -> Iterator[None]:
    """An element with an outline, and whatever is drawn into it."""
    with sheet.element(cls):
        sheet.rectangle((x, y, x + width, y + height))
        yield


def wide_button(sheet: Sheet, x: float, y: float, width: float) -> float:
    """As wide as the page, and at times as high as a phone's."""
    return button(sheet, x, y, width, narrow=0.0, highest=4.5)


def button(sheet: Sheet, x: float, y: float, width: float, narrow: float = 0.75, highest: float = 2.8) -> float:
    """`narrow` is how likely it is no wider than its words ask for; `highest` is in letters."""
    rng, letter = sheet.rng, sheet.letter
    words = action_of(rng, sheet.script)
    across = sheet.measure(words, letter)
    wide = min(width, across + letter * rng.uniform(1, 4)) if sheet.chance(narrow) else width
    height = letter * rng.uniform(1.8, highest)
    box = (x, y, x + wide, y + height)
    with sheet.element("Button"):
        if sheet.chance(0.15):
            sheet.draw(*strokes.hatching(rng, sheet.hand, box, letter * rng.uniform(0.3, 0.6)), width=1)
            pad = letter * 0.2
            start = x + (wide - across) / 2
            middle = y + height / 2
            sheet.erase((start - pad, middle - letter * 0.7, start + across + pad, middle + letter * 0.7))
        elif sheet.chance(0.12):
            sheet.fill(strokes.rounded(rng, sheet.hand, box, 0.1), rng.randint(30, 90))
        sheet.rectangle(box, rng.uniform(0.15, 0.5) if sheet.chance(0.35) else None)
        sheet.text(max(x + 2, x + (wide - across) / 2), y + (height - letter) / 2, words, letter, x + wide)
    return height


def textbox(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    height = letter * rng.uniform(1.6, 2.4)
    with framed(sheet, "TextBox", x, y, width, height):
        if sheet.chance(0.35):
            sheet.text(x + letter * 0.5, y + (height - letter) / 2, text_of(rng, sheet.script), letter, x + width)
        elif sheet.chance(0.1):
            sheet.line(x + letter * 0.5, y + height * 0.25, x + letter * 0.5, y + height * 0.75)
    return height


def textarea(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    height = letter * rng.uniform(4, 7)
    with framed(sheet, "TextArea", x, y, width, height):
        if sheet.chance(0.5):
            sheet.text(x + letter * 0.6, y + letter * 0.6, text_of(rng, sheet.script), letter, x + width - letter)
        if sheet.chance(0.5):
            for reach in (0.6, 1.1):
                sheet.line(x + width - letter * reach, y + height, x + width, y + height - letter * reach)
    return height


def combobox(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    height = letter * rng.uniform(1.6, 2.4)
    part = min(width * 0.4, height * rng.uniform(0.8, 1.3))
    middle, side = x + width - part / 2, part * rng.uniform(0.2, 0.32)
    with framed(sheet, "ComboBox", x, y, width, height):
        if sheet.chance(0.75):
            sheet.line(x + width - part, y, x + width - part, y + height)
        arrow = [(middle - side, y + height * 0.35), (middle, y + height * 0.68), (middle + side, y + height * 0.35)]
        if sheet.chance(0.55):
            arrow.append(arrow[0])
        if sheet.chance(0.2):
            sheet.fill(np.array(arrow), 230)
        sheet.draw(np.array(arrow))
        if sheet.chance(0.5):
            words = text_of(rng, sheet.script, 1, 2)
            if sheet.measure(words, letter) < width - part - letter:
                sheet.text(x + letter * 0.5, y + (height - letter) / 2, words, letter, x + width - part)
    return height


def image(sheet: Sheet, x: float, y: float, width: float, height: float = 0.0) -> float:
    rng = sheet.rng
    height = height or width * rng.uniform(0.5, 1.1)
    if sheet.chance(0.12):
        return portrait(sheet, x, y, min(width, height))
    right, bottom = x + width, y + height
    with framed(sheet, "Image", x, y, width, height):
        way = rng.choice(("cross", "cross", "cross", "hills", "envelope"))
        if way == "cross":
            cross(sheet, (x, y, right, bottom), rng.choice((0.0, 0.0, 0.08, 0.2)))
        elif way == "hills":
            peaks = ((0.03, 0.95), (0.35, 0.4), (0.55, 0.75), (0.72, 0.5), (0.97, 0.95))
            sheet.draw(np.array([(x + width * a, y + height * b) for a, b in peaks]))
            sun = min(width, height) * 0.18
            sheet.ellipse((x + width * 0.65, y + height * 0.12, x + width * 0.65 + sun, y + height * 0.12 + sun))
        else:
            sheet.draw(np.array([(x, y), (x + width / 2, y + height * rng.uniform(0.4, 0.6)), (right, y)]))
    return height


def cross(sheet: Sheet, box: strokes.Box, inset: float) -> None:
    """From corner to corner, less `inset` of the sides at each end."""
    left, top, right, bottom = box
    dx, dy = (right - left) * inset, (bottom - top) * inset
    sheet.line(left + dx, top + dy, right - dx, bottom - dy)
    sheet.line(right - dx, top + dy, left + dx, bottom - dy)


def portrait(sheet: Sheet, x: float, y: float, side: float) -> float:
    """A round picture, bare or with a cross or a face's outline in it."""
    with sheet.element("Image"):
        sheet.ellipse((x, y, x + side, y + side))
        way = sheet.rng.choice(("bare", "cross", "person"))
        if way == "cross":
            cross(sheet, (x, y, x + side, y + side), 0.16)
        elif way == "person":
            sheet.ellipse((x + side * 0.35, y + side * 0.2, x + side * 0.65, y + side * 0.52))
            shoulders = ((0.2, 0.85), (0.3, 0.65), (0.5, 0.57), (0.7, 0.65), (0.8, 0.85))
            sheet.draw(np.array([(x + side * a, y + side * b) for a, b in shoulders]))
    return side


def video(sheet: Sheet, x: float, y: float, width: float) -> float:
    height = width * sheet.rng.uniform(0.5, 0.75)
    middle_x, middle_y, side = x + width / 2, y + height / 2, min(width, height) * sheet.rng.uniform(0.1, 0.2)
    with framed(sheet, "Video", x, y, width, height):
        play = [(-0.6, -0.8), (0.9, 0.0), (-0.6, 0.8), (-0.6, -0.8)]
        points = np.array([(middle_x + side * a, middle_y + side * b) for a, b in play])
        if sheet.chance(0.4):
            sheet.fill(points, 220)
        sheet.draw(points)
        if sheet.chance(0.5):
            reach = side * 1.6
            sheet.ellipse((middle_x - reach, middle_y - reach, middle_x + reach, middle_y + reach))
        if sheet.chance(0.3):
            sheet.line(x + width * 0.08, y + height * 0.9, x + width * 0.92, y + height * 0.9)
    return height


def chart(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng = sheet.rng
    height = width * rng.uniform(0.45, 0.8)
    way = rng.choice(("bars", "curve", "pie"))
    with sheet.element("Chart"):
        if way == "pie":
            side = min(width, height)
            sheet.ellipse((x, y, x + side, y + side))
            for angle in (rng.uniform(0, 2), rng.uniform(2, 4), rng.uniform(4, 6)):
                tip = (x + side / 2 + side / 2 * math.cos(angle), y + side / 2 + side / 2 * math.sin(angle))
                sheet.line(x + side / 2, y + side / 2, *tip)
            return side
        sheet.line(x, y, x, y + height)
        sheet.line(x, y + height, x + width, y + height)
        count = rng.randint(3, 7)
        step = width / (count + 0.5)
        tops = [y + height * rng.uniform(0.1, 0.8) for _ in range(count)]
        if way == "curve":
            sheet.draw(np.array([(x + step * (number + 0.5), top) for number, top in enumerate(tops)]))
        for number, top in enumerate(tops if way == "bars" else ()):
            bar = (x + step * (number + 0.3), top, x + step * (number + 0.9), y + height)
            sheet.rectangle(bar)
            if sheet.chance(0.3):
                sheet.draw(*strokes.hatching(rng, sheet.hand, bar, 6), width=1)
    return height


def slider(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, side = sheet.rng, sheet.letter * sheet.rng.uniform(0.7, 1.2)
    at, middle = x + width * rng.uniform(0.15, 0.85), y + side / 2
    with sheet.element("Slider"):
        sheet.line(x, middle, x + width, middle)
        knob = (at - side / 2, y, at + side / 2, y + side)
        round_knob = strokes.ellipse(rng, sheet.hand, knob)
        sheet.fill(round_knob, rng.choice((0, 230)))
        sheet.draw(round_knob)
    return side * 1.3


def toggle(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, high = sheet.rng, sheet.letter * sheet.rng.uniform(1, 1.4)
    wide = min(width, high * rng.uniform(1.8, 2.3))
    with sheet.element("Toggle"):
        sheet.rectangle((x, y, x + wide, y + high), 0.5)
        start = rng.choice((x + high * 0.12, x + wide - high * 0.88))
        knob = strokes.ellipse(rng, sheet.hand, (start, y + high * 0.12, start + high * 0.76, y + high * 0.88))
        if sheet.chance(0.5):
            sheet.fill(knob, 230)
        sheet.draw(knob)
    return high * 1.2


def divider(sheet: Sheet, x: float, y: float, width: float) -> float:
    with sheet.element("Divider"):
        sheet.line(x, y + sheet.letter * 0.3, x + width, y + sheet.letter * 0.3)
    return sheet.letter * 0.6
