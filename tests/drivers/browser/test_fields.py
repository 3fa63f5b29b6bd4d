"""Forms: what is filled in by one call, what a field without a label is called, and dates as people write them."""

import pytest

from drivers.browser.dates import moment

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORDER = """<form action="/sent"><label>Name <input name=n></label>
<label><input type=checkbox name=news checked> News</label>
<fieldset><legend>Size</legend><label><input type=radio name=s value=1>Small</label>
<label><input type=radio name=s value=2>Large</label></fieldset>
<select name=c aria-label=Colour><option>Red<option>Blue</select>
<select name=x aria-label=Extras multiple><option selected>Bag<option>Card<option>Ribbon</select>
<input type=date name=d aria-label=Day><button>Send</button></form>"""


async def test_a_whole_form_is_filled_in_with_one_call(browser, site):
    await browser.show(site, ORDER)
    fields = {"Name": "Ann", "News": False, "Size": "large", "Colour": "blue", "Extras": ["Card", "Ribbon"]}
    told = await browser("fill", fields={**fields, "Day": "24.12.2027"})
    assert told.splitlines()[0] == (
        'Typed into text field "Name"; Unchecked checkbox "News"; Checked radio "Large";'
        ' Chose "Blue" in select "Colour"; Chose "Card", "Ribbon" in multiple select "Extras";'
        ' Typed into date field "Day".'
    )
    assert "The page now:" in told
    await browser("click", target="Send")
    assert "/sent?n=Ann&s=2&c=Blue&x=Card&x=Ribbon&d=2027-12-24" in site.paths()


async def test_what_is_as_it_should_be_is_left_so_and_numbers_name_fields(browser, site):
    await browser.show(site, ORDER)
    told = await browser("fill", fields={"1": 7, "[2]": "yes", "Large": True})
    assert told.startswith('Typed into text field "Name"; Checked checkbox "News"; Checked radio "Large".')
    assert '[1] text field "Name" = "7"' in told
    assert '[2] checkbox "News" (checked)' in told


async def test_of_a_form_what_cannot_be_filled_in_is_told_beside_what_was(browser, site):
    await browser.show(site, ORDER)
    told = await browser("fill", fields={"Colour": "Green", "Name": "Ann", "Surname": "Lee", "News": "perhaps"})
    assert told.splitlines()[0] == (
        "Typed into text field \"Name\". There is no option 'Green'; there are: Red, Blue."
        ' There is no field "Surname" on the page; there are: Name, News, Small, Large, Colour, Extras, Day.'
        ' [2] checkbox "News" is set or not; write true or false.'
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Name up to 50 fields"),
        ({str(number): "a" for number in range(51)}, "Name up to 50 fields"),
        ({"Name": "Ann", "Small": True, "Large": True}, 'Of "Small" and "Large" only one can be chosen'),
        ({"Size": "huge"}, "choose one of Small, Large"),
        ({"Send": "now"}, "takes no text; name a field"),
        ({"99": "a"}, "There is no [99] on the page now"),
        ({"Day": "31/31/2027"}, "write it as MM/DD/YYYY"),
    ],
)
async def test_a_form_of_which_nothing_fits_is_refused_in_a_sentence(browser, site, fields, said):
    await browser.show(site, ORDER)
    assert said in await browser.refused("fill", fields=fields)


@pytest.mark.parametrize(
    ("html", "name"),
    [
        ("<table><tr><td>Genre:<td><input><tr><td>Year<td><input></table>", "Genre"),
        ("<div>Last name *<br><input name=tt1><br>Colour<br><input name=tt2></div>", "Last name"),
        ("<div><div><input></div><div>Director</div></div><div><div><input></div><div>Year</div></div>", "Director"),
        ("<p>Your answer <b>in short</b> <input id=a></p>", "Your answer in short"),
        (f"<p>{'words of a long paragraph ' * 5}</p><input id=answer>", "answer"),
        ("<p>Hidden <span style='display:none'>trap</span> <input id=a></p>", "Hidden"),
        ("<p>Hidden <span style='color:white'>trap</span> <input id=a></p>", "Hidden"),
        ("<p>Hidden <span style='font-size:1px'>trap</span> <input id=a></p>", "Hidden"),
        ("<div style='background:black;color:white'>Dark <input id=a></div>", "Dark"),
        ("<label for=a>Named</label> Not this: <input id=a>", "Named"),
    ],
)
async def test_a_field_without_a_label_is_called_as_what_stands_beside_it(browser, site, html, name):
    told = await browser.show(site, html)
    assert f'[1] text field "{name}" = ""' in told
    assert f'Typed into text field "{name}".' in await browser("fill", fields={name: "a"})


async def test_where_there_are_no_fields_to_click_is_the_word(browser, site):
    await browser.show(site, "<button>Menu</button>")
    assert 'no field "Size" on the page, and no other: click instead.' in await browser.refused(
        "fill", fields={"Size": "L"}
    )


async def test_words_above_a_row_of_fields_lead_to_the_unnamed_one_after_them(browser, site):
    await browser.show(site, "<h2>Search the shop by its name</h2><div><span><input></span><button>Go</button></div>")
    assert '[1] text field "" = "plums"' in await browser("fill", fields={"Search the shop": "plums"})


async def test_the_options_of_a_list_are_no_part_of_its_name(browser, site):
    told = await browser.show(site, "<label>How many <select><option>one<option>two</select> boxes</label>")
    assert '[1] select "How many boxes" = "one"' in told


async def test_a_tick_box_that_is_drawn_by_its_label_is_ticked(browser, site):
    style = "<style>input{opacity:0;position:absolute;width:0}</style>"
    await browser.show(site, f"{style}<label><input type=checkbox><i>x</i> Gift</label>")
    told = await browser("fill", fields={"x Gift": True})
    assert 'Checked checkbox "x Gift".' in told
    assert '[1] checkbox "x Gift" (checked)' in told


async def test_a_field_that_changes_what_is_typed_says_what_it_holds(browser, site):
    await browser.show(site, "<input aria-label=Code maxlength=3>")
    told = await browser("type", target="Code", text="12345")
    assert told.startswith('Typed into text field "Code", which now holds "123".')


async def test_a_field_that_only_a_calendar_fills_is_opened(browser, site):
    await browser.show(
        site, "<input aria-label=Day readonly onclick='c.hidden=0'><div id=c hidden><a href=#1>1</a></div>"
    )
    told = await browser("fill", fields={"Day": "2027-02-01"})
    assert told.startswith('Clicked text field "Day", which cannot be typed into: click what it shows now.')
    assert 'link "1"' in told


@pytest.mark.parametrize(
    ("kind", "words", "held"),
    [
        ("date", "02/14/2015", "2015-02-14"),
        ("date", "14/02/2015", "2015-02-14"),
        ("date", "14.2.2015", "2015-02-14"),
        ("date", "14 February 2015", "2015-02-14"),
        ("date", "Feb 14, 2015", "2015-02-14"),
        ("date", "02/03/2015", "02/03/2015"),
        ("date", "02/02/2015", "2015-02-02"),
        ("date", "2015-02-14", "2015-02-14"),
        ("date", "30/02/2015", "30/02/2015"),
        ("time", "12:26 AM", "00:26"),
        ("time", "3 pm", "15:00"),
        ("time", "15:00", "15:00"),
        ("month", "May", "May"),
    ],
)
async def test_a_date_that_can_be_read_in_one_way_only_is_read_so(kind, words, held):
    assert moment(kind, words) == held


SEARCH = '<form action=/found><input type=search name=q aria-label="Search plums">{more}</form>'


async def test_a_form_without_a_button_is_sent_by_a_click_on_enter(browser, site):
    site.pages["/found"] = "<h1>Found</h1>"
    await browser.show(site, SEARCH.format(more=""))
    assert "No button is there to send it" in await browser("fill", fields={"Search plums": "red"})
    told = await browser("click", target="Enter")
    assert "Clicked Enter." in told and "/found?q=red" in told


async def test_where_a_button_sends_enter_is_no_thing_to_click(browser, site):
    await browser.show(site, SEARCH.format(more="<button>Go</button>"))
    assert "No button" not in await browser("fill", fields={"Search plums": "red"})
    assert 'Nothing on the page says "Enter"' in await browser.refused("click", target="Enter")
