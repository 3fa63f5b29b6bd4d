"""Every shipped backend keeps what its /openapi.json promises: schemathesis asks, over a real socket.

No server error, no status, header, content type or body that the document does not have, valid requests taken, invalid
ones refused, in single requests and in sequences of them.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.backend.by_hand import APPS
from tests.http.compiled import serve_compiled

SETTINGS = Path(__file__).parent / "contract"
EXAMPLES = "8"  # of each kind, for each route; `LLMOS_CONTRACT_EXAMPLES=100` for a longer look


async def promised(site):
    """The document, but for `default`: it would make any status a documented one."""
    document = (await site.get("/openapi.json")).json()
    for operations in document["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
    return document


async def schemathesis(folder, url, document):
    """Its exit status and what it says."""
    (folder / "openapi.json").write_text(json.dumps(document))
    limits = ["--seed", "1", "--max-examples", os.environ.get("LLMOS_CONTRACT_EXAMPLES", EXAMPLES)]
    command = ["--config-file", str(SETTINGS / "schemathesis.toml"), "run", str(folder / "openapi.json")]
    environment = os.environ | {"PYTHONPATH": str(SETTINGS), "SCHEMATHESIS_HOOKS": "contract_hooks", "NO_PROXY": "*"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", *command, "--url", url, "--checks", "all", "--no-color", *limits),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
        cwd=folder,
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", sorted(APPS))
async def test_a_backend_keeps_what_its_document_promises(name, world, tmp_path, record_testsuite_property):
    site = await serve_compiled(world, name)
    status, said = await schemathesis(tmp_path, str(site.base_url), await promised(site))
    assert status == 0, said
    assert world.script.requests == []
    answered = [json.loads(line)["status"] for line in (world.home / "logs" / "requests.log").open()]
    record_testsuite_property(f"requests to {name}", len(answered))
    assert len(answered) > 100
    assert max(answered) < 500
