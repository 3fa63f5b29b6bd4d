"""The trash of a granted folder, `.llmos-trash` in it, laid out as freedesktop.org's: nothing is ever deleted.

What was trashed is moved there; of a file that was changed, what was there before is kept there. Its notes lie in the
user's folder, where anybody may have written them, so a path in one is read like one from the model.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote

from drivers.files import tree
from drivers.files.refusal import Refused, told
from drivers.files.renaming import exchange, rename_new
from drivers.files.roots import Place

NAME = ".llmos-trash"
NOTE = ".trashinfo"
UNDONE = "X-Undone=true\n"
MAX_NOTE_BYTES = 2**14
COPY_BYTES = 2**20
NO_LINKS = (errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EXDEV, errno.EACCES)


@dataclass(frozen=True)
class Kept:
    """One thing in the trash: its name there and the names that lead to where it was.

    `undone` when it made room for something older, so that one who restores again goes further back.
    """

    name: str
    path: str
    undone: bool


@dataclass(frozen=True)
class Trash:
    """`files` and `info` are open folders."""

    files: int
    info: int

    def replace(self, place: Place, holder: int, new: str, name: str) -> None:
        """Put the file `new` in the place of `name`, and what was there here. Whatever breaks off, both are kept."""
        with self._noted(place) as kept:
            if exchange(holder, new, name):
                rename_new(holder, new, self.files, kept)
            else:
                self._keep(holder, name, kept)
                os.rename(new, name, src_dir_fd=holder, dst_dir_fd=holder)

    def take(self, place: Place, holder: int, name: str, *, undone: bool = False) -> None:
        """Move something here."""
        with self._noted(place, undone=undone) as kept:
            rename_new(holder, name, self.files, kept)

    def of(self, place: Place) -> Kept | None:
        """What was at this place last."""
        return next((kept for kept in self.all() if kept.path == place.inner), None)

    def all(self) -> list[Kept]:
        """What is here, the newest first, and what was undone after that."""
        names = [name.removesuffix(NOTE) for name in tree.names(self.info) if name.endswith(NOTE)]
        noted = [self._read(name) for name in sorted(names, reverse=True)]
        kept = [one for one in noted if one.path and tree.peek(self.files, one.name) is not None]
        return sorted(kept, key=lambda one: one.undone)

    def put_back(self, kept: Kept, holder: int, name: str) -> None:
        rename_new(self.files, kept.name, holder, name)
        os.unlink(kept.name + NOTE, dir_fd=self.info)

    def _keep(self, holder: int, name: str, kept: str) -> None:
        """Costs no copy where the disk knows hard links."""
        try:
            os.link(name, kept, src_dir_fd=holder, dst_dir_fd=self.files, follow_symlinks=False)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            self._copy(holder, name, kept)

    @contextmanager
    def _noted(self, place: Place, *, undone: bool = False) -> Iterator[str]:
        """Write down where something is, under a name that sorts by time; yields the name."""
        kept = f"{time.time_ns():020d}-{secrets.token_hex(3)}"
        text = f"[Trash Info]\nPath={quote(place.inner)}\nDeletionDate={time.strftime('%Y-%m-%dT%H:%M:%S')}\n"
        text += UNDONE if undone else ""
        note = os.open(kept + NOTE, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=self.info)
        with os.fdopen(note, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(note)
        try:
            yield kept
        except OSError:
            os.unlink(kept + NOTE, dir_fd=self.info)
            raise

    def _read(self, name: str) -> Kept:
        try:
            note = tree.open_file(self.info, name + NOTE, name)
        except Refused:
            return Kept(name, "", undone=False)
        with os.fdopen(note, "rb") as file:
            said = file.read(MAX_NOTE_BYTES).decode("utf-8", "replace").splitlines()
        path = next((unquote(line.removeprefix("Path=")) for line in said if line.startswith("Path=")), "")
        return Kept(name, path, undone=UNDONE.strip() in said)

    def _copy(self, holder: int, name: str, kept: str) -> None:
        source = os.open(name, tree.FILE, dir_fd=holder)
        with os.fdopen(source, "rb") as old:
            target = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.files)
            with os.fdopen(target, "wb") as new:
                while chunk := old.read(COPY_BYTES):
                    new.write(chunk)
                os.fchmod(target, stat.S_IMODE(os.fstat(source).st_mode))
                new.flush()
                os.fsync(target)


@contextmanager
def trash_of(place: Place) -> Iterator[Trash]:
    """The trash of the granted folder that a place lies in; made when it is missing."""
    here = Place(place.root, ())
    with (
        tree.folder(here) as root,
        _opened(root, NAME) as own,
        _opened(own, "files") as files,
        _opened(own, "info") as info,
    ):
        yield Trash(files, info)


@contextmanager
def _opened(holder: int, name: str) -> Iterator[int]:
    try:
        if tree.peek(holder, name) is None:
            os.mkdir(name, 0o700, dir_fd=holder)
        opened = os.open(name, tree.FOLDER, dir_fd=holder)
    except OSError as error:
        raise Refused(f"The trash cannot be used, so nothing was changed: {told(error, NAME)}") from error
    try:
        yield opened
    finally:
        os.close(opened)
