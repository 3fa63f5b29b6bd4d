"""Pulling a model: each source in order until every file is there and its digest is right."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import filelock

from llmos.errors import DigestMismatch, DiskFull, ModelError, SourceUnavailable
from llmos.models import cache
from llmos.models.catalog import Model, ModelFile
from llmos.models.hub import Hub
from llmos.models.package_index import PackageIndex
from llmos.models.partial import Partial
from llmos.models.progress import Meter, Report, silent
from llmos.models.sources import LocalPath, Source

LOCK_TICK_S = 0.5
OpenSource = Callable[[], AbstractContextManager[Source]]


def pull(model: Model, *, source: Path | None = None, progress: Report = silent) -> Path:
    """Fetch and verify what is missing of `model`; where it lies. Several processes may call it at once.

    With `source` (a file or a folder) the bytes come from there and nowhere else. An exception raised by
    `progress`, a KeyboardInterrupt or a kill leaves a partial file that the next pull goes on with.
    Raises DigestMismatch, SourceUnavailable, DiskFull.
    """
    if cache.on_the_hub(model):
        raise ModelError(
            f"{model.id} is not pulled: the transformers engine fetches it when it first starts; "
            f"try `llmos up --engine transformers --model {model.own or model.id}`."
        )
    if path := cache.installed(model):
        return path
    if model.own:
        raise ModelError(f"There is no model {model.own}: set LLMOS_MODEL to one that exists, or unset it.")
    meter = Meter(model.id, model.bytes, progress)
    with _only_puller(model, meter):
        _Pull(model, meter).run(_sources(model, source))
    meter.finish()
    return cache.location(model)


@contextlib.contextmanager
def _only_puller(model: Model, meter: Meter) -> Iterator[None]:
    lock = cache.lock(model)
    while True:
        try:
            lock.acquire(timeout=LOCK_TICK_S)
            break
        except filelock.Timeout:
            meter.at("wait", cache.stored_bytes(model))
    try:
        yield
    finally:
        lock.release()


def _sources(model: Model, path: Path | None) -> list[OpenSource]:
    if path:
        return [lambda: contextlib.nullcontext(LocalPath(model, path))]
    sources: list[OpenSource] = []
    if hub := model.hub:
        sources.append(lambda: contextlib.nullcontext(Hub(hub)))
    sources.append(lambda: contextlib.closing(PackageIndex(cache.folder(model), cache.missing(model))))
    return sources


class _Pull:
    """One pull, under the model's lock."""

    def __init__(self, model: Model, meter: Meter) -> None:
        self._model, self._meter = model, meter

    def run(self, sources: list[OpenSource]) -> None:
        self._adopt_files()
        failures: list[ModelError] = []
        for open_source in sources:
            if not cache.missing(self._model):
                return
            try:
                self._fetch_from(open_source)
            except (SourceUnavailable, DigestMismatch) as error:
                failures.append(error)
                self._meter.note(str(error))
        if cache.missing(self._model):
            raise _give_up(self._model, failures)

    def _adopt_files(self) -> None:
        """Verify files that lie in place without a record, such as copies made by hand."""
        for file in cache.missing(self._model):
            if not (cache.folder(self._model) / file.name).is_file():
                continue
            try:
                cache.verify_file(self._model, file, self._meter.verifying(self._done_bytes()))
            except DigestMismatch as error:
                self._meter.note(str(error))

    def _fetch_from(self, open_source: OpenSource) -> None:
        with open_source() as source:
            self._meter.source = source.name
            self._require_space(source)
            for file in cache.missing(self._model):
                self._fetch(file, source)

    def _require_space(self, source: Source) -> None:
        folder = cache.folder(self._model)
        needed = self._model.bytes - cache.stored_bytes(self._model) + source.spare_bytes
        free = shutil.disk_usage(folder.parent).free
        if free < needed:
            raise DiskFull(
                f"{self._model.id} needs {needed / 1e6:,.0f} MB more, but {folder.parent} has {free / 1e6:,.0f} MB"
                " left: free some space, or set LLMOS_MODELS to a folder on another disk."
            )

    def _fetch(self, file: ModelFile, source: Source) -> None:
        path = cache.partial_path(self._model, file)
        with Partial(path, file) as partial:
            partial.load(self._meter.verifying(self._done_bytes()))
            if partial.size_bytes > file.bytes:
                partial.restart()
            resumed = partial.size_bytes > 0
            self._append(file, source, partial)
            if resumed and not partial.is_right():
                # What was there may have come from another source: do not blame this one for it.
                partial.restart()
                self._append(file, source, partial)
            partial.finish(source.name)
        cache.trust(self._model, file)

    def _append(self, file: ModelFile, source: Source, partial: Partial) -> None:
        start = partial.size_bytes
        if start < file.bytes:
            self._copy(file, source, partial)
        if partial.size_bytes < file.bytes:
            partial.truncate(start)  # an answer that ends early is likely no part of the file
            raise SourceUnavailable(
                f"{source.name} has only {partial.size_bytes} of the {file.bytes} bytes of {file.name}:"
                " try another source."
            )

    def _copy(self, file: ModelFile, source: Source, partial: Partial) -> None:
        done_before = shown = self._done_bytes()
        with contextlib.closing(source.read(file, partial.size_bytes)) as pieces:
            for piece in pieces:
                rest = file.bytes - partial.size_bytes
                partial.append(piece[:rest])
                arriving = 0 if piece else min(source.arriving_bytes(), rest)
                shown = max(shown, done_before + partial.size_bytes + arriving)
                self._meter.at("fetch", shown)
                if len(piece) > rest:
                    return

    def _done_bytes(self) -> int:
        missing = cache.missing(self._model)
        return self._model.bytes - sum(file.bytes for file in missing)


def _give_up(model: Model, failures: list[ModelError]) -> ModelError:
    if len(failures) == 1:
        return failures[0]
    reasons = " ".join(str(failure) for failure in failures)
    wrong = any(isinstance(failure, DigestMismatch) for failure in failures)
    advice = f"Or name your own copy: `llmos pull {model.id} --from PATH`."
    return (DigestMismatch if wrong else SourceUnavailable)(f"No source gave {model.id}. {reasons} {advice}")
