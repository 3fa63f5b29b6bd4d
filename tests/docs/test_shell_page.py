"""docs/shell.md lists the shell's keys and commands; `python tests/docs/test_shell_page.py` writes them anew."""

import re
from pathlib import Path

from llmos.shell.app import Shell
from llmos.shell.help import help_rows
from llmos.shell.link import Link

PAGE = Path(__file__).parents[2] / "docs" / "shell.md"


def tables():
    """The help page of the shell as Markdown."""
    parts = []
    for title, rows in help_rows(Shell(Link(Path("nowhere"))).actions.commands):
        parts += [f"| {title.lower()} | |", "| --- | --- |", *(f"| `{name}` | {told} |" for name, told in rows), ""]
    return "\n".join(parts)


def with_tables(page):
    return re.sub(r"(<!-- shell -->\n).*?(<!-- /shell -->)", lambda m: f"{m[1]}{tables()}{m[2]}", page, flags=re.S)


def test_the_page_lists_the_keys_and_commands_that_there_are():
    page = PAGE.read_text()
    assert page == with_tables(page)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
