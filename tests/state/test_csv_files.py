import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmos.errors import SchemaMismatch, StateError
from llmos.state.csv_files import GUARDED, read_csv, write_csv
from llmos.state.rows import keyed
from llmos.state.schema import StateSchema

FIELDS = {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
    "price": {"type": "number"},
    "gift": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "maybe": {"type": ["string", "null"]},
    "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    "where": {"$ref": "#/$defs/place"},
    "any": {},
}
SCHEMA = StateSchema(
    {
        "type": "object",
        "$defs": {"place": {"type": "object", "properties": {"street": {"type": "string"}}}},
        "properties": {
            "entries": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "properties": FIELDS,
                    "required": ["name"],
                    "additionalProperties": False,
                },
            },
            "open": {"type": "object", "additionalProperties": {"type": "object"}},
            "texts": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
)

texts = st.text(st.characters(codec="utf-8"))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
documents = st.fixed_dictionaries(
    {"name": texts},
    optional={
        "stars": st.integers(1, 5),
        "price": numbers,
        "gift": st.booleans(),
        "tags": st.lists(texts, max_size=3),
        "maybe": st.none() | texts,
        "either": st.integers() | texts,
        "where": st.fixed_dictionaries({}, optional={"street": texts}),
        "any": anything,
    },
)
keys = texts.filter(lambda key: key not in ("", "-"))


def read(text, collection="entries", next_number=1):
    return keyed(SCHEMA, collection, read_csv(SCHEMA, collection, text), next_number)


@given(st.dictionaries(keys, documents.map(lambda document: {**document, "id": 7}), max_size=4))
def test_what_is_written_is_read_again(stored):
    assert read(write_csv(SCHEMA, "entries", stored)) == stored


@given(st.dictionaries(keys, st.dictionaries(texts.filter(lambda t: t not in ("", "_key")), anything, max_size=3)))
def test_documents_that_the_schema_leaves_open_are_read_again(stored):
    assert read(write_csv(SCHEMA, "open", stored), "open") == stored


@given(st.dictionaries(keys, documents, max_size=4))
def test_no_cell_is_a_formula(stored):
    cells = [cell for row in csv.reader(io.StringIO(write_csv(SCHEMA, "entries", stored), newline="")) for cell in row]
    risky = tuple(set(GUARDED) - {"'"})
    # a negative number is one
    assert [cell for cell in cells if cell.startswith(risky) and not is_number(cell)] == []


def is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_a_formula_gets_an_apostrophe_and_loses_it_again():
    stored = {"1": {"id": 1, "name": '=HYPERLINK("http://evil.example")'}}
    written = write_csv(SCHEMA, "entries", stored)
    assert "\"'=HYPERLINK(" in written
    assert read(written) == stored


@pytest.mark.parametrize(
    "text", ["TRUE", "true", "null", "5", " 5 ", '"', '"x"', "[]", "NaN", "1e5", "'", "''", "\r\n"]
)
@pytest.mark.parametrize("field", ["name", "maybe", "either", "any"])
def test_a_text_that_looks_like_something_else_stays_a_text(field, text):
    stored = {"1": {"id": 1, "name": "x", field: text}}
    assert read(write_csv(SCHEMA, "entries", stored)) == stored


def test_a_key_longer_than_a_number_can_be_does_not_count():
    assert list(read(f"_key,name\n{'9' * 30},a\n,b\n")) == ["9" * 30, "1"]


def test_an_apostrophe_that_nobody_put_there_stays():
    assert read("_key,name\n1,'tis\n")["1"]["name"] == "'tis"


def test_columns_are_the_fields_in_the_order_of_the_schema():
    assert write_csv(SCHEMA, "entries", {}) == ",".join(["_key", *FIELDS]) + "\r\n"


def test_cells_are_read_by_the_schema():
    found = read('name,stars,price,gift,tags,maybe,either\n007,5,2,TRUE,"[""a""]",12,12\n')["1"]
    assert found == {"id": 1, "name": "007", "stars": 5, "price": 2, "gift": True} | {
        "tags": ["a"],
        "maybe": "12",
        "either": 12,
    }
    assert found["gift"] is True


def test_a_whole_number_that_a_spreadsheet_wrote_with_a_point_is_one():
    stars = read("name,stars\nAda,5.0\n")["1"]["stars"]
    assert (stars, type(stars)) == (5, int)


def test_an_empty_cell_is_no_member_and_an_apostrophe_alone_is_an_empty_text():
    found = read("_key,name,maybe,stars\n1,',,\n")["1"]
    assert found == {"id": 1, "name": ""}


def test_keys_are_the_lines_own_or_their_ids_or_new_ones():
    found = read("_key,id,name\n4,,a\n,9,b\n,,c\n", next_number=3)
    assert {key: (document["id"], document["name"]) for key, document in found.items()} == {
        "4": (4, "a"),
        "9": (9, "b"),
        "10": (10, "c"),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        ("name,name\na,b\n", "Line 1 names the column 'name' twice"),
        ("name,\na,b\n", "Line 1 has a column without a name"),
        ("name\na,b\n", "Line 2 has 2 cells under 1 columns"),
        ('name\n"a\n', "Line 2 is not CSV"),
        ('name\nok\n"a"b\n', "Line 3 is not CSV"),
        ("_key,name\n1,a\n2,b\n1,c\n", "Line 4: 1 stands in line 2 already"),
        ("name,stars\na,5\nb,9\n", r"Line 3: .*/entries/2/stars: 9 is greater"),
        ("name,stars\na,five\n", r"Line 2: .*/entries/1/stars: 'five' is not of type 'integer'"),
        ("name,stars\n,5\n", r"Line 2: .*'name' is a required property"),
        ("name,size\na,5\n", r"Line 2: .*'size' was unexpected"),
        ("name,gift\na,perhaps\n", r"Line 2: .*/entries/1/gift: 'perhaps' is not of type 'boolean'"),
        ('name,tags\na,"[1]"\n', r"Line 2: .*/entries/1/tags/0: 1 is not of type 'string'"),
        ('name,stars\n"two\nlines",5\nb,6\n', r"Line 4: .*/entries/2/stars"),
        ("name,price\na,NaN\n", r"Line 2: .*/entries/1/price: 'NaN' is not of type 'number'"),
    ],
)
def test_an_error_names_the_line_and_the_field(text, said):
    with pytest.raises((StateError, SchemaMismatch), match=said):
        read(text)


def test_a_collection_of_texts_has_no_columns():
    with pytest.raises(StateError, match="export it as JSON"):
        write_csv(SCHEMA, "texts", {"a": "b"})


def test_a_byte_order_mark_is_no_part_of_a_name():
    assert read("\ufeffname\nAda\n")["1"]["name"] == "Ada"
