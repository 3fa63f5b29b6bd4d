"""If-Match and If-None-Match: which headers name a version."""

import pytest

from llmos.backend.preconditions import names


@pytest.mark.parametrize("header", ['"3-ab"', '"x", "3-ab"', ' "3-ab" ,', "*", " * "])
def test_a_tag_among_others_and_a_star_name_the_version(header):
    assert names(header, '"3-ab"', weakly=False)


@pytest.mark.parametrize("header", ["", '"13-ab"', "3-ab", '"3-ab', 'x"3-ab', '"3-a"', '"*"', '"x"3-ab""', "**"])
def test_what_only_looks_like_it_does_not(header):
    assert not names(header, '"3-ab"', weakly=True)


def test_a_weak_tag_is_good_enough_for_reading_and_not_for_writing():
    assert names('W/"3-ab"', '"3-ab"', weakly=True)
    assert not names('W/"3-ab"', '"3-ab"', weakly=False)
