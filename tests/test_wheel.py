"""A wheel built from the checkout works outside it, with its apps and drivers inside."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = [sys.executable, "-m", "pip"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """An empty venv with nothing of the checkout in it but the wheel; third-party packages come from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True, cwd=folder)
    venv.create(folder / "venv", with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "venv")}))
    (wheel,) = folder.glob("llmos-*.whl")
    install = [*PIP, "--python", str(folder / "venv"), "install", "-q", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, cwd=folder)
    (site / "third-party.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def llmos(installed, *arguments):
    environment = {**os.environ, "LLMOS_HOME": str(installed / "home"), "PYTHONPATH": ""}
    command = [str(installed / "venv" / "bin" / "llmos"), *arguments]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True)


def test_the_installed_command_finds_its_own_apps_and_drivers(installed):
    code = "from llmos import paths; print(paths.bundle_root(), paths.is_checkout())"
    python = str(installed / "venv" / "bin" / "python")
    root, checkout = subprocess.run([python, "-c", code], cwd=installed, capture_output=True, text=True).stdout.split()
    assert checkout == "False"
    assert Path(root).is_relative_to(installed)
    assert (Path(root) / "apps" / "sketch-to-website" / "app.toml").is_file()
    assert (Path(root) / "drivers" / "image" / "driver.toml").is_file()


def test_the_installed_kernel_boots_and_its_driver_sees(installed):
    assert llmos(installed, "up").returncode == 0
    try:
        sketch = ROOT / "apps" / "sketch-to-website" / "examples" / "guestbook.jpg"
        tested = llmos(installed, "driver", "test", "image", str(sketch))
        assert tested.returncode == 0, tested.stderr
        assert "TextBox" in tested.stdout
    finally:
        assert llmos(installed, "down").returncode == 0
