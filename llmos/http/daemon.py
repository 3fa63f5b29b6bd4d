"""The kernel's process: `python -m llmos.http.daemon`. Writes its address and token to the state folder."""

import asyncio
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

from llmos import paths
from llmos.backend.sites import write_site
from llmos.contracts import Engine
from llmos.engines.choose import choose_engine, gpu_bytes
from llmos.engines.embedder import choose_embedder
from llmos.errors import AppError, EngineError, LlmosError
from llmos.http.address import Address, announce, withdraw
from llmos.http.control import control_api
from llmos.http.guard import LOOPBACK, Guard
from llmos.http.listener import Listener
from llmos.http.sites import Sites
from llmos.kernel.drivers import DriverHost, known_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.models.cache import installed, location
from llmos.models.catalog import EMBEDDING_MODEL, default_model, find, known

log = logging.getLogger(__name__)


def main() -> None:
    """Run the kernel of `LLMOS_HOME` until it is told to stop. Exits 1 with one sentence when it cannot start."""
    home = paths.home()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(serve(home))
    except LlmosError as error:
        sys.exit(f"llmos: {error}")


async def serve(home: Path) -> None:
    """Boot, listen, and on SIGTERM, SIGINT or the API's shutdown stop in order."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    logs = home / "logs"
    kernel = Kernel(
        home,
        choose_engine(location(default_model(gpu_bytes())), log=logs / "engine.log"),
        DriverHost(known_drivers(home), logs, home / "cache" / "tools"),
        {"chat": run_chat, "page": write_site},
        embedder=choose_embedder(installed(find(EMBEDDING_MODEL))),
        open_engine=lambda model: choose_engine(_installed(model), log=logs / f"engine-{model}.log"),
    )
    sites = Sites(kernel)
    token = secrets.token_urlsafe(32)
    control = Listener(Guard(control_api(kernel, sites, stopping.set), hosts=LOOPBACK, token=token), "127.0.0.1", 0)
    try:
        kernel.start()
        warming = asyncio.create_task(_warm(kernel.engine), name="warm the engine")
        await sites.reopen()
        announce(home, Address(control.url, token, os.getpid()))
        await stopping.wait()
        warming.cancel()
    finally:
        withdraw(home)
        await sites.shutdown()
        await control.close()
        await kernel.close()


def _installed(name: str) -> Path:
    """Where a model lies. Raises ModelError when it is unknown, AppError when it is not here."""
    model = known(name)
    path = installed(model)
    if path is None:
        raise AppError(f"The model {name} is not here; fetch it with: llmos pull {name}.")
    return path


async def _warm(engine: Engine) -> None:
    """Load the model now rather than with the first request, which would wait for it."""
    try:
        await engine.info()
    except EngineError as error:
        log.warning("%s", error)


if __name__ == "__main__":
    main()
