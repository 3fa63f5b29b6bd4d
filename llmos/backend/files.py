"""The files of an app: which requests may bring some, who may read one, and what no commit may refer to.

Covers: a file is there only for who may read a document that refers to it; a commit that would refer to a file which
neither came with the request nor could be read by who sends it is refused, whoever proposes it. So to know a hash opens
nothing. Does not cover: what a rule keeps back of a collection that is everybody's, where who knows the hash has the
file; files deeper in a document than its fields and their lists, which are only data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from llmos.backend.asked import Asked
from llmos.backend.body import MULTIPART
from llmos.backend.problem import HttpError
from llmos.backend.request import Reader
from llmos.backend.routes import Rules, sends
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.backend.sniff import HEAD_BYTES, UNKNOWN, is_shown
from llmos.backend.upload import Limits, Receiver
from llmos.contracts import Json
from llmos.errors import AppError, PatchError
from llmos.kernel.app import HttpSettings
from llmos.kernel.blobs import Blobs
from llmos.state.files import digests
from llmos.state.patch import Patch, touched_places
from llmos.state.store import AppState

PATH = "/files"  # where a site serves them, by their hash


@dataclass(frozen=True)
class Found:
    """`is_shown`: whether a browser may show it in its place; else it is only ever downloaded."""

    path: Path
    name: str
    type: str
    is_shown: bool


class Files:
    """Those of one app, as one user or nobody in particular reaches them."""

    def __init__(
        self,
        settings: HttpSettings,
        state: AppState,
        shapes: Mapping[str, Shape],
        rules: Rules,
        reader: Reader,
        blobs: Blobs | None,
    ) -> None:
        """Raises AppError when a route stands where the files are served. Without `blobs` no files can be sent."""
        self._limits = Limits(settings.max_file_bytes, settings.max_upload_bytes)
        self._state = state
        self._shapes = shapes
        self._rules = rules
        self._reader = reader
        self._blobs = blobs
        for route in rules.routes if self.are_kept else ():
            if f"/{next(iter(route.segments), '')}" == PATH:
                raise AppError(f"prompt.md: `## {route.name}` is where files are served; choose another path.")

    @property
    def are_kept(self) -> bool:
        """Whether some document may refer to a file."""
        return self._state.schema.has_files

    def receiver(self, method: str, path: str, content_type: str) -> Receiver | None:
        """What reads this request's body, when it is a form to a route that takes files."""
        if self._blobs is None or not sends(method) or content_type.partition(";")[0].strip().lower() != MULTIPART:
            return None
        try:
            shape = self._reader.shape(self._rules.match(method, path).route)
        except HttpError:
            return None  # that there is no such route is told where all requests come by
        taken = shape.files if shape is not None else frozenset()
        return Receiver(taken, self._limits, self._blobs.incoming) if taken else None

    def find(self, digest: str, user: str | None) -> Found:
        """Raises HttpError 404 where there is no such file, or none that this user may read."""
        document = next(self._documents(digest, self._scoped(user)), None)
        path = self._blobs.path(digest) if self._blobs is not None and document is not None else None
        if document is None or path is None:
            raise HttpError(404, f"There is no file {digest[:80]}.")
        with path.open("rb") as file:
            shown = is_shown(document["type"], file.read(HEAD_BYTES))
        return Found(path, document["name"], document["type"] if shown else _harmless(document["type"]), shown)

    @contextmanager
    def guarded(self, asked: Asked, patch: Patch) -> Iterator[None]:
        """Around the commit of `patch`. Raises PatchError when it would refer to a file that nobody sent; the caller
        undoes the commit.
        """
        if not self.are_kept:
            yield
            return
        held = self._held(patch)
        yield
        places = {place[:2] for place in touched_places(patch)}
        scope = self._scoped(asked.user)
        for digest in self._held(patch) - held - (asked.files or frozenset()):
            others = [place for place in self._state.holders(digest) if not _is_touched(place, places)]
            if not any(scope.document(*place) is not None for place in others):
                raise PatchError(f"The file {digest[:12]} did not come with the request; send it as {MULTIPART}.")

    def _scoped(self, user: str | None) -> Scoped:
        return Scoped(self._state, self._shapes, user)

    def _held(self, patch: Patch) -> set[str]:
        """The files that what the patch touches refers to now."""
        schema, found = self._state.schema, set[str]()
        for place in touched_places(patch):
            for name in (place[:1] or tuple(schema.collections)) if schema.has_files else ():
                for document in self._touched(name, place):
                    found |= schema.digests(name, document)
        return found

    def _touched(self, name: str, place: tuple[str, ...]) -> Iterable[Json]:
        if name not in self._state.schema.collections:
            return ()
        return self._state.page(name, -1).values() if len(place) < 2 else [self._state.document(name, place[1])]

    def _documents(self, digest: str, scope: Scoped) -> Iterator[dict[str, Json]]:
        """What the documents that this user may read say of the file."""
        for collection, key in self._state.holders(digest):
            document = scope.document(collection, key)
            for name in self._shapes[collection].files if isinstance(document, dict) else ():
                value = document.get(name)  # type: ignore[union-attr]
                yield from (one for one in (value if isinstance(value, list) else [value]) if digest in digests(one))


def _is_touched(place: tuple[str, str], places: set[tuple[str, ...]]) -> bool:
    return place in places or place[:1] in places or () in places


def _harmless(kind: str) -> str:
    """A type that is only ever downloaded; one that the bytes do not bear out is none."""
    return UNKNOWN if kind.startswith(("image/", "audio/", "video/")) or kind == "application/pdf" else kind
