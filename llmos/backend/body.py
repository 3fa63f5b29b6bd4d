"""What a client sent, as one JSON object, or a refusal that says what is wrong with it."""

from __future__ import annotations

import io
import json
import math
from typing import NoReturn
from urllib.parse import parse_qsl

import python_multipart
from python_multipart.exceptions import FormParserError

from llmos.backend.problem import HttpError
from llmos.contracts import Json

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 20
MAX_FIELDS = 200
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
FORMS = (URLENCODED, MULTIPART)


def parse_body(body: bytes, content_type: str) -> dict[str, Json]:
    """Raises HttpError: 413 too large, 415 not JSON or a form, 400 malformed."""
    if len(body) > MAX_BODY_BYTES:
        raise HttpError(413, f"The body is larger than {MAX_BODY_BYTES // 1024} KiB; send less.")
    if not body.strip():
        return {}
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in FORMS:
        parsed: Json = _multipart(body, content_type) if media_type == MULTIPART else _form(body)
    elif media_type in ("", "application/json") or media_type.endswith("+json"):
        parsed = _json(body)
    else:
        raise HttpError(415, f"{media_type} is not understood; send application/json or a form.")
    if not isinstance(parsed, dict):
        raise HttpError(400, 'The body must be a JSON object, like {"name": "Ada"}.')
    check_values(parsed)
    return parsed


def is_form(content_type: str) -> bool:
    """Whether what is sent so is all text, of which the schema says what it stands for."""
    return content_type.partition(";")[0].strip().lower() in FORMS


def _json(body: bytes) -> Json:
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number)
    except RecursionError:
        raise HttpError(400, f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except UnicodeDecodeError:
        raise HttpError(400, "The body is not UTF-8 text.") from None
    except ValueError as error:
        raise HttpError(400, f"The body is not JSON: {error}.") from error


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise HttpError(400, f"The body has the member {twice!r} twice.")
    return members


def _no_number(name: str) -> NoReturn:
    raise HttpError(400, f"The body holds {name}, which JSON does not have.")


def _form(body: bytes) -> dict[str, Json]:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise HttpError(400, "The form is not UTF-8 text.") from None
    except ValueError:
        raise HttpError(400, f"The form has more than {MAX_FIELDS} fields.") from None
    return gathered(pairs)


def _multipart(body: bytes, content_type: str) -> dict[str, Json]:
    pairs: list[tuple[str, str]] = []
    files: list[str] = []

    def on_field(field: python_multipart.multipart.Field) -> None:
        pairs.append((text_of(field.field_name), text_of(field.value)))

    def on_file(file: python_multipart.multipart.File) -> None:
        if file.size:
            files.append(text_of(file.field_name))

    headers = {"Content-Type": content_type.encode("latin-1", "replace")}
    try:
        python_multipart.parse_form(headers, io.BytesIO(body), on_field, on_file)
    except (FormParserError, ValueError) as error:
        raise HttpError(400, f"The form is malformed: {error}.") from error
    if files:
        raise HttpError(415, f"Files are not taken; leave out {', '.join(files)}.")
    return gathered(pairs)


def text_of(value: bytes | None) -> str:
    try:
        return (value or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise HttpError(400, "The form is not UTF-8 text.") from None


def gathered(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    """A name that comes more than once has a list of values, as checkboxes of one name do."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def check_values(value: Json, depth: int = 0) -> None:
    """Raises HttpError 400 where a value is one that nothing here can keep."""
    if depth > MAX_DEPTH:
        raise HttpError(400, f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):
        _check_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise HttpError(400, "The body holds a number that is larger than numbers can be.")
    for name in value if isinstance(value, dict) else ():
        _check_text(name)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check_values(part, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise HttpError(400, "The body holds a character that text does not have (NUL or half of a pair).")
