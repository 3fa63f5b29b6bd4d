import pytest

from llmos.contracts import Attachment
from llmos.errors import AppError, KernelBusy, KernelError, StateError
from llmos.kernel.kernel import Kernel
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import write_app


async def test_a_second_kernel_on_the_same_folder_is_refused(boot, tmp_path):
    await boot(ScriptedEngine([]))
    with pytest.raises(KernelBusy, match="Another kernel owns"):
        Kernel(tmp_path, ScriptedEngine([]), None, {})


def test_a_state_folder_that_is_a_file_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KernelError, match="cannot be used"):
        Kernel(tmp_path / "file", ScriptedEngine([]), None, {})


async def test_an_unknown_app_is_named_beside_those_there_are(boot, tmp_path):
    kernel = await boot(ScriptedEngine([]))
    with pytest.raises(AppError, match=r"no app called 'nope'; there are: .*assistant"):
        kernel.spawn("nope")
    assert kernel.processes() == []


async def test_an_unknown_pid_is_a_sentence(boot):
    kernel = await boot(ScriptedEngine([]))
    with pytest.raises(KernelError, match="no process 7"):
        kernel.kill(7)


async def test_what_could_not_be_written_has_not_happened(boot, tmp_path, monkeypatch):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine([]))
    append = kernel.journal.append

    def full(pid, kind, data):
        if kind == "message.user":
            raise StateError("The disk is full.")
        return append(pid, kind, data)

    monkeypatch.setattr(kernel.journal, "append", full)
    with pytest.raises(StateError):
        kernel.spawn("helper", "hi")
    assert (kernel.processes(), kernel.journal.events()) == ([], [])


async def test_attachments_are_stored_once_under_their_hash(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["ok", "ok"]))
    picture = Attachment(b"same bytes", "text/plain", "a.txt")
    for _ in range(2):
        await finished(kernel, kernel.spawn("helper", "look", [picture, picture]).pid)
    assert len(list((tmp_path / "blobs").iterdir())) == 1


async def test_processes_are_there_after_a_restart(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["one"]))
    before = await finished(kernel, kernel.spawn("helper", "hi").pid)
    assert (await boot(ScriptedEngine([]))).processes() == [before]


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("app.toml", "name = ", "not valid TOML"),
        ("app.toml", 'name = "other"\n', "must say name"),
        ("app.toml", 'name = "helper"\ntitle = "T"\nkind = "virus"\n', "kind"),
        ("app.toml", 'name = "helper"\ntitle = "T"\nkind = "chat"\nrun = "rm -rf /"\n', "run"),
        ("schema.json", "{", "not a JSON Schema"),
        ("schema.json", '{"type": "array"}', "must describe an object"),
        ("schema.json", '{"type": "nonsense"}', "not a JSON Schema"),
    ],
)
async def test_a_broken_app_says_which_file_and_why(boot, tmp_path, file, content, sentence):
    write_app(tmp_path)
    (tmp_path / "apps" / "helper" / file).write_text(content)
    kernel = await boot(ScriptedEngine([]))
    with pytest.raises(AppError, match=sentence):
        kernel.spawn("helper")
