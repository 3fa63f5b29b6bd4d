"""Pages as a browser shows them: that they are made the same again, and that what is where on them is told right."""

import shutil

import numpy as np
import pytest

from drivers.image.eye.classes import CLASSES
from drivers.image.eye.training.page import Mark, Page
from drivers.image.eye.training.screens.pool import NoScreens, Screens
from drivers.image.eye.training.screens.render import camera, held_in, made, render, save
from drivers.image.eye.training.screens.site import View, html_of, view_of
from drivers.image.eye.training.train import SIDE, SIDES, Pages

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH: apt install chromium")
VIEW = View(800, 600, 0.0)
CSS = "<style>*{margin:0;box-sizing:border-box}body{font:16px/20px monospace}</style>"
CARD = "width:300px;height:200px;padding:20px"
RED = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3C/svg%3E"


def at(style, tag="div", inner="", more=""):
    """An element at 100, 50."""
    return f'<{tag} {more} style="position:absolute;left:100px;top:50px;{style}">{inner}</{tag}>'


def sized(tag, more="", inner="", size=(80, 30)):
    return at(f"width:{size[0]}px;height:{size[1]}px", tag, inner, more)


def boxed(size=(80, 30)):
    return 100, 50, 100 + size[0], 50 + size[1]


@pytest.fixture(scope="module")
def opened():
    with camera() as held:
        yield held


@pytest.fixture(scope="module")
def shots(opened):
    return lambda html, view=VIEW: opened.shot(CSS + html, view, 800)


def test_a_seed_makes_the_same_page_again_and_another_makes_another():
    assert html_of(7) == html_of(7) != html_of(8)
    assert view_of(7) == view_of(7)


def test_a_page_needs_nothing_from_outside():
    for seed in range(40):
        assert "http" not in html_of(seed).replace("http%3A//www.w3.org/2000/svg", "")


@in_a_browser
def test_every_class_but_annotation_is_on_the_first_pages(opened):
    kinds, wanted = set(), set(CLASSES) - {"Annotation"}
    for seed in range(60):
        kinds |= {mark.cls for mark in opened.shot(html_of(seed), view_of(seed), 800).marks}
        if kinds == wanted:
            return
    assert kinds == wanted


LONE = {
    "nav": (sized("nav", inner="<a href=#>one</a> <a href=#>two</a>"), "Navigation", boxed()),
    "nav by its role": (sized("div", "role=navigation", "<a href=#>one</a>"), "Navigation", boxed()),
    "table": (
        at("width:200px;height:80px;border-collapse:collapse", "table", "<tr><td>a<td>b<tr><td>c<td>d"),
        "Table",
        boxed((200, 80)),
    ),
    "text field": (sized("input"), "TextBox", boxed()),
    "field in an outline": (
        at("border:1px solid;width:200px;height:40px;padding:5px", "div", "<input style='border:0;background:none'>"),
        "TextBox",
        boxed((200, 40)),
    ),
    "area": (sized("textarea", size=(200, 90)), "TextArea", boxed((200, 90))),
    "select": (sized("select", inner="<option>one"), "ComboBox", boxed()),
    "select by its role": (sized("div", "role=combobox", "one"), "ComboBox", boxed()),
    "range": (sized("input", "type=range"), "Slider", boxed()),
    "button": (sized("button", inner="Go on"), "Button", boxed()),
    "submit": (sized("input", "type=submit value=Send"), "Button", boxed()),
    "button by its role": (sized("div", "role=button", "Go on"), "Button", boxed()),
    "link with a ground": (
        at("width:80px;height:30px;background:#08f;display:block", "a", "Go on", "href=#"),
        "Button",
        boxed(),
    ),
    "sign in a bare button": (
        at("border:0;background:none;padding:10px", "button", "<svg width=20 height=20></svg>"),
        "Icon",
        (110, 60, 130, 80),
    ),
    "sign in a button": (
        at("width:40px;height:40px;padding:0", "button", "<svg width=20 height=20></svg>"),
        "Button",
        boxed((40, 40)),
    ),
    "switch": (sized("button", "role=switch", "<i></i>", (40, 20)), "Toggle", boxed((40, 20))),
    "picture": (sized("img", f'src="{RED}"', size=(120, 90)), "Image", boxed((120, 90))),
    "canvas": (sized("canvas", size=(120, 90)), "Image", boxed((120, 90))),
    "drawing": (sized("svg", size=(120, 90)), "Image", boxed((120, 90))),
    "chart": (sized("svg", 'aria-label="Bar chart"', size=(120, 90)), "Chart", boxed((120, 90))),
    "sign": (sized("svg", size=(24, 24)), "Icon", boxed((24, 24))),
    "film": (sized("video", size=(160, 90)), "Video", boxed((160, 90))),
    "film by its name": (sized("div", "role=img aria-label=Video", size=(160, 90)), "Video", boxed((160, 90))),
    "rule": (at("width:300px", "hr"), "Divider", (100, 50, 400, 52)),
    "rule as thin as can be": (at("width:300px;border:0;border-top:1px solid", "hr"), "Divider", (100, 50, 400, 51)),
    "thin line": (at("width:1px;height:200px;background:#999"), "Divider", (100, 50, 101, 250)),
    "heading": (at("font:20px/30px monospace;width:500px", "h2", "abcde"), "Heading", (100, 53, 160, 77)),
    "heading by its role": (at("", "div", "abcde", "role=heading"), "Heading", (100, 51, 148, 69)),
    "link": (at("", "div", "<a href=#>abcde</a>"), "Link", (100, 51, 148, 69)),
    "one line": (at("width:500px", "p", "abcde"), "Label", (100, 51, 148, 69)),
    "several lines": (at("width:96px", "p", "abcdefghij klm abcdef"), "Paragraph", (100, 51, 196, 109)),
    "lines with a link": (
        at("width:96px", "p", "abcdefghij <a href=#>klm</a> abcdef"),
        "Paragraph",
        (100, 51, 196, 109),
    ),
    "program": (at("font:16px/20px monospace", "pre", "abcde\nfg"), "Paragraph", (100, 51, 148, 89)),
    "box to tick": (
        at("", "label", "<input type=checkbox style='width:20px;height:20px;vertical-align:top'>abcde"),
        "CheckBox",
        (100, 50, 168, 70),
    ),
    "round to choose": (
        at("display:flex", "div", "<input id=a type=radio style='width:20px;height:20px'><label for=a>abcde</label>"),
        "RadioButton",
        (100, 50, 168, 70),
    ),
    "box with text after it": (
        at("", "div", "<input type=checkbox style='width:20px;height:20px;vertical-align:top'>abcde"),
        "CheckBox",
        (100, 50, 168, 70),
    ),
}


@in_a_browser
@pytest.mark.parametrize("html, cls, box", LONE.values(), ids=LONE)
def test_an_element_is_marked_alone_and_where_it_is(shots, html, cls, box):
    (mark,) = shots(html).marks
    assert mark.cls == cls
    assert mark.box == pytest.approx(box, abs=3)


@in_a_browser
@pytest.mark.parametrize("look", ["border:1px solid #888", "box-shadow:0 2px 8px #0008", "background:#dde"])
def test_what_stands_out_and_holds_two_things_is_a_card(shots, look):
    marks = shots(at(f"{CARD};{look}", "div", "<h3>abc</h3><p>abcde</p>")).marks
    assert [mark.cls for mark in marks] == ["Heading", "Label", "Card"]
    assert marks[-1].box == pytest.approx(boxed((300, 200)), abs=3)


@in_a_browser
@pytest.mark.parametrize(
    "inner, look", [("<h3>abc</h3>", "border:1px solid"), ("<h3>abc</h3><p>abcde</p>", "")], ids=["one thing", "bare"]
)
def test_no_card_is_made_of(shots, inner, look):
    assert "Card" not in {mark.cls for mark in shots(at(f"{CARD};{look}", "div", inner)).marks}


@in_a_browser
def test_a_line_is_cut_where_a_link_begins(shots):
    marks = shots(at("", "p", "abcde <a href=#>fghij</a>")).marks
    assert [mark.cls for mark in marks] == ["Label", "Link"]
    assert marks[0].box[2] <= marks[1].box[0] + 10


@in_a_browser
@pytest.mark.parametrize(
    "style",
    ["display:none", "visibility:hidden", "opacity:0", "left:-60px", "top:590px", "height:0;overflow:hidden",
     "width:1px;height:1px;overflow:hidden"],
)  # fmt: skip
def test_what_nobody_sees_is_not_marked(shots, style):
    assert shots(at(style, "div", "abcdefgh")).marks == []


@in_a_browser
def test_what_lies_under_something_else_is_not_marked(shots):
    lid = at("width:300px;height:100px;background:#eee")
    assert shots(sized("button", inner="Go on") + lid).marks == []


@in_a_browser
def test_pages_are_stored_once_and_files_of_others_too(opened, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "one.html").write_text(CSS + sized("button", inner="Go on"))
    jobs = [*made(3, 1), *held_in(tmp_path / "site")]
    render(opened, tmp_path / "out", jobs, 96)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"0000003.png", "0000003.json", "one.png", "one.json"}
    render(opened, tmp_path / "out", jobs, 96)
    assert written == {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    page = Screens.load(tmp_path / "out").whole(1, 128)
    assert max(page.image.shape[:2]) == 128
    assert [mark.cls for mark in page.marks] == ["Button"]


@pytest.fixture
def stored(tmp_path):
    rng = np.random.default_rng(1)
    for number in range(3):
        image = rng.integers(0, 255, (300, 400, 3), dtype=np.uint8)
        save(
            Page(image, [Mark("Button", (10, 10, 90, 40)), Mark("Card", (5, 5, 390, 290))]), tmp_path / f"{number}.png"
        )
    return Screens.load(tmp_path)


def test_a_stored_page_is_read_as_it_was(stored):
    page = stored.whole(0, 400)
    assert page.marks == [Mark("Button", (10, 10, 90, 40)), Mark("Card", (5, 5, 390, 290))]


def test_the_pool_gives_the_same_page_for_a_seed(stored):
    one, again = stored.page(5, 200), stored.page(5, 200)
    assert np.array_equal(one.image, again.image)
    assert one.marks == again.marks
    assert len({stored.page(seed, 200).image.tobytes() for seed in range(20)}) > 5


def test_every_box_of_the_pool_lies_inside_its_picture(stored):
    for seed in range(60):
        page = stored.page(seed, 200)
        height, width = page.image.shape[:2]
        assert max(height, width) == 200
        for mark in page.marks:
            left, top, right, bottom = mark.box
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height


def test_a_folder_without_pages_says_what_makes_them(tmp_path):
    with pytest.raises(NoScreens, match="make some with"):
        Screens.load(tmp_path)


def test_every_fourth_page_of_a_training_is_a_stored_one(stored, monkeypatch):
    taken = []
    monkeypatch.setattr(Screens, "page", lambda self, seed, size: taken.append(seed) or stored.whole(0, size))
    monkeypatch.setattr("drivers.image.eye.training.train.drawn_page", lambda seed, fonts, size: stored.whole(1, size))
    pages = Pages(None, stored)
    assert pages[0][0].shape[1:] == (SIDE, SIDE)
    for seed in range(1, 11):
        pages[seed]
    assert taken == [0, 4, 8]


def test_some_steps_of_a_training_show_larger_pictures(stored):
    pages = Pages(None, stored, batch=4)
    assert [pages[4 * step][0].shape[1] for step in range(len(SIDES))] == list(SIDES)
    assert len({pages[seed][0].shape for seed in (8, 12)}) == 2
