"""The embedded engine as a process: how it starts, dies, comes back and goes with its parent."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from llmos.contracts import ChatRequest, Message
from llmos.engines.llamacpp import LlamaCpp
from llmos.errors import EngineUnavailable
from llmos.testing.conformance import answer, ask, saying
from tests.engines.conftest import model_file

GONE_SECONDS = 10
TCP_LISTEN = "0A"
LOOPBACK = "0100007F"


async def pid_of(engine):
    await engine.address()
    return engine._process.pid


def listening_hosts(pid):
    """The local hosts, as /proc spells them, of the process's listening TCP sockets."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    tables = [Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    sockets = [line.split() for table in tables for line in table]
    return {s[1].partition(":")[0] for s in sockets if s[3] == TCP_LISTEN and f"socket:[{s[9]}]" in inodes}


def arguments(pid):
    return Path(f"/proc/{pid}/cmdline").read_text()


def gone(pid):
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


async def kill(engine):
    os.kill(await pid_of(engine), signal.SIGKILL)
    assert await engine._process.death(GONE_SECONDS)


@pytest.fixture
async def engine(small_model, tmp_path):
    engine = LlamaCpp(small_model, context_tokens=1024, slots=1, log=tmp_path / "engine.log")
    yield engine
    await engine.close()


@pytest.mark.model
async def test_killed_in_mid_answer_it_says_so_and_the_next_request_works(engine):
    stream = engine.stream(ask("Sing.", schema=saying("la", times=200), max_tokens=900))
    await anext(stream)
    os.kill(await pid_of(engine), signal.SIGKILL)
    with pytest.raises(EngineUnavailable, match=r"The engine died .* starts again with the next request"):
        async for _ in stream:
            pass
    assert not await engine.healthy()
    text, _ = await answer(engine, ask("Hi.", schema=saying("hi")))
    assert json.loads(text) == {"say": ["hi"]}


@pytest.mark.model
async def test_killed_while_idle_it_starts_again_unnoticed(engine):
    first = await pid_of(engine)
    await kill(engine)
    await answer(engine, ask("Hi.", max_tokens=2))
    assert await pid_of(engine) != first


@pytest.mark.model
async def test_an_engine_that_keeps_dying_is_not_started_for_ever(engine):
    engine._backoff._first_seconds = 0.01
    with pytest.raises(EngineUnavailable, match=r"keeps dying; read .*engine\.log"):
        for _ in range(20):
            await engine.info()
            await kill(engine)


@pytest.mark.model
async def test_one_start_serves_all_who_ask_at_once(engine):
    assert len({address for address, _ in await asyncio.gather(*(engine.address() for _ in range(5)))}) == 1


@pytest.mark.model
async def test_a_start_given_up_is_taken_over_by_the_next_request(engine):
    task = asyncio.create_task(engine.info())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    begun = engine._process
    await engine.info()
    assert engine._process is begun


@pytest.mark.model
async def test_it_listens_on_loopback_alone_and_asks_for_its_key(engine):
    address, key = await engine.address()
    assert listening_hosts(await pid_of(engine)) == {LOOPBACK}
    async with httpx2.AsyncClient(base_url=address) as client:
        for path in ("/props", "/slots", "/tokenize"):
            assert (await client.get(path)).status_code == 401
        body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
        assert (await client.post("/v1/chat/completions", json=body)).status_code == 401
    assert key not in arguments(await pid_of(engine))


@pytest.mark.model
async def test_closing_ends_the_process(engine):
    pid = await pid_of(engine)
    await engine.close()
    assert gone(pid)


@pytest.mark.model
def test_killing_the_parent_ends_the_engine(small_model, tmp_path):
    code = f"""
import asyncio, sys
from pathlib import Path
from llmos.engines.llamacpp import LlamaCpp

async def main():
    engine = LlamaCpp(Path({str(small_model)!r}), context_tokens=512, log=Path({str(tmp_path / "log")!r}))
    await engine.info()
    print(engine._process.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


@pytest.mark.model
def test_a_parent_that_dies_while_the_model_loads_leaves_no_engine_behind(small_model):
    settings = {"model": str(small_model), "context_tokens": 512, "slots": 1, "threads": 1, "key": "k"}
    command = [sys.executable, "-P", "-m", "llmos.engines.llamacpp_server"]
    for _ in range(4):  # the server's own end hangs about every other time
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as one:
            one.stdin.write(json.dumps(settings).encode() + b"\n")
            one.stdin.close()
            one.stdout.close()
            try:
                assert one.wait(timeout=60) == 1
            finally:
                one.kill()


async def test_a_missing_model_file_says_how_to_fetch_it(tmp_path):
    with pytest.raises(EngineUnavailable, match=r"no model file .*absent\.gguf; fetch it with `llmos pull`"):
        await LlamaCpp(tmp_path / "absent.gguf").info()


async def test_a_file_that_is_no_model_is_one_sentence(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(EngineUnavailable, match=r"cannot load .*model\.gguf \(invalid magic characters.*`llmos pull`"):
        await LlamaCpp(path, log=tmp_path / "log").info()


@pytest.mark.model
async def test_half_a_model_file_is_one_sentence(small_model, tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(small_model.read_bytes()[:50_000_000])
    with pytest.raises(EngineUnavailable, match=r"cannot load .*not within the file bounds.*`llmos pull`") as raised:
        await LlamaCpp(path, log=tmp_path / "log").info()
    assert "\n" not in str(raised.value)


@pytest.mark.model
async def test_the_window_of_one_request_is_what_was_asked_for(small_model, tmp_path):
    engine = LlamaCpp(small_model, context_tokens=768, slots=3, log=tmp_path / "log")
    assert (await engine.info()).context_tokens == 768
    await engine.close()


@pytest.mark.model
async def test_the_default_model_follows_a_schema_with_sense(tmp_path):
    engine = LlamaCpp(model_file("qwen2.5-coder-1.5b"), context_tokens=1024, slots=1, log=tmp_path / "log")
    schema = {
        "type": "object",
        "properties": {"status": {"enum": [200, 201, 404]}},
        "required": ["status"],
        "additionalProperties": False,
    }
    question = "What HTTP status answers a GET of a document that does not exist?"
    text, _ = await answer(engine, ChatRequest((Message("user", question),), schema=schema))
    await engine.close()
    assert json.loads(text) == {"status": 404}
