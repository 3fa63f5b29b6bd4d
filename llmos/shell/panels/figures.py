"""Figures as people read them, and values written out. Whatever comes from outside is made safe here."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text
from textual.content import Content

from llmos.contracts import Json
from llmos.shell.text import clean, one_line

BAR_CELLS = 8
NOTHING = Content("")
MAX_JSON_CHARS = 50_000
DAY_SECONDS = 86_400

_JSON_KEY = re.compile(r'^ *("(?:[^"\\]|\\.)*"):', re.MULTILINE)


def cell(text: str, style: str = "") -> Text:
    """One cell of a table; the text may come from anywhere."""
    return Text(one_line(text, 400), style, no_wrap=True, overflow="ellipsis")


def figure(text: str, style: str = "") -> Text:
    """One cell that holds a figure of our own, at the right."""
    return Text(text, style, justify="right", no_wrap=True)


def count(number: float | None) -> str:
    """`950`, `12.3k`, `4.1M`; a dash for what is not known."""
    if number is None:
        return "-"
    for size, letter in ((1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1_000 if letter == 'k' else size):.1f}{letter}"
    return f"{number:.0f}"


def exact(number: float | None) -> str:
    return "-" if number is None else f"{number:,.0f}"


def bar(part: float | None, whole: float | None, cells: int = BAR_CELLS) -> str:
    """`████░░░░  50%`; nothing where there is nothing to compare."""
    if not whole or part is None:
        return ""
    share = min(1.0, max(0.0, part / whole))
    full = round(share * cells)
    return f"{'█' * full}{'░' * (cells - full)} {share * 100:3.0f}%"


def seconds(number: float) -> str:
    """`0.3 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if number < 10:
        return f"{number:.1f} s"
    if number < 60:
        return f"{number:.0f} s"
    minutes, rest = divmod(round(number), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(num_bytes: float) -> str:
    return decimal(int(num_bytes))


def clock(at: float) -> str:
    """The time of day; the date as well when it was another day."""
    local = time.localtime(at)
    if abs(time.time() - at) < DAY_SECONDS and local.tm_yday == time.localtime().tm_yday:
        return time.strftime("%H:%M:%S", local)
    return time.strftime("%Y-%m-%d %H:%M", local)


def short_clock(at: float) -> str:
    """The time of day, or the day when it was another one; 8 cells at most."""
    told = clock(at)
    return told if len(told) <= 8 else time.strftime("%d %b", time.localtime(at))


def written_json(value: Json) -> Content:
    """A value as indented JSON with its keys in bold, cut where it is without end."""
    text = clean(json.dumps(value, ensure_ascii=False, indent=2), max_chars=MAX_JSON_CHARS)
    content = Content(text)
    for key in _JSON_KEY.finditer(text):
        content = content.stylize("bold", *key.span(1))
    return content


@dataclass(frozen=True)
class Told:
    """The detail of a row: `lead` first, then names and values in two columns, the `arguments` of a call under `call`,
    and then `body`."""

    facts: Sequence[tuple[str, str]] = ()
    body: Content = NOTHING
    lead: Content = NOTHING
    call: Content = NOTHING
    arguments: Json = None

    def table(self) -> Table:
        """What has no value is left out."""
        table = Table.grid(padding=(0, 2))
        for name, value in self.facts:
            if value:
                table.add_row(Text(name, "dim", no_wrap=True), Text(value, overflow="fold"))
        return table


def parts(*pieces: Content | str) -> Content:
    """Paragraphs of a detail, with an empty line between them."""
    return Content("\n\n").join(
        piece if isinstance(piece, Content) else Content(piece) for piece in pieces if str(piece)
    )


def headed(title: str, body: Content | str) -> Content:
    """A part with its heading; nothing where the part is empty."""
    return Content.assemble((title, "bold underline"), "\n", body) if str(body) else Content("")
