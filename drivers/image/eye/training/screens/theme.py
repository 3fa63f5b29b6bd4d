"""How a generated page is dressed: the palette, the letters and the manner of a well-known family of designs."""

from __future__ import annotations

import random
from dataclasses import dataclass

MANNERS = ("bootstrap", "material", "flat", "soft", "stark", "plain")
_FONTS = (
    "sans-serif", "sans-serif", "sans-serif", "Liberation Sans", "DejaVu Sans", "Liberation Sans Narrow", "serif",
    "DejaVu Serif", "monospace", "system-ui",
)  # fmt: skip


@dataclass(frozen=True)
class Theme:
    manner: str
    css: str


def theme_of(rng: random.Random) -> Theme:
    manner = rng.choices(MANNERS, (28, 22, 18, 16, 8, 8))[0]
    if manner == "plain":
        return Theme(manner, _plain(rng))
    colours, measures = _palette(rng), _measures(rng, manner)
    told = "".join(f"--{name}:{value};" for name, value in (colours | measures).items())
    return Theme(manner, f":root{{{told}}}{_BASE}{_MANNERS[manner]}{_whims(rng)}")


def _plain(rng: random.Random) -> str:
    """A browser's own look, with hardly a rule."""
    width, size = rng.choice((600, 800, 1000, 1600)), rng.choice((13, 16, 16, 18))
    return (
        f"body{{max-width:{width}px;font:{size}px {rng.choice(_FONTS)};padding:0 8px}}img{{max-width:100%}}"
        ".row{display:flex;gap:8px;flex-wrap:wrap}.grid{display:grid;gap:12px;grid-template-columns:"
        "repeat(auto-fill,minmax(160px,1fr))}.two{display:flex;gap:16px}.two>*{flex:1;min-width:0}"
        ".switch{width:38px;height:20px;padding:0;border-radius:10px;border:1px solid #555;background:#ddd;display:"
        "inline-block}.switch i{display:block;width:16px;height:16px;border-radius:50%;background:#333;margin-left:1px}"
        ".video{position:relative;background:#222;color:#fff;display:grid;place-items:center}"
        "nav.down a{display:block}.tick{display:block;margin:4px 0}.line{height:1px;background:#999}"
        ".wide,img.wide{width:100%}"
    )


def _palette(rng: random.Random) -> dict[str, str]:
    hue, tint, dark = rng.randint(0, 359), rng.randint(0, 20), rng.random() < 0.28
    accent = f"hsl({rng.randint(0, 359)} {rng.randint(45, 95)}% {rng.randint(32, 55)}%)"
    if rng.random() < 0.1:
        accent = "#eee" if dark else "#111"
    if dark:
        ground = rng.randint(4, 16)
        lights = {"back": ground, "card": ground + rng.choice((3, 5, 8)), "edge": ground + rng.randint(12, 22)}
        inks = {"ink": rng.randint(86, 98), "faint": rng.randint(58, 72), "field": ground + rng.choice((0, 4, 8))}
    else:
        lights = {"back": rng.choice((100, 100, 98, 96, 94)), "card": 100, "edge": rng.randint(76, 91)}
        inks = {"ink": rng.randint(4, 24), "faint": rng.randint(34, 52), "field": rng.choice((100, 100, 97, 93))}
    shades = {name: f"hsl({hue} {tint}% {light}%)" for name, light in (lights | inks).items()}
    return shades | {"accent": accent, "on": "#111" if accent == "#eee" else "#fff"}


def _measures(rng: random.Random, manner: str) -> dict[str, str]:
    size = rng.choice((13, 14, 14, 15, 16, 16, 16, 17, 18))
    round_ = {"stark": 0, "material": rng.choice((4, 8, 20)), "soft": rng.choice((12, 16, 24))}
    gap = size * rng.choice((0.6, 0.8, 1.0, 1.0, 1.3, 1.8))
    return {
        "size": f"{size}px", "gap": f"{gap:.0f}px", "pad": f"{gap * rng.uniform(0.7, 1.5):.0f}px",
        "round": f"{round_.get(manner, rng.choice((0, 3, 4, 6, 8, 10)))}px", "tall": f"{rng.uniform(0.3, 0.75):.2f}em",
        "font": rng.choice(_FONTS), "head": rng.choice((*_FONTS, "inherit", "inherit")),
        "lead": f"{rng.choice((1.3, 1.45, 1.5, 1.5, 1.6, 1.8))}", "strong": str(rng.choice((400, 600, 700, 700, 800))),
    }  # fmt: skip


_BASE = """
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:var(--size)/var(--lead) var(--font)}
h1,h2,h3,h4{font-family:var(--head);font-weight:var(--strong);line-height:1.2;margin:.6em 0 .4em}p{margin:0 0 .8em}
a{color:var(--accent)}img{max-width:100%;display:block}.faint,small,figcaption{color:var(--faint);font-size:.88em}
main,.body{padding:var(--pad);max-width:1180px;margin:0 auto}.row{display:flex;gap:var(--gap);align-items:center;
flex-wrap:wrap}.apart{justify-content:space-between}.two{display:flex;gap:calc(var(--gap)*2);align-items:flex-start}
.two>*{flex:1;min-width:0}.two>.side{flex:0 0 230px}.grid{display:grid;gap:var(--gap);grid-template-columns:
repeat(auto-fill,minmax(var(--cell,200px),1fr))}.stack>*+*{margin-top:var(--gap)}.card{background:var(--card);
border-radius:var(--round);padding:var(--pad)}.card.bare{padding:0;overflow:hidden}.card.bare>.in{padding:var(--pad)}
.narrow{max-width:430px;margin:5vh auto}label.cap{display:block;margin-bottom:.3em;font-size:.92em}
input,select,textarea,button{font:inherit;color:inherit}.field{margin-bottom:var(--gap)}
.text,select,textarea{width:100%;padding:var(--tall) .7em;background:var(--field);border:1px solid var(--edge);
border-radius:min(var(--round),12px)}button,.btn{display:inline-flex;gap:.4em;align-items:center;justify-content:center;
padding:var(--tall) 1em;border:1px solid transparent;border-radius:var(--round);background:transparent;cursor:pointer;
text-decoration:none;white-space:nowrap}.main{background:var(--accent);color:var(--on)}.second{border-color:var(--edge);
background:var(--card)}.block{width:100%}.sign{padding:.35em;border:0;line-height:0}
.bar{display:flex;gap:var(--gap);align-items:center;padding:.6em var(--pad);background:var(--card)}
.bar nav{display:flex;gap:1.3em;flex-wrap:wrap}.bar.strong{background:var(--accent);color:var(--on)}
.bar.strong a{color:inherit}
.push{margin-left:auto}nav a{text-decoration:none}nav.down a{display:block;padding:.45em .6em}
nav.down{padding:.4em}nav .now{background:var(--accent);color:var(--on);border-radius:var(--round)}
nav.foot{position:fixed;left:0;right:0;bottom:0;display:flex;justify-content:space-around;background:var(--card);
border-top:1px solid var(--edge);padding:.5em;font-size:.75em;text-align:center}nav.foot svg{display:block;margin:auto}
.tick{display:flex;gap:.5em;align-items:center;margin:.45em 0}.tick input{accent-color:var(--accent);margin:0;
width:1.05em;height:1.05em;flex:none}input[type=range]{width:100%;accent-color:var(--accent)}
.switch{width:2.6em;height:1.45em;padding:2px;border-radius:2em;background:var(--edge);border:0;display:inline-flex;
flex:none;justify-content:flex-start}.switch i{width:1.2em;height:1.2em;border-radius:50%;background:#fff}
.switch.on{background:var(--accent);justify-content:flex-end}
.line{height:1px;background:var(--edge);margin:var(--gap) 0}
hr{border:0;border-top:1px solid var(--edge);margin:var(--gap) 0}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.5em .7em;border-bottom:1px solid var(--edge)}
.video{position:relative;display:grid;place-items:center;background:#15171c;color:#fff;border-radius:var(--round)}
video{width:100%;background:#000;display:block}.round{border-radius:50%}.wide{width:100%}.hero{padding:6vh var(--pad)}
.hero h1{font-size:clamp(1.8em,5vw,3.4em)}.tag{display:inline-block;font-size:.78em;padding:.1em .6em;border-radius:1em;
background:var(--edge)}pre{background:var(--field);padding:var(--pad);border-radius:var(--round);overflow:auto;
border:1px solid var(--edge);line-height:1.4}code,pre{font-family:monospace;font-size:.9em}.say{max-width:75%;
width:fit-content;padding:.55em .9em;border-radius:1.1em;background:var(--card);border:1px solid var(--edge)}
.say.mine{margin-left:auto;background:var(--accent);color:var(--on)}.list>.line,.list>hr{margin:.7em 0}
.figure{font-size:1.7em;font-weight:700}.veil{position:fixed;inset:0;background:#0008;display:grid;
place-items:center}.veil .card{width:min(92vw,460px)}ul{padding-left:1.3em}.pill{border-radius:99px!important}
"""
_MANNERS = {
    "bootstrap": ".card{border:1px solid var(--edge)}.bar{border-bottom:1px solid var(--edge)}"
    "tbody tr:nth-child(odd){background:var(--field)}",
    "material": ".card{box-shadow:0 1px 4px #0005}.bar{box-shadow:0 2px 4px #0004}.text,textarea{border-width:0 0 1px;"
    "border-radius:4px 4px 0 0;background:var(--field)}.main{box-shadow:0 1px 3px #0006}.main,.second{"
    "text-transform:uppercase;font-size:.9em;letter-spacing:.05em}.switch{height:1em;padding:0;align-items:center;"
    "margin:.3em 0}.switch i{box-shadow:0 1px 3px #0008}",
    "flat": ".card{background:var(--field);border:1px solid transparent}.second{background:var(--edge)}",
    "soft": ".card{box-shadow:0 8px 28px #0002;border:1px solid var(--edge)}.main,.second{border-radius:99px}",
    "stark": ".card,.text,select,textarea,.main,.second{border:2px solid var(--ink)}.card{box-shadow:5px 5px 0"
    " var(--ink)}.bar{border-bottom:2px solid var(--ink)}h1,h2,h3{text-transform:uppercase}",
}  # fmt: skip


def _whims(rng: random.Random) -> str:
    rules = (
        ".text,select{border-radius:99px}",
        "select{appearance:none;background-image:linear-gradient(45deg,transparent 50%,currentColor 50%),"
        "linear-gradient(135deg,currentColor 50%,transparent 50%);background-size:5px 5px;background-repeat:no-repeat;"
        "background-position:calc(100% - 16px) 50%,calc(100% - 11px) 50%}",
        "a{text-decoration:none}",
        ".tick input{appearance:none;border:2px solid var(--accent);border-radius:3px}.tick input[type=radio]{"
        "border-radius:50%}.tick input:checked{background:var(--accent)}",
        "input[type=range]{appearance:none;height:4px;border-radius:2px;background:var(--edge)}"
        "input[type=range]::-webkit-slider-thumb{appearance:none;width:16px;height:16px;border-radius:50%;"
        "background:var(--accent)}input[type=range]{margin:8px 0}",
        "body{text-align:center}main .card{text-align:left}",
        "th{background:var(--field)}td,th{border:1px solid var(--edge)}",
        "label.cap{font-weight:700}",
        "label.cap{text-transform:uppercase;font-size:.75em;letter-spacing:.06em;color:var(--faint)}",
        "main{max-width:none}",
        "main{max-width:760px}",
    )
    return "".join(rule for rule in rules if rng.random() < 0.2)
