"""How commands and shells talk to the kernel of a state folder, starting it when there is none."""

import base64
import json
import mimetypes
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
from filelock import FileLock, Timeout

from llmos.contracts import Attachment, Json
from llmos.errors import KernelUnavailable, LlmosError, UsageError
from llmos.http.address import MAX_ATTACHMENT_BYTES, Address, announced

START_SECONDS = 30.0
# numpy's threads spin while they wait: beside a busy engine a short text took 170 ms to embed with two, and 10 with one
ONE_THREAD = "OPENBLAS_NUM_THREADS"
SOUNDS = {".flac": "audio/flac", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".webm": "audio/webm"}


class KernelClient:
    """One kernel's API. Every method raises LlmosError with the kernel's own sentence."""

    def __init__(self, address: Address) -> None:
        self.pid = address.pid
        timeout = httpx2.Timeout(60, read=None)
        headers = {"Authorization": f"Bearer {address.token}"}
        self._http = httpx2.Client(base_url=f"{address.url}/v0", headers=headers, timeout=timeout, trust_env=False)

    def get(self, path: str, **query: Json) -> Json:
        return self._send("GET", path, params={key: value for key, value in query.items() if value is not None})

    def post(self, path: str, body: Json = None) -> Json:
        return self._send("POST", path, json=body)

    def delete(self, path: str, **query: Json) -> Json:
        return self._send("DELETE", path, params=query)

    def spawn(self, app: str, text: str = "", files: tuple[Path, ...] = (), *, priority: str = "interactive") -> Json:
        """Start an app; returns its process."""
        attachments = [read_attachment(path) for path in files]
        body = {"app": app, "text": text, "attachments": attachments, "priority": priority}
        return self.post("/processes", body)

    def events(self, pid: int, after: int = 0) -> Iterator[dict[str, Json]]:
        """A process's events, streamed text included, until it ends."""
        gone = "The kernel went away; `llmos up` starts it, and the process continues."
        return self._stream("GET", f"/processes/{pid}/events", gone, params={"after": after})

    def results(self, app: str, only: str | None = None) -> Iterator[dict[str, Json]]:
        """An app's examples, each when it has been asked. `app` is a name, or the path of a folder."""
        gone = "The kernel went away; `llmos up` starts it, then ask again."
        return self._results("/examples", gone, {"app": app, "only": only})

    def replay(self, app: str, folder: str | None, last: int) -> Iterator[dict[str, Json]]:
        """What an app was asked before, asked again of the app in `folder`, or of itself as it is now."""
        gone = "The kernel went away; `llmos up` starts it, then replay again."
        return self._results("/replay", gone, {"app": app, "folder": folder, "last": last})

    def _results(self, path: str, gone: str, body: Json) -> Iterator[dict[str, Json]]:
        for told in self._stream("POST", path, gone, json=body):
            if "error" in told:
                raise LlmosError(told["error"])
            yield told

    def _stream(self, method: str, path: str, gone: str, **arguments: Json) -> Iterator[dict[str, Json]]:
        try:
            with self._http.stream(method, path, **arguments) as response:
                if response.is_error:
                    response.read()
                    raise told_error(response)
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line[5:])
        except httpx2.HTTPError as error:
            raise KernelUnavailable(gone) from error

    def _send(self, method: str, path: str, **arguments: Json) -> Json:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx2.HTTPError as error:
            raise KernelUnavailable("The kernel does not answer; try `llmos down`, then `llmos up`.") from error
        if response.is_error:
            raise told_error(response)
        return response.json()


def running(home: Path) -> KernelClient | None:
    """The kernel that owns the folder, if one answers."""
    if (address := announced(home)) is None:
        return None
    client = KernelClient(address)
    try:
        client.get("/status")
    except LlmosError:
        return None
    return client


def connect(home: Path) -> KernelClient:
    """The kernel that owns the folder, started if there is none. Raises KernelUnavailable with its last words."""
    return running(home) or _start(home)


def attachment_of(path: Path) -> Attachment:
    """A file as messages bring it. Raises UsageError when it is missing or too large."""
    try:
        if path.stat().st_size > MAX_ATTACHMENT_BYTES:
            raise UsageError(f"{path} is larger than {MAX_ATTACHMENT_BYTES // 2**20} MiB; make it smaller.")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    kind = SOUNDS.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(data, kind, path.name)


def read_attachment(path: Path) -> dict[str, str]:
    """A file as the API takes it. Raises UsageError as `attachment_of` does."""
    read = attachment_of(path)
    return {"name": read.name, "media_type": read.media_type, "data": base64.b64encode(read.data).decode()}


def data_url(path: Path) -> str:
    """A file as drivers take pictures."""
    return attachment_of(path).data_url()


def _start(home: Path) -> KernelClient:
    log = home / "logs" / "kernel.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        output = log.open("ab")
    except OSError as error:
        raise KernelUnavailable(f"The state folder {home} cannot be used: {error.strerror}.") from error
    with output:
        daemon = subprocess.Popen(
            [sys.executable, "-m", "llmos.http.daemon"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={ONE_THREAD: "1", **os.environ, "LLMOS_HOME": str(home)},
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if client := running(home):
            return client
        if daemon.poll() is not None:
            raise KernelUnavailable(_last_words(log))
        time.sleep(0.05)
    daemon.terminate()
    raise KernelUnavailable(f"The kernel did not start within {START_SECONDS:.0f} s; its log is {log}.")


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines() or [""]
    said = lines[-1]
    return (
        said.removeprefix("llmos: ") if said.startswith("llmos: ") else f"The kernel did not start; its log is {log}."
    )


def told_error(response: httpx2.Response) -> LlmosError:
    """What the kernel says is wrong, from its answer."""
    try:
        body = response.json()
    except ValueError:
        return KernelUnavailable(f"The kernel answered {response.status_code}; its log is in logs/kernel.log.")
    return LlmosError(str(body.get("detail") or body.get("title")))


def stop(home: Path) -> bool:
    """Stop the folder's kernel and wait until it has let go. False when none was running.

    Raises KernelUnavailable when it lingers.
    """
    kernel = running(home)
    if kernel is None:
        return False
    kernel.post("/shutdown")
    wait_released(home)
    return True


def wait_released(home: Path) -> None:
    """Wait until no kernel owns the folder."""
    try:
        with FileLock(home / "kernel.lock", timeout=START_SECONDS):
            return
    except Timeout as error:
        raise KernelUnavailable(f"The kernel of {home} did not stop; its log is logs/kernel.log there.") from error
