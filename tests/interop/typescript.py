"""The TypeScript clients that llmos writes, as the compiler takes them; the guestbook's is put to work as well.

`python tests/interop/typescript.py [FOLDER]` installs the compiler with npm into FOLDER (a temporary one when none is
named). It needs npm, so it is not part of `make test`.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from llmos.backend.openapi import openapi  # noqa: E402
from llmos.backend.typescript import typescript  # noqa: E402
from llmos.kernel.app import load_app  # noqa: E402
from tests.http.compiled import serve_compiled  # noqa: E402
from tests.http.conftest import World  # noqa: E402

APPS = (ROOT / "apps" / "guestbook", ROOT / "tests" / "backend" / "odd")
STRICT = ("--strict", "--noEmit", "--target", "es2022", "--exactOptionalPropertyTypes", "--noUnusedLocals")


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else spare).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--silent", "--no-save", "typescript"], cwd=folder, check=True)
        failed = [path.name for path in APPS if not compiles(folder, path)]
        failed += [] if failed or works(folder) else ["the guestbook's client at work"]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def compiles(folder: Path, path: Path) -> bool:
    app = load_app(path)
    file = folder / f"{app.name}.ts"
    file.write_text(typescript(app.name, openapi(app)))
    ran = subprocess.run([folder / "node_modules/.bin/tsc", *STRICT, file], cwd=folder, capture_output=True, text=True)
    sys.stdout.write(f"{app.name}: {'compiles' if ran.returncode == 0 else ran.stdout}\n")
    return ran.returncode == 0


def works(folder: Path) -> bool:
    """Whether the guestbook's client, as JavaScript, does what it says with a site."""
    used = folder / "used"
    used.mkdir(exist_ok=True)
    (used / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).with_name("client_of_guestbook.mjs"), used)
    emit = ("--target", "es2022", "--module", "es2022", "--outDir", used)
    subprocess.run([folder / "node_modules/.bin/tsc", *emit, folder / "guestbook.ts"], cwd=folder, check=True)
    status = asyncio.run(use(used))
    sys.stdout.write(f"guestbook: {'works' if status == 0 else 'does not work'} with a site\n")
    return status == 0


async def use(folder: Path) -> int:
    with tempfile.TemporaryDirectory() as home:
        world = World(Path(home))
        await world.boot()
        url = str((await serve_compiled(world, "guestbook")).base_url).rstrip("/")
        process = await asyncio.create_subprocess_exec("node", "client_of_guestbook.mjs", url, cwd=folder)
        status = await process.wait()
        await world.shutdown()
    return status


if __name__ == "__main__":
    main()
