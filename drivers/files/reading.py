"""read: text by lines, documents as Markdown, pictures as they are, and for anything else what it is."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from drivers.files import documents, lines, tree
from drivers.files.documents.convert import MAX_BYTES, Format
from drivers.files.encoding import SAMPLE_BYTES, encoding_of
from drivers.files.refusal import Refused, told
from drivers.files.roots import Place
from drivers.files.sizes import size_words

PICTURES = ((b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
MAX_PICTURE_BYTES = 10 * 2**20
MAX_WIDE_BYTES = 64 * 2**20
KINDS = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"ID3", "a sound"),
    (b"RIFF", "a sound or a film"),
    (b"OggS", "a sound"),
    (b"fLaC", "a sound"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; ask the user to save it as DOCX or XLSX"),
)


@dataclass(frozen=True)
class Picture:
    data: bytes
    media_type: str


@dataclass(frozen=True)
class Version:
    """Tells whether a file is still what was converted before."""

    device: int
    inode: int
    size: int
    changed_ns: int


class Converted:
    """The last few documents as Markdown, so that turning a page does not convert them again."""

    MAX_KEPT = 4

    def __init__(self) -> None:
        self._kept: OrderedDict[Version, str] = OrderedDict()
        self._lock = Lock()

    def markdown(self, opened: int, kind: Format, label: str) -> str:
        found = os.fstat(opened)
        version = Version(found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns)
        with self._lock:
            if version not in self._kept:
                self._kept[version] = documents.markdown(content(opened, MAX_BYTES, label), kind, label)
            self._kept.move_to_end(version)
            while len(self._kept) > self.MAX_KEPT:
                self._kept.popitem(last=False)
            return self._kept[version]


def read(place: Place, line: int, *, raw: bool, converted: Converted) -> str | Picture:
    with tree.file(place) as opened:
        start = os.pread(opened, SAMPLE_BYTES, 0)
        kind = documents.format_of(place.parts[-1], start)
        if kind is not None and not (raw and kind.is_text):
            text = converted.markdown(opened, kind, place.label)
            note = f"{kind.title} as Markdown" + ("; raw shows its source" if kind.is_text else "")
            return lines.page_of_text(text, line, place.label, note)
        if media_type := picture_type(start):
            return Picture(content(opened, MAX_PICTURE_BYTES, place.label), media_type)
        return _text(opened, start, line, place.label)


def content(opened: int, max_bytes: int, label: str) -> bytes:
    """All of a file. Raises Refused when that is too much."""
    size = os.fstat(opened).st_size
    if size > max_bytes:
        most = size_words(max_bytes)
        raise Refused(f"{label} is {size_words(size)}, more than {most}: ask the user for a smaller one.")
    try:
        os.lseek(opened, 0, os.SEEK_SET)
        with os.fdopen(opened, "rb", closefd=False) as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        raise Refused(told(error, label)) from error


def picture_type(start: bytes) -> str:
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for magic, media_type in PICTURES if start.startswith(magic)), "")


def what_it_is(start: bytes) -> str:
    """Words for a file that is no text."""
    return next((words for magic, words in KINDS if start.startswith(magic)), "no text")


def _text(opened: int, start: bytes, line: int, label: str) -> str:
    size = os.fstat(opened).st_size
    encoding = encoding_of(start, whole=size <= len(start))
    if encoding is None:
        raise Refused(f"{label} is {what_it_is(start)}, {size_words(size)}: it cannot be shown as text.")
    if encoding.is_bytewise:
        return lines.page_of_file(opened, encoding, line, label)
    text = encoding.decode(content(opened, MAX_WIDE_BYTES, label))
    return lines.page_of_text(text, line, label, encoding.note)
