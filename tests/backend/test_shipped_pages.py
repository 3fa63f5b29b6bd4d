"""The front ends of the shipped backends in a real browser, under the policy of a site, before the real backend."""

import shutil
import socket
import threading

import pytest
import uvicorn
from fastapi import FastAPI, Request

from llmos.backend.backend import Backend
from llmos.backend.compile.sandbox import Sandbox
from llmos.http.files import send_file, static_file
from llmos.http.site import _ask
from tests.backend.by_hand import APPS, Written, drivers, empty_state, nobody_thinks, seed_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH: apt install chromium")


def served(name, sandbox):
    app, state = APPS[name], empty_state(name)
    if seed := seed_of(name):
        state.commit([{"op": "replace", "path": "", "value": seed}], cause={})
    handlers = Written(name, sandbox, state)
    backend = Backend(app, state, nobody_thinks, lambda kind, data: None, state.db.atomic, handlers, drivers)
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @api.get("/events", status_code=204)  # nothing happens that a page has not done itself
    async def events(): ...

    @api.api_route("/{path:path}", methods=["GET", "POST", "PATCH", "DELETE"])
    async def answer(request: Request, path: str):
        file = static_file(app.web, path) if request.method == "GET" else None
        return await send_file(file) if file else await _ask(backend, request, None)

    return api


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, request):
    """The page of the app that the test names, which must not complain."""
    sandbox = Sandbox()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(served(request.param, sandbox), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    yield page
    page.close()
    server.should_exit = True
    thread.join()
    sandbox.close()
    assert [text for text in complaints if "status of 409" not in text] == []


def of_app(name):
    return pytest.mark.parametrize("page", [name], indirect=True)


@of_app("todo")
def test_a_todo_is_added_done_and_removed(page):
    page.get_by_label("What is to be done").fill("buy milk")
    page.get_by_role("button", name="Add").click()
    page.get_by_label("buy milk", exact=True).click()
    page.locator("li.done").wait_for()
    page.get_by_role("button", name="Remove buy milk").click()
    page.get_by_text("Nothing is to be done.").wait_for()


@of_app("notes")
def test_a_note_is_kept_changed_and_found_again(page):
    page.get_by_label("Title").fill("Shopping")
    page.get_by_label("Tags").fill("home, food, home")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Change Shopping").click()
    page.get_by_label("Text").fill("Milk")
    page.get_by_role("button", name="Keep").click()
    page.get_by_label("Tag", exact=True).select_option("food (1)")
    page.get_by_label("Find").fill("MILK")
    page.get_by_role("button", name="Find").click()
    assert "#home" in page.get_by_role("listitem").inner_text()
    page.get_by_role("button", name="Remove Shopping").click()
    page.get_by_text("There are none.").wait_for()


def open_account(page, owner, balance):
    page.get_by_label("Owner").fill(owner)
    page.get_by_label("Opening balance").fill(balance)
    page.get_by_role("button", name="Open").click()
    page.get_by_text("The account is open.").wait_for()


@of_app("bank")
def test_money_moves_between_accounts_and_no_more_than_is_there(page):
    open_account(page, "Ada", "12.30")
    open_account(page, "Bob", "")
    page.get_by_label("From").select_option("Ada (1)")
    page.get_by_label("To", exact=True).select_option("Bob (2)")
    page.get_by_label("Amount").fill("2.05")
    page.get_by_role("button", name="Transfer").click()
    page.get_by_text("2.05 from Ada (1) to Bob (2)").wait_for()
    assert page.locator("tbody").inner_text().split() == ["1", "Ada", "10.25", "2", "Bob", "2.05"]
    page.get_by_label("From").select_option("Bob (2)")
    page.get_by_label("To", exact=True).select_option("Ada (1)")
    page.get_by_label("Amount").fill("2.06")
    page.get_by_role("button", name="Transfer").click()
    page.locator("#status.bad").wait_for()


@of_app("chess")
def test_a_game_is_begun_and_only_legal_moves_are_made(page):
    page.get_by_label("White").fill("Ann")
    page.get_by_label("Black").fill("Ben")
    page.get_by_role("button", name="Begin").click()
    for move in ("f2f3", "e7e5", "g2g4", "d8h4"):
        page.locator(f"[data-square={move[:2]}]").click()
        assert page.locator(".target").count() > 0
        page.locator(f"[data-square={move[2:]}].target").click()
        page.locator(f"[data-square={move[2:]}].last").wait_for()
    assert page.locator("#told").inner_text() == "Checkmate."
    page.locator("[data-square=a2]").click()
    assert page.locator(".chosen").count() == 0
    refused = "fetch('/games/1/moves', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '%s'})"
    assert page.evaluate(refused % '{"move": "a2a3"}' + ".then(answer => answer.status)") == 409


@of_app("shop")
def test_a_cart_is_filled_and_ordered_once(page):
    page.get_by_label("Find").fill("biscuits")
    page.get_by_role("button", name="Find", exact=True).click()
    put = page.get_by_role("button", name="Into the cart: Tin of biscuits")
    page.get_by_text("1 left").wait_for()
    put.click()
    page.get_by_text("Together 8.20").wait_for()
    page.get_by_role("button", name="Order all of it").click()
    page.get_by_text("Thank you for your order.").wait_for()
    page.get_by_text("0 left").wait_for()
    assert put.is_disabled()
    assert page.locator("#orders li").count() == 1
