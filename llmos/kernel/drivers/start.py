"""The command line and the environment that a driver's process starts with: its limits and its walls."""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from pathlib import Path

from llmos import paths
from llmos.kernel.drivers import launch
from llmos.kernel.drivers.folders import NONE, Folders
from llmos.kernel.drivers.manifest import DriverManifest

INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TERM")
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/sys/devices/system", "/sys/fs/cgroup"),
    *("/nix/store", "/gnu/store", "/run/current-system"),
    *(f"/etc/{name}" for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "passwd")),
    *(f"/etc/{name}" for name in ("group", "hosts", "host.conf", "resolv.conf", "nsswitch.conf", "gai.conf", "ssl")),
    *(
        f"/etc/{name}"
        for name in ("ca-certificates", "pki", "mime.types", "alternatives", "fonts", "os-release", "gitconfig")
    ),
)
PACKAGES = ("site-packages", "dist-packages")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def command_of(manifest: DriverManifest) -> list[str]:
    return [_filled(part) for part in manifest.command]


def _filled(part: str) -> str:
    """A part of a manifest that stands for something of llmos' own."""
    return {"{python}": sys.executable, "{models}": str(paths.models())}.get(part, part)


def environment_of(manifest: DriverManifest, scratch: Path) -> dict[str, str]:
    """Nothing of the kernel's own but what every program needs, and what the manifest names."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"PYTHONPATH": str(paths.bundle_root()), "PYTHONUNBUFFERED": "1", "TMPDIR": str(scratch)}
    home = str(scratch) if is_walled(manifest) else os.environ.get("HOME", str(scratch))
    return inherited | own | {"HOME": home} | manifest.filled(manifest.env)


def launched(manifest: DriverManifest, scratch: Path, granted: Folders = NONE) -> list[str]:
    """The command that builds the walls and then becomes the driver."""
    command = command_of(manifest)
    options = ["--memory-mb", str(manifest.limits.memory_mb)]
    if is_walled(manifest):
        options += ["--walls", *([] if manifest.sandbox.network else ["--no-network"])]
        options += [f"--list={paths.bundle_root()}"]
        options += [f"--read={path}" for path in (*_readable(manifest, command), *granted.read)]
        options += [
            f"--write={path}" for path in (*DEVICES, scratch, *_expanded(manifest.sandbox.write), *granted.write)
        ]
        # a user namespace is set up by writing to /proc/self/uid_map; root could write to all of /proc/sys
        options += ["--write=/proc"] if manifest.sandbox.namespaces and os.geteuid() != 0 else []
    return [sys.executable, "-P", str(Path(launch.__file__)), *options, "--", *command]


def is_walled(manifest: DriverManifest) -> bool:
    return manifest.sandbox.enabled and not missing_walls()


@cache
def missing_walls() -> str:
    """Why this machine cannot sandbox a driver; empty when it can."""
    return launch.missing_walls()


def describe_walls(manifest: DriverManifest) -> str:
    """What keeps the driver in, in words."""
    if manifest.url:
        return "runs elsewhere"
    if not manifest.sandbox.enabled:
        return "none: its manifest turns it off"
    if missing := missing_walls():
        return f"none: {missing}"
    return "files" if manifest.sandbox.network else "files, network"


def _readable(manifest: DriverManifest, command: list[str]) -> list[str]:
    program = Path(shutil.which(command[0]) or command[0]).absolute()
    prefixes = [Path(sys.prefix), Path(sys.base_prefix)]
    prefixes += [Path(path) for path in sys.path if path.endswith(PACKAGES)]
    own = [program.parent, program.resolve().parent, *prefixes, paths.bundle_root() / "drivers"]
    own += [folder.parent for folder in (program.parent,) if (folder.parent / "pyvenv.cfg").exists()]
    # a folder so near the root holds more than a program
    near = [str(path) for path in own if len(path.resolve().parts) > 2]
    named = [part for part in command[1:] if part.startswith("/") and Path(part).is_file()]
    return [*SYSTEM, *near, *named, *_expanded(manifest.sandbox.read)]


def _expanded(listed: tuple[str, ...]) -> list[str]:
    return [str(Path(_filled(path)).expanduser()) for path in listed]
