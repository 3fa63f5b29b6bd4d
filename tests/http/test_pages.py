"""Lists in pages, of handlers and of the model, over real sockets."""

import pytest

from tests.backend.by_hand import APPS
from tests.http.compiled import install, serve_compiled
from tests.http.served_shared import LIST, add, by
from tests.http.served_shared import install as install_shared


async def walk(site, path, **options):
    """The pages, by following what the answers link to."""
    pages = []
    while path:
        answer = await site.get(path, **options)
        assert answer.status_code == 200, answer.text
        pages.append([item["id"] for item in answer.json()])
        path = answer.links.get("next", {}).get("url")
    return pages


async def filled(world, name, path, number=5):
    site = await serve_compiled(world, name)
    for count in range(number):
        field = "title" if name == "notes" else "name"
        assert (await site.post(path, json={field: f"{count}"})).status_code == 201
    return site


async def test_a_list_comes_in_pages_in_its_own_order(world):
    assert await walk(await filled(world, "guestbook", "/entries"), "/entries?limit=2") == [[1, 2], [3, 4], [5]]
    assert await walk(await filled(world, "notes", "/notes"), "/notes?q=&limit=2") == [[5, 4], [3, 2], [1]]
    assert world.script.requests == []


async def test_what_comes_and_goes_meanwhile_moves_nothing_between_pages(world):
    site = await filled(world, "guestbook", "/entries")
    first = await site.get("/entries?limit=2")
    assert (await site.delete("/entries/2")).status_code == 204
    assert (await site.delete("/entries/1")).status_code == 204
    await site.post("/entries", json={"name": "new"})
    assert await walk(site, first.links["next"]["url"]) == [[3, 4], [5, 6]]


async def test_a_page_has_the_tag_of_its_version(world):
    site = await filled(world, "guestbook", "/entries")
    path = (await site.get("/entries?limit=2")).links["next"]["url"]
    page, head = await site.get(path), await site.head(path)
    assert (head.headers["link"], head.headers["etag"]) == (page.headers["link"], page.headers["etag"])
    same = {"If-None-Match": page.headers["etag"]}
    assert (await site.get(path, headers=same)).status_code == 304
    await site.delete("/entries/4")
    changed = await site.get(path, headers=same)
    assert [entry["id"] for entry in changed.json()] == [3, 5]


async def test_a_whole_list_in_memory_and_a_page_of_it_do_not_mix(world):
    site = await filled(world, "guestbook", "/entries")
    for _ in range(2):
        assert await walk(site, "/entries") == [[1, 2, 3, 4, 5]]
        assert await walk(site, "/entries?limit=4") == [[1, 2, 3, 4], [5]]


async def test_a_bad_limit_is_refused_and_elsewhere_it_means_nothing(world):
    site = await filled(world, "guestbook", "/entries", 1)
    assert (await site.get("/entries?limit=0")).status_code == 400
    assert (await site.get("/entries?after=nowhere")).status_code == 400
    assert (await site.get("/entries/1?limit=0")).status_code == 200


async def test_the_model_is_asked_once_for_all_pages_and_told_nothing_of_them(world):
    site = await filled(world, "guestbook", "/entries")
    world.sites.workshop.bench(APPS["guestbook"]).routes.shelf.demote("GET /entries", "for this test")
    world.sites.workshop.bench(APPS["guestbook"]).routes.forget("GET /entries")
    world.script.follow = None
    world.script.say({"status": 200, "body": {"list": "/entries"}})
    assert await walk(site, "/entries?limit=2") == [[1, 2], [3, 4], [5]]
    [asked] = world.script.requests
    assert "limit" not in asked.messages[-1].text


async def test_an_app_says_how_long_its_pages_are(world):
    install(world.home, "guestbook", "[http]\npage_size = 2\nmax_page_size = 3\n")
    site = await filled(world, "guestbook", "/entries")
    assert await walk(site, "/entries") == [[1, 2], [3, 4], [5]]
    assert (await site.get("/entries?limit=4")).status_code == 400


async def test_pages_hold_what_a_user_may_see(world):
    install_shared(world.home)
    site = await world.serve("shared")
    ann = by(await add(world, "ann"))
    world.script.say(LIST)
    pages = await walk(site, "/todos?limit=1", headers=ann)
    assert pages == [[1], [2]]


@pytest.mark.parametrize("origin", ["https://shop.example"])
async def test_a_page_of_another_site_may_read_the_link(world, origin):
    install(world.home, "guestbook", f'[http]\ncors = ["{origin}"]\n')
    site = await filled(world, "guestbook", "/entries", 2)
    answer = await site.get("/entries?limit=1", headers={"Origin": origin})
    assert "Link" in answer.headers["access-control-expose-headers"]
