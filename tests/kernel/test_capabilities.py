"""Each line of what capabilities.py covers, attacked."""

import pytest

from llmos.contracts import Resource, ToolInfo
from llmos.errors import Denied
from llmos.kernel.app import App, Capabilities
from llmos.kernel.capabilities import Verdict, decide, grant_of

OPEN = ToolInfo("browser.open", "", {}, resource=Resource("url", "host"))
READ = ToolInfo("files.read", "", {}, resource=Resource("path", "path"))
ASK = ToolInfo("process.ask", "", {}, resource=Resource("app", "text"))
PLAIN = ToolInfo("clock.now", "", {})


def app(*tools, ask=()):
    rights = Capabilities(tools=tools, ask=ask)
    return App.model_construct(name="helper", capabilities=rights)


def test_what_the_manifest_does_not_list_is_denied_and_the_sentence_says_how_to_allow_it():
    with pytest.raises(Denied, match=r"may not use clock.now; to allow it, add it to \[capabilities\] tools"):
        decide(app("browser.open"), PLAIN, {})


def test_a_tool_without_a_resource_in_its_grant_reaches_all_of_them():
    assert decide(app("browser.open"), OPEN, {"url": "https://any.example"}) is Verdict.ALLOWED


@pytest.mark.parametrize("url", ["https://example.com/a", "http://EXAMPLE.com.", "https://user@example.com:444/"])
def test_a_granted_host_is_allowed_however_it_is_spelled(url):
    assert decide(app("browser.open:example.com"), OPEN, {"url": url}) is Verdict.ALLOWED


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com.evil.org/",
        "https://evil.org/example.com",
        "https://example.com@evil.org/",
        "https://sub.example.com/",
        "https://notexample.com/",
        "https://evil.org#example.com",
        "https://evil.org?example.com",
        "https://[::1]/example.com",
        "file:///example.com",
        "https://[broken/",
        "",
    ],
)
def test_no_other_host_passes_for_it(url):
    with pytest.raises(Denied):
        decide(app("browser.open:example.com"), OPEN, {"url": url})


@pytest.mark.parametrize(
    "arguments", [{}, {"url": None}, {"url": ["https://example.com"]}, {"URL": "https://example.com"}]
)
def test_a_call_that_does_not_name_its_resource_as_text_is_denied(arguments):
    with pytest.raises(Denied):
        decide(app("browser.open:example.com"), OPEN, arguments)


@pytest.mark.parametrize(
    "url", ["example.org/?u=//", "example.org/?u=http://example.com", "example.org", "//example.org/a"]
)
def test_the_grant_of_an_address_without_a_scheme_names_its_host_and_nothing_wider(url):
    assert grant_of(OPEN, {"url": url}) == "browser.open:example.org"


def test_a_star_before_a_host_grants_what_is_below_it_and_not_its_look_alikes():
    rights = app("browser.open:*.example.com")
    assert decide(rights, OPEN, {"url": "https://a.b.example.com"}) is Verdict.ALLOWED
    for url in ("https://example.com", "https://badexample.com", "https://example.com.evil.org"):
        with pytest.raises(Denied):
            decide(rights, OPEN, {"url": url})


def test_a_granted_folder_is_it_and_all_below_and_nothing_beside(tmp_path):
    (tmp_path / "notes").mkdir()
    rights = app(f"files.read:{tmp_path}/notes")
    for path in ("notes", "notes/a.txt", "notes/deep/b.txt", "notes/../notes/a.txt"):
        assert decide(rights, READ, {"path": f"{tmp_path}/{path}"}) is Verdict.ALLOWED
    for path in ("", "notes2/a.txt", "notes/../secret", "notes/../../x"):
        with pytest.raises(Denied):
            decide(rights, READ, {"path": f"{tmp_path}/{path}"})


def test_a_symlink_does_not_lead_out_of_a_granted_folder(tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "way-out").symlink_to("/etc")
    with pytest.raises(Denied):
        decide(app(f"files.read:{tmp_path}/notes"), READ, {"path": f"{tmp_path}/notes/way-out/passwd"})


@pytest.mark.parametrize("path", ["\0", "a" * 100_000, "~nobody-of-this-name/x"])
def test_a_path_that_is_none_is_denied(tmp_path, path):
    with pytest.raises(Denied):
        decide(app(f"files.read:{tmp_path}"), READ, {"path": path})


def test_a_resource_in_a_grant_of_a_tool_that_has_none_grants_nothing():
    with pytest.raises(Denied):
        decide(app("clock.now:utc"), PLAIN, {"utc": "utc"})


def test_what_is_listed_under_ask_waits_for_a_person_even_when_it_is_also_listed_under_tools():
    assert decide(app("clock.now", ask=["clock.now"]), PLAIN, {}) is Verdict.ASK


def test_what_its_driver_calls_destructive_waits_for_a_person_whatever_the_manifest_says():
    tool = ToolInfo("disk.format", "", {}, destructive=True)
    assert decide(app("disk.format"), tool, {}) is Verdict.ASK


def test_a_persons_grant_for_one_resource_does_not_reach_another():
    rights = app(ask=["browser.open"])
    granted = [grant_of(OPEN, {"url": "https://example.com/a"})]
    assert granted == ["browser.open:example.com"]
    assert decide(rights, OPEN, {"url": "https://example.com/b"}, granted) is Verdict.ALLOWED
    assert decide(rights, OPEN, {"url": "https://evil.org/"}, granted) is Verdict.ASK


def test_a_star_in_text_matches_whole_names_only():
    rights = app("process.ask:trans*")
    assert decide(rights, ASK, {"app": "translator"}) is Verdict.ALLOWED
    with pytest.raises(Denied):
        decide(rights, ASK, {"app": "my-translator"})
