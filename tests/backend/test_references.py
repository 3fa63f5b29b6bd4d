import pytest

from llmos.backend.references import reader, resolve
from llmos.backend.shape import Shape
from llmos.errors import AnswerError


@pytest.fixture
def signed(world):
    guests = [("Ada", 5, True), ("Bob", 4, False), ("Cy", 5, False)]
    for key, (name, stars, gift) in enumerate(guests, 1):
        document = {"id": key, "created": "2026-01-02T03:04:05Z", "name": name, "stars": stars, "gift": gift}
        world.state.commit([{"op": "add", "path": f"/entries/{key}", "value": document}], cause={})
    return world


def answered(world, value, **query):
    shapes = {"entries": Shape("entries", world.state.schema)}
    window = world.window("GET", "/entries", query=query)
    found = resolve(value, reader(window, shapes, world.state.get))
    return [document["name"] for document in found]


def test_a_list_is_the_documents_in_the_order_of_their_ids(signed):
    assert answered(signed, {"list": "/entries"}) == ["Ada", "Bob", "Cy"]
    assert answered(signed, {"list": "/entries", "where": {}}) == ["Ada", "Bob", "Cy"]


def test_a_list_has_only_the_documents_that_are_asked_for(signed):
    assert answered(signed, {"list": "/entries", "where": {"stars": 5}}) == ["Ada", "Cy"]
    assert answered(signed, {"list": "/entries", "where": {"stars": 5, "gift": False}}) == ["Cy"]
    assert answered(signed, {"list": "/entries", "where": {"other": 1}}) == []


def test_what_a_client_asks_for_is_a_number_or_a_truth_where_the_schema_has_one(signed):
    where = {"stars": {"ref": "/query/stars"}, "gift": {"ref": "/query/gift"}}
    assert answered(signed, {"list": "/entries", "where": where}, stars="5", gift="true") == ["Ada"]
    assert answered(signed, {"list": "/entries", "where": {"name": {"ref": "/query/name"}}}, name="Bob") == ["Bob"]


@pytest.mark.parametrize("where", [{"ref": "/now"}, {"ref": "/query/name"}, [1], "name", {"name": {"ref": "/nowhere"}}])
def test_a_list_of_nonsense_is_no_answer(signed, where):
    with pytest.raises(AnswerError):
        answered(signed, {"list": "/entries", "where": where}, name="Bob")


@pytest.mark.parametrize("place", ["/title", "/entries/1/name", "/nowhere", "/now", "entries"])
def test_a_list_is_of_a_collection(signed, place):
    with pytest.raises(AnswerError):
        answered(signed, {"list": place})


def test_documents_that_are_no_objects_are_listed_and_have_no_fields(make_world):
    words = {"type": "object", "additionalProperties": {"type": "string"}}
    world = make_world("Words.", {"type": "object", "properties": {"words": words}})
    world.state.commit([{"op": "add", "path": "/words/1", "value": "tea"}], cause={})
    read = world.state.get
    assert resolve({"list": "/words"}, read) == ["tea"]
    assert resolve({"list": "/words", "where": {"name": "tea"}}, read) == []
