"""What a person does with an app's state as a whole: import, branch, seed. Each is one commit, or nothing at all."""

import re
import shutil
import tempfile
from pathlib import Path

import tomlkit

from llmos.contracts import Json
from llmos.errors import AppError, StateError, UsageError
from llmos.kernel.app import NAME, App, app_folders, install_folder, load_app
from llmos.kernel.kernel import Kernel
from llmos.state.patch import Patch
from llmos.state.store import AppState
from llmos.state.transfer import Format, import_patch, parse_json, whole_patch

SEED = "seed.json"
SERVICE = "state"  # whose journal tells of states that no serving process has


def import_state(
    kernel: Kernel, app: App, text: str, format: Format, collection: str | None, *, replace: bool
) -> dict[str, Json]:
    """Returns the version and how many documents and values were added, changed, removed.

    Raises StateError with the line or pointer and what is wrong; then nothing has changed.
    """
    state, pid = kernel.state(app), _journal_of(kernel, app)
    with kernel.journal.transaction():
        patch = import_patch(state, text, format, collection, replace=replace)
        _commit(kernel, pid, state, patch, {"import": format})
        return {"version": state.version, **_counted(patch)}


def plant_seed(kernel: Kernel, app: App, pid: int) -> None:
    """Commit the app's seed.json where its state was never written. Raises AppError when it cannot be the state."""
    state, path = kernel.state(app), app.folder / SEED
    if state.version > 0 or not path.is_file():
        return
    try:
        with kernel.journal.transaction():
            patch = whole_patch(state, parse_json(path.read_text("utf-8")), replace=False)
            _commit(kernel, pid, state, patch, {"seed": True})
    except (StateError, OSError, UnicodeDecodeError) as error:
        raise AppError(f"{path} cannot be the first state: {error}") from error


def branch(kernel: Kernel, app: App, name: str, at: int | None) -> dict[str, Json]:
    """Install the app once more under `name`, with its state as it was. Raises UsageError for a name that is taken."""
    _check_free(kernel, name)
    source = kernel.state(app)
    version = source.version if at is None else at
    value, state = source.at(version), AppState(kernel.db, name, app.state_schema)
    if state.version > 0:
        raise UsageError(f"There is still a state of an app called {name}; choose another name.")
    pid = kernel.service(SERVICE)
    with tempfile.TemporaryDirectory(dir=kernel.home, prefix=".branch-") as staging:
        draft = _draft(app, Path(staging) / name)
        with kernel.journal.transaction():
            cause: dict[str, Json] = {"branch": app.name, "version": version}
            _commit(kernel, pid, state, whole_patch(state, value, replace=False), cause)
            folder = install_folder(kernel.home, draft, name)
    return {"app": name, "folder": str(folder), "of": app.name, "at": version, "version": state.version}


def _commit(kernel: Kernel, pid: int, state: AppState, patch: Patch, cause: dict[str, Json]) -> None:
    commit = state.commit(patch, state.version, cause=cause) if patch else None
    if commit is not None:
        told = {"app": state.app, "version": commit.version, "patch": commit.patch, "cause": cause}
        kernel.record(pid, "state.commit", told)


def _journal_of(kernel: Kernel, app: App) -> int:
    """Whose journal tells of a commit: the process that serves the app. Attaching to another kind would run it."""
    return kernel.attach(app.name).pid if app.kind == "backend" else kernel.service(SERVICE)


def _counted(patch: Patch) -> dict[str, int]:
    words = {"add": "added", "replace": "changed", "remove": "removed"}
    return {word: sum(operation["op"] == op for operation in patch) for op, word in words.items()}


def _check_free(kernel: Kernel, name: str) -> None:
    if not re.fullmatch(NAME, name):
        raise UsageError(f"{name!r} cannot be an app's name: use lower case letters, digits and dashes.")
    if name in {folder.name for folder in app_folders(kernel.home)} or (kernel.home / "apps" / name).exists():
        raise UsageError(f"There is an app called {name} already; choose another name.")


def _draft(app: App, folder: Path) -> Path:
    """The app under its new name. A seed stays behind: what the branch starts with is the state."""
    shutil.copytree(app.folder, folder, symlinks=True)
    (folder / SEED).unlink(missing_ok=True)
    manifest = folder / "app.toml"
    document = tomlkit.parse(manifest.read_text("utf-8"))
    document["name"] = folder.name
    manifest.write_text(tomlkit.dumps(document), "utf-8")
    load_app(folder)
    return folder
