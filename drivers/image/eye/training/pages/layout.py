"""Pages as people compose them: each kind is a choice of blocks, stacked in one column or in several."""

from __future__ import annotations

from drivers.image.eye.training.pages import blocks, controls
from drivers.image.eye.training.pages.blocks import Block
from drivers.image.eye.training.pages.sheet import Sheet

KINDS: dict[str, tuple[tuple[Block, ...], tuple[Block, ...]]] = {
    # What comes at the top (one of them, or nothing), and what follows.
    "form": (
        (controls.heading,),
        (blocks.field, blocks.field, blocks.field, blocks.choices, blocks.buttons, controls.label),
    ),
    "login": (
        (controls.heading, controls.image),
        (blocks.field, controls.textbox, controls.checkbox, controls.button, controls.link),
    ),
    "questions": (
        (controls.heading,),
        (controls.label, blocks.choices, blocks.choices, controls.combobox, controls.textarea, blocks.buttons),
    ),
    "catalogue": (
        (blocks.navigation, blocks.search, controls.heading),
        (blocks.tiles, blocks.tiles, blocks.item, blocks.counted, controls.link),
    ),
    "bill": (
        (controls.heading,),
        (blocks.facts, blocks.facts, blocks.item, blocks.counted, blocks.stepper, controls.divider, blocks.buttons),
    ),
    "article": (
        (controls.heading, blocks.navigation),
        (controls.paragraph, controls.paragraph, controls.image, controls.heading, controls.link, controls.video),
    ),
    "dashboard": (
        (blocks.navigation, controls.heading),
        (controls.chart, blocks.table, blocks.cards, blocks.facts, controls.combobox),
    ),
    "phone": (
        (blocks.bar, controls.image),
        (blocks.item, blocks.item, blocks.cards, blocks.icons, controls.wide_button, controls.image, blocks.stepper),
    ),
    "settings": (
        (controls.heading, blocks.bar),
        (blocks.setting, blocks.setting, blocks.setting, blocks.choices, controls.divider, controls.slider),
    ),
    "tasks": (
        (controls.heading,),
        (controls.checkbox, controls.checkbox, controls.checkbox, blocks.search, controls.label, controls.link),
    ),
    "chat": ((blocks.bar,), (blocks.card, controls.label, blocks.search, blocks.item)),
    "anything": (
        (controls.heading, controls.label),
        (
            blocks.field,
            blocks.choices,
            blocks.buttons,
            blocks.stepper,
            blocks.counted,
            blocks.tiles,
            blocks.item,
            blocks.setting,
            blocks.facts,
            blocks.table,
            blocks.cards,
            blocks.icons,
            blocks.search,
            controls.label,
            controls.heading,
            controls.paragraph,
            controls.link,
            controls.video,
            controls.chart,
            controls.textarea,
            controls.divider,
        ),
    ),
}


def compose(sheet: Sheet) -> None:
    """Fills the sheet with a page of one kind."""
    rng = sheet.rng
    starts, parts = KINDS[rng.choice([*KINDS, "anything", "anything", "form", "bill", "questions", "dashboard"])]
    margin = sheet.letter * rng.uniform(0.8, 2.5)
    x, y, width = margin, margin, sheet.width - 2 * margin
    gap = sheet.letter * rng.uniform(0.5, 1.6)
    if sheet.chance(0.12):
        y += blocks.navigation(sheet, x, y, width) + gap
    if sheet.chance(0.85):
        y += rng.choice(starts)(sheet, x, y, width) + gap
    if sheet.chance(0.2):
        y += controls.divider(sheet, x, y, width) + gap
    bottom = sheet.height - margin
    columns = rng.choice((1, 1, 2, 2, 3)) if width > sheet.letter * 24 else 1
    edges = _edges(sheet, columns, width)
    for left, right in edges:
        _stack(sheet, parts, (x + left, y, x + right, bottom), gap)


def _edges(sheet: Sheet, columns: int, width: float) -> list[tuple[float, float]]:
    shares = [sheet.rng.uniform(0.7, 1.3) for _ in range(columns)]
    edges, left = [], 0.0
    for share in shares:
        right = left + width * share / sum(shares)
        edges.append((left, right - (sheet.letter * 1.2 if columns > 1 else 0)))
        left = right
    return edges


def _stack(sheet: Sheet, parts: tuple[Block, ...], room: tuple[float, float, float, float], gap: float) -> None:
    x, y, right, bottom = room
    likely = sheet.rng.sample(parts, k=min(len(parts), sheet.rng.randint(2, 4)))
    last: Block | None = None
    stop = y + (bottom - y) * sheet.rng.uniform(0.6, 1)
    while y + sheet.letter * 2 < stop:
        shift = sheet.letter * sheet.rng.choice((0, 0, 0, 1, 2))
        block = sheet.rng.choice([one for one in likely if one is not last] or likely)
        last = None if sheet.chance(0.5) and block is not controls.divider else block
        widest = min(right - x, (bottom - y) * 1.3 + sheet.letter * 6)
        y += block(sheet, x + shift, y, widest - shift) + gap * sheet.rng.uniform(0.7, 1.4)
