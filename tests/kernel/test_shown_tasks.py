"""The tasks on the web that shipped apps show the model: the same ones, with the very notes that the kernel writes."""

import re
import tomllib

import pytest

from llmos import paths
from llmos.kernel.reminding import BEGIN, GO_ON, TELL

APPS = paths.bundle_root() / "apps"
BROWSE = (APPS / "browse" / "prompt.md").read_text("utf-8")
ASSISTANT = tomllib.loads((APPS / "assistant" / "examples" / "web.toml").read_text("utf-8"))["told"]


def tasks(shown):
    """From the first to the last word of the tasks that are shown."""
    return shown.partition("goes like this:\n")[2].partition("\n\nWho asks")[0]


def test_the_assistant_shows_the_tasks_that_browse_shows():
    assert tasks(BROWSE).startswith("user: Open https://")
    assert tasks(ASSISTANT) == tasks(BROWSE)


@pytest.mark.parametrize("shown", [BROWSE, ASSISTANT], ids=["browse", "assistant"])
def test_what_follows_a_result_is_what_the_kernel_writes(shown):
    notes = re.findall(r"^The user asked: (.*)\n(.*)$", shown, re.MULTILINE)
    assert len(notes) >= 4
    for task, rest in notes:
        assert f"The user asked: {task}\n{rest}" in {note.format(task=task) for note in (BEGIN, GO_ON, TELL)}
        assert f"user: {task}" in shown
