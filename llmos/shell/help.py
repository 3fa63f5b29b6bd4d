"""The help page of the shell: its keys, and its commands from the one list there is."""

from __future__ import annotations

from textual.content import Content

from llmos.shell.prompt.commands import Commands

KEYS = (
    ("enter", "send; ctrl+j (or shift+enter, where the terminal tells it apart) begins a new line"),
    ("esc", "stop the answer; close a list"),
    ("up, down", "what you wrote before, in this session and earlier ones"),
    ("ctrl+r", "search in it"),
    ("tab", "complete; on an empty prompt go to what was said, or to the question that waits"),
    ("shift+tab", "go to what was said; up and down move there, c copies, enter opens a tool's call"),
    ("pgup, pgdn", "scroll what was said"),
    ("ctrl+t", "new tab"),
    ("ctrl+w", "close the tab: end its process or leave it running"),
    ("ctrl+pgup, ctrl+pgdn, alt+1 to 9", "other tabs"),
    ("ctrl+b", "open or close the panel"),
    ("ctrl+p", "palette: everything by name"),
    ("ctrl+c", "copy what is selected; else empty the prompt; twice ends the shell"),
    ("ctrl+q", "end the shell; processes go on"),
)
SIGNS = (
    ("@file", "attach a file; tab completes its path, and a file may be dragged or pasted in"),
    ("!line", "run a shell line in the sandbox of the python driver"),
    ("/name", "a command, or an app of that name"),
)


def help_page(commands: Commands) -> Content:
    width = 22
    parts: list[Content] = []
    for title, rows in (
        ("Write", SIGNS),
        ("Keys", KEYS),
        ("Commands", [(command.usage, command.summary) for command in commands]),
    ):
        parts.append(Content.styled(f"\n{title}", "bold"))
        parts += [Content.assemble((f"{name:<{width}} ", "bold"), (told, "dim")) for name, told in rows]
    return Content("\n").join(parts)
