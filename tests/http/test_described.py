from openapi_spec_validator import OpenAPIV31SpecValidator

from llmos.backend.openapi import openapi
from llmos.kernel.app import load_app
from llmos.paths import bundle_root
from tests.http.served import install


async def test_the_document_is_served(world):
    site = await world.serve()
    served = (await site.get("/openapi.json")).json()
    assert served == openapi(load_app(bundle_root() / "apps" / "guestbook"))
    assert list(OpenAPIV31SpecValidator(served).iter_errors()) == []


async def test_a_document_that_cannot_be_written_says_why(world):
    folder = install(world.home)
    (folder / "examples" / "sign.json").write_text("{}")
    answer = await (await world.serve()).get("/openapi.json")
    assert answer.status_code == 500
    assert "sign.json is not an example" in answer.json()["detail"]


async def test_the_page_and_its_parts_come_under_the_policy(world):
    site = await world.serve()
    for path, kind in (("/docs", "text/html"), ("/docs/docs.js", "text/javascript"), ("/docs/docs.css", "text/css")):
        answer = await site.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_the_page_holds_nothing_that_the_policy_forbids_or_that_could_become_markup(world):
    site = await world.serve()
    page, script = (await site.get("/docs")).text, (await site.get("/docs/docs.js")).text
    assert "//" not in page.replace("<!doctype html>", "")
    assert " style=" not in page and "<style" not in page and "<script>" not in page
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https:"):
        assert unsafe not in script


async def test_there_is_nothing_else_below_the_page(world):
    site = await world.serve()
    for path in ("/docs/nothing", "/docs/..%2Fsite.py", "/docs/%2e%2e%2fsite.py", "/docs/%00"):
        answer = await site.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


async def test_an_app_whose_routes_are_the_sites_own_is_not_served(world):
    folder = install(world.home)
    (folder / "prompt.md").write_text("Mine.\n\n## GET /metrics\nAnswer 200.\n")
    refused = await world.api.post("/sites", json={"app": "guestbook", "port": 0})
    assert refused.status_code == 404
    assert "every site answers itself" in refused.json()["detail"]
    assert (await world.api.get("/status")).json()["sites"] == []
