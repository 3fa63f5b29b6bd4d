"""The models on disk: `models()/ID/FILE`, growing `FILE.partial`s, and the record of what was verified.

A file is trusted when the record holds its digest together with the size and modification time it had
when it was hashed, so that starting an engine need not read a gigabyte first.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import filelock

from llmos import paths
from llmos.errors import DigestMismatch, ModelError
from llmos.models.catalog import Model, ModelFile, catalog, default_model

CHUNK_BYTES = 1 << 20
Record = dict[str, list[str | int]]


def folder(model: Model) -> Path:
    return paths.models() / model.id


def location(model: Model) -> Path:
    """Where the model lies once installed: its file, or its folder when it has several."""
    if model.own:
        return model.own
    if model.gpu_bytes and model.hub:
        return Path(model.hub.repository)
    return folder(model) / model.files[0].name if len(model.files) == 1 else folder(model)


def on_the_hub(model: Model) -> bool:
    """Whether the engine that runs the model fetches it itself, so that nothing of it is kept here."""
    hub_id = model.own and not model.own.is_absolute()
    return bool(model.gpu_bytes or hub_id)


def partial_path(model: Model, file: ModelFile) -> Path:
    return folder(model) / f"{file.name}.partial"


def lock(model: Model) -> filelock.BaseFileLock:
    """Held by whoever changes the model's folder. It lies outside, for the folder may be removed."""
    paths.models().mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(paths.models() / f"{model.id}.lock")


def installed(model: Model) -> Path | None:
    """The model's location if all of it is on disk and verified, else None."""
    if on_the_hub(model):
        return location(model)
    if model.own:
        return model.own if model.own.exists() else None
    record = _read_record(model)
    trusted = all(_is_trusted(model, file, record) for file in model.files)
    return location(model) if trusted else None


def missing(model: Model) -> list[ModelFile]:
    """The files that are not on disk and verified."""
    record = _read_record(model)
    return [file for file in model.files if not _is_trusted(model, file, record)]


def trust(model: Model, file: ModelFile) -> None:
    """Record that `file`, as it lies on disk now, was hashed and is right."""
    record = _read_record(model) | {file.name: _fingerprint(folder(model) / file.name, file.sha256)}
    path = _record_path(model)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(record, indent=1))
    fresh.replace(path)


def sha256_of(path: Path, seen: Callable[[int], None] = lambda count: None) -> str:
    """Hash a file, telling `seen` the bytes hashed so far."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            digest.update(piece)
            seen(stream.tell())
    return digest.hexdigest()


def verify_file(model: Model, file: ModelFile, seen: Callable[[int], None] = lambda count: None) -> None:
    """Hash one file on disk: record it when right, else delete it and raise DigestMismatch."""
    path = folder(model) / file.name
    found = sha256_of(path, seen)
    if found != file.sha256:
        path.unlink()
        raise mismatch(file, found, str(path))
    trust(model, file)


def mismatch(file: ModelFile, found: str, where: str) -> DigestMismatch:
    return DigestMismatch(
        f"{file.name} from {where} is not the published file (its SHA-256 is {found[:12]}, not"
        f" {file.sha256[:12]}): its copy in the cache was deleted, pull it again."
    )


def verify(model: Model) -> Path:
    """Hash an installed model again. Raises DigestMismatch (the wrong file is deleted) or ModelError."""
    if model.own:
        raise ModelError(f"{model.own} is a file of your own: no published digest tells whether it is right.")
    if not all((folder(model) / file.name).is_file() for file in model.files):
        raise ModelError(f"{model.id} is not installed: run `llmos pull {model.id}` first.")
    with _alone(model):
        for file in model.files:
            verify_file(model, file)
    return location(model)


def remove(model: Model) -> int:
    """Delete what was fetched of a model; the bytes freed. A file of the user's own is never touched."""
    if model.own:
        raise ModelError(f"{model.own} is a file of your own: delete it yourself if you no longer want it.")
    with _alone(model):
        freed = stored_bytes(model)
        if folder(model).exists():
            shutil.rmtree(folder(model))
    return freed


def _alone(model: Model) -> filelock.AcquireReturnProxy[filelock.BaseFileLock]:
    try:
        return lock(model).acquire(timeout=0)
    except filelock.Timeout:
        raise ModelError(f"{model.id} is being pulled: wait until that has ended, then try again.") from None


@dataclass(frozen=True)
class ModelStatus:
    """One row of `llmos models`. `stored_bytes` counts partial files, too."""

    model: Model
    state: Literal["installed", "partial", "absent", "on the hub"]
    stored_bytes: int
    path: Path
    is_default: bool


def status() -> list[ModelStatus]:
    """Every model of the catalog, and the user's own if `LLMOS_MODEL` names one."""
    default = default_model()
    models = catalog() | {default.id: default}
    return [_status_of(model, model == default) for model in models.values()]


def _status_of(model: Model, is_default: bool) -> ModelStatus:
    if on_the_hub(model):
        return ModelStatus(model, "on the hub", 0, location(model), is_default)
    if path := installed(model):
        stored = model.bytes or path.stat().st_size
        return ModelStatus(model, "installed", stored, path, is_default)
    stored = stored_bytes(model)
    return ModelStatus(model, "partial" if stored else "absent", stored, location(model), is_default)


def stored_bytes(model: Model) -> int:
    """Bytes on disk, partial files included."""
    whole = [folder(model) / file.name for file in model.files]
    partial = [partial_path(model, file) for file in model.files]
    return sum(path.stat().st_size for path in whole + partial if path.is_file())


def _record_path(model: Model) -> Path:
    return folder(model) / "verified.json"


def _read_record(model: Model) -> Record:
    try:
        record: Record = json.loads(_record_path(model).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}  # nothing is trusted: the files are hashed again
    return record


def _is_trusted(model: Model, file: ModelFile, record: Record) -> bool:
    path = folder(model) / file.name
    return path.is_file() and record.get(file.name) == _fingerprint(path, file.sha256)


def _fingerprint(path: Path, sha256: str) -> list[str | int]:
    stat = path.stat()
    return [sha256, stat.st_size, stat.st_mtime_ns]
