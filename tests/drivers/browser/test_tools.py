"""Every tool, driven without a model over MCP against pages on loopback."""

import base64
import io
import json

import pytest
from mcp import Client
from PIL import Image

from .conftest import Browser, server, text_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORM = """<title>Order</title><h1>Order</h1><form action="/sent" method="post">
<label for="e">Email</label><input id="e" name="email" value="old">
<label><input type="checkbox" name="ok"> I agree</label>
<select name="size"><option>Small<option>Large</select><input type="date" name="day" aria-label="Day">
<textarea name="note" placeholder="Note"></textarea><button>Send</button></form>"""


async def test_a_page_is_told_as_text_with_numbered_controls(browser, site):
    told = await browser.show(site, FORM)
    assert told.splitlines() == [
        f"Order - {site.url}/",
        "# Order",
        '[1] text field "Email" = "old" [2] checkbox "I agree" (not checked) [3] select "size" = "Small", options: '
        'Small | Large [4] date field "Day" = "" (MM/DD/YYYY) [5] text area "Note" = "" [6] button "Send"',
    ]


async def test_several_are_clicked_in_turn_and_what_could_not_be_is_told(browser, site):
    await browser.show(
        site, "<input type=checkbox aria-label=Plums><input type=checkbox aria-label=Figs><button>Go</button>"
    )
    told = await browser("click", target=["Plums", 2])
    assert told.startswith('Clicked checkbox "Plums", checkbox "Figs".')
    assert told.count("(checked)") == 2
    told = await browser("click", target=["Figs", "Pears", "Go"])
    assert told.startswith('Clicked checkbox "Figs"; then no more: Nothing on the page says "Pears"')
    assert 'checkbox "Figs" (not checked)' in told
    assert "Nothing on the page" in await browser.refused("click", target=["Pears", "Go"])
    assert "up to 30" in await browser.refused("click", target=[])
    assert "up to 30" in await browser.refused("click", target=["Go"] * 31)


KINDS = "<p>Press the button. Next text.</p><button>Go on</button><a href=#a>One</a><a href=#b>Two</a>"


@pytest.mark.parametrize(
    ("target", "clicked"),
    [("button", 'button "Go on"'), ("link", 'link "One"'), ('link "Two"', 'link "Two"'), ("on", 'button "Go on"')],
)
async def test_what_nothing_says_is_found_by_its_kind(browser, site, target, clicked):
    await browser.show(site, KINDS)
    assert (await browser("click", target=target)).startswith(f"Clicked {clicked}.")


async def test_one_letter_is_not_found_within_a_word(browser, site):
    await browser.show(site, KINDS)
    assert "Nothing on the page" in await browser.refused("click", target="x")


async def test_a_form_is_filled_in_and_sent(browser, site):
    await browser.show(site, FORM)
    site.pages["/sent"] = "<title>Thanks</title><p>Order 7 is placed.</p>"
    assert '"ann@example.org"' in await browser("type", target=1, text="ann@example.org")
    assert "(checked)" in await browser("click", target="I agree")
    assert '[3] select "size" = "Large"' in await browser("select", target=3, option="large")
    assert '"2027-02-03"' in await browser("type", target="4", text="2027-02-03")
    await browser("type", target="Note", text="two\nlines")
    told = await browser("click", target="Send")
    assert told.splitlines() == ['Clicked button "Send".', f"Now on: Thanks - {site.url}/sent", "Order 7 is placed."]
    method, _, body, _ = next(row for row in site.asked if row[1] == "/sent")
    assert (method, body) == (
        "POST",
        b"email=ann%40example.org&ok=on&size=Large&day=2027-02-03&note=two%0D%0Alines",
    )


async def test_enter_sends_a_form_that_has_no_button(browser, site):
    await browser.show(site, '<form action="/find"><input name="q" aria-label="Words"></form>')
    site.pages["/find"] = "<p>3 found</p>"
    await browser("type", target="Words", text="plums")
    assert "/find?q=plums" not in site.paths()
    assert "3 found" in await browser("press", key="Enter")
    assert "/find?q=plums" in site.paths()


async def test_a_field_hears_each_key_and_an_empty_text_empties_it(browser, site):
    await browser.show(site, '<input aria-label="A" value="x" onkeydown="n.textContent++"><p id="n">0</p>')
    told = await browser("type", target=1, text="abc")
    assert told.endswith('[1] text field "A" = "abc"\n3')
    assert '= ""' in await browser("type", target=1, text="")


async def test_a_small_change_on_a_long_page_is_told_alone(browser, site):
    rows = "".join(f"<p>This is the line with number {number} of a long page.</p>" for number in range(100))
    save = "<button onclick=\"m.textContent='Saved as 12'\">Save</button><p id=m>Not saved</p>"
    await browser.show(site, save + rows)
    told = await browser("click", target="Save")
    assert told == 'Clicked button "Save".\nNew on the page:\nSaved as 12\nGone:\nNot saved'


async def test_an_action_without_effect_says_so(browser, site):
    await browser.show(site, "<button>Idle</button>")
    assert "Nothing on the page changed." in await browser("click", target=1)


async def test_a_long_page_comes_in_pages(browser, site):
    told = await browser.show(site, "".join(f"<p>Line {number} of the report.</p>" for number in range(1000)))
    assert told.endswith("[page 1 of 8; read(page=2) shows more]")
    assert "Line 999 of the report." in await browser("read", page=8)
    assert "[page 8 of 8]" in await browser("read", page=99)


async def test_what_is_clicked_by_its_text_need_be_no_control(browser, site):
    await browser.show(
        site,
        "<ul><li id=a>Apple<li id=b>Pear</ul><p id=m></p>"
        "<script>b.addEventListener('click', () => m.textContent = 'Pear it is')</script>",
    )
    assert "Pear it is" in await browser("click", target="Pear")


async def test_what_scripts_listen_to_has_a_number_and_an_icon_the_name_of_its_class(browser, site):
    row = "<div class=row><b>Ann</b> <span class=trash style='display:inline-block;width:9px;height:9px'></span></div>"
    told = await browser.show(
        site,
        f"""{row}<p id=m>kept</p><script>
        document.querySelector('.row').addEventListener('click', () => m.textContent += ' row');
        document.querySelector('.trash').onclick = (e) => {{
            m.textContent = 'deleted'; e.stopPropagation() }}</script>""",
    )
    assert told.splitlines()[1:] == ['[1] item: Ann [2] item "trash"', "kept"]
    assert "deleted" in await browser("click", target=2)
    assert "deleted row" in await browser("click", target="Ann")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("click", {"target": 77}, "There is no [77] on the page now"),
        ("click", {"target": "Nowhere"}, 'Nothing on the page says "Nowhere"'),
        ("click", {"target": "Off"}, "is disabled"),
        ("click", {"target": "Below"}, 'is covered by "Cookies!"'),
        ("type", {"target": "Off", "text": "a"}, "is disabled"),
        ("type", {"target": "Free", "text": "a"}, "takes no text"),
        ("type", {"target": "Shade", "text": "a"}, "there are: Day, Colour, File"),
        ("type", {"target": "Day", "text": "tomorrow"}, "write it as MM/DD/YYYY"),
        ("select", {"target": "Colour", "option": "Green"}, "there are: Red, Blue"),
        ("select", {"target": "Free", "option": "Green"}, "is no list of options"),
        ("press", {"key": "Nokey"}, "There is no key"),
        ("press", {"key": "Alt+F4"}, "Keys of the browser's own"),
        ("wait", {"text": "Godot", "seconds": 0.3}, '"Godot" did not come'),
        ("tab", {"number": 9}, "There is no tab 9"),
        ("download", {"target": "Free"}, "began no download"),
        ("upload", {"target": "File", "path": "/etc/shadow-of-nothing"}, "cannot be read"),
        ("search", {"query": "plums"}, "No search engine is set"),
        ("open", {"url": "   "}, "That is no address"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence_that_says_what_to_do(browser, site, tool, arguments, said):
    await browser.show(
        site,
        """<button disabled>Off</button><button>Free</button><input type=date aria-label=Day>
        <select aria-label=Colour><option>Red<option>Blue</select><input type=file aria-label=File>
        <div style="position:relative"><button>Below</button>
        <div style="position:absolute;inset:0;background:#eee">Cookies!</div></div>""",
    )
    assert said in await browser.refused(tool, **arguments)


async def test_before_anything_is_open_the_sentence_says_to_open_something(client):
    assert await Browser(client, process="empty").refused("read") == "No page is open; open one first."


async def test_search_asks_the_engine_that_is_set_where_searching_is_granted(site):
    site.pages["/find"] = "<p>3 results</p>"
    async with Client(server("--search", f"{site.url}/find?q={{}}")) as client:
        browser = Browser(client, grants=["browser.search"])
        assert "3 results" in await browser("search", query="plums & pears")
        assert "/find?q=plums%20%26%20pears" in site.paths()
        browser.grants = []
        assert "is not granted" in await browser.refused("search", query="plums")
        assert "3 results" in await browser("search", "browser.search", query="plums")


async def test_press_reaches_the_page(browser, site):
    await browser.show(site, "<p id=k>none</p><script>onkeydown = (e) => k.textContent = e.key</script>")
    assert "ArrowDown" in await browser("press", key="ArrowDown")


async def test_back_returns_to_the_page_before(browser, site):
    await browser.show(site, '<title>One</title><a href="/two">on</a>')
    site.pages["/two"] = "<title>Two</title>"
    assert "Now on: Two" in await browser("click", target="on")
    assert "Now on: One" in await browser("back")


async def test_wait_ends_when_the_text_is_there(browser, site):
    await browser.show(site, "<p id=m>Working</p><script>setTimeout(() => m.textContent = 'Ready', 700)</script>")
    assert (await browser("wait", text="ready", seconds=10)).startswith('"ready" is on the page.')


async def test_a_link_to_a_new_window_opens_a_tab_and_tab_goes_back(client, site):
    browser = Browser(client, process="tabs")
    await browser.show(site, '<title>One</title><a href="/two" target="_blank">on</a>')
    site.pages["/two"] = "<title>Two</title>"
    told = await browser("click", target="on")
    assert "A new tab was opened" in told and "Two" in told
    listed = await browser("tab")
    assert f"{site.url}/two (in front)" in listed
    number = next(line.split(".")[0] for line in listed.splitlines() if line.endswith(f"{site.url}/"))
    assert "One" in await browser("tab", number=int(number))


async def test_a_screenshot_is_a_picture(browser, site):
    await browser.show(site, "<title>Red</title><body style='background:red'>")
    result = await browser.result("screenshot")
    picture = next(part for part in result.content if part.type == "image")
    image = Image.open(io.BytesIO(base64.b64decode(picture.data)))
    assert image.size == (1280, 800) and image.getpixel((600, 400))[:3] == (255, 0, 0)


async def test_the_tree_tells_roles(browser, site):
    await browser.show(site, "<nav><a href=/x>Home</a></nav>")
    assert '- link "Home"' in await browser("tree")


async def test_a_download_comes_as_bytes_with_the_cookies_of_the_session(browser, site):
    await browser.show(site, '<script>document.cookie = "who=ann"</script><a href="/report.pdf">Report</a>')
    site.pages["/report.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7 data")
    for target in ("Report", f"{site.url}/report.pdf"):
        result = await browser.result("download", target=target)
        held = next(part.resource for part in result.content if part.type == "resource")
        assert (held.mime_type, base64.b64decode(held.blob)) == ("application/pdf", b"%PDF-1.7 data")
        assert "report.pdf, 13 bytes" in text_of(result)
    assert site.asked[-1][3]["Cookie"] == "who=ann"


async def test_a_file_that_the_page_makes_itself_can_be_downloaded(browser, site):
    await browser.show(
        site,
        """<button onclick="const a = document.createElement('a'); a.download = 'notes.txt';
        a.href = window.URL.createObjectURL(new Blob(['plums'])); a.click()">Export</button>""",
    )
    result = await browser.result("download", target="Export")
    assert not result.is_error, text_of(result)
    held = next(part.resource for part in result.content if part.type == "resource")
    assert (held.uri, base64.b64decode(held.blob)) == ("download:notes.txt", b"plums")


async def test_a_file_is_uploaded_from_a_path_or_from_words(browser, site, tmp_path):
    reading = "this.files[0].text().then((t) => m.textContent = t)"
    page = f'<input type=file aria-label=File onchange="{reading}"><p id=m></p>'
    await browser.show(site, page)
    file = tmp_path / "plums.txt"
    file.write_text("from a file")
    assert "from a file" in await browser("upload", target="File", path=str(file))
    assert "from words" in await browser("upload", target="File", path="plums.txt", content="from words")


async def test_frames_of_the_same_site_are_read_and_clicked(browser, site):
    site.pages["/inner"] = "<button onclick=\"this.textContent='pressed'\">In the frame</button>"
    told = await browser.show(site, '<p>Outer</p><div style="height:300px"></div><iframe src="/inner"></iframe>')
    assert 'button "In the frame"' in told
    assert 'button "pressed"' in await browser("click", target=1)


async def test_shadow_roots_are_read_and_clicked(browser, site):
    await browser.show(
        site,
        """<x-y></x-y><script>customElements.define('x-y', class extends HTMLElement {
        constructor() { super(); this.attachShadow({mode: 'open'}).innerHTML =
        '<button onclick="this.textContent=1">deep</button>' } })
        </script>""",
    )
    assert 'button "1"' in await browser("click", target=1)


async def test_dialogs_are_told_and_questions_are_answered_no(browser, site):
    asking = "alert('Hi'); m.textContent = confirm('Sure?')"
    await browser.show(site, f'<button onclick="{asking}">Ask</button><p id=m></p>')
    told = await browser("click", target="Ask")
    assert 'The page said "Hi"' in told and 'The page said "Sure?"' in told and told.endswith("false")


async def test_results_say_which_page_they_come_from(browser, site):
    await browser.show(site, "<p>x</p>")
    result = await browser.result("read")
    assert result.meta["llmos/source"] == "web page 127.0.0.1"


async def test_apps_do_not_share_cookies_and_processes_of_one_app_hand_them_on(browser, client, site):
    await browser.show(site, '<script>document.cookie = "who=ann"</script>', "/set")
    show = "<script>document.write(document.cookie + '|')</script>"
    other, same = Browser(client, app="other"), Browser(client, process="2")
    assert "who" not in await other.show(site, show, "/show")
    assert "who=ann|" in await same.show(site, show, "/show")


async def test_more_processes_than_places_take_turns(client, site):
    for number in range(7):
        assert f"page {number}" in await Browser(client, process=f"many {number}").show(site, f"<p>page {number}</p>")


async def test_annotations_say_what_is_true(client):
    tools = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}
    reading = {"read", "tree", "screenshot", "wait"}
    acting = {"click", "fill", "type", "select", "press", "upload"}
    assert {name for name, said in tools.items() if said.read_only_hint} == reading
    assert {name for name, said in tools.items() if said.destructive_hint} == acting
    assert {*tools} == reading | acting | {"open", "search", "back", "tab", "download"}
    assert json.dumps([said.open_world_hint for said in tools.values()]).count("true") == len(tools)
