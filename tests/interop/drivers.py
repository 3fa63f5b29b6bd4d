"""Our drivers as MCP servers: the MCP project's server scenarios, each over HTTP on loopback.

`python tests/interop/drivers.py [FOLDER]` installs the suite as `run.py` does. Left out are scenarios that call tools,
prompts or resources which only the suite's own example server has, and two checks that do.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from run import ROOT, install, node, report

DRIVERS = ("browser", "chess", "files", "image", "python", "speech")
SCENARIOS = {
    "2025-11-25": (
        *("server-initialize", "server-session-lifecycle", "ping", "tools-list", "resources-list", "prompts-list"),
        *("server-sse-multiple-streams", "dns-rebinding-protection"),
    ),
    "2026-07-28": (
        *("server-stateless", "tools-list", "resources-list", "prompts-list", "server-sse-multiple-streams"),
        *("dns-rebinding-protection", "caching", "http-header-validation", "sep-2164-resource-not-found"),
        *("input-required-result-unsupported-methods", "input-required-result-ignore-extra-params"),
    ),
}
EXAMPLES_OWN = {"sep-2575-server-rejects-undeclared-capability", "sep-2575-missing-capability-http-400"}


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else spare).absolute()
        install(folder)
        failed = [f"{name} {scenario}" for name in DRIVERS for scenario in failing(folder, name)]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def failing(folder: Path, name: str) -> list[str]:
    with serving(name, folder) as url:
        wanted = [(version, scenario) for version, names in SCENARIOS.items() for scenario in names]
        return [scenario for version, scenario in wanted if not conforms(folder, name, url, version, scenario)]


@contextmanager
def serving(name: str, folder: Path):
    """The driver's address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        f"drivers.{name}",
        "--http",
        str(port),
        *([str(folder)] if name == "files" else []),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **quiet)
    try:
        due = time.monotonic() + 30
        while not answers(port) and time.monotonic() < due:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def conforms(folder: Path, name: str, url: str, version: str, scenario: str) -> bool:
    suite = folder / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    command = [node(folder), suite, "server", "--url", url, "--scenario", scenario, "--spec-version", version]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said = re.sub(r"\x1b\[\d*m", "", ran.stdout + ran.stderr)
    passed = re.search(r"Passed: .*", said)
    report(f"{name} {version} {scenario}", passed[0] if passed else "did not run")
    return passed is not None and EXAMPLES_OWN.issuperset(re.findall(r"\[(\S+) *\] FAILURE", said))


if __name__ == "__main__":
    main()
