"""The pages of an example: what is served, what is noted, and what is not reached."""

import httpx2
import pytest

from llmos.http.example_site import MAX_ASKED, MAX_FORM_BYTES, served


@pytest.fixture
def site(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "index.html").write_text("<h1>Shop</h1>")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    with served(folder) as site:
        yield site


def test_pages_are_served_and_what_is_asked_is_noted(site):
    assert httpx2.get(f"{site.url}/index.html?a=1").text == "<h1>Shop</h1>"
    assert httpx2.post(f"{site.url}/index.html", data={"name": "Ann Lee"}).text == "<h1>Shop</h1>"
    assert httpx2.get(f"{site.url}/gone.html").status_code == 404
    assert site.opened == ["/index.html?a=1", "/index.html?name=Ann+Lee", "/gone.html"]


@pytest.mark.parametrize(
    "path", ["/out.txt", "/../secret.txt", "/%2e%2e/secret.txt", "//etc/hostname", "/..%2fsecret.txt"]
)
def test_nothing_outside_its_folder_is_served(site, path):
    assert "secret" not in (told := httpx2.get(site.url + path)).text.replace(path, "")
    assert told.status_code == 404


def test_it_is_reached_from_this_machine_alone(site):
    assert site.url.startswith("http://127.0.0.1:")


def test_a_form_without_end_and_requests_without_end_are_cut(site):
    assert httpx2.post(f"{site.url}/index.html", content=b"a" * (MAX_FORM_BYTES + 5)).status_code == 200
    assert len(site.opened[0]) == len("/index.html?") + MAX_FORM_BYTES
    site.opened.extend(["/"] * MAX_ASKED)
    noted = len(site.opened)
    httpx2.get(f"{site.url}/index.html")
    assert len(site.opened) == noted


def test_it_ends_with_its_example(tmp_path):
    with served(tmp_path) as site:
        url = site.url
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    with served(None) as site:
        assert site is None
