"""A form with a file in it, read within limits."""

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message as AsgiMessage

from llmos.http.openai.refusal import Refusal

MAX_FILE_BYTES = 25 * 2**20  # as at OpenAI
MAX_FORM_BYTES = MAX_FILE_BYTES + 2**20
MAX_FIELDS = 50


@dataclass(frozen=True)
class Form:
    """The one file, and the fields; a field that ends in [] may occur several times."""

    data: bytes
    media_type: str
    fields: FormData

    def one(self, name: str, default: str = "") -> str:
        value = self.fields.get(name, default)
        return value if isinstance(value, str) else default

    def all(self, name: str) -> list[str]:
        return [str(value) for key in (name, f"{name}[]") for value in self.fields.getlist(key)]


async def read_form(request: Request) -> Form:
    """Raises Refusal with what is wrong: no form, no file, or too much of either."""
    received = 0

    async def receive() -> AsgiMessage:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > MAX_FORM_BYTES:
            raise Refusal(f"The file is larger than {MAX_FILE_BYTES // 2**20} MB; send it in parts.", "file", 413)
        return message

    try:
        fields = await Request(request.scope, receive).form(max_files=1, max_fields=MAX_FIELDS)
    except HTTPException as error:
        raise Refusal(f"The form cannot be read: {error.detail}", None) from error
    file = fields.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal("There is no file; send a form (multipart/form-data) with the recording as its file.", "file")
    data = await file.read()
    await fields.close()
    return Form(data, file.content_type or "application/octet-stream", fields)
