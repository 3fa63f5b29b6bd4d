"""The server around the two tools: what it promises, what it loads when, where its models are."""

import asyncio
import shutil
import sys

import pytest
from mcp import Client

from llmos import paths

from .conftest import ROOT, TINY, Driver, server_for
from .recordings import base64_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
HEAVY = {"numpy", "onnxruntime", "ctranslate2", "faster_whisper", "hibari", "av", "huggingface_hub"}


async def test_both_tools_may_be_repeated_and_change_nothing(driver):
    tools = (await driver.client.list_tools()).tools
    assert {tool.name for tool in tools} == {"listen", "speak"}
    for tool in tools:
        hints = tool.annotations
        assert (hints.read_only_hint, hints.idempotent_hint, hints.destructive_hint) == (True, True, False)


async def test_the_server_starts_without_its_heavy_libraries():
    code = "import sys, pathlib, drivers.speech.server as s; s.make_server(pathlib.Path()); print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    loaded, _ = await process.communicate()
    assert process.returncode == 0
    assert HEAVY.isdisjoint(loaded.decode().split())


async def test_without_a_model_the_sentence_names_the_command_that_fetches_one(recording, tmp_path):
    async with Client(server_for(tmp_path)) as client:
        driver, audio = Driver(client), base64_of(recording)
        said = await driver.refused("listen", {"audio": audio})
        assert "`llmos pull whisper-base`" in said and "`llmos pull whisper-tiny.en`" in said
        assert "`llmos pull whisper-tiny.en`" in await driver.refused("listen", {"audio": audio, "model": "tiny.en"})
        assert "tiny" not in await driver.refused("listen", {"audio": audio, "language": "de"})
        assert "CTranslate2" in await driver.refused("listen", {"audio": audio, "model": "large-v3"})
        assert "not the name" in await driver.refused("listen", {"audio": audio, "model": "../../etc"})


async def test_without_its_libraries_it_lists_its_tools_and_says_what_to_install(tmp_path):
    for library in ("av", "hibari"):
        (tmp_path / f"{library}.py").write_text(f"raise ImportError('gone', name='{library}')")
    async with Client(server_for(tmp_path, tmp_path)) as client:
        assert len((await client.list_tools()).tools) == 2
        said = await Driver(client).refused("listen", {"audio": "AAAA"})
        assert said == "av is not installed; install it with: pip install 'llmos[speech]'."
        assert "hibari is not installed" in await Driver(client).refused("speak", {"text": "Hi."})


async def test_the_network_is_not_asked_for_what_a_model_lacks(recording, tmp_path):
    shutil.copytree(paths.models() / TINY, tmp_path / TINY)
    (tmp_path / TINY / "tokenizer.json").unlink()
    async with Client(server_for(tmp_path)) as client:
        arguments = {"audio": base64_of(recording), "model": TINY}
        assert "`llmos pull whisper-tiny.en`" in await Driver(client).refused("listen", arguments)


async def test_a_model_of_ones_own_is_found_by_its_folders_name(recording, tmp_path):
    (tmp_path / "mine").symlink_to(paths.models() / TINY)
    async with Client(server_for(tmp_path)) as client:
        assert (await Driver(client).listen(recording, model="mine"))["model"] == "mine"


async def test_a_damaged_model_is_named(recording, tmp_path):
    shutil.copytree(paths.models() / TINY, tmp_path / TINY)
    (tmp_path / TINY / "model.bin").write_bytes(b"nothing")
    async with Client(server_for(tmp_path)) as client:
        assert "damaged" in await Driver(client).refused("listen", {"audio": base64_of(recording), "model": TINY})


async def test_only_what_english_models_hear_is_asked_of_them(driver, recording):
    audio = base64_of(recording)
    assert "hears only English" in await driver.refused("listen", {"audio": audio, "model": TINY, "language": "de"})


async def test_another_voice_speaks_once_its_file_is_here(driver, tmp_path):
    import hibari

    source = f"{hibari.__path__[0]}/assets/hibari.onnx"
    (tmp_path / "hibari").mkdir()
    shutil.copy(source, tmp_path / "hibari" / "bf_emma.int8.onnx")  # any model serves to show that it is found
    async with Client(server_for(tmp_path)) as client:
        _, said = await Driver(client).speak("A tomato.", voice="emma")
        assert said["voice"] == "emma"
        assert "am_fenrir" in await Driver(client).refused("speak", {"text": "Hi.", "voice": "fenrir"})
