"""Reading order, rows and columns, on pages made of boxes."""

from dataclasses import replace

from drivers.image.describe import describe
from drivers.image.elements import Element
from drivers.image.geometry import Box
from drivers.image.layout import Group, arrange, in_order


def label(text, left, top, width=100, height=30):
    return Element("Label", Box(left, top, left + width, top + height), text, 1.0)


def field(caption, left, top, width=200, height=40):
    return Element("TextBox", Box(left, top, left + width, top + height), "", 1.0, caption=caption)


def order(elements):
    return [e.text for e in in_order(arrange(elements))]


def test_a_page_is_read_from_top_to_bottom():
    assert order([label("c", 0, 200), label("a", 0, 0), label("b", 0, 100)]) == ["a", "b", "c"]


def test_a_row_is_read_from_left_to_right_though_it_leans():
    assert order([label("b", 200, -8), label("c", 400, -14), label("a", 0, 0)]) == ["a", "b", "c"]


def test_things_side_by_side_are_a_row():
    page = arrange([label("a", 0, 0), label("b", 200, 4), label("c", 0, 100)])
    first, second = page.children
    assert isinstance(first, Group) and first.type == "row" and len(first.children) == 2
    assert second.text == "c"


def test_a_column_beside_a_tall_thing_is_read_as_one():
    picture = Element("Image", Box(0, 0, 200, 300), "", 1.0)
    page = arrange([picture, label("a", 300, 10), label("b", 300, 100), label("c", 300, 200)])
    (row,) = page.children
    assert row.type == "row" and [child.text for child in row.children[1].children] == ["a", "b", "c"]


def test_in_two_columns_of_a_form_each_caption_stays_with_its_field():
    names = [label("first", 0, 0), label("last", 300, 0)]
    page = arrange([*names, field(names[0], 0, 40), field(names[1], 300, 44)])
    (row,) = page.children
    assert [[e.cls for e in column.children] for column in row.children] == [["Label", "TextBox"]] * 2


def test_what_overlaps_is_still_in_the_tree_once():
    pile = [label(str(n), 5 * n, 5 * n, 300, 200) for n in range(6)]
    assert sorted(order(pile)) == [e.text for e in pile]


def test_an_empty_page_is_an_empty_column():
    assert arrange([]) == Group("column", ())


def test_a_description_groups_rows_and_names_captions():
    name = label("Name", 0, 0)
    box = replace(field(name, 150, 0), text="type here")
    page = arrange([name, box])
    ids = {id(e): n for n, e in enumerate(in_order(page), 1)}
    assert describe(page, ids) == 'row:\n  1. Label "Name"\n  2. TextBox "type here" for 1'
