"""Errors as OpenAI's clients expect them."""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from llmos.contracts import Json
from llmos.errors import AppError, ContextFull, EngineBusy, EngineUnavailable, LlmosError, StateError


class Refusal(LlmosError):
    """The request cannot be served as it is; `param` names the part of it."""

    def __init__(self, sentence: str, param: str | None = None, status: int = 400, code: str | None = None) -> None:
        super().__init__(sentence)
        self.param, self.status, self.code = param, status, code


def error_body(error: LlmosError) -> tuple[int, dict[str, Json]]:
    """Status and body of the response that tells an error."""
    if isinstance(error, Refusal):
        return error.status, _body(str(error), "invalid_request_error", error.param, error.code)
    if isinstance(error, ContextFull):
        return 400, _body(str(error), "invalid_request_error", "messages", "context_length_exceeded")
    if isinstance(error, EngineBusy):
        return 429, _body(str(error), "rate_limit_error", None, "rate_limit_exceeded")
    if isinstance(error, AppError):
        return 404, _body(str(error), "invalid_request_error", "model", "model_not_found")
    if isinstance(error, EngineUnavailable):
        return 503, _body(str(error), "server_error", None, None)
    return (400 if isinstance(error, StateError) else 500), _body(str(error), "server_error", None, None)


async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LlmosError)
    status, body = error_body(error)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, EngineBusy) else None
    return JSONResponse(body, status, headers)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"][1:]) or None
    return JSONResponse(_body(f"{param or 'body'}: {first['msg']}", "invalid_request_error", param, None), 400)


async def unserved(request: Request, error: Exception) -> JSONResponse:
    """404 for a path or a method that is not here: whether the path has other methods helps no client."""
    sentence = f"{request.method} {request.url.path} is not served here; docs/openai-api.md lists what is."
    return JSONResponse(_body(sentence, "invalid_request_error", None, None), 404)


def _body(message: str, kind: str, param: str | None, code: str | None) -> dict[str, Json]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
