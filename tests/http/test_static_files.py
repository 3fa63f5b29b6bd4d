import pytest

from llmos.http.files import static_file


@pytest.fixture
def web(tmp_path):
    folder = tmp_path / "app" / "web"
    (folder / "img").mkdir(parents=True)
    (folder / "index.html").write_text("home")
    (folder / "img" / "a.svg").write_text("<svg/>")
    (tmp_path / "app" / "prompt.md").write_text("secret")
    (folder / "outside").symlink_to(tmp_path / "app" / "prompt.md")
    return folder


@pytest.mark.parametrize(("path", "name"), [("", "index.html"), ("index.html", "index.html"), ("img/a.svg", "a.svg")])
def test_files_of_the_web_folder_are_found(web, path, name):
    assert static_file(web, path).name == name


@pytest.mark.parametrize(
    "path",
    [
        "../prompt.md",
        "img/../../prompt.md",
        "/etc/passwd",
        "outside",
        "img",
        "none.html",
        "a\0b",
        "x" * 5000,
        "..",
        ".",
    ],
)
def test_nothing_else_is(web, path):
    assert static_file(web, path) is None
