"""A field that a calendar fills: the day is chosen there, however many months away it is."""

import pytest
import pytest_asyncio

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALENDAR = """<html lang=de><label>Day <input id=day readonly onclick="c.hidden=0"></label><button>Send</button>
<div id=c hidden><div id=h></div>
<table id=t></table></div><script>
let at = new Date(2027, 11, 1);
const from = new Date(2027, 6, 1), names = {names};
function draw() {{
  h.innerHTML = `<span title=Prev>&lt;</span> <b>${{names[at.getMonth()]}} ${{at.getFullYear()}}</b>
    <span class="icon next"><i>&gt;</i></span>`;
  h.children[0].addEventListener('click', () => {{ if (at > from) at.setMonth(at.getMonth() - 1); draw(); }});
  h.children[2].addEventListener('click', () => {{ at.setMonth(at.getMonth() + 1); draw(); }});
  const first = new Date(at); first.setDate(1 - (at.getDay() + 6) % 7);
  t.innerHTML = '';
  for (let row = 0; row < 6; row++) {{
    const tr = t.insertRow();
    for (let cell = 0; cell < 7; cell++, first.setDate(first.getDate() + 1)) {{
      const day = new Date(first), td = tr.insertCell();
      td.textContent = day.getDate();
      td.onclick = () => {{ document.getElementById('day').value = day.toLocaleDateString('en-CA'); c.hidden = 1; }};
    }}
  }}
}}
draw();</script>"""
ENGLISH = "January February March April May June July August September October November December"
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"


@pytest_asyncio.fixture(loop_scope="session", params=[ENGLISH, GERMAN], ids=["English", "German"])
async def page(browser, site, request):
    await browser.show(site, CALENDAR.format(names=request.param.split()))


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2027-12-24", "2027-12-24"),
        ("1.8.2027", "2027-08-01"),
        ("08/01/2027", "2027-08-01"),
        ("31 January 2029", "2029-01-31"),
    ],
)
async def test_a_day_is_chosen_in_the_calendar_that_its_field_opens(browser, page, words, day):
    told = await browser("fill", fields={"Day": words})
    assert told.startswith(f'Clicked text field "Day": chose {day} in its calendar.')
    assert f'[1] text field "Day" = "{day}"' in told and "(read only)" not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("31/31/2027", "write the day as MM/DD/YYYY"),
        ("soon", "write the day as MM/DD/YYYY"),
        ("2027-06-30", "does not go to 2027-06-30"),
        ("2099-01-01", "has no 2099-01-01 to choose"),
    ],
)
async def test_a_day_that_cannot_be_chosen_is_one_sentence(browser, page, words, said):
    assert said in await browser.refused("type", target="Day", text=words)


async def test_who_clicks_such_a_field_is_told_to_fill_it_in_and_may(browser, page):
    told = await browser("click", target="Day")
    assert 'Clicked text field "Day", which opens a calendar: fill the field in with a day' in told
    assert "chose 2027-12-24 in its calendar" in await browser("fill", fields={"Day": "2027-12-24"})


async def test_a_field_that_opens_when_it_is_reached_is_not_called_read_only(browser, site):
    told = await browser.show(
        site,
        """<input readonly aria-label=Total><input readonly aria-label=Day><input readonly aria-label=Hour>
        <script>const [, day, hour] = document.querySelectorAll('input');
        day.addEventListener('focus', () => 0); hour.addEventListener('click', () => 0)</script>""",
    )
    assert '"Total" = "" (read only) [2] text field "Day" = "" [3] text field "Hour" = ""' in told
