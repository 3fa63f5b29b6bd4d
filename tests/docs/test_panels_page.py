"""docs/panels.md names every panel and each of its keys."""

import importlib
import re
from pathlib import Path

from llmos.shell.panels import PANELS

PAGE = Path(__file__).parents[2] / "docs" / "panels.md"


def panels_reference():
    """The table of panels and keys, from the panels themselves."""
    rows = ["| panel | keys | shows |", "| --- | --- | --- |"]
    for panel in PANELS.values():
        keys = [("enter", panel.opens)] if panel.opens else []
        own = [binding for binding in vars(panel).get("BINDINGS", ()) if binding.show]
        keys += [(binding.key_display or binding.key, binding.description) for binding in own]
        shown = ", ".join(f"`{key}` {words.lower()}" for key, words in keys if not words.startswith("Choice"))
        rows.append(f"| {panel.title} | {shown} | {_shows(panel)} |")
    return "\n".join(rows)


def with_panels(page):
    return re.sub(r"(<!-- panels -->\n).*?(<!-- /panels -->)", rf"\g<1>{panels_reference()}\n\g<2>", page, flags=re.S)


def test_the_table_of_panels_is_what_the_panels_say():
    page = PAGE.read_text()
    assert all(panel.title in page for panel in PANELS.values())
    assert page == with_panels(page)


def _shows(panel):
    """The first sentence of the panel's module."""
    told = importlib.import_module(panel.__module__).__doc__
    return told.splitlines()[0].rstrip(".")


if __name__ == "__main__":
    PAGE.write_text(with_panels(PAGE.read_text()))
