"""Any driver's answers can be kept and given again without it."""

import base64

import pytest

from llmos.errors import Denied, DriverUnavailable, ToolFailed
from llmos.kernel.drivers import DriverManifest
from llmos.kernel.drivers.recorded import RecordingHost, ReplayHost
from tests.kernel.conftest import TOY
from tests.kernel.test_bad_drivers import BAD

PNG = base64.b64encode(b"\x89PNG" + bytes(300)).decode()
MANIFESTS = {"toy": TOY, "raw": DriverManifest(name="raw", command=("{python}", BAD, "picture"))}


@pytest.fixture
async def replay(tmp_path):
    """A host that replays what was recorded from real processes."""
    real = RecordingHost(MANIFESTS, tmp_path / "logs", tmp_path / "recorded")
    await real.tool("toy.add")
    await real.call("toy.add", {"a": 2, "b": 3})
    with pytest.raises(ToolFailed):
        await real.call("toy.refuse", {})
    with pytest.raises(DriverUnavailable):
        await real.call("toy.die", {})
    await real.call("raw.plain", {"data": PNG})
    await real.close()
    return ReplayHost(MANIFESTS, tmp_path / "recorded")


async def test_what_a_driver_said_is_said_again_without_its_process(replay):
    assert (await replay.tool("toy.add")).summary == "Add two numbers."
    assert await replay.call("toy.add", {"b": 3, "a": 2}) == {"sum": 5}
    with pytest.raises(ToolFailed, match="not today"):
        await replay.call("toy.refuse", {})
    assert replay.health("toy").state == "idle"


async def test_pictures_are_said_again_too(replay):
    result = await replay.run("raw.plain", {"data": PNG})
    assert result.attachments[0].data == base64.b64decode(PNG)


async def test_what_was_never_asked_or_broke_off_is_an_error_that_says_how_to_record_it(replay):
    for tool, arguments in (("toy.add", {"a": 9, "b": 9}), ("toy.die", {})):
        with pytest.raises(DriverUnavailable, match="RecordingHost"):
            await replay.call(tool, arguments)
    with pytest.raises(Denied):
        await replay.tool("toy.nothing")
