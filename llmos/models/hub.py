"""The Hugging Face hub over plain HTTPS: resumes by Range, and survives a connection that breaks."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Generator, Iterator

import httpx2

from llmos.errors import SourceUnavailable
from llmos.models.catalog import HubRepository, ModelFile

REACH_S = 4.0  # within which the hub must answer at all; a name lookup has no timeout of its own
ATTEMPTS = 3  # in a row without one new byte
RETRY_S = 0.5
TIMEOUT = httpx2.Timeout(20.0, connect=REACH_S)
TRUE = {"1", "on", "yes", "true"}  # as huggingface_hub reads its variables


class Hub:
    """Reads files of one repository. Honours HF_HUB_OFFLINE, HF_ENDPOINT and HF_TOKEN."""

    name = "the Hugging Face hub"
    spare_bytes = 0

    def __init__(self, repository: HubRepository) -> None:
        if os.environ.get("HF_HUB_OFFLINE", "").lower() in TRUE:
            raise SourceUnavailable("The Hugging Face hub is switched off: unset HF_HUB_OFFLINE to use it.")
        endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        self._base = f"{endpoint}/{repository.repository}/resolve/{repository.revision}"
        token = os.environ.get("HF_TOKEN")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        _require_answer(endpoint)

    def read(self, file: ModelFile, offset: int) -> Generator[bytes, None, None]:
        failures = 0
        while failures < ATTEMPTS:
            start = offset
            try:
                for piece in self._stream(file, offset):
                    offset += len(piece)
                    yield piece
                return
            except httpx2.HTTPError as error:
                cause = error
            failures = 0 if offset > start else failures + 1
            time.sleep(RETRY_S * failures)
        raise SourceUnavailable(
            f"The Hugging Face hub stopped sending {file.name} at byte {offset} ({cause}): pull again."
        )

    def arriving_bytes(self) -> int:
        return 0

    def _stream(self, file: ModelFile, offset: int) -> Iterator[bytes]:
        headers = self._headers | {"Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with httpx2.stream(
            "GET", f"{self._base}/{file.name}", headers=headers, timeout=TIMEOUT, follow_redirects=True
        ) as answer:
            if answer.is_client_error:
                raise SourceUnavailable(
                    f"The Hugging Face hub refused {file.name} (HTTP {answer.status_code}):"
                    " check HF_ENDPOINT and HF_TOKEN, or try another source."
                )
            answer.raise_for_status()
            surplus = offset if answer.status_code == httpx2.codes.OK else 0  # it does not know Range
            yield from _skip(answer.iter_bytes(), surplus)


def _skip(pieces: Iterator[bytes], count: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[count:]
        count = max(0, count - len(piece))


def _require_answer(endpoint: str) -> None:
    """Raise SourceUnavailable unless something answers at `endpoint` within REACH_S."""
    answered: list[bool] = []

    def ask() -> None:
        try:
            httpx2.head(endpoint, timeout=REACH_S)
            answered.append(True)
        except (httpx2.HTTPError, httpx2.InvalidURL):
            answered.append(False)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(REACH_S)
    if not any(answered):
        raise SourceUnavailable("The Hugging Face hub does not answer: check the network connection.")
