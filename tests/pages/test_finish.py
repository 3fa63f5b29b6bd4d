import re
from itertools import pairwise

import html5lib
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.pages.finish import finish

from .drawn import basket, contact, element, seen, static, written


def soup(html, drawn=None):
    page = finish(html, drawn or contact())
    html5lib.HTMLParser(strict=True).parse(page.html)
    return BeautifulSoup(page.html, "html5lib")


def test_every_field_has_a_label_a_name_and_an_id_of_its_own():
    page = soup(written())
    controls = page.select("input, select, textarea")
    ids = [control["id"] for control in controls]
    assert len(set(ids)) == len(ids) == 6
    assert all(page.find("label", attrs={"for": id}).get_text(strip=True) for id in ids)
    assert [control["name"] for control in controls] == ["name", "e_mail", "topic", "topic", "country", "call_me_back"]


def test_the_name_of_a_field_decides_its_type_where_it_tells():
    page = soup(written())
    assert page.find(id="e-mail")["type"] == "email"
    assert page.find(id="e-mail")["autocomplete"] == "email"


def test_a_field_for_a_message_is_a_text_area_that_ends_before_the_next_element():
    drawn = seen([element(1, "Label", "Message"), element(2, "TextBox", caption=1), element(3, "Button", "Send it")])
    page = soup("<label>Message<input type=text></label><button>Send it</button>", drawn)
    assert page.textarea.get_text() == ""
    assert page.button.get_text() == "Send it"


def test_a_drawn_dot_is_a_checked_radio_button():
    page = soup(written())
    assert [radio["value"] for radio in page.select("input[type=radio][checked]")] == ["Praise"]


def test_what_the_model_left_out_is_put_in():
    page = soup("<h1>Contact us</h1><p>Call me</p>")
    assert page.find("button", type="submit").get_text() == "SEND"
    assert page.find("a").get_text() == "Privacy"
    assert page.find("select").find("option").get_text() == "Choose"
    assert len(page.select("input[type=radio]")) == 2
    assert page.find("form").find("input", id="e-mail")
    assert page.find("img")["alt"]


def test_a_misread_word_may_be_corrected():
    assert soup("<h1>Contact us</h1>", seen([element(1, "Heading", "Cantact us")])).h1.get_text() == "Contact us"


@pytest.mark.parametrize("written_text", ["Buy now and save", "Room 3", "Room 12 with a view", "Zimmer zwölf"])
def test_other_words_than_the_read_ones_are_taken_back(written_text):
    assert soup(f"<h1>{written_text}</h1>", seen([element(1, "Heading", "Room 12")])).h1.get_text() == "Room 12"


def test_nothing_in_the_page_can_run_or_load_or_leave():
    html = """<h1 onclick="steal()" style="color:red">Contact us</h1><script>steal()</script>
      <a href="https://evil.example/">Privacy</a><img src="https://evil.example/x.png" onerror="steal()">
      <iframe src="//evil.example"></iframe><svg onload="steal()"></svg>
      <form action="https://evil.example/"><input type="hidden" name="x">
      <button formaction="//evil.example">SEND</button>"""
    page = finish(html, contact()).html
    assert "evil" not in page
    assert "steal" not in page
    assert "style=" not in page
    assert set(re.findall(r'(?:src|href|action)="([^"]*)"', page)) == {
        "/site.css",
        "/site.js",
        "/placeholder.svg",
        "/entries",
        "#",
    }


def test_fields_drawn_side_by_side_are_a_row():
    (row,) = soup(written()).select(".row")
    places = [cell["class"][-2:] for cell in row.find_all("div", recursive=False)]
    assert places == [["at-1", "to-8"], ["at-8", "to-13"]]


def test_a_page_without_a_form_is_a_page():
    page = soup("<h1>Our story</h1><p>It began in a barn.</p>", static())
    assert page.find("form") is None
    assert page.find("p").get_text() == "It began in a barn."


def test_the_button_that_was_pressed_is_sent_when_there_are_two():
    page = soup("", basket())
    assert [button["value"] for button in page.select("button[name=action]")] == ["SAVE", "BUY"]


def test_stepper_buttons_have_names_that_can_be_heard_and_send_nothing():
    stepper = "<div><button>-</button><input type=number value=2><button>+</button></div>"
    html = f"<form><div><p>Apples</p>{stepper}</div></form>"
    less, more = soup(html, basket()).select(".stepper button")
    assert (less["type"], less["aria-label"], more["aria-label"]) == ("button", "One less", "One more")
    assert soup(html, basket()).find("input", type="number")["name"] == "apples"
    assert soup(html.replace("Apples", "Product name"), basket()).find("input", type="number")


def test_a_password_is_not_sent():
    box = element(2, "TextBox", "", caption=1)
    drawn = seen([element(1, "Label", "Password"), box, element(3, "Button", "Log in")])
    field = soup("", drawn).find("input", type="password")
    assert not field.has_attr("name")


def test_there_is_one_h1_and_no_level_is_left_out():
    page = soup("<h3>Contact us</h3><h1>A</h1><h1>B</h1><h5>C</h5>")
    levels = [int(tag.name[1]) for tag in page.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels[levels.index(1) :]))


def test_the_language_is_that_of_the_words():
    drawn = seen([element(1, "Heading", "Forma de pago"), element(2, "Label", "Selecciona su país")])
    assert soup("", drawn).html["lang"] == "es"
    assert soup(written()).html["lang"] == "en"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/=\"' abchpdivformlabeinputyr1\n", max_size=200))
def test_whatever_is_written_the_page_is_valid_and_complete(html):
    page = soup(html)
    words = page.get_text(" ")
    assert all(text in words for text in ("Contact us", "Name", "E-mail", "Topic", "Country", "Call me back", "SEND"))
    assert len(page.select("input[type=radio]")) >= 2
