"""A picture of the shell at work: a real question to the real model, and the panel of processes beside the answer."""

import re
from pathlib import Path

from llmos.shell.app import Shell
from llmos.shell.link import Link

QUESTION = "Which weekday was 20 July 1969?"
SIZE = (120, 28)
SECONDS = 300


async def picture(home: Path) -> str:
    """As SVG, without fonts that would be loaded from afar. Raises TimeoutError when the model says nothing."""
    link = Link(home)
    shell = Shell(link, home)
    async with shell.run_test(size=SIZE) as pilot:
        await _until(pilot, shell.ready.is_set)
        shell.conversation.prompt.put(QUESTION)
        await pilot.press("enter")
        await _until(pilot, lambda: shell.conversation.pid is not None and not shell.conversation.record.busy)
        await pilot.press("f2")
        await pilot.pause(3)
        drawn = shell.export_screenshot(title="llmos")
    await link.close()
    return re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)


async def _until(pilot, holds) -> None:  # noqa: ANN001 - Textual's pilot, and a question
    for _ in range(SECONDS * 10):
        if holds():
            return
        await pilot.pause(0.1)
    raise TimeoutError("The shell did not come to its answer; look at the kernel's log.")
