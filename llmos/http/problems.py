"""What a site's framework refuses by itself, as problem documents like every other refusal."""

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from llmos.backend.problem import HttpError
from llmos.http.described import READ, refused


def tell_problems(api: FastAPI) -> None:
    """Also for HttpError from anywhere, and for what nobody foresaw, which is logged as it was."""
    api.add_exception_handler(HttpError, _as_it_is)
    api.add_exception_handler(HTTPException, _of_the_framework)
    api.add_exception_handler(Exception, _unforeseen)


async def _as_it_is(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpError)
    return refused(error)


async def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
        return refused(HttpError(error.status_code, error.detail, error.headers))
    allowed = ", ".join(READ)  # all that a site answers itself is only read
    told = f"{request.scope['path']} does not take {request.method}; it takes {allowed}."
    return refused(HttpError(error.status_code, told, {"Allow": allowed}))


async def _unforeseen(request: Request, error: Exception) -> Response:
    return refused(HttpError(HTTPStatus.INTERNAL_SERVER_ERROR, "This went wrong here; the kernel's log says more."))
