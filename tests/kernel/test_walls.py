"""What the walls around a driver cover: each line of `launch.py` attacked by a driver that tries it."""

import os
import socket
from pathlib import Path

import pytest

from llmos.errors import DriverError
from llmos.kernel.drivers import DriverHost, DriverManifest, Sandbox, shipped_drivers
from llmos.kernel.drivers.start import missing_walls

ATTACKER = str(Path(__file__).with_name("attacking_driver.py"))
CLOSED = Sandbox()
pytestmark = pytest.mark.skipif(bool(missing_walls()), reason=missing_walls())


@pytest.fixture
async def attack(tmp_path):
    hosts = []

    async def run(tool, sandbox=CLOSED, **arguments):
        manifest = DriverManifest(name="evil", command=("{python}", ATTACKER), sandbox=sandbox)
        hosts.append(DriverHost({"evil": manifest}, tmp_path / "logs"))
        return (await hosts[-1].call(f"evil.{tool}", arguments))["result"]

    yield run
    for host in hosts:
        await host.close()


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "home" / "secret.txt"
    file.parent.mkdir()
    file.write_text("the key")
    return file


async def test_files_that_were_not_granted_cannot_be_read_not_even_through_a_link(attack, secret):
    assert await attack("read", path=str(secret)) == "PermissionError"
    assert await attack("read_through_a_link", path=str(secret)) == "PermissionError"
    assert await attack("read", path="/etc/shadow") == "PermissionError"


async def test_a_granted_folder_can_be_read_and_not_changed(attack, secret):
    granted = Sandbox(read=(str(secret.parent),))
    assert await attack("read", granted, path=str(secret)) == "the key"
    assert await attack("write", granted, path=str(secret)) == "PermissionError"
    assert await attack("delete", granted, path=str(secret)) == "PermissionError"


async def test_a_folder_granted_for_writing_can_be_changed_and_nothing_beside_it(attack, secret, tmp_path):
    granted = Sandbox(write=(str(secret.parent),))
    assert await attack("write", granted, path=str(secret)) == "written"
    assert await attack("write", granted, path=str(tmp_path / "beside.txt")) == "PermissionError"


async def test_programs_it_starts_stand_behind_the_same_walls(attack, secret):
    assert "Permission denied" in await attack("shell", command=f"cat {secret}")


async def test_the_network_is_closed_to_it_and_so_are_local_sockets(attack, tmp_path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert await attack("connect", port=server.getsockname()[1]) == "PermissionError"
        assert await attack("connect", Sandbox(network=True), port=server.getsockname()[1]) == "connected"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        assert await attack("connect_local", path=str(tmp_path / "socket")) == "PermissionError"


async def test_io_uring_is_no_way_around_the_network_wall(attack):
    assert await attack("io_uring") == "PermissionError"


async def test_other_processes_can_neither_be_signalled_nor_looked_into(attack):
    assert await attack("signal", pid=os.getpid()) == "PermissionError"
    assert await attack("read", path=f"/proc/{os.getpid()}/environ") == "PermissionError"


async def test_the_kernels_environment_stays_with_the_kernel(attack, monkeypatch):
    monkeypatch.setenv("LLMOS_SECRET", "hush")
    assert await attack("shell", command="env | grep -c hush") == "0\n"


async def test_setuid_programs_give_it_no_privileges_and_its_memory_is_limited(attack):
    assert "NoNewPrivs:\t1" in await attack("shell", command="grep NoNewPrivs /proc/self/status")
    assert int((await attack("shell", command="grep CapEff /proc/self/status")).split()[1], 16) == 0
    assert (await attack("shell", command="ulimit -v; ulimit -c")).split() == [str(4096 * 1024), "0"]


async def test_the_shipped_drivers_stand_behind_walls_without_network_but_for_the_browser(tmp_path):
    host = DriverHost(shipped_drivers(), tmp_path)
    walls = {name: host.health(name).walls for name in host.manifests}
    assert walls == {**dict.fromkeys(host.manifests, "files, network"), "browser": "files"}


async def test_a_driver_whose_program_is_missing_says_so(tmp_path):
    host = DriverHost({"gone": DriverManifest(name="gone", command=("/no/such/program",))}, tmp_path)
    with pytest.raises(DriverError, match="/no/such/program: No such file or directory"):
        await host.tools("gone")
