import shutil
import subprocess

import numpy as np
import pytest

from drivers.image.eye.classes import CLASSES
from drivers.image.eye.training import fonts as fonts_module
from drivers.image.eye.training.fonts import Fonts, FontsMissing, fetch_fonts
from drivers.image.eye.training.pages.drawn import drawn_page

SEEDS = 300


@pytest.fixture(scope="module")
def fonts():
    return Fonts.fallback()


@pytest.fixture(scope="module")
def pages(fonts):
    return [drawn_page(seed, fonts) for seed in range(SEEDS)]


def test_a_seed_makes_the_same_page_again(fonts, pages):
    again = drawn_page(7, Fonts.fallback())
    assert np.array_equal(again.image, pages[7].image)
    assert again.marks == pages[7].marks


def test_two_seeds_make_two_pages(pages):
    assert pages[1].marks != pages[2].marks


def test_the_longer_side_is_the_size_asked_for(fonts, pages):
    assert {max(page.image.shape[:2]) for page in pages} == {384}
    assert max(drawn_page(3, fonts, size=256).image.shape[:2]) == 256


def test_every_box_lies_inside_the_picture(pages):
    for page in pages:
        height, width = page.image.shape[:2]
        for mark in page.marks:
            left, top, right, bottom = mark.box
            assert 0 <= left < right <= width, mark
            assert 0 <= top < bottom <= height, mark


def test_every_class_is_drawn_and_no_other(pages):
    assert {mark.cls for page in pages for mark in page.marks} == set(CLASSES)


def test_a_box_holds_ink(pages):
    """Ink stands out from the paper: hardly any box is as even as bare paper is."""
    bare = total = 0
    for page in pages[:100]:
        for mark in page.marks:
            left, top, right, bottom = (round(side) for side in mark.box)
            inside = page.image[top : bottom + 1, left : right + 1].astype(int).mean(axis=2)
            total += 1
            bare += int(np.ptp(inside) < 20)
    assert bare < total * 0.02


def test_fonts_that_were_never_fetched_are_told_in_one_sentence(tmp_path):
    with pytest.raises(FontsMissing, match="fetch them first"):
        Fonts.load(tmp_path)


def test_a_machine_without_npm_is_told_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FontsMissing, match="which is not installed"):
        fetch_fonts(lambda line: None, tmp_path)


def test_npm_without_a_network_is_told_in_one_sentence(tmp_path, monkeypatch):
    def failing(command, **options):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(shutil, "which", lambda name: "npm")
    monkeypatch.setattr(fonts_module.subprocess, "run", failing)
    said = []
    with pytest.raises(FontsMissing, match="check the network"):
        fetch_fonts(said.append, tmp_path)
    assert said == [f"amatic-sc (1 of {len(fonts_module.HANDS) + len(fonts_module.PLAIN)})"]
