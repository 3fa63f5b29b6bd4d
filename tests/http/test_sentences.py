"""Sentences of a text that is still being written."""

import pytest

from llmos.http.sentences import Sentences, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        (
            "Dr. Smith met J. K. Rowling, e.g. in May. They talked.",
            ["Dr. Smith met J. K. Rowling, e.g. in May.", "They talked."],
        ),
        ("It costs 3.50 a kilo. Take No. 5.", ["It costs 3.50 a kilo.", "Take No. 5."]),
        ('He said "no." Then he left...', ['He said "no."', "Then he left..."]),
        ("a title\n- one\n- two", ["a title", "- one", "- two"]),
        ("", []),
        (" \n\n ", []),
        ("no end", ["no end"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end_however_it_comes(text, parts):
    assert sentences(text) == parts
    split = Sentences()
    letter_by_letter = [sentence for letter in text for sentence in split.add(letter)]
    assert [*letter_by_letter, *split.rest()] == parts


def test_a_sentence_is_given_as_soon_as_the_next_one_begins():
    split = Sentences()
    assert split.add("It is noon.") == []
    assert split.add(" ") == []
    assert split.add("S") == ["It is noon."]
