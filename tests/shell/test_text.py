"""Text from outside: nothing acts on the terminal, nothing hides, nothing breaks the layout."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmos.shell.text import MAX_CHARS, MAX_LINE_CHARS, Cleaner, clean, one_line, shown, typed


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("plain words\n\tindented", "plain words\n\tindented"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("a\x00b\x7f", "a␀b␡"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("invoice\u202egpj.exe", "invoice⟨U+202E⟩gpj.exe"),
        ("ad\u200bmin\ufeff", "ad⟨U+200B⟩min⟨U+FEFF⟩"),
        ("\U000e0041\U000e0042", "⟨U+E0041⟩⟨U+E0042⟩"),
        ("\ue000\u2028", "⟨U+E000⟩⟨U+2028⟩"),
        ("\u3164\u115f", "⟨U+3164⟩⟨U+115F⟩"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨👩👧 ❤"),
        ("שלום مرحبا 你好 ñ e\u0301", "שלום مرحبا 你好 ñ e\u0301"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
    ],
)
def test_what_is_seen_of_a_text(given, seen):
    assert clean(given) == seen


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_that_is_left_can_act_on_a_terminal(text):
    seen = clean(text)
    acts = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert not [letter for letter in seen if unicodedata.category(letter) in acts and letter not in "\n\t"]
    assert not any(
        letter in seen for letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u200b"
    )


@given(st.text(max_size=100), st.integers(1, 7))
def test_pieces_come_to_what_the_whole_comes_to(text, size):
    cleaner = Cleaner()
    assert "".join(cleaner.add(text[at : at + size]) for at in range(0, len(text), size)) == clean(text)


def test_a_line_without_end_is_cut_and_the_next_line_is_there():
    seen = clean("x" * 1_000_000 + "\nnext")[: MAX_LINE_CHARS + 100]
    assert len(seen) <= MAX_LINE_CHARS + 100
    assert clean("x" * (MAX_LINE_CHARS + 50) + "\nnext").endswith("⟨the line goes on⟩\nnext")


def test_a_text_without_end_is_cut_with_a_word():
    seen = clean("line\n" * MAX_CHARS)
    assert len(seen) < MAX_CHARS + 100 and seen.endswith("it can be copied whole⟩")
    cleaner = Cleaner()
    pieces = [cleaner.add("line\n" * 1000) for _ in range(100)]
    assert "".join(pieces).count("copied whole") == 1


def test_one_line_is_one_line_however_long_the_text():
    assert one_line("a\nb\x1b[0m" + "c" * 1_000_000, 20) == "a b␛[0mccccccccccccc…"
    assert one_line("short") == "short"


def test_what_is_pasted_into_the_prompt_is_what_can_be_seen():
    assert typed("a\x1b[31mb\u202e c\r\nd\u00a0e") == "a[31mb c\nd e"


def test_each_character_takes_one_place_in_the_cache_and_none_is_lost():
    assert shown("a") == "a" and shown("\n") == "\n" and shown("\x1b") == "␛"
