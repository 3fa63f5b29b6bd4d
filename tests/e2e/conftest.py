"""A real kernel on the embedded model, driven by the real command."""

import json
import os
import subprocess
import sys

import pytest


class Machine:
    """One state folder and the `llmos` command on it."""

    def __init__(self, home):
        self.home = home
        self.environment = {**os.environ, "LLMOS_HOME": str(home), "COLUMNS": "120"}

    def run(self, *arguments, stdin=""):
        command = [sys.executable, "-m", "llmos.cli", *map(str, arguments)]
        return subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=500, check=False
        )

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments):
        command = [sys.executable, "-m", "llmos.cli", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.environment, text=True, **pipes)

    def refused(self, *arguments, status=1):
        """The one sentence of a command that must fail."""
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (status, ""), done.stdout
        lines = done.stderr.strip().splitlines()
        assert len(lines) == 1, done.stderr
        return lines[0]


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("home"))
    yield machine
    machine.run("down")
