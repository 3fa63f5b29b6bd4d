"""A form with files, read as it comes in: files go to the disk piece by piece, the other fields are text.

Covers: sizes of a file and of all, how many parts there are, parts without an end, names that are paths or hold what
ends lines, turns text around or goes on for ever, types that the bytes do not bear out, a full disk, a client that goes
away. Whatever fails, nothing is left on the disk.
Does not cover: what is in a file. It is data, which nothing here opens.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import python_multipart
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from llmos.backend.body import MAX_BODY_BYTES, MAX_FIELDS, check_values, gathered, text_of
from llmos.backend.problem import HttpError
from llmos.backend.sniff import HEAD_BYTES, type_of
from llmos.contracts import Json
from llmos.errors import StateError, StorageFull
from llmos.kernel.blobs import Incoming
from llmos.state.files import MAX_NAME_CHARS

MAX_EXTENSION_CHARS = 20
MAX_HEADER_BYTES = 64 * 1024  # a name may be long, and is cut
NAMELESS = "file"
_UNSPEAKABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}  # as browsers write them in the head of a part


@dataclass(frozen=True)
class Upload:
    """`body` has a document for each file, `files` are the files by their hash; None is one that is kept already."""

    body: dict[str, Json]
    files: Mapping[str, Incoming | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """In bytes: of one file, and of the whole request."""

    file: int
    all: int


@dataclass
class _Part:
    """One part of the form; `file` is None for a text."""

    name: str
    file_name: str = ""
    media_type: str = ""
    file: Incoming | None = None
    data: bytearray = field(default_factory=bytearray)  # a text, or how a file begins


class Receiver:
    """Reads one form. `discard` leaves nothing of it but what was kept."""

    def __init__(self, taken: frozenset[str], limits: Limits, incoming: Callable[[], Incoming]) -> None:
        """`taken` are the fields that may be files; `incoming()` opens a new one."""
        self._taken = taken
        self._limits = limits
        self._incoming = incoming
        self._parts: list[_Part] = []
        self._head: dict[str, str] = {}
        self._header = [bytearray(), bytearray()]
        self._num_text_bytes = 0
        self._is_whole = False

    async def read(self, stream: AsyncIterator[bytes], content_type: str) -> Upload:
        """Raises HttpError: 400 malformed, 413 too large, 415 a file where none is taken, 507 the disk is full."""
        try:
            await self._parse(stream, content_type)
            for part in self._parts:
                if part.file is not None:
                    await asyncio.to_thread(part.file.finish)
        except StorageFull as error:
            raise HttpError(507, f"{error} Nothing was stored.") from error
        except StateError as error:
            raise HttpError(500, str(error)) from error
        return self._upload()

    def discard(self) -> None:
        for part in self._parts:
            if part.file is not None:
                part.file.discard()

    async def _parse(self, stream: AsyncIterator[bytes], content_type: str) -> None:
        _, options = parse_options_header(content_type)
        num_bytes = 0
        try:
            boundary = options.get(b"boundary", b"")
            parser = python_multipart.MultipartParser(
                boundary,
                self._callbacks(),  # type: ignore[arg-type]
                max_header_size=MAX_HEADER_BYTES,
            )
            async for piece in stream:
                num_bytes += len(piece)
                if num_bytes > self._limits.all:
                    raise HttpError(413, f"All together is larger than {_told(self._limits.all)}; send less at once.")
                parser.write(piece)
        except (FormParserError, ValueError) as error:
            raise HttpError(400, f"The form is malformed: {error}.") from error
        if not self._is_whole:
            raise HttpError(400, "The form ended before its end; send all of it.")

    def _callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._write(data[start:end]),
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._head = {}
        if len(self._parts) >= MAX_FIELDS:
            raise HttpError(400, f"The form has more than {MAX_FIELDS} fields.")

    def _end_header(self) -> None:
        name, value = (bytes(part).decode("latin-1") for part in self._header)
        self._head[name.lower()] = value
        self._header = [bytearray(), bytearray()]

    def _open(self) -> None:
        _, options = parse_options_header(self._head.get("content-disposition", ""))
        part = _Part(text_of(options.get(b"name")), media_type=self._head.get("content-type", ""))
        self._parts.append(part)
        if part.name in self._taken and (b"filename" in options or part.media_type):
            part.file_name = file_name(text_of(options.get(b"filename")))
            part.file = self._incoming()
        elif options.get(b"filename"):
            raise HttpError(415, f"{part.name} takes no file; these do: {', '.join(sorted(self._taken))}.")

    def _write(self, data: bytes) -> None:
        part = self._parts[-1]
        if part.file is None:
            self._num_text_bytes += len(data)
            part.data += data
            if self._num_text_bytes > MAX_BODY_BYTES:
                raise HttpError(413, f"The texts of the form are larger than {MAX_BODY_BYTES // 1024} KiB; send less.")
            return
        part.data += data[: HEAD_BYTES - len(part.data)] if len(part.data) < HEAD_BYTES else b""
        part.file.write(data)
        if part.file.size > self._limits.file:
            raise HttpError(413, f"{part.name} is larger than {_told(self._limits.file)}; send a smaller file.")

    def _end(self) -> None:
        self._is_whole = True

    def _upload(self) -> Upload:
        texts = [(part.name, text_of(bytes(part.data))) for part in self._parts if part.file is None]
        body = gathered(texts)
        check_values(body)
        files: dict[str, Incoming] = {}
        sent: dict[str, list[Json]] = {}
        for part in self._parts:
            # a form's field for a file that nobody chose comes empty, and with an empty name
            if part.file is not None and (part.file.size or part.file_name != NAMELESS):
                files[part.file.digest] = part.file
                sent.setdefault(part.name, []).append(_document(part, part.file))
        return Upload({**body, **{name: one[0] if len(one) == 1 else one for name, one in sent.items()}}, files)


def file_name(sent: str) -> str:
    """A file's name as its sender calls it, without folders and without what no name should have."""
    for escape, char in _ESCAPED.items():
        sent = sent.replace(escape, char)
    shown = (char for char in sent if unicodedata.category(char) not in _UNSPEAKABLE and char not in _TURNING)
    name = "".join(shown).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(name) <= MAX_NAME_CHARS:
        return name or NAMELESS
    stem, dot, extension = name.rpartition(".")
    ending = dot + extension if stem and len(extension) <= MAX_EXTENSION_CHARS else ""
    return name[: MAX_NAME_CHARS - len(ending)] + ending


def _document(part: _Part, file: Incoming) -> Json:
    kind = type_of(part.media_type, bytes(part.data))
    return {"name": part.file_name, "type": kind, "size": file.size, "sha256": file.digest}


def _told(num_bytes: int) -> str:
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if num_bytes >= unit:
            return f"{num_bytes / unit:.3g} {name}"
    return f"{num_bytes} bytes"
