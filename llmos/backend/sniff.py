"""What the first bytes of a file say it is, for the few types that a browser may show in its place.

Covers: a file is told, and served, as one of these types only when it begins as they do, so that no page of HTML goes
as a picture. Does not cover: what comes behind the first bytes; a picture may be broken, and a PDF may hold scripts of
its own kind. All other types are whatever the client says, and are only ever downloaded.
"""

from __future__ import annotations

import re

HEAD_BYTES = 64
UNKNOWN = "application/octet-stream"

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,48}/[a-z0-9][a-z0-9!#$&^_.+-]{0,48}")
_BEGINNINGS: dict[str, str] = {
    "image/png": r"\x89PNG\r\n\x1a\n",
    "image/jpeg": r"\xff\xd8\xff",
    "image/gif": r"GIF8[79]a",
    "image/webp": r"RIFF....WEBP",
    "image/avif": r"....ftypavi[fs]",
    "application/pdf": r"%PDF-",
    "audio/mpeg": r"ID3|\xff[\xfb\xf3\xf2]",
    "audio/wav": r"RIFF....WAVE",
    "audio/flac": r"fLaC",
    "audio/ogg": r"OggS",
    "video/ogg": r"OggS",
    "video/mp4": r"....ftyp(?!avi[fs])",
    "audio/mp4": r"....ftyp(?!avi[fs])",
    "video/webm": r"\x1a\x45\xdf\xa3",
    "audio/webm": r"\x1a\x45\xdf\xa3",
}
_PATTERNS = {kind: re.compile(beginning.encode("latin-1"), re.DOTALL) for kind, beginning in _BEGINNINGS.items()}
_ALIASES = {"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav"}


def type_of(declared: str, head: bytes) -> str:
    """The media type of a file that begins with `head`, where its sender says `declared`."""
    said = declared.partition(";")[0].strip().lower()
    said = _ALIASES.get(said, said)
    if is_shown(said, head):
        return said
    fitting = next((kind for kind in _PATTERNS if is_shown(kind, head)), UNKNOWN)
    if said in _PATTERNS or said == UNKNOWN or not _TYPE.fullmatch(said):
        return fitting
    return said


def is_shown(kind: str, head: bytes) -> bool:
    """Whether a browser may show a file that is told to be of this type: one of those above, that begins like it."""
    return kind in _PATTERNS and _PATTERNS[kind].match(head) is not None
