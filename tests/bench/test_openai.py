"""What `llmos bench openai` makes of a suite's report, and that the suite meets a real /v1."""

import sys

import pytest

from llmos.bench.openai import bench_openai, find_tool, summed
from llmos.errors import UsageError
from llmos.testing import ScriptedEngine

SUITE = f"""#!{sys.executable}
import json, sys, urllib.request
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
with urllib.request.urlopen(given["--base-url"] + "/models") as models:
    first = json.load(models)["data"][0]["id"]
print(json.dumps({{"results": [{{"id": given["--format"], "status": "passed", "warnings": [first]}}]}}))
"""


def test_a_report_names_what_did_not_pass_and_why():
    rows = [
        {"id": "basic", "status": "passed"},
        {"id": "image", "status": "failed", "errors": ["HTTP 400"]},
        {"id": "reasoning", "status": "skipped", "errors": ["needs another model"]},
    ]
    told = summed({"results": rows})
    assert (told["tests"], told["passed"]) == (3, 1)
    assert told["failed"] == {"image": ["HTTP 400"]}
    assert told["skipped"] == {"reasoning": ["needs another model"]}


def test_a_suite_that_is_not_installed_is_a_sentence():
    with pytest.raises(UsageError, match="pip install llm-comply"):
        find_tool("no-such-suite")


async def test_both_suites_meet_the_api_over_a_socket(tmp_path):
    tool = tmp_path / "suite"
    tool.write_text(SUITE)
    tool.chmod(0o700)
    told = await bench_openai(ScriptedEngine(["x"]), str(tool), tmp_path / "home")
    assert told["model"] == "scripted"
    assert {name: suite["warned"] for name, suite in told["suites"].items()} == {
        "openai-chat": {"openai-chat": ["scripted"]},
        "open-responses": {"open-responses": ["scripted"]},
    }
