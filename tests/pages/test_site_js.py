"""site.js in a real browser, against a stub that keeps to the backend's contract."""

import shutil
import socket
import threading

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from llmos.http.site import HEADERS
from llmos.pages.finish import finish
from llmos.pages.site import build_site
from llmos.paths import bundle_root

from .drawn import contact, written

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH: apt install chromium")
WEB = bundle_root() / "apps" / "sketch-to-website" / "web"


class Stub:
    """Entries in memory; remembers what was sent. `refuse` makes it answer 422."""

    def __init__(self, web):
        self.entries, self.sent, self.version, self.refuse = {}, [], 0, False
        self.app = FastAPI()
        self.app.middleware("http")(self.headers)
        self.app.add_api_route("/entries", self.store, methods=["POST"])
        self.app.add_api_route("/entries", self.list, methods=["GET"])
        self.app.add_api_route("/entries/{id}", self.delete, methods=["DELETE"])
        self.app.mount("/", StaticFiles(directory=web, html=True))

    async def headers(self, request: Request, call_next):
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    async def store(self, request: Request) -> Response:
        self.sent.append((request.headers.get("idempotency-key"), await request.json()))
        if self.refuse:
            errors = [{"name": "e_mail", "detail": "is taken"}]
            problem = {"title": "Unprocessable Content", "status": 422, "detail": "Not stored.", "errors": errors}
            return JSONResponse(problem, 422, media_type="application/problem+json")
        self.version += 1
        id = str(len(self.entries) + 1)
        self.entries[id] = {"id": int(id), "created": "2026-01-02T03:04:05Z", **self.sent[-1][1]}
        return JSONResponse(self.entries[id], 201, headers={"ETag": f'"{self.version}-abc"'})

    async def list(self) -> Response:
        return JSONResponse(self.entries)

    async def delete(self, id: str) -> Response:
        del self.entries[id]
        return Response(status_code=204)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def stub(tmp_path):
    stub = Stub(build_site(finish(written(), contact()), tmp_path / "made-site", WEB) / "web")
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(stub.app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    stub.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    yield stub
    server.should_exit = True
    thread.join()


@pytest.fixture
def page(browser, stub):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(stub.url)
    yield page
    page.close()
    assert [text for text in complaints if "422" not in text] == []


def fill(page):
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.get_by_label("Call me back").check()
    page.get_by_label("Country").select_option("Spain")


def test_a_form_is_sent_as_typed_json_with_a_key(page, stub):
    fill(page)
    page.get_by_role("button", name="SEND").click()
    page.get_by_text("Stored as version 1").wait_for()
    ((key, body),) = stub.sent
    assert body == {
        "name": "Ada",
        "e_mail": "ada@example.org",
        "topic": "Praise",
        "country": "Spain",
        "call_me_back": True,
    }
    assert len(key) == 36


def test_stored_entries_are_listed_and_can_be_deleted(page, stub):
    fill(page)
    page.get_by_role("button", name="SEND").click()
    entry = page.get_by_role("listitem").filter(has_text="ada@example.org")
    entry.wait_for()
    assert "Call me back" in entry.inner_text()
    entry.get_by_role("button").click()
    entry.wait_for(state="detached")
    assert stub.entries == {}


def test_a_problem_stands_beside_its_field_and_what_was_typed_stays(page, stub):
    stub.refuse = True
    fill(page)
    page.get_by_role("button", name="SEND").click()
    page.get_by_text("is taken").wait_for()
    field = page.get_by_label("E-mail")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == "ada@example.org"
    assert "Not stored." in page.get_by_role("status").inner_text()


def test_sending_the_same_again_keeps_the_key_and_a_change_makes_a_new_one(page, stub):
    stub.refuse = True
    fill(page)
    for text in ("Ada", "Ada", "Bo"):
        page.get_by_label("Name").fill(text) if text == "Bo" else None
        with page.expect_response("**/entries"):
            page.get_by_role("button", name="SEND").click()
        page.get_by_text("is taken").wait_for()
    first, again, changed = (key for key, _ in stub.sent)
    assert first == again != changed


def test_the_browser_itself_asks_for_what_is_required(page, stub):
    page.get_by_role("button", name="SEND").click()
    assert page.get_by_label("E-mail").evaluate("field => field.validity.valueMissing")
    assert stub.sent == []


def test_no_label_or_name_is_missing_for_a_screen_reader(page):
    tree = page.locator("main").aria_snapshot()
    for line in (
        'textbox "Name"',
        'textbox "E-mail"',
        'radio "Praise" [checked]',
        'combobox "Country"',
        'group "Topic"',
    ):
        assert line in tree
