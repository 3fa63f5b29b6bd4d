"""Pictures that are made: what is drawn, and what a hostile drawing comes to. Each attack is a line."""

import io

import pytest
from PIL import Image

from drivers.image.drawing.chart import chart
from drivers.image.drawing.make import make
from drivers.image.drawing.plain import svg_of
from drivers.image.drawing.svg import check
from drivers.image.picture import PictureError, decode
from drivers.image.see import ocr

HOUSE = """<svg viewBox='0 0 400 300'><rect width='400' height='300' fill='skyblue'/>
<circle cx='330' cy='60' r='35' fill='gold'/><rect x='120' y='140' width='160' height='120' fill='#cc9966'/>
<text x='200' y='290' text-anchor='middle' font-size='26'>A small house</text></svg>"""


def drawn(svg="", drawing="", side=768):
    _, picture = make(svg or svg_of(drawing), side)
    return Image.open(io.BytesIO(picture.data)).convert("RGB")


def holding(inner, attributes="viewBox='0 0 400 300'"):
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' {attributes}>{inner}</svg>"
    )


def layers(depth):
    """Each layer uses the one below ten times."""
    parts = ["<g id='l0'><rect width='9' height='9'/></g>"]
    for at in range(1, depth):
        uses = f"<use href='#l{at - 1}'/>" * 10
        parts.append(f"<g id='l{at}'>{uses}</g>")
    return holding("".join(parts) + f"<use href='#l{depth - 1}'/>")


ATTACKS = {
    "a script": holding("<script>alert(1)</script>"),
    "a handler": holding("<rect onload='alert(1)' width='9' height='9'/>"),
    "a page inside": holding("<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>"),
    "a file as a picture": holding("<image href='/etc/passwd' width='9' height='9'/>"),
    "a picture from elsewhere": holding("<image href='https://example.com/a.png' width='9' height='9'/>"),
    "a picture in the drawing": holding("<image href='data:image/png;base64,AAAA' width='9' height='9'/>"),
    "a use of another file": holding("<use href='other.svg#a'/>"),
    "a use of another file, in the old way": holding("<use xlink:href='file:///etc/passwd#a'/>"),
    "an entity": "<!DOCTYPE svg [<!ENTITY a 'b'>]>" + holding("<text>&a;</text>"),
    "an entity from a file": "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + holding("<text>&a;</text>"),
    "a billion laughs": "<!DOCTYPE svg [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>" + holding("<text>&b;</text>"),
    "an entity that nobody declared": holding("<text>&nbsp;</text>"),
    "a document type from elsewhere": "<!DOCTYPE svg SYSTEM 'https://example.com/x.dtd'>" + holding(""),
    "a style sheet that is linked": "<?xml-stylesheet href='https://example.com/x.css'?>" + holding(""),
    "a style sheet": holding("<style>@import url(https://example.com/x.css);</style>"),
    "a fill from elsewhere": holding("<rect width='9' height='9' fill='url(https://example.com/a.svg#b)'/>"),
    "a fill from elsewhere, in a style": holding("<rect width='9' height='9' style='fill: url(file:///etc/passwd)'/>"),
    "an escaped address": holding(r"<rect width='9' height='9' style='fill: u\72l(https://example.com)'/>"),
    "an address that is not closed": holding("<rect width='9' height='9' fill='url(#a'/>"),
    "a clip path from elsewhere": holding("<rect width='9' height='9' clip-path='url(../a.svg#b)'/>"),
    "an animation that sets a link": holding("<set attributeName='href' to='https://example.com'/>"),
    "uses of uses": layers(9),
    "a use of itself": holding("<g id='a'><use href='#a'/></g>"),
    "many uses": holding("<rect id='a' width='9' height='9'/>" + "<use href='#a'/>" * 500),
    "uses of much": holding("<g id='a'>" + "<rect width='9' height='9'/>" * 1000 + "</g>" + "<use href='#a'/>" * 100),
    "too many elements": holding("<rect width='9' height='9'/>" * 6000),
    "too deep": holding("<g>" * 60 + "</g>" * 60),
    "too deep in what is left out": holding("<unknown>" * 60 + "</unknown>" * 60),
    "too long": holding(f"<path d='{'M0 0L9 9' * 40_000}'/>"),
    "a huge number": holding("<rect width='1e12' height='9'/>"),
    "a huge line": holding("<line x1='0' x2='9' y2='9' stroke='red' stroke-width='99999999'/>"),
    "a huge view box": holding("", "viewBox='0 0 1e300 1e300'"),
    "an empty view box": holding("", "viewBox='0 0 0 0'"),
    "a mere line": holding("", "viewBox='0 0 100000 1'"),
    "fine dashes": holding("<path d='M0 0H400' stroke='red' stroke-dasharray='0.00001'/>"),
    "half an element": "<svg viewBox='0 0 9 9'><rect",
    "crossed elements": "<svg viewBox='0 0 9 9'><g><rect></g></rect></svg>",
    "no svg": "<html><body>hello</body></html>",
    "no markup": "draw me a house",
    "nothing": "   ",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_hostile_drawing_is_refused_in_one_sentence(attack):
    with pytest.raises(PictureError) as refused:
        drawn(attack)
    assert str(refused.value).endswith(".") and str(refused.value).count(". ") == 0


CHAIN = "<clipPath id='c{0}' clip-path='url(#c{1})'><rect width='400' height='300'/></clipPath>"
TOO_MUCH = {
    "a hundred million dashes": "<path d='M0 0H1000000' stroke='red' stroke-dasharray='1'/>" * 200,
    "a very long text": f"<text y='100' font-size='1'>{'a' * 190_000}</text>",
    "clips of clips": "".join(CHAIN.format(at, at + 1) for at in range(500))
    + "<rect width='400' height='300' clip-path='url(#c0)'/>" * 500,
    "what breaks the renderer": f"<path d='M0 0{'A 1000000 0.0001 45 1 1 400 300' * 3000}' stroke='red'/>",
}


@pytest.mark.parametrize("inner", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_drawing_that_is_too_much_for_the_renderer_ends_only_its_own_process(inner):
    with pytest.raises(PictureError, match="fewer and simpler shapes"):
        drawn(holding(inner))
    assert drawn(HOUSE).size == (768, 576)


def test_what_is_written_anew_holds_nothing_that_is_not_known():
    strange = holding("<rect width='9' height='9' data-x='1' filter='none' mask='none'/><unknown><rect/></unknown>")
    strange = strange.replace("<rect", "<!-- a comment --><rect", 1)
    checked = check(strange).text
    assert "data-x" not in checked and "filter" not in checked and "unknown" not in checked and "comment" not in checked
    assert checked.count("<rect") == 1


def test_a_drawing_looks_as_it_is_written():
    picture = drawn(HOUSE)
    assert picture.size == (768, 576)
    assert picture.getpixel((10, 10)) == (135, 206, 235)
    assert picture.getpixel((633, 115)) == (255, 215, 0)
    assert picture.getpixel((400, 400)) == (204, 153, 102)


def test_text_in_a_drawing_can_be_read_without_any_font_of_the_drawings_choice():
    told = HOUSE.replace("font-size", "font-family='Nowhere, serif' font-size")
    _, picture = make(told, 768)
    assert "A small house" in ocr(decode(picture.data))["text"]


def test_gradients_groups_and_uses_within_the_drawing_are_drawn():
    inner = """<defs><linearGradient id='g'><stop offset='0' stop-color='red'/><stop offset='1' stop-color='blue'/>
    </linearGradient><rect id='r' width='100' height='100'/></defs><use href='#r' x='300' fill='#00ff00'/>
    <rect width='300' height='300' style='fill: url(#g); stroke: none'/>"""
    picture = drawn(holding(inner), side=400)
    assert picture.getpixel((350, 50)) == (0, 255, 0)
    left, right = picture.getpixel((5, 150)), picture.getpixel((295, 150))
    assert left[0] > 200 and right[2] > 200


def test_a_drawing_without_a_view_box_is_as_large_as_it_says():
    assert drawn("<svg width='200' height='100'><rect width='200' height='100'/></svg>").size == (768, 384)


@pytest.mark.parametrize("side", [0, -5, 31, 2049, 10**9])
def test_a_size_that_is_too_large_or_too_small_is_refused(side):
    with pytest.raises(PictureError, match="32 to 2048"):
        drawn(HOUSE, side=side)


def test_plain_lines_become_a_drawing():
    picture = drawn(drawing="size 400 300\nrect 0 0 200 300 gold\ncircle 300 150 50 #3060c0\n# a note\n", side=400)
    assert picture.getpixel((50, 50)) == (255, 215, 0) and picture.getpixel((300, 150)) == (48, 96, 192)


def test_words_in_plain_lines_are_text_whatever_they_say():
    written = svg_of("text 10 20 12 black <script>alert(1)</script> & more")
    assert "<script>" not in written and check(written).text.count("&lt;script&gt;") == 1


@pytest.mark.parametrize(
    "line",
    ["blob 1 2 3", "circle 1 2", "circle a b c red", "rect 1 2 3 4 nocolour", "rect 1 2 nan 4 red", "polygon 1 2 3 red",
     "text 1 2 3 red", "circle 1 2 3 red'/><script/>", "rect 1 2 3 4 url(#a)", "line 1 2 3 4 red wide", "size 10"],
)  # fmt: skip
def test_a_plain_line_that_is_not_understood_is_named(line):
    with pytest.raises(PictureError):
        drawn(drawing=line)


def test_no_lines_are_no_drawing():
    with pytest.raises(PictureError, match="1 to"):
        svg_of("\n # only a note\n")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("<circle cx='500' cy='50' r='20' fill='red'/>", "the circle in red, lies outside the drawing"),
        ("<circle cx='50' cy='50' r='0' fill='red'/>", "has no size"),
        ("<circle cx='50' cy='50' r='9' fill='skyblue'/>", "is not seen"),
        ("<rect x='130' y='150' width='20' height='20' fill='none'/>", "has no size or no colour"),
        ("<text x='330' y='200' font-size='30'>much too long</text>", 'the text "much too long", is cut off'),
    ],
)
def test_what_cannot_be_seen_of_a_drawing_is_told(shape, said):
    told, _ = make(HOUSE.replace("</svg>", f"{shape}</svg>"), 768)
    (line,) = told.splitlines()[1:]
    assert line.startswith("Shape 5, ") and said in line


def test_of_a_drawing_that_is_all_seen_nothing_is_told():
    white = "<rect x='10' y='10' width='50' height='30' fill='white'/><g><line x2='90' y2='90' stroke='black'/></g>"
    told, _ = make(HOUSE.replace("</svg>", f"{white}</svg>"), 768)
    assert told == "A picture of the drawing, 400 x 300 units."


KINDS = [
    ("bar", {"a": [3, 5], "b": [2, 4]}, ["x", "y"]),
    ("line", {"a": [3, 5, 4]}, []),
    ("scatter", {"across": [1, 2, 3], "up": [2, 3, 1]}, []),
    ("pie", {"a": [3, 5]}, ["x", "y"]),
    ("histogram", {"a": [1, 2, 2, 3, 9]}, []),
]


@pytest.mark.parametrize(("kind", "series", "labels"), KINDS)
def test_every_kind_of_chart_is_drawn(kind, series, labels):
    told, picture = chart(kind, series, labels, "Visitors", "", "")
    seen = Image.open(io.BytesIO(picture.data)).convert("RGB")
    assert kind in told and seen.width > 600 and len(seen.getcolors(1 << 24)) > 20
    assert "Visitors" in ocr(decode(picture.data))["text"]


def test_labels_of_a_chart_are_never_mathematics_nor_control_characters():
    _, picture = chart("bar", {r"$\frac{1}{2}$": [1], "b\x1b[31m\n": [2]}, ["$x^2$"], r"$\alpha$ is", "", "")
    text = ocr(decode(picture.data))["text"]
    assert "alpha" in text and "frac" in text


@pytest.mark.parametrize(
    ("kind", "series", "labels", "said"),
    [
        ("bar", {}, [], "nothing to draw"),
        ("bar", {"a": []}, [], "nothing to draw"),
        ("line", {"a": [float("nan")]}, [], "finite"),
        ("line", {"a": [float("inf"), 1]}, [], "finite"),
        ("line", {"a": [1.0] * 10_001}, [], "draw less"),
        ("bar", {str(at): [1] for at in range(13)}, [], "draw less"),
        ("bar", {"a": [1] * 300}, [], "200 bars"),
        ("bar", {"a": [1, 2]}, ["x"], "1 labels"),
        ("scatter", {"a": [1, 2]}, [], "two series"),
        ("pie", {"a": [1, -2]}, [], "below 0"),
        ("pie", {"a": [0, 0]}, [], "below 0"),
        ("pie", {"a": [1, 2]}, ["x"], "as many"),
    ],
)
def test_numbers_that_are_no_chart_are_refused(kind, series, labels, said):
    with pytest.raises(PictureError, match=said):
        chart(kind, series, labels, "", "", "")
