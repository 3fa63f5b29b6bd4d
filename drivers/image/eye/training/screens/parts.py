"""The pieces that generated pages are put together from, as HTML."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from drivers.image.eye.training.pages.words import action_of, figure_of, text_of
from drivers.image.eye.training.screens.pictures import SIGNS, chart, photograph, sign

LINES = ("text", "email", "password", "search", "tel", "number", "date", "url")


@dataclass
class Maker:
    """Makes pieces out of one page's chance. `phone`: the page is narrow; `plain`: it has no style of its own."""

    rng: random.Random
    script: str
    phone: bool
    plain: bool

    def __post_init__(self) -> None:
        self._ids = count(1)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def many(self, make: Callable[[], str], fewest: int, most: int) -> str:
        return "".join(make() for _ in range(self.rng.randint(fewest, most)))

    def words(self, fewest: int = 1, most: int = 3) -> str:
        return text_of(self.rng, self.script, fewest, most)

    def sentence(self) -> str:
        text = self.words(5, 14).lower().rstrip(":?")
        return text[:1].upper() + text[1:] + "."

    def sentences(self, fewest: int = 1, most: int = 4) -> str:
        return " ".join(self.sentence() for _ in range(self.rng.randint(fewest, most)))

    def sign(self, side: int = 0, path: str = "") -> str:
        return sign(self.rng, side or self.rng.choice((14, 16, 18, 20, 24)), path)

    def link(self, words: str = "") -> str:
        return f'<a href="#">{words or self.words(1, 2)}</a> '

    def button(self, classes: str = "") -> str:
        rng, words = self.rng, action_of(self.rng, self.script)
        classes = f"{rng.choice(('main', 'main', 'second'))} {classes}"
        drawn = self.sign(16) if self.chance(0.2) else ""
        if self.plain and self.chance(0.3):
            return f'<input type="{rng.choice(("submit", "button", "reset"))}" value="{words}"> '
        if self.chance(0.25) and not self.plain:
            return f'<a class="btn {classes}" href="#">{drawn}{words}</a>'
        return f'<button class="{classes}">{drawn}{words}</button>'

    def sign_button(self) -> str:
        look = self.rng.choice(("", "", "", " second", " main round"))
        return f'<button class="sign{look}" aria-label="sign">{self.sign()}</button>'

    def buttons(self) -> str:
        return f'<div class="row">{self.many(self.button, 1, 3)}</div>'

    def picture(self, width: int, height: int, style: str = "") -> str:
        source = photograph(self.rng, width, height)
        return f'<img src="{source}" width="{width}" height="{height}" alt="" style="{style}">'

    def wide_picture(self, ratio: float = 0.0) -> str:
        high = round(400 * (ratio or self.rng.choice((0.4, 0.56, 0.66, 0.75, 1.0))))
        source = photograph(self.rng, 400, high)
        return f'<img class="wide" src="{source}" alt="" style="aspect-ratio:400/{high};object-fit:cover;height:auto">'

    def face(self, side: int = 0) -> str:
        side = side or self.rng.choice((32, 40, 48, 64))
        return self.picture(side, side, self.rng.choice(("border-radius:50%", "border-radius:50%", "")) + ";flex:none")

    def video(self) -> str:
        high = self.rng.choice((180, 220, 280, 340))
        if self.chance(0.3):
            return f'<video controls style="height:{high}px;width:100%"></video>'
        play = '<svg width="56" height="56" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" fill="#000a"/>' \
               '<path d="M9 7l9 5-9 5z" fill="#fff"/></svg>'  # fmt: skip
        ground = (
            f"background:center/cover url(&quot;{photograph(self.rng, 400, 225)}&quot;)" if self.chance(0.6) else ""
        )
        return f'<div class="video" role="img" aria-label="Video" style="height:{high}px;{ground}">{play}</div>'

    def chart(self) -> str:
        return chart(self.rng, self.rng.choice((120, 160, 200, 260)))

    def text_input(self) -> str:
        words = self.words(1, 2)
        said = self.rng.choice((f'placeholder="{words}"', f'value="{words}"', ""))
        return f'<input class="text" type="{self.rng.choice(LINES)}" {said}>'

    def select(self) -> str:
        options = self.many(lambda: f"<option>{self.words(1, 2)}</option>", 2, 5)
        if self.chance(0.12) and not self.plain:
            held = f'<span>{self.words(1, 2)}</span><span class="push">{self.sign(16, SIGNS[8])}</span>'
            return f'<div class="text row" role="combobox" tabindex="0">{held}</div>'
        return f"<select>{options}</select>"

    def area(self) -> str:
        words = self.rng.choice(("", self.sentence()))
        return f'<textarea class="text" rows="{self.rng.randint(3, 6)}" placeholder="{words}"></textarea>'

    def slider(self) -> str:
        return f'<input type="range" value="{self.rng.randint(0, 100)}">'

    def switch(self) -> str:
        on = self.rng.choice((" on", ""))
        return f'<button class="switch{on}" role="switch" aria-checked="{bool(on)}"><i></i></button>'

    def tick(self, kind: str) -> str:
        number, checked = f"c{next(self._ids)}", self.rng.choice(("checked", ""))
        if self.chance(0.5):
            return f'<label class="tick"><input type="{kind}" {checked}><span>{self.words(1, 4)}</span></label>'
        box = f'<input type="{kind}" id="{number}" {checked}>'
        return f'<div class="tick">{box} <label for="{number}">{self.words(1, 4)}</label></div>'

    def ticks(self) -> str:
        kind = self.rng.choice(("checkbox", "radio"))
        row = ' class="row"' if self.chance(0.3) else ""
        return f"<div{row}>{self.many(lambda: self.tick(kind), 2, 5)}</div>"

    def field(self) -> str:
        make = self.rng.choices((self.text_input, self.select, self.area, self.slider), (60, 22, 10, 8))[0]
        caption = f'<label class="cap">{self.words(1, 2)}</label>'
        if self.chance(0.1):
            caption = ""
        hint = f"<small>{self.words(3, 6)}</small>" if self.chance(0.15) else ""
        return f'<div class="field">{caption}{make()}{hint}</div>'

    def fields(self, fewest: int = 2, most: int = 5) -> str:
        if self.chance(0.3) and not self.phone:
            return f'<div class="grid" style="--cell:240px">{self.many(self.field, 2, 6)}</div>'
        return self.many(self.field, fewest, most)

    def search(self) -> str:
        if self.chance(0.5):
            return f'<div class="row" style="flex-wrap:nowrap">{self.text_input()}{self.button()}</div>'
        box = (
            '<input type="search" placeholder="'
            + self.words(1, 2)
            + '" style="border:0;background:none;flex:1;min-width:0">'
        )
        return f'<div class="text row" style="flex-wrap:nowrap">{self.sign(16, SIGNS[1])}{box}</div>'

    def setting(self) -> str:
        told = f"<div>{self.words(1, 3)}</div>" + (
            f'<div class="faint">{self.words(3, 8)}</div>' if self.chance(0.5) else ""
        )
        end = self.rng.choice((self.switch, self.switch, self.switch, self.sign_button, self.button))()
        lead = self.sign(20) if self.chance(0.25) else ""
        return f'<div class="row apart" style="flex-wrap:nowrap">{lead}<div style="flex:1">{told}</div>{end}</div>'

    def divider(self) -> str:
        return self.rng.choice(("<hr>", "<hr>", '<div class="line"></div>'))

    def heading(self, level: int = 2) -> str:
        return f"<h{level}>{self.words(1, 4)}</h{level}>"

    def paragraph(self) -> str:
        text = self.sentences(1, 5)
        if self.chance(0.25):
            text += f" {self.link()} {self.sentence()}"
        return f"<p>{text}</p>"

    def table(self, rows: int = 0) -> str:
        columns = self.rng.randint(2, 3 if self.phone else 6)
        head = "".join(f"<th>{self.words(1, 1)}</th>" for _ in range(columns))
        cells = (
            "".join(f"<td>{self.cell()}</td>" for _ in range(columns)) for _ in range(rows or self.rng.randint(2, 9))
        )
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        border = ' border="1"' if self.plain and self.chance(0.6) else ""
        rows_of = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        return f'<div style="overflow-x:auto"><table{border}>{rows_of}</table></div>'

    def cell(self) -> str:
        return self.rng.choice((self.words(1, 2), figure_of(self.rng), self.words(1, 1)))

    def bullets(self) -> str:
        tag = self.rng.choice(("ul", "ol"))
        return f"<{tag}>{self.many(self.bullet, 2, 6)}</{tag}>"

    def bullet(self) -> str:
        return f"<li>{self.rng.choice((self.words(2, 6), self.link(), self.sentences(1, 2)))}</li>"

    def code(self) -> str:
        lines = (self.code_line() for _ in range(self.rng.randint(2, 8)))
        return "<pre>" + "\n".join(lines) + "</pre>"

    def code_line(self) -> str:
        target, called, given = (self.words(1, 1).lower().strip(":?") for _ in range(3))
        return f"{' ' * self.rng.choice((0, 0, 4, 8))}{target} = {called}({given}, {self.rng.randint(0, 99)})"

    def card(self, inner: str, style: str = "") -> str:
        return f'<div class="card" style="{style}">{inner}</div>'

    def bare_card(self, picture: str, inner: str) -> str:
        return f'<div class="card bare">{picture}<div class="in">{inner}</div></div>'

    def product(self) -> str:
        end = self.button() if self.chance(0.5) else self.sign_button() if self.chance(0.3) else ""
        told = f'<div>{self.words(1, 3)}</div><div class="row apart"><b>{figure_of(self.rng)}</b>{end}</div>'
        picture = self.wide_picture(self.rng.choice((0.75, 1.0)))
        return self.bare_card(picture, told) if self.chance(0.7) else f"<div>{picture}{told}</div>"

    def teaser(self) -> str:
        told = (
            self.heading(3)
            + self.rng.choice((self.paragraph(), f"<p>{self.words(3, 6)}</p>"))
            + self.rng.choice(("", self.link()))
        )
        lead = self.rng.choice((self.wide_picture, self.wide_picture, lambda: "", self.video))()
        return self.bare_card(lead, told) if self.chance(0.6) else f"<div>{lead}{told}</div>"

    def item(self) -> str:
        lead = self.rng.choice((self.face, self.face, self.sign, lambda: ""))()
        told = f'<div style="flex:1"><div>{self.words(1, 3)}</div><div class="faint">{self.words(2, 7)}</div></div>'
        ends = (lambda: "", lambda: f"<span>{figure_of(self.rng)}</span>", self.sign_button, self.tag)
        return f'<div class="row" style="flex-wrap:nowrap">{lead}{told}{self.rng.choice(ends)()}</div>'

    def tag(self) -> str:
        return f'<span class="tag">{self.words(1, 1)}</span>'

    def figure(self) -> str:
        return self.card(f'<div class="faint">{self.words(1, 2)}</div><div class="figure">{figure_of(self.rng)}</div>')
