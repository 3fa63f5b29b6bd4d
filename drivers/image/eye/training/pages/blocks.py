"""Groups of elements that go together. Every block draws itself in a place and returns the height that it took."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drivers.image.eye.training.pages import controls, strokes
from drivers.image.eye.training.pages.controls import written
from drivers.image.eye.training.pages.icons import icon
from drivers.image.eye.training.pages.sheet import Sheet
from drivers.image.eye.training.pages.words import figure_of, text_of

Block = Callable[[Sheet, float, float, float], float]


def field(sheet: Sheet, x: float, y: float, width: float) -> float:
    """A caption and what it asks for, beside or below it."""
    entry = sheet.rng.choice((controls.textbox, controls.textbox, controls.textbox, controls.combobox))
    if sheet.chance(0.5):
        part = width * sheet.rng.uniform(0.3, 0.5)
        controls.label(sheet, x, y + sheet.letter * 0.5, part - sheet.letter * 0.5)
        return entry(sheet, x + part, y, width - part)
    height = controls.label(sheet, x, y, width)
    return height + entry(sheet, x, y + height, width * sheet.rng.uniform(0.5, 1))


def in_a_row(sheet: Sheet, one: Block, count: int, x: float, y: float, width: float) -> float:
    step = width / count
    return max(one(sheet, x + number * step, y, step - sheet.letter) for number in range(count))


def choices(sheet: Sheet, x: float, y: float, width: float) -> float:
    """Boxes to tick or rounds to choose, one below another or in a row."""
    one = sheet.rng.choice((controls.checkbox, controls.radio))
    count = sheet.rng.randint(2, 5)
    if width > sheet.letter * 16 and sheet.chance(0.45):
        count = max(2, min(count, int(width / (sheet.letter * 7))))
        return in_a_row(sheet, one, count, x, y, width)
    below = 0.0
    for _ in range(count):
        below += one(sheet, x, y + below, width) + sheet.letter * 0.4
    return below


def buttons(sheet: Sheet, x: float, y: float, width: float) -> float:
    count = 2 if width > sheet.letter * 14 else 1
    return in_a_row(sheet, controls.button, count, x, y, width)


def stepper(sheet: Sheet, x: float, y: float, width: float) -> float:
    """Less, how many, more: in cells of one frame, or apart, the signs boxed or bare."""
    rng, letter = sheet.rng, sheet.letter
    side, digit = letter * rng.uniform(1, 1.8), max(8, round(letter * rng.uniform(0.9, 1.4)))
    way = rng.choice(("cells", "boxed", "boxed", "bare", "bare"))
    apart = 0.0 if way == "cells" else letter * rng.uniform(0.2, 1.2)
    across = sheet.measure("0", digit) + (letter * rng.uniform(0.4, 1.2) if way == "cells" else 0)
    middle = x + side + apart
    for left, which in ((x, "-"), (middle + across + apart, "+")):
        with sheet.element("Button"):
            sheet.cover((left, y, left + side, y + side))  # a minus alone would be too thin to be found
            if way != "bare":
                sheet.rectangle((left, y, left + side, y + side))
            controls.sign(sheet, which, left, y, side)
    with sheet.element("Label"):
        if way == "cells":
            sheet.rectangle((middle, y, middle + across, y + side))
        start = middle + (across - sheet.measure("0", digit)) / 2
        sheet.text(start, y + (side - digit) / 2, str(rng.randint(1, 9)), digit, x + width)
    return max(side, digit)


def counted(sheet: Sheet, x: float, y: float, width: float) -> float:
    """What is counted, and beside it less and more."""
    part = width * sheet.rng.uniform(0.35, 0.6)
    one = controls.label if sheet.chance(0.6) else item
    return max(one(sheet, x, y, part - sheet.letter), stepper(sheet, x + part, y, width - part))


def tile(sheet: Sheet, x: float, y: float, width: float) -> float:
    """A picture with what it is and costs below."""
    height = controls.image(sheet, x, y, width) + sheet.letter * 0.5
    for _ in range(sheet.rng.randint(0, 2)):
        height += controls.label(sheet, x, y + height, width)
    return height + (controls.button(sheet, x, y + height, width) if sheet.chance(0.3) else 0)


def tiles(sheet: Sheet, x: float, y: float, width: float) -> float:
    count = max(1, min(sheet.rng.randint(2, 5), int(width / (sheet.letter * 5))))
    one = tile if sheet.chance(0.6) else controls.image
    return in_a_row(sheet, one, count, x, y, width)


def item(sheet: Sheet, x: float, y: float, width: float) -> float:
    """A small picture with lines of text beside it, and at times a price at the far end."""
    side = sheet.letter * sheet.rng.uniform(2.2, 4)
    controls.image(sheet, x, y, side, side)
    left, rest = x + side + sheet.letter * 0.7, width - side - sheet.letter
    priced = rest > sheet.letter * 9 and sheet.chance(0.4)
    inner = rest * (0.65 if priced else 1)
    height = controls.label(sheet, left, y, inner)
    height += (controls.paragraph if sheet.chance(0.4) else controls.label)(sheet, left, y + height, inner)
    if priced:
        with sheet.element("Label"):
            sheet.text(x + width - rest * 0.25, y + sheet.letter * 0.5, figure_of(sheet.rng), sheet.letter, x + width)
    return max(side, height)


def setting(sheet: Sheet, x: float, y: float, width: float) -> float:
    part = width * 0.6
    controls.label(sheet, x, y, part - sheet.letter)
    one = sheet.rng.choice((controls.toggle, controls.toggle, controls.slider))
    return max(one(sheet, x + part, y, width - part), sheet.letter * 1.4)


def facts(sheet: Sheet, x: float, y: float, width: float) -> float:
    """A row of words and figures, as in a bill."""
    count = max(1, min(sheet.rng.randint(2, 3), int(width / (sheet.letter * 5))))
    return in_a_row(sheet, controls.label, count, x, y, width)


def navigation(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    count = max(2, min(rng.randint(3, 6), int(width / (letter * 5))))
    step = width / count
    height = letter * rng.uniform(1.8, 2.6)
    boxed, signs, parted = sheet.chance(0.7), sheet.chance(0.2), sheet.chance(0.4)
    with sheet.element("Navigation"):
        if boxed:
            sheet.rectangle((x, y, x + width, y + height))
        for number in range(count):
            left = x + number * step
            if signs:
                icon(sheet, left + step / 2 - letter * 0.6, y + (height - letter * 1.2) / 2, letter * 1.2)
            else:
                sheet.text(
                    left + letter * 0.6,
                    y + (height - letter) / 2,
                    text_of(rng, sheet.script, 1, 1),
                    letter,
                    left + step,
                )
            if parted and boxed and number:
                sheet.line(left, y, left, y + height)
    return height


def bar(sheet: Sheet, x: float, y: float, width: float) -> float:
    """The top of a phone's screen: a sign, a title, another sign."""
    side = sheet.letter * sheet.rng.uniform(1.1, 1.7)
    icon(sheet, x, y, side)
    written(sheet, "Heading", x + side * 2, y, width - side * 4, 1.2)
    return icon(sheet, x + width - side, y, side)


def icons(sheet: Sheet, x: float, y: float, width: float) -> float:
    side = sheet.letter * sheet.rng.uniform(1.2, 2.2)
    count = max(1, min(sheet.rng.randint(2, 6), int(width / (side * 1.8))))
    return max(icon(sheet, x + number * width / count, y, side) for number in range(count))


def search(sheet: Sheet, x: float, y: float, width: float) -> float:
    rest = min(width * 0.4, sheet.letter * 6)
    height = controls.textbox(sheet, x, y, width - rest)
    if sheet.chance(0.5):
        return max(height, controls.button(sheet, x + width - rest + sheet.letter * 0.5, y, rest - sheet.letter * 0.5))
    return max(height, icon(sheet, x + width - rest + sheet.letter * 0.5, y, sheet.letter * 1.4))


def table(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, letter = sheet.rng, sheet.letter
    columns = max(2, min(rng.randint(2, 5), int(width / (letter * 4))))
    rows, step, row = rng.randint(2, 5), width / columns, letter * rng.uniform(1.8, 2.5)
    filled = rng.choice((0.0, 0.6, 1.0))
    with sheet.element("Table"):
        sheet.rectangle((x, y, x + width, y + rows * row))
        for number in range(1, rows):
            sheet.line(x, y + number * row, x + width, y + number * row)
        for number in range(1, columns):
            sheet.line(x + number * step, y, x + number * step, y + rows * row)
        for cell in range(rows * columns):
            if sheet.chance(filled):
                left, top = x + cell % columns * step, y + cell // columns * row
                words = figure_of(rng) if cell >= columns and sheet.chance(0.5) else text_of(rng, sheet.script, 1, 1)
                sheet.text(left + letter * 0.4, top + (row - letter) / 2, words, letter, left + step)
    return rows * row


def card(sheet: Sheet, x: float, y: float, width: float) -> float:
    rng, pad = sheet.rng, sheet.letter * 0.8
    with sheet.element("Card"):
        height = pad
        for one in rng.choices(
            (controls.heading, controls.label, controls.paragraph, item, controls.button, tile), k=rng.randint(1, 3)
        ):
            height += one(sheet, x + pad, y + height, width - 2 * pad) + pad * 0.7
        _frame(sheet, (x, y, x + width, y + height))
    return height


def _frame(sheet: Sheet, box: strokes.Box) -> None:
    """Around what belongs together: whole, rounded, or with a side that was left open or hidden."""
    rng, (left, top, right, bottom) = sheet.rng, box
    if sheet.chance(0.75):
        sheet.rectangle(box, rng.uniform(0.03, 0.12) if sheet.chance(0.4) else None)
        return
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    missing = rng.randrange(4)
    for number, (start, end) in enumerate(zip(corners, corners[1:] + corners[:1], strict=True)):
        if number != missing:
            sheet.line(*start, *end)


def cards(sheet: Sheet, x: float, y: float, width: float) -> float:
    count = max(1, min(sheet.rng.randint(1, 3), int(width / (sheet.letter * 9))))
    return in_a_row(sheet, card, count, x, y, width)


def annotate(sheet: Sheet) -> None:
    """Someone's remark in another pen: a ring round an element, an arrow, a note."""
    if not sheet.marks:
        return
    rng, pad = sheet.rng, sheet.letter * 0.5
    left, top, right, bottom = rng.choice(sheet.marks).box
    with sheet.element("Annotation"):
        way = rng.choice(("ring", "arrow", "note", "both"))
        if way in ("ring", "both"):
            ring = strokes.ellipse(rng, sheet.hand, (left - pad, top - pad, right + pad, bottom + pad))
            sheet.draw(ring, noted=True)
        if way in ("arrow", "both"):
            tip, back = np.array([right + pad, top]), np.array([right + sheet.letter * 4, top - sheet.letter * 2])
            ends = [tip + np.array(barb) * sheet.letter for barb in ((0.9, 0.0), (0.4, -0.8))]
            shaft = strokes.line(rng, sheet.hand, (float(back[0]), float(back[1])), (float(tip[0]), float(tip[1])))
            sheet.draw(shaft, np.stack([ends[0], tip, ends[1]]), noted=True)
        if way == "note":
            sheet.text(left, bottom + pad, text_of(rng, sheet.script), sheet.letter, sheet.width, noted=True)
