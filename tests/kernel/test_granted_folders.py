"""What a path in a grant reaches, and that the walls of the process that serves a call are those of its caller."""

import os
from pathlib import Path

import pytest

from llmos.contracts import Resource, ToolInfo
from llmos.errors import Denied
from llmos.kernel.capabilities import Verdict, decide, grant_of, patterns_of, roots_of
from llmos.kernel.drivers import DriverHost, DriverManifest, Sandbox
from llmos.kernel.drivers import host as host_module
from llmos.kernel.drivers.caller import Silence
from llmos.kernel.drivers.folders import folders
from llmos.kernel.drivers.start import missing_walls
from llmos.kernel.folders import folder_of, make_missing, placed
from tests.kernel.test_capabilities import app

ATTACKER = str(Path(__file__).with_name("attacking_driver.py"))
READ = ToolInfo("files.read", "", {}, read_only=True, resource=Resource("path", "path"))
MOVE = ToolInfo("files.move", "", {}, resource=Resource("path", "path", ("to",)))


class Granted(Silence):
    """A caller with folders."""

    def __init__(self, read=(), write=()):
        self._folders = folders(read, write)

    def folders(self, driver):
        return self._folders


@pytest.fixture
def notes(tmp_path):
    (tmp_path / "notes" / ".ssh").mkdir(parents=True)
    (tmp_path / "notes" / "a.txt").write_text("a")
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "secret.txt").write_text("the key")
    return tmp_path / "notes"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", [".ssh", ".ssh/id", ".env", "deep/.git/config", "link-to-hidden"])
def test_what_is_hidden_below_a_granted_folder_is_not_granted_with_it(notes, path):
    (notes / "link-to-hidden").symlink_to(notes / ".ssh")
    with pytest.raises(Denied, match="only what is not hidden in"):
        decide(app(f"files.read:{notes}"), READ, {"path": f"{notes}/{path}"})


def test_a_hidden_folder_that_a_grant_names_is_granted(notes):
    assert decide(app(f"files.read:{notes}/.ssh"), READ, {"path": f"{notes}/.ssh/config"}) is Verdict.ALLOWED


@pytest.mark.parametrize("pattern", ["~", "~/", "/", "~/..", "~/notes/..", "~/way-home"])
def test_the_home_folder_and_what_is_above_it_cannot_be_granted_as_a_whole(home, notes, pattern):
    (home / "way-home").symlink_to(home)
    assert folder_of(pattern) is None
    with pytest.raises(
        Denied, match="cannot be granted as a whole, as it holds keys and settings; name a folder below"
    ):
        decide(app(f"files.read:{pattern}"), READ, {"path": f"{notes}/a.txt"})


@pytest.mark.parametrize("pattern", [".", "state", "state/apps", "state/blobs/new"])
def test_the_state_folder_and_what_is_around_it_cannot_be_granted(tmp_path, monkeypatch, pattern):
    """Its manifests say what apps may do, and its token opens the kernel's API."""
    (tmp_path / "state" / "apps").mkdir(parents=True)
    monkeypatch.setenv("LLMOS_HOME", str(tmp_path / "state"))
    assert folder_of(f"{tmp_path}/{pattern}") is None
    assert folder_of(f"{tmp_path}/state2") == tmp_path / "state2"


def test_a_call_that_names_two_paths_needs_both_of_them_granted(notes):
    rights = app(f"files.move:{notes}")
    inside, outside = f"{notes}/b.txt", f"{notes.parent}/mail/b.txt"
    assert decide(rights, MOVE, {"path": f"{notes}/a.txt", "to": inside}) is Verdict.ALLOWED
    for paths in ({"path": inside, "to": outside}, {"path": outside, "to": inside}, {"path": inside, "to": "\0"}):
        with pytest.raises(Denied):
            decide(rights, MOVE, paths)
    both = app(f"files.move:{notes}", f"files.move:{notes.parent}/mail")
    assert decide(both, MOVE, {"path": inside, "to": outside}) is Verdict.ALLOWED


def test_the_roots_of_a_call_are_the_folders_that_allowed_it_and_no_others_of_the_app(notes):
    rights = app(f"files.read:{notes}", f"files.write:{notes.parent}/mail", f"files.read:{notes.parent}/other")
    assert roots_of(rights, READ, {"path": f"{notes}/a.txt"}) == [notes]


def test_a_persons_yes_to_one_path_is_a_root_of_just_that_path(notes):
    rights = app(ask=["files.read"])
    call = {"path": f"{notes}/a.txt"}
    assert roots_of(rights, READ, call) == [notes / "a.txt"]
    assert roots_of(rights, READ, {"path": f"{notes}/.ssh/id"}, [grant_of(READ, call)]) == [notes / ".ssh" / "id"]


def test_a_persons_yes_to_a_change_is_a_root_of_the_folders_it_is_made_in(notes):
    rights, mail = app(ask=["files.move"]), notes.parent / "mail"
    assert roots_of(rights, MOVE, {"path": f"{notes}/a.txt", "to": f"{mail}/a.txt"}) == [notes, mail]


def test_the_folder_of_an_allowed_change_is_made_where_it_is_missing(home):
    resource, arguments = Resource("path", "path"), {"path": f"{home}/new/list.txt"}
    roots = roots_of(app(ask=("files.write",)), ToolInfo("files.write", "", {}, resource=resource), arguments)
    make_missing(roots, resource, arguments)
    assert (home / "new").is_dir()
    assert not (home / "new" / "list.txt").exists()


def test_a_root_that_the_call_names_may_be_a_file_and_is_not_made(home):
    make_missing([home / "list.txt"], Resource("path", "path"), {"path": f"{home}/list.txt"})
    assert not (home / "list.txt").exists()


def test_a_folder_that_cannot_be_made_is_left_to_the_driver(notes):
    make_missing([notes / "a.txt" / "below"], Resource("path", "path"), {"path": f"{notes}/a.txt/below/b"})
    assert (notes / "a.txt").read_text() == "a"


def test_a_persons_yes_to_a_change_in_the_home_folder_itself_is_a_root_of_nothing(home):
    assert roots_of(app(ask=["files.move"]), MOVE, {"path": "~/a.txt"}) == []


def test_a_grant_without_a_folder_gives_no_root(notes):
    assert roots_of(app("files.read"), READ, {"path": f"{notes}/a.txt"}) == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("a.txt", "notes/a.txt"),
        ("notes/a.txt", "notes/a.txt"),
        ("~/notes/a.txt", "notes/a.txt"),
        ("", "notes"),
        ("deep/../a.txt", "notes/a.txt"),
        ("way/a.txt", "mail/a.txt"),
        ("way", "notes/way"),
        ("..", "."),
    ],
)
def test_paths_are_placed_in_the_granted_folder_before_they_are_checked(home, notes, given, meant):
    (notes / "way").symlink_to(home / "mail")
    patterns = patterns_of(app("files.read:~/notes"), READ)
    placed_path = Path(placed(READ.resource, {"path": given}, patterns)["path"])
    assert os.path.normpath(placed_path) == os.path.normpath(home / meant)


def test_with_two_granted_folders_a_relative_path_begins_with_the_name_of_one(home, notes):
    patterns = ["~/notes", "~/mail"]
    assert placed(READ.resource, {"path": "mail/x"}, patterns)["path"] == str(home / "mail" / "x")
    assert not placed(READ.resource, {"path": "x"}, patterns)["path"].startswith(str(home))


@pytest.mark.skipif(bool(missing_walls()), reason=missing_walls())
class TestWalls:
    @pytest.fixture
    async def host(self, tmp_path):
        evil = DriverManifest(name="evil", command=("{python}", ATTACKER), sandbox=Sandbox(granted=True))
        host = DriverHost({"evil": evil}, tmp_path / "logs")
        yield host
        await host.close()

    async def test_a_driver_reaches_the_folders_of_its_caller_and_not_those_of_another_one(self, host, notes):
        async def read(caller, path):
            return (await host.call("evil.read", {"path": str(path)}, caller))["result"]

        mail = notes.parent / "mail"
        ann, ben = Granted(read=[notes]), Granted(read=[mail])
        assert await read(ann, notes / "a.txt") == "a"
        assert await read(ben, mail / "secret.txt") == "the key"
        assert await read(ann, mail / "secret.txt") == "PermissionError"
        assert await read(ben, notes / "a.txt") == "PermissionError"
        assert await read(None, notes / "a.txt") == "PermissionError"

    async def test_a_folder_granted_to_be_read_cannot_be_changed(self, host, notes):
        async def write(caller, path):
            return (await host.call("evil.write", {"path": str(path)}, caller))["result"]

        assert await write(Granted(read=[notes]), notes / "new.txt") == "PermissionError"
        assert await write(Granted(write=[notes]), notes / "new.txt") == "written"

    async def test_callers_with_the_same_folders_share_a_process_and_there_are_never_many(
        self, host, notes, monkeypatch
    ):
        monkeypatch.setattr(host_module, "SETTLED_SECONDS", 0.0)
        monkeypatch.setattr(host_module, "MAX_PROCESSES", 2)
        await host.call("evil.read", {"path": "/"}, Granted(read=[notes]))
        pid = host.health("evil").pid
        await host.call("evil.read", {"path": "/"}, Granted(read=[notes]))
        assert host.health("evil").pid == pid
        for number in range(host_module.MAX_PROCESSES):
            (notes / str(number)).mkdir()
            await host.call("evil.read", {"path": "/"}, Granted(read=[notes / str(number)]))
        running = [slot for slot in host._slots_of("evil") if slot.driver is not None]
        assert len(running) == host_module.MAX_PROCESSES
        assert pid not in {slot.driver.pid for slot in running}

    async def test_a_folder_that_is_made_after_the_driver_started_is_reached(self, host, notes):
        late = notes / "late"
        assert (await host.call("evil.read", {"path": str(late)}, Granted(read=[late])))["result"] != "x"
        late.mkdir()
        (late / "x.txt").write_text("x")
        assert (await host.call("evil.read", {"path": f"{late}/x.txt"}, Granted(read=[late])))["result"] == "x"
