"""What we decided to hold to, checked."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
HEAVY = {"torch", "transformers", "textual", "cv2", "onnxruntime", "rapidocr", "xllamacpp", "mcp", "fastapi", "uvicorn"}


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]
    assert files
    return files


def functions():
    for path in tracked("llmos/*.py", "drivers/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - first.lineno + 1


def test_files_are_one_concept_long():
    long = {
        str(p.relative_to(ROOT)): n for p in tracked("*.py") if (n := len(p.read_text().splitlines())) > MAX_FILE_LINES
    }
    assert not long


def test_functions_are_short():
    lengths = dict(functions())
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}
    assert statistics.median(lengths.values()) <= 8
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 30


@pytest.mark.parametrize(
    "module", ["llmos", "llmos.contracts", "llmos.cli", "drivers.image", "drivers.browser", "drivers.speech"]
)
def test_importing_is_cheap(module):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert HEAVY.isdisjoint(loaded.split())


def test_no_package_registry_is_named():
    hosts = ["py" + "pi.org", "python" + "hosted", "npm" + "js", "registry." + "npm"]
    named = [str(p) for p in tracked() if p.stat().st_size < 2**20 and any(h.encode() in p.read_bytes() for h in hosts)]
    assert not named


def test_every_package_says_what_it_is():
    silent = [str(p) for p in tracked("llmos/*.py", "drivers/*.py") if p.name != "__init__.py" and not _docstring(p)]
    assert not silent


def _docstring(path):
    return ast.get_docstring(ast.parse(path.read_text()))
