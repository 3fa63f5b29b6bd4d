"""The pages cannot rot: their Python runs, their links lead somewhere, the command reference is what --help says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from llmos.cli import main
from llmos.kernel.app import Manifest, Section, load_app
from llmos.kernel.chat_examples import ChatExpected, ChatFile, load_chat_examples
from llmos.kernel.drivers import DriverManifest, load_driver
from llmos.kernel.drivers.manifest import Section as DriverSection
from llmos.kernel.drivers.manifest import ToolSettings
from llmos.kernel.services.table import TABLE
from llmos.kernel.tasks import Task, load_tasks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(group=main, path=()):
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def reference():
    """docs/commands.md as the command line itself would write it."""
    parts = ["# Commands\n\nWritten by `python tests/docs/test_pages.py`; a test holds it to what `--help` says.\n"]
    for path in [(), *commands()]:
        said = CliRunner().invoke(main, [*path, "--help"], prog_name="llmos", env={"COLUMNS": "90"}).output
        parts.append(f"## llmos {' '.join(path)}".rstrip() + f"\n\n```\n{said.rstrip()}\n```\n")
    return "\n".join(parts)


def test_the_command_reference_is_what_help_says():
    assert (ROOT / "docs" / "commands.md").read_text() == reference()


def manifest_reference():
    """The table of app.toml's fields, from the class that reads it."""
    rows = ["| field | default | meaning |", "| --- | --- | --- |"]
    for name, field in Manifest.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            rows += [_row(f"[{name}] {key}", inner) for key, inner in field.annotation.model_fields.items()]
        else:
            rows.append(_row(name, field))
    return "\n".join(rows)


def task_reference():
    """The table of the fields of a chat app's examples, from the class that reads them."""
    rows = ["| field | default | meaning |", "| --- | --- | --- |"]
    return "\n".join([*rows, *(_row(name, field) for name, field in Task.model_fields.items() if name != "name")])


def chat_example_reference():
    """The table of the fields of a chat app's `examples/*.json`, from the classes that read them."""
    rows = [_row(name, field) for name, field in ChatFile.model_fields.items()]
    rows += [_row(f"expect.{field.alias or name}", field) for name, field in ChatExpected.model_fields.items()]
    return "\n".join(["| field | default | meaning |", "| --- | --- | --- |", *rows])


def driver_reference():
    """The table of driver.toml's fields, from the class that reads it."""
    plain, sections = [], []
    for name, field in DriverManifest.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, DriverSection):
            sections += [_row(f"[{name}] {key}", inner) for key, inner in field.annotation.model_fields.items()]
        elif name != "tools":
            plain.append(_row(name, field))
    sections += [_row(f"[tools.NAME] {key}", inner) for key, inner in ToolSettings.model_fields.items()]
    return "\n".join(["| field | default | meaning |", "| --- | --- | --- |", *plain, *sections])


def with_driver(page):
    written = rf"\g<1>{driver_reference()}\n\g<2>"
    return re.sub(r"(<!-- driver -->\n).*?(<!-- /driver -->)", written, page, flags=re.S)


def test_the_driver_reference_is_what_the_loader_reads():
    page = (ROOT / "docs" / "drivers" / "README.md").read_text()
    assert page == with_driver(page)


def test_the_manifests_shown_in_the_drivers_page_load(tmp_path, monkeypatch):
    blocks = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / "drivers" / "README.md").read_text(), re.S | re.M)
    files, tracker, tools = blocks
    for text in (files, tracker, f"{tracker}{tools}"):
        (tmp_path / "driver.toml").write_text(text)
        load_driver(tmp_path)


def test_the_task_shown_in_the_apps_page_loads(tmp_path):
    [task] = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs" / "apps.md").read_text(), re.S | re.M)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "file.toml").write_text(task)
    assert load_tasks(tmp_path)[0].tools == ("files.read",)


def test_the_example_shown_in_the_apps_page_is_the_one_that_ships():
    shown = re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "apps.md").read_text(), re.S | re.M)
    assert shown == [(ROOT / "apps" / "compute" / "examples" / "fibonacci.json").read_text()]
    assert load_chat_examples(load_app(ROOT / "apps" / "compute"))


def services_reference():
    """The kernel's own tools, from the table that serves them."""
    rows = ["| tool | what it does |", "| --- | --- |"]
    return "\n".join([*rows, *(f"| `{name}` | {service.tool.summary} |" for name, service in TABLE.items())])


def with_services(page):
    written = rf"\g<1>{services_reference()}\n\g<2>"
    return re.sub(r"(<!-- services -->\n).*?(<!-- /services -->)", written, page, flags=re.S)


def _row(name, field):
    default = "required" if field.is_required() else json.dumps(field.default)
    return f"| `{name}` | {default} | {field.description} |"


def with_manifest(page):
    tables = {"manifest": manifest_reference(), "task": task_reference(), "chat example": chat_example_reference()}
    for name, table in tables.items():
        page = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{table}\n\g<2>", page, flags=re.S)
    return page


def test_the_manifest_reference_is_what_the_loader_reads():
    page = (ROOT / "docs" / "apps.md").read_text()
    assert page == with_manifest(page)


def test_the_table_of_the_kernels_tools_is_what_the_kernel_serves():
    page = (ROOT / "docs" / "processes.md").read_text()
    assert all(name in page for name in TABLE)
    assert page == with_services(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_python_runs(page, tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.S | re.M)
    program = "\n".join(blocks)
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_every_command_named_in_a_page_exists():
    known = {path[0] for path in commands()}
    for page in PAGES:
        named = set(re.findall(r"(?:`|\$ )llmos ([a-z]+)", page.read_text()))
        assert named <= known, page


if __name__ == "__main__":
    (ROOT / "docs" / "commands.md").write_text(reference())
    apps = ROOT / "docs" / "apps.md"
    apps.write_text(with_manifest(apps.read_text()))
    drivers = ROOT / "docs" / "drivers" / "README.md"
    drivers.write_text(with_driver(drivers.read_text()))
    processes = ROOT / "docs" / "processes.md"
    processes.write_text(with_services(processes.read_text()))
