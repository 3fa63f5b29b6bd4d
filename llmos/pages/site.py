"""A finished page as an app folder: its front end, and the backend its form talks to."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from llmos.contracts import Json
from llmos.pages import forms
from llmos.pages.finish import Page

SHARED_FILES = ("site.css", "site.js", "placeholder.svg")
STATIC = "{title}: a page without a form. It has no routes; answer 404 to every request.\n"


def build_site(page: Page, folder: Path, web: Path) -> Path:
    """Write the app `folder`, whole or not at all. `web` holds the files that every site shares."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".build-") as scratch:
        draft = Path(scratch) / folder.name
        _write_front(page, draft / "web", web)
        _write_backend(page, draft)
        draft.rename(folder)
    return folder


def _write_front(page: Page, target: Path, web: Path) -> None:
    target.mkdir(parents=True)
    (target / "index.html").write_text(page.html, "utf-8")
    for name in SHARED_FILES:
        shutil.copyfile(web / name, target / name)


def _write_backend(page: Page, folder: Path) -> None:
    fields = forms.inputs(page.html)
    (folder / "app.toml").write_text(_manifest(page, folder.name), "utf-8")
    _write_json(folder / "schema.json", forms.schema(fields) if fields else {"type": "object", "properties": {}})
    if not fields:
        (folder / "prompt.md").write_text(STATIC.format(title=page.title), "utf-8")
        return
    (folder / "prompt.md").write_text(forms.prompt(page.title, fields), "utf-8")
    (folder / "examples").mkdir()
    for name, example in forms.examples(fields).items():
        _write_json(folder / "examples" / f"{name}.json", example)


def _manifest(page: Page, name: str) -> str:
    """TOML takes JSON's strings as they are."""
    title, summary = json.dumps(page.title[:80]), json.dumps(f"A website made from a sketch: {page.title[:200]}.")
    return f'name = "{name}"\ntitle = {title}\nkind = "backend"\nsummary = {summary}\nversion = "0.1.0"\n'


def _write_json(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
