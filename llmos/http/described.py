"""What a site says of itself: /openapi.json, /docs for people, /metrics for Prometheus."""

import asyncio
import json
from pathlib import Path

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from llmos.backend.openapi import openapi
from llmos.backend.problem import HttpError
from llmos.errors import AppError
from llmos.http.files import HEADERS, send_file, static_file
from llmos.http.meter import Meter
from llmos.kernel.app import App

READ = ["GET", "HEAD"]
PAGE = Path(__file__).with_name("docs")  # a page, its script and its style; it draws what /openapi.json says


def described(app: App, meter: Meter) -> APIRouter:
    """The routes that every site has beside its app's own."""
    router = APIRouter()

    @router.api_route("/openapi.json", methods=READ)
    async def document() -> Response:
        try:
            body = json.dumps(await asyncio.to_thread(openapi, app), ensure_ascii=False)
        except AppError as error:
            return refused(HttpError(500, str(error)))
        return Response(body, media_type="application/json", headers={**HEADERS, "Cache-Control": "no-cache"})

    @router.api_route("/docs", methods=READ)
    async def docs() -> Response:
        return await send_file(PAGE / "index.html")

    @router.api_route("/docs/{name}", methods=READ)
    async def part(name: str) -> Response:
        file = static_file(PAGE, name)
        return await send_file(file) if file else refused(HttpError(404, f"There is no /docs/{name}; open /docs."))

    @router.api_route("/metrics", methods=READ)
    async def metrics() -> Response:
        return Response(generate_latest(meter.registry), headers={**HEADERS, "Content-Type": CONTENT_TYPE_LATEST})

    return router


def refused(error: HttpError) -> Response:
    answer = error.response()
    return Response(answer.body, answer.status, {**HEADERS, **answer.headers})
