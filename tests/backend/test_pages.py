import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from llmos.backend.pages import CURSOR, Cursor, Page, Pages
from llmos.backend.problem import HttpError, Response
from llmos.backend.routes import Route
from llmos.kernel.app import HttpSettings

LIST = Route("GET", "/notes", "Answer 200.")


def told(items):
    return Response(200, {"ETag": '"1"'}, json.dumps(items).encode(), 1)


def notes(*ids):
    return [{"id": id} for id in ids]


def walk(lists, limit=2, query=None):
    """Follow the links; the list is each time the next of `lists`, and at last the last one."""
    pages, after = [], None
    for number in range(20):
        cut = Page(limit, after).cut(told(lists[min(number, len(lists) - 1)]), "/notes", query or {})
        pages.append([item["id"] for item in json.loads(cut.body)])
        link = cut.headers.get("Link")
        if link is None:
            return pages
        asked = parse_qs(urlsplit(re.fullmatch(r'<(.+)>; rel="next"', link)[1]).query)
        after = Pages(HttpSettings()).asked(LIST, {name: value[0] for name, value in asked.items()}).after
    raise AssertionError("pages without end")


@pytest.mark.parametrize(
    ("lists", "pages"),
    [
        ([notes(1, 2, 3, 4, 5)], [[1, 2], [3, 4], [5]]),
        ([notes(1, 2, 3, 4)], [[1, 2], [3, 4]]),
        ([notes()], [[]]),
        ([notes(8, 9, 10, 11), notes(8, 10, 11)], [[8, 9], [10, 11]]),
        ([notes(1, 2, 3, 4), notes(3, 4, 5)], [[1, 2], [3, 4], [5]]),
        ([notes(5, 4, 3, 2, 1), notes(6, 5, 4, 3, 2, 1)], [[5, 4], [3, 2], [1]]),
        ([notes(5, 4, 3, 2, 1), notes(7, 6, 3, 2)], [[5, 4], [3, 2]]),
        ([notes(5, 4, 3), notes(3)], [[5, 4], [3]]),
        ([notes(1, 2, 3), notes(1)], [[1, 2], []]),
        ([notes(4, 1, 3, 2, 5), notes(9, 4, 1, 8, 3, 2, 5)], [[4, 1], [8, 3], [2, 5]]),
        ([notes(4, 1, 3, 2, 5), notes(4, 3, 2, 5)], [[4, 1], [3, 2], [5]]),
        ([notes(4, 1, 3, 2, 5), notes(9, 3, 2, 5)], [[4, 1], [2, 5]]),
        ([notes("b", "a~é,", "c%", "x.y-z"), notes("b", "n", "a~é,", "c%", "x.y-z")], [["b", "a~é,"], ["c%", "x.y-z"]]),
        ([[{"id": 1, "of": "a"}, {"id": 1, "of": "b"}, {"id": 2}]], [[1, 1], [2]]),
    ],
)
def test_no_item_comes_twice_or_is_passed_over(lists, pages):
    assert walk(lists) == pages


def test_what_has_no_id_is_counted():
    first = Page(2).cut(told(["a", "b", "c"]), "/tags", {})
    assert (json.loads(first.body), first.headers["Link"]) == (["a", "b"], '</tags?limit=2&after=p2>; rel="next"')
    assert json.loads(Page(2, Cursor("p", 2)).cut(told(["a", "b", "c"]), "/tags", {}).body) == ["c"]


def test_a_link_keeps_what_else_was_asked():
    cut = Page(1).cut(told(notes(1, 2)), "/notes of/a<b>", {"q": "a&b>c\r\n"})
    assert cut.headers["Link"] == '</notes%20of/a%3Cb%3E?q=a%26b%3Ec%0D%0A&limit=1&after=a1-1>; rel="next"'


@pytest.mark.parametrize("body", [{"a": 1}, "x", 3, None])
def test_what_is_no_list_stays_as_it_is(body):
    assert Page(1).cut(told(body), "/x", {}) == told(body)
    refusal = Response(404, {}, b"[1, 2]")
    assert Page(1).cut(refusal, "/x", {}) == refusal


@pytest.mark.parametrize(
    "query",
    [
        *({"limit": limit} for limit in ("0", "-1", "1001", "x", "", "1.0", "9" * 5000, "٣")),
        *(
            {"after": after}
            for after in ("", "x", "a", "a1-", "p1-a b", "a1-" + "a" * 101, "a1-" + ",".join("abcdefghi"))
        ),
    ],
)
def test_a_limit_or_a_cursor_that_is_none_is_400(query):
    with pytest.raises(HttpError) as refused:
        Pages(HttpSettings()).asked(LIST, query)
    assert refused.value.status == 400


def test_every_text_of_the_documented_form_is_a_cursor():
    for text in ("a0", "d999999999", "p7-1", "a2-%zz,~", "p3-" + ",".join("abcdefgh")):
        assert re.fullmatch(CURSOR, text)
        page = Pages(HttpSettings()).asked(LIST, {"after": text})
        page.cut(told(notes(1, 2, 3)), "/x", {})


def test_an_app_says_how_long_pages_are_and_a_rule_goes_first():
    asked = Pages(HttpSettings(page_size=20, max_page_size=50)).asked
    assert asked(LIST, {}) == Page(20)
    assert asked(LIST, {"limit": "50"}) == Page(50)
    assert asked(LIST, {"after": "p3"}) == Page(20, Cursor("p", 3))
    assert asked(Route("GET", "/notes", "", ("limit",)), {"limit": "many"}) is None
    assert asked(Route("GET", "/notes/{id}", ""), {"limit": "many"}) is None
    assert Pages(HttpSettings()).asked(LIST, {"q": "x"}) is None
    off = Pages(HttpSettings(max_page_size=0))
    assert off.asked(LIST, {"limit": "many"}) is None
    assert off.without(LIST, {"limit": "many"}) == {"limit": "many"}
