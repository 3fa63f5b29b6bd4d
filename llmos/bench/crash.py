"""Kill the kernel, the engine or a driver at a random instant, many times, and count what was lost or done twice.

Everything is real and a process of its own: the daemon, a driver, an engine server (which says what a script tells it,
so that 200 runs take minutes). Each run is one process of an app that calls a driver which must not be called twice,
reads, and writes state twice. Where the kernel asks a person what became of an interrupted call, the benchmark looks at
the driver's ledger, as a person would.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import llmos
from llmos.contracts import Json
from llmos.errors import KernelUnavailable, LlmosError
from llmos.http.client import KernelClient, connect, stop, wait_released
from llmos.kernel.verify import verify

VICTIMS = ("kernel", "engine", "driver")
RUN_SECONDS = 60.0

PLAN = [
    {"call": "ledger.append", "arguments": {"line": "{task}"}},
    {"call": "state.add", "arguments": {"collection": "notes", "document": {"run": "{task}", "count": 0}}},
    {"call": "ledger.count", "arguments": {"line": "{task}"}},
    {"call": "state.add", "arguments": {"collection": "marks", "document": {"run": "{task}"}}},
    "{task} is done",
]
DOCUMENT = {"type": "object", "properties": {"run": {"type": "string"}, "count": {"type": "integer"}}}
SCHEMA = {
    "type": "object",
    "properties": {name: {"type": "object", "additionalProperties": DOCUMENT} for name in ("notes", "marks")},
}
MANIFEST = """name = "worker"
title = "Worker"
kind = "chat"
[capabilities]
tools = ["ledger.append", "ledger.count", "state.add"]
"""


@dataclass
class Tally:
    """What went wrong, by kind, and how often each part was killed in the middle of a run."""

    runs: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    lost_processes: list[str] = field(default_factory=list)
    lost_writes: list[str] = field(default_factory=list)
    doubled_writes: list[str] = field(default_factory=list)


def bench_crash(home: Path, runs: int, seed: int, progress: Callable[[str], None]) -> Json:
    """Run it in the empty folder `home`. Returns the counts and what `llmos verify` says at the end."""
    chance, tally = random.Random(seed), Tally()
    with _world(home) as world:
        undisturbed = world.one_run("undisturbed", None, chance, 0.0, tally)
        for number in range(runs):
            victim = VICTIMS[number % len(VICTIMS)]
            world.one_run(f"run {number}", victim, chance, undisturbed * 1.1, tally)
            progress(f"{number + 1} of {runs} runs, {victim} killed")
        stop(home)
        world.audit(runs, tally)
    problems = verify(home).problems
    return {
        "runs": runs,
        "killed": dict(tally.killed),
        "asked_a_person": tally.asked,
        "processes_lost": tally.lost_processes,
        "writes_lost": tally.lost_writes,
        "writes_doubled": tally.doubled_writes,
        "verify": problems,
        "undisturbed_seconds": round(undisturbed, 2),
    }


class _World:
    """One state folder with its engine server; the kernel is started by whoever needs it, as everywhere."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.ledger = home / "ledger.txt"
        self._port = port
        self.engine = self._start_engine()

    def one_run(self, name: str, victim: str | None, chance: random.Random, longest: float, tally: Tally) -> float:
        """Start a process, kill the victim at a random instant, and see the process to its end. Returns seconds."""
        began = time.monotonic()
        pid = int(connect(self.home).spawn("worker", name)["pid"])
        if victim is not None:
            time.sleep(chance.uniform(0, longest))
            tally.killed[victim] += self._kill(victim)
        if not self._see_through(pid, name, tally):
            tally.lost_processes.append(f"{name} after the {victim} was killed")
        return time.monotonic() - began

    def audit(self, runs: int, tally: Tally) -> None:
        """Each run must have left one line in the ledger and one document in each collection."""
        names = [f"run {number}" for number in range(runs)]
        kernel = connect(self.home)
        state = kernel.get("/state/worker")["value"]
        stop(self.home)
        counts = {"ledger": Counter(self.ledger.read_text("utf-8").splitlines())}
        counts |= {name: Counter(document["run"] for document in state[name].values()) for name in ("notes", "marks")}
        for where, found in counts.items():
            tally.lost_writes += [f"{name} in {where}" for name in names if found[name] == 0]
            tally.doubled_writes += [f"{name} in {where}" for name in names if found[name] > 1]

    def close(self) -> None:
        stop(self.home)
        self.engine.kill()
        self.engine.wait()

    def _see_through(self, pid: int, name: str, tally: Tally) -> bool:
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            try:
                kernel = connect(self.home)
                process = kernel.get(f"/processes/{pid}")
                if process["state"] in ("done", "failed", "killed"):
                    return bool(process["state"] == "done")
                self._answer(kernel, pid, name, tally)
            except KernelUnavailable:
                continue
            time.sleep(0.02)
        return False

    def _answer(self, kernel: KernelClient, pid: int, name: str, tally: Tally) -> None:
        """Say what became of an interrupted call, by looking."""
        for question in kernel.get("/questions"):
            if question["pid"] == pid:
                happened = self.ledger.exists() and name in self.ledger.read_text("utf-8").splitlines()
                kernel.post(f"/questions/{question['seq']}", {"choice": "happened" if happened else "repeat"})
                tally.asked += 1

    def _kill(self, victim: str) -> int:
        """1 when there was something to kill."""
        if victim == "engine":
            self.engine.kill()
            self.engine.wait()
            self.engine = self._start_engine()
            return 1
        if victim == "kernel":
            os.kill(connect(self.home).pid, signal.SIGKILL)
            wait_released(self.home)
            return 1
        pids = self._drivers()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return int(bool(pids))

    def _drivers(self) -> list[int]:
        """The driver's processes, known by this folder's ledger in their command."""
        listed = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if f"ledger_driver {self.ledger}" in line]

    def _start_engine(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "llmos.testing.scripted_server", str(self.home / "plan.json")]
        engine = subprocess.Popen([*command, "--port", str(self._port)], start_new_session=True)
        _await_port(self._port)
        return engine


@contextmanager
def _world(home: Path) -> Iterator[_World]:
    app, driver = home / "apps" / "worker", home / "drivers" / "ledger"
    for folder in (app, driver):
        folder.mkdir(parents=True)
    (app / "app.toml").write_text(MANIFEST, "utf-8")
    (app / "prompt.md").write_text("Do your work.", "utf-8")
    (app / "schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    command = ["{python}", "-m", "llmos.testing.ledger_driver", str(home / "ledger.txt")]
    (home / "ledger.txt").touch()
    walls = f'[sandbox]\nread = ["{Path(llmos.__file__).parent}"]\nwrite = ["{home / "ledger.txt"}"]\n'
    manifest = f'name = "ledger"\nsummary = "A ledger"\ncommand = {json.dumps(command)}\n{walls}'
    (driver / "driver.toml").write_text(manifest, "utf-8")
    plan = [step if isinstance(step, str) else json.dumps(step) for step in PLAN]
    (home / "plan.json").write_text(json.dumps(plan), "utf-8")
    port = _free_port()
    os.environ["LLMOS_ENGINE_URL"] = f"http://127.0.0.1:{port}"
    world = _World(home, port)
    try:
        yield world
    finally:
        world.close()
        del os.environ["LLMOS_ENGINE_URL"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise LlmosError("The scripted engine did not start; run the benchmark again.")
