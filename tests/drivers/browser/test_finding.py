"""What a click by words comes to: the thing that does something, nothing that does not, and the way to what is shut."""

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECTIONS = """<p>Open the sections and click the link <b>plums</b>, please do.</p>
<h3><button aria-expanded=false onclick="this.setAttribute('aria-expanded', true);a.hidden=0">First part</button></h3>
<p id=a hidden>Nothing is here.</p>
<h3><button aria-expanded=false onclick="this.setAttribute('aria-expanded', true);b.hidden=0">Second part</button></h3>
<p id=b hidden><a href="#found">figs</a></p>"""


async def test_what_only_stands_in_a_text_is_not_clicked_and_what_is_shut_is_named(browser, site):
    assert '[1] button "First part" (closed)' in await browser.show(site, SECTIONS)
    said = await browser.refused("click", target="sections")
    assert said == (
        '"sections" is only in the text "Open the sections and click the link plums, please do.", which does nothing'
        ' when it is clicked. Click first what is still closed: [1] button "First part", [2] button "Second part".'
    )
    assert '[1] button "First part" (expanded)' in await browser("click", target="First part")
    said = await browser.refused("click", target="figs")
    assert said.endswith('Click first what is still closed: [2] button "Second part".')
    await browser("click", target="Second part")
    assert 'Clicked link "figs".' in await browser("click", target="figs")


async def test_of_two_things_that_say_the_same_the_one_that_acts_is_clicked(browser, site):
    await browser.show(
        site,
        """<p>Find the mail by <b>Ann</b>.</p><div id=row><b>Ann</b> Hello</div><p id=m></p>
        <script>row.addEventListener('click', () => m.textContent = 'opened')</script>""",
    )
    assert "opened" in await browser("click", target="Ann")


MAILS = "".join(
    f"""<div><b>{name}</b> Hello<i style='opacity: 0'>ordered</i>
    <span class='star icon' onclick="m.textContent='starred {name}'"></span></div>"""
    for name in ("Ann", "Bea", "Cleo")
)


async def test_of_several_of_one_name_none_is_clicked_and_the_row_of_each_is_told(browser, site):
    style = "<style>.star {display: inline-block; width: 20px; height: 20px; background: gold}</style>"
    await browser.show(site, f"{style}<p id=m>none</p>{MAILS}")
    assert await browser.refused("click", target="star icon") == (
        '"star icon" stands there more than once: [1] by "Ann Hello", [2] by "Bea Hello", [3] by "Cleo Hello";'
        " name the number of the one that is meant."
    )
    assert "starred Bea" in await browser("click", target=2)


@pytest.mark.parametrize(
    "html",
    [
        "<a href='#more'>More</a> <a href='#more'>More</a>",
        "<button>More</button> <button hidden>More</button>",
        "<div style='position: fixed; inset: 0; background: white'><button>More</button></div><button>More</button>",
        "<div tabindex=0 onclick='1'><button>More</button></div>",
    ],
    ids=["that lead to the same", "of which one is hidden", "of which one is covered", "of which one holds the other"],
)
async def test_two_of_one_name_are_no_question(browser, site, html):
    await browser.show(site, html)
    assert '"More".' in await browser("click", target="More")


async def test_digits_in_quotes_are_first_looked_for_as_text(browser, site):
    await browser.show(site, "<a href=#a>30</a> <a href=#b>1</a> <a href=#c>Part 3</a>")
    assert 'Clicked link "1".' in await browser("click", target="1")
    assert 'Clicked link "30".' in await browser("click", target=1)
    assert 'Clicked link "Part 3".' in await browser("click", target="3")
    assert "no [9]" in await browser.refused("click", target="9")


@pytest.mark.parametrize("shape", ["", "size=4", "multiple"])
async def test_a_list_of_options_is_not_clicked_but_an_option_of_it_is(browser, site, shape):
    await browser.show(site, f"<select aria-label=Size {shape}><option>Small<option>Large</select>")
    assert "is a list of options; choose one" in await browser.refused("click", target="Size")
    told = await browser("click", target="large")
    assert 'Clicked "Large" in ' in told and 'select "Size" = "Large"' in told


async def test_an_option_of_two_lists_is_clicked_in_neither(browser, site):
    lists = "".join(f"<select aria-label={name}><option>Red<option>Blue</select>" for name in ("Cap", "Coat"))
    await browser.show(site, lists)
    said = await browser.refused("click", target="Blue")
    assert (
        said == '"Blue" is an option of [1] select "Cap" and of [2] select "Coat"; choose it in the one that is meant.'
    )
    assert 'select "Cap" = "Red"' in await browser("read")


MENU = """<style>li ul {{display: none}} {opens} {{display: block}}</style>
<p>Choose File &gt; Export &gt; As text.</p><p id=m>none</p>
<ul><li tabindex=0 class=top onclick="this.classList.add('open')"><span>File</span><ul>
<li tabindex=0 onclick="this.classList.add('open')"><span>Export</span>
<ul><li tabindex=0 onclick="m.textContent='exported as text'">As text</ul></ul></ul>"""


@pytest.mark.parametrize("opens", ["li:hover > ul", "li.open > ul"])
async def test_a_way_through_menus_is_gone_by_hovering_or_else_by_clicking(browser, site, opens):
    await browser.show(site, MENU.format(opens=opens))
    assert "exported as text" in await browser("click", target="File > Export > As text")


MENUBAR = """<style>li ul {{display: none}} {opens} {{display: block}}</style><p id=m>none</p><ul role=menubar>
<li><div role=menuitem aria-haspopup=true onclick="this.parentElement.classList.add('open');
m.textContent += ' clicked'">File</div>
<ul role=menu><li><div role=menuitem onclick="m.textContent += ' saved'">Save</div></ul></ul>"""


@pytest.mark.parametrize(("opens", "did"), [("li:hover > ul", "none saved"), ("li.open > ul", "none clicked saved")])
async def test_an_entry_that_holds_a_menu_is_only_clicked_where_resting_on_it_does_not_open_it(
    browser, site, opens, did
):
    assert '[1] menu item "File" (closed)' in await browser.show(site, MENUBAR.format(opens=opens))
    told = await browser("click", target="File")
    assert '[1] menu item "File"\n' in told and 'menu item "Save"' in told
    assert did in await browser("click", target="Save")


async def test_a_way_that_ends_nowhere_is_told(browser, site):
    await browser.show(site, MENU.format(opens="li:hover > ul"))
    assert 'Nothing on the page says "As sound"' in await browser.refused("click", target="File > Export > As sound")
    assert "Nothing on the page" in await browser.refused("click", target=" > ")


@pytest.mark.parametrize("role", ["menuitem", "option", "treeitem", "tab"])
async def test_what_holds_things_with_roles_tells_them_one_by_one(browser, site, role):
    told = await browser.show(site, f"<div tabindex=0><div role={role}>One</div><div role={role}>Two</div></div>")
    assert '"One"' in told and '"Two"' in told


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('<p>Press "x", please.</p><button aria-label=Close>%</button>', "x"),
        ("<p>To close the box:</p><button>×</button>", "close"),
        ("<button aria-label=Search></button>", "🔍"),
        ("<button>☰</button>", "Menu"),
    ],
)
async def test_a_button_that_is_a_drawing_is_called_by_it_or_by_what_it_does(browser, site, page, said):
    page = page.replace("<button", "<button onclick=\"document.body.append('done')\"")
    await browser.show(site, page)
    assert "done" in await browser("click", target=said)


async def test_an_x_that_is_there_is_meant_before_what_closes(browser, site):
    await browser.show(site, "<a href=#c>Close</a> <a href=#x>x</a>")
    assert 'Clicked link "x".' in await browser("click", target="x")
