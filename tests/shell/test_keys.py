"""Keys as terminals send them."""

import time

from textual._xterm_parser import XTermParser

from llmos.shell.keys import tell_alt_digits


def test_alt_and_a_digit_is_no_letter_in_any_terminal():
    tell_alt_digits()
    for sent, keys in (("\x1b1", ["alt+1"]), ("\x1b9", ["alt+9"]), ("\x1b[51;3u", ["alt+3"]), ("£", ["pound_sign"])):
        parser = XTermParser()
        read = list(parser.feed(sent))
        time.sleep(0.2)  # an escape alone may be a key
        assert [key.key for key in [*read, *parser.tick()]] == keys
