import pytest

from llmos.backend.compile.plain import narrow
from llmos.backend.compile.source import parse_handler
from llmos.backend.compile.view import EVERYTHING, View
from llmos.backend.pages import Cursor, Page
from llmos.backend.scope import Scoped
from tests.backend.by_hand import empty_state, shapes_of


@pytest.fixture
def view():
    state = empty_state("guestbook")
    documents = {str(n): {"id": n, "created": "2026-01-02T03:04:05Z", "name": f"{n}"} for n in range(1, 13)}
    state.commit([{"op": "add", "path": "/entries", "value": documents}], cause={})
    return View(Scoped(state, shapes_of(state), None), shapes_of(state), "2026-01-02T03:04:05Z")


def narrowed(view, body, page):
    handler = parse_handler(f"def handle():\n    {body}", (), reading=True)
    return narrow(view, handler, page, view._shapes)


@pytest.mark.parametrize("body", ['return 200, get_all("entries")', 'all = get_all("entries")\n    return 200, all'])
def test_a_page_of_a_whole_collection_reads_one_document_more_than_it_shows(view, body):
    body = body.replace("all =", "found =").replace(", all", ", found")
    assert narrowed(view, body, Page(3))
    assert [entry["id"] for entry in view.get_all("entries")] == [1, 2, 3, 4]
    assert narrowed(view, body, Page(3, Cursor("a", 3, ("9", "8"))))
    assert [entry["id"] for entry in view.get_all("entries")] == [10, 11, 12]


@pytest.mark.parametrize(
    "body",
    [
        'return 200, get_all("entries")[::-1]',
        'return 200, [entry for entry in get_all("entries")]',
        'return 404, get_all("entries")',
        'return 200, find("entries", "stars", 5)',
        'return 200, {"entries": get_all("entries")}',
        'return 200, get_all("nowhere")',
        'found = get_all("entries")\n    found.reverse()\n    return 200, found',
        'found = get_all("entries")\n    return 200, count("entries")',
    ],
)
def test_any_other_list_is_made_whole(view, body):
    assert not narrowed(view, body, Page(3))
    assert view.part == (EVERYTHING, None)


@pytest.mark.parametrize(
    "page", [None, Page(3, Cursor("d", 3, ("9",))), Page(3, Cursor("a", 3)), Page(3, Cursor("p", 3))]
)
def test_a_page_that_is_not_by_id_upwards_needs_the_whole_list(view, page):
    assert not narrowed(view, 'return 200, get_all("entries")', page)
