"""The TypeScript clients that llmos writes, as the compiler takes them.

`python tests/interop/typescript.py [FOLDER]` installs the compiler with npm into FOLDER (a temporary one when none is
named). It needs npm, so it is not part of `make test`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from llmos.backend.openapi import openapi
from llmos.backend.typescript import typescript
from llmos.kernel.app import load_app

ROOT = Path(__file__).parents[2]
APPS = (ROOT / "apps" / "guestbook", ROOT / "tests" / "backend" / "odd")
STRICT = ("--strict", "--noEmit", "--target", "es2022", "--exactOptionalPropertyTypes", "--noUnusedLocals")


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else spare).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--silent", "--no-save", "typescript"], cwd=folder, check=True)
        failed = [path.name for path in APPS if not compiles(folder, path)]
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


def compiles(folder: Path, path: Path) -> bool:
    app = load_app(path)
    file = folder / f"{app.name}.ts"
    file.write_text(typescript(app.name, openapi(app)))
    ran = subprocess.run([folder / "node_modules/.bin/tsc", *STRICT, file], cwd=folder, capture_output=True, text=True)
    sys.stdout.write(f"{app.name}: {'compiles' if ran.returncode == 0 else ran.stdout}\n")
    return ran.returncode == 0


if __name__ == "__main__":
    main()
