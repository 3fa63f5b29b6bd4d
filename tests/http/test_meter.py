import json

from prometheus_client.parser import text_string_to_metric_families

from llmos.http.meter import MAX_PATH_CHARS, RequestLog

SECRET = "s3cret-token"


async def measured(site):
    answer = await site.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {(sample.name, *sorted(sample.labels.items())): sample.value for sample in samples}


def requests(numbers):
    found = {}
    for (name, *labels), value in numbers.items():
        if name == "llmos_http_requests_total":
            label = dict(labels)
            found[label["method"], label["route"], label["status"]] = value
    return found


def lines(world):
    return [json.loads(line) for line in (world.home / "logs" / "requests.log").read_text().splitlines()]


async def test_requests_are_counted_by_route_not_by_path(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    await site.post("/entries", json={"name": "Ada"})
    for number in range(5):
        world.script.say({"status": 404, "error": "There is none."})
        await site.get(f"/entries/9{number}")
    counted = requests(await measured(site))
    assert counted["POST", "/entries", "201"] == 1
    assert counted["GET", "/entries/{id}", "404"] == 5


async def test_labels_stay_few_whatever_is_asked(world):
    site = await world.serve()
    for number in range(30):
        await site.get(f"/nothing/{number}")
        await site.request(f"METHOD{number}", "/entries")
    routes = {(method, route) for method, route, _ in requests(await measured(site))}
    assert routes == {("GET", "other"), ("other", "/entries")}


async def test_the_version_and_the_commits_are_told(world, signed):
    site = await world.serve()
    assert (await measured(site))["llmos_state_version",] == 0
    world.script.say(signed(1))
    await site.post("/entries", json={"name": "Ada"})
    numbers = await measured(site)
    assert (numbers["llmos_state_version",], numbers["llmos_state_commits_total",]) == (1, 1)


async def test_how_long_it_took_is_told_by_route(world):
    site = await world.serve()
    await site.get("/health")
    numbers = await measured(site)
    labels = (("method", "GET"), ("route", "/health"))
    assert numbers["llmos_http_request_seconds_count", *labels] == 1
    assert numbers["llmos_http_request_seconds_bucket", ("le", "120.0"), *labels] == 1


async def test_refusals_of_the_guard_are_counted_as_well(world):
    site = await world.serve()
    await site.get("/entries", headers={"Host": "evil.example"})
    assert requests(await measured(site))["GET", "/entries", "421"] == 1


async def test_each_site_has_numbers_of_its_own(world):
    site = await world.serve()
    await site.get("/nothing")
    await world.api.delete("/sites/guestbook")
    assert ("GET", "other", "404") not in requests(await measured(await world.serve()))


async def test_every_request_is_a_line_in_the_log_without_what_was_said(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    await site.post(f"/entries?key={SECRET}", json={"name": SECRET}, headers={"Authorization": f"Bearer {SECRET}"})
    (line,) = lines(world)
    assert line.pop("at").startswith("20")
    assert line.pop("ms") >= 0
    assert line == {"app": "guestbook", "method": "POST", "path": "/entries", "status": 201, "client": "127.0.0.1"}


async def test_nothing_in_a_path_can_forge_a_line(world):
    site = await world.serve()
    await site.get('/a%0A{"status": 200}%1b[31m')
    (line,) = lines(world)
    assert line["path"] == '/a\n{"status": 200}\x1b[31m'


async def test_a_long_path_is_cut(world):
    site = await world.serve()
    await site.get("/" + "x" * 5000)
    assert len(lines(world)[0]["path"]) == MAX_PATH_CHARS


def test_the_log_does_not_grow_for_ever(tmp_path):
    log = RequestLog(tmp_path / "logs" / "requests.log", max_bytes=1000)
    for _ in range(200):
        log.write(path="/entries", status=200)
    log.close()
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == 4
    assert all(file.stat().st_size <= 1000 for file in files)
