"""One real-looking page for every seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from drivers.image.eye.training.pages.words import figure_of
from drivers.image.eye.training.screens.parts import Maker
from drivers.image.eye.training.screens.pictures import SIGNS
from drivers.image.eye.training.screens.theme import theme_of

_PHONES = ((360, 640), (360, 740), (375, 667), (390, 844), (412, 892))
_TABLETS = ((600, 960), (768, 1024), (820, 1180), (1024, 768))
_DESKS = ((1024, 768), (1280, 720), (1280, 900), (1366, 768), (1440, 900), (1600, 900), (1100, 1100), (960, 600))


@dataclass(frozen=True)
class View:
    """The window through which a page is seen. `scrolled` is the share of what lies below that was passed."""

    width: int
    height: int
    scrolled: float


def view_of(seed: int) -> View:
    rng = random.Random(f"view {seed}")
    width, height = rng.choice(rng.choices((_PHONES, _TABLETS, _DESKS), (40, 15, 45))[0])
    return View(width, height, rng.random() if rng.random() < 0.35 else 0.0)


def html_of(seed: int) -> str:
    """The same page for the same seed, made for its view; it needs nothing from outside."""
    rng = random.Random(f"page {seed}")
    theme, phone = theme_of(rng), view_of(seed).width < 600
    maker = Maker(rng, rng.choices(("latin", "cyrillic"), (88, 12))[0], phone, theme.manner == "plain")
    inner = rng.choice(KINDS)(maker)
    return (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{seed}</title><style>{theme.css}</style></head><body>{inner}</body></html>"
    )


def bar(maker: Maker) -> str:
    """What most pages begin with: a name, where one can go, and signs."""
    strong = " strong" if maker.chance(0.35) else ""
    name = f"<b>{maker.words(1, 1)}</b>" if maker.chance(0.7) else maker.sign(28)
    if maker.phone:
        lead = f'<button class="sign" aria-label="menu">{maker.sign(24, SIGNS[0])}</button>'
        ends = maker.many(maker.sign_button, 0, 2)
        return f'<header class="bar{strong}">{lead}{name}<span class="push"></span>{ends}</header>'
    links = maker.many(maker.link, 3, 7)
    ends = maker.rng.choice((maker.button, maker.search, maker.sign_button, lambda: maker.face(32), lambda: ""))()
    return f'<header class="bar{strong}">{name}<nav>{links}</nav><div class="push">{ends}</div></header>'


def foot(maker: Maker) -> str:
    """Where one can go, at the bottom of a phone; else a few small links."""
    if maker.phone and maker.chance(0.5):
        links = maker.many(lambda: f'<a href="#">{maker.sign(22)}{maker.words(1, 1)}</a>', 3, 5)
        return f'<nav class="foot">{links}</nav>'
    return f'<footer class="body row faint">{maker.many(maker.link, 2, 5)}<span>{maker.words(1, 3)}</span></footer>'


def framed(maker: Maker, inner: str) -> str:
    top = bar(maker) if maker.chance(0.85) else ""
    return f"{top}<main>{inner}</main>{foot(maker) if maker.chance(0.7) else ''}"


def entry(maker: Maker) -> str:
    """To log in or to sign up."""
    inner = maker.heading(maker.rng.choice((1, 2))) + (f"<p>{maker.words(3, 8)}</p>" if maker.chance(0.5) else "")
    inner += maker.fields(2, 4) + (maker.tick("checkbox") if maker.chance(0.7) else "") + maker.button("block")
    if maker.chance(0.4):
        inner += maker.divider() + f'<div class="stack">{maker.many(lambda: maker.button("block"), 1, 3)}</div>'
    inner += f"<p>{maker.words(2, 4)} {maker.link()}</p>" if maker.chance(0.7) else ""
    form = f"<form>{maker.card(inner) if maker.chance(0.7) else inner}</form>"
    if maker.phone or maker.chance(0.6):
        return (bar(maker) if maker.chance(0.3) else "") + f'<main class="narrow">{form}</main>'
    return f'<div class="two"><div>{maker.wide_picture(1.3)}</div><main>{form}</main></div>'


def settings(maker: Maker) -> str:
    groups = ""
    for _ in range(maker.rng.randint(1, 3)):
        rows = maker.rng.choice(("", maker.divider())).join(maker.setting() for _ in range(maker.rng.randint(2, 6)))
        held = f'<div class="stack">{rows}</div>' + maker.rng.choice(
            ("", maker.ticks(), maker.field(), maker.buttons())
        )
        groups += maker.heading() + (maker.card(held) if maker.chance(0.6) else held)
    return framed(maker, beside(maker, groups))


def beside(maker: Maker, inner: str) -> str:
    """With a list of places at its side where there is room for it."""
    if maker.phone or maker.chance(0.4):
        return inner
    links = maker.many(lambda: f'<a href="#">{maker.words(1, 2)}</a>', 4, 9)
    side = f'<div class="side"><nav class="down">{links}</nav></div>'
    return f'<div class="two">{side}<div>{inner}</div></div>'


def dashboard(maker: Maker) -> str:
    figures = f'<div class="grid" style="--cell:150px">{maker.many(maker.figure, 2, 5)}</div>'
    panels = "".join(
        maker.card(
            maker.heading(3) + maker.rng.choice((maker.chart, maker.chart, lambda: maker.table(4), maker.item))()
        )
        for _ in range(maker.rng.randint(2, 5))
    )
    wide = 260 if maker.phone else maker.rng.choice((260, 340, 420))
    inner = maker.heading(1) + figures + f'<div class="grid" style="--cell:{wide}px;margin-top:1em">{panels}</div>'
    return framed(maker, beside(maker, inner + (maker.table() if maker.chance(0.3) else "")))


def shop(maker: Maker) -> str:
    cell = maker.rng.choice((140, 180, 220, 280))
    top = f'<div class="row apart">{maker.heading(1)}<div style="width:170px">{maker.select()}</div></div>'
    inner = top + f'<div class="grid" style="--cell:{cell}px">{maker.many(maker.product, 4, 14)}</div>'
    if maker.phone or maker.chance(0.4):
        return framed(maker, inner)
    sides = maker.heading(3) + maker.ticks() + maker.heading(3) + maker.slider() + maker.heading(3) + maker.ticks()
    return framed(maker, f'<div class="two"><div class="side">{sides}</div><div>{inner}</div></div>')


def product(maker: Maker) -> str:
    """One thing to buy."""
    told = maker.heading(1) + f'<p class="figure">{figure_of(maker.rng)}</p>' + maker.paragraph()
    told += maker.rng.choice((maker.ticks, maker.field, maker.field))() + maker.buttons()
    small = f'<div class="row">{maker.many(lambda: maker.face(64), 2, 4)}</div>' if maker.chance(0.6) else ""
    two = "" if maker.phone else ' class="two"'
    below = maker.divider() + maker.heading() + maker.rng.choice((maker.paragraph, maker.table, maker.video))()
    return framed(maker, f"<div{two}><div>{maker.wide_picture()}{small}</div><div>{told}</div></div>{below}")


def article(maker: Maker) -> str:
    by = f'<div class="row">{maker.face(40)}<span>{maker.words(2, 3)}</span><small>{maker.words(1, 2)}</small></div>'
    pieces = (maker.paragraph, maker.paragraph, maker.paragraph, maker.heading, maker.wide_picture, maker.bullets,
              maker.video, maker.divider)  # fmt: skip
    inner = maker.heading(1) + (by if maker.chance(0.6) else "")
    inner += "".join(maker.rng.choice(pieces)() for _ in range(maker.rng.randint(4, 10)))
    return framed(
        maker, f'<article style="max-width:{maker.rng.choice((620, 720, 900))}px;margin:auto">{inner}</article>'
    )


def manual(maker: Maker) -> str:
    """A page of documentation."""
    pieces = (maker.paragraph, maker.paragraph, maker.code, maker.code, maker.bullets, maker.heading, maker.table)
    inner = maker.heading(1) + maker.paragraph()
    inner += "".join(maker.rng.choice(pieces)() for _ in range(maker.rng.randint(4, 9)))
    return framed(maker, beside(maker, inner))


def records(maker: Maker) -> str:
    """A list to administer: filters, a table, and where to go on."""
    top = f'<div class="row">{maker.search()}{maker.select()}{maker.button()}</div>'
    if maker.plain or not maker.phone:
        top = (
            f'<div class="grid" style="--cell:180px">{maker.search()}{maker.select()}<div>{maker.button()}</div></div>'
        )
    pager = f'<nav class="row">{"".join(maker.link(str(n)) for n in range(1, maker.rng.randint(3, 8)))}</nav>'
    inner = maker.heading(1) + top + "<br>" + maker.table(maker.rng.randint(4, 14)) + "<br>"
    return framed(maker, beside(maker, inner + maker.rng.choice((pager, maker.buttons()))))


def chat(maker: Maker) -> str:
    def said() -> str:
        mine = " mine" if maker.chance(0.45) else ""
        text = maker.rng.choice((maker.words(1, 4), maker.sentence(), maker.sentences(2, 3)))
        words = f'<div class="say{mine}">{text}</div>'
        return (
            words
            if mine or maker.chance(0.4)
            else f'<div class="row" style="flex-wrap:nowrap">{maker.face(32)}{words}</div>'
        )

    talk = f'<div class="stack">{maker.many(said, 4, 11)}</div>'
    write = f'<div class="row" style="flex-wrap:nowrap;margin-top:1em">{maker.text_input()}{maker.sign_button()}</div>'
    if maker.phone or maker.chance(0.3):
        return framed(maker, talk + write)
    people = f'<div class="side stack">{maker.many(maker.item, 3, 8)}</div>'
    return framed(maker, f'<div class="two">{people}<div>{talk}{write}</div></div>')


def landing(maker: Maker) -> str:
    hero = maker.heading(1) + maker.paragraph() + maker.buttons()
    shown = maker.rng.choice((maker.wide_picture, maker.wide_picture, maker.video, maker.chart))()
    two = "body" if maker.phone else "two body"
    top = f'<section class="hero"><div class="{two}"><div>{hero}</div><div>{shown}</div></div></section>'
    features = "".join(maker.card(maker.sign(32) + maker.heading(3) + maker.paragraph()) for _ in range(3))
    below = maker.rng.choice((features, maker.many(maker.teaser, 2, 6)))
    cell = maker.rng.choice((220, 280))
    return bar(maker) + top + f'<main><div class="grid" style="--cell:{cell}px">{below}</div></main>' + foot(maker)


def checkout(maker: Maker) -> str:
    form = maker.heading() + maker.fields(3, 6) + maker.heading(3) + maker.ticks() + maker.button("block")
    lines = "".join(
        f'<div class="row apart"><span>{maker.words(1, 2)}</span><span>{figure_of(maker.rng)}</span></div>'
        for _ in range(maker.rng.randint(2, 6))
    )
    bill = maker.card(
        maker.heading(3) + maker.many(maker.item, 0, 3) + maker.divider() + lines + maker.divider() + lines[:0]
    )
    two = "" if maker.phone else ' class="two"'
    return framed(maker, f"<div{two}><form>{form}</form><div>{bill}</div></div>")


def results(maker: Maker) -> str:
    """What a search found."""

    def found() -> str:
        lead = f"<div>{maker.picture(120, 90)}</div>" if maker.chance(0.3) else ""
        told = (
            f'<h3>{maker.link(maker.words(2, 5))}</h3><div class="faint">{maker.words(1, 3)}</div>{maker.paragraph()}'
        )
        return f'<div class="row" style="flex-wrap:nowrap;align-items:start">{lead}<div>{told}</div></div>'

    top = maker.search() + f'<p class="faint">{maker.words(2, 4)}</p>'
    return framed(maker, beside(maker, top + f'<div class="stack">{maker.many(found, 3, 8)}</div>'))


def items(maker: Maker) -> str:
    """A list, as phones are full of."""
    rows, between = [maker.item() for _ in range(maker.rng.randint(4, 12))], maker.divider()
    ruled, loose = f'<div class="list">{between.join(rows)}</div>', f'<div class="stack">{"".join(rows)}</div>'
    held = ruled if maker.chance(0.5) else loose
    inner = maker.heading(1) + (maker.search() if maker.chance(0.5) else "")
    return framed(maker, inner + (maker.card(held) if maker.chance(0.3) else held))


def form(maker: Maker) -> str:
    """Every kind of field there is, long."""
    pieces = (
        maker.field,
        maker.field,
        maker.ticks,
        maker.area,
        maker.setting,
        maker.slider,
        maker.heading,
        maker.divider,
    )
    inner = "".join(f'<div class="field">{maker.rng.choice(pieces)()}</div>' for _ in range(maker.rng.randint(5, 14)))
    if maker.plain and maker.chance(0.5):
        inner = f"<fieldset><legend>{maker.words(1, 2)}</legend>{inner}</fieldset>"
    held = maker.card(inner + maker.buttons()) if maker.chance(0.4) else inner + maker.buttons()
    return framed(maker, maker.heading(1) + held)


def watch(maker: Maker) -> str:
    """A film with what is said about it."""
    by = f'<div class="row">{maker.face(40)}<b>{maker.words(1, 2)}</b>{maker.button()}{maker.sign_button()}</div>'
    inner = maker.video() + maker.heading(1) + by + maker.paragraph() + maker.area() + maker.buttons()
    inner += f'<div class="stack">{maker.many(maker.item, 1, 5)}</div>'
    if maker.phone or maker.chance(0.3):
        return framed(maker, inner)
    more = maker.many(lambda: maker.rng.choice((maker.item, maker.product))(), 2, 5)
    return framed(maker, f'<div class="two"><div>{inner}</div><div class="side stack">{more}</div></div>')


def panel(maker: Maker) -> str:
    """What is turned, pushed and switched."""

    def one() -> str:
        caption = f'<div class="row apart"><span>{maker.words(1, 2)}</span><small>{figure_of(maker.rng)}</small></div>'
        slid = f"<div>{caption}{maker.slider()}</div>"
        return maker.rng.choice((slid, slid, maker.setting(), maker.ticks(), maker.select()))

    def held() -> str:
        return maker.card(f'{maker.heading(3)}<div class="stack">{maker.many(one, 2, 5)}</div>')

    return framed(maker, f'<div class="grid" style="--cell:280px">{maker.many(held, 1, 4)}</div>{maker.buttons()}')


def asked(maker: Maker) -> str:
    """A question that lies over another page."""
    below = maker.rng.choice((shop, items, dashboard, manual))(maker)
    inner = (
        maker.heading(3) + maker.paragraph() + maker.rng.choice(("", maker.field(), maker.ticks())) + maker.buttons()
    )
    close = f'<button class="sign" style="float:right" aria-label="close">{maker.sign(18, SIGNS[5])}</button>'
    return below if maker.plain else f'{below}<div class="veil"><div class="card">{close}{inner}</div></div>'


KINDS: tuple[Callable[[Maker], str], ...] = (
    *(entry, entry, settings, settings, dashboard, dashboard, shop, product, article, manual, records, records, chat),
    *(landing, landing, checkout, results, items, form, form, asked, watch, panel),
)
