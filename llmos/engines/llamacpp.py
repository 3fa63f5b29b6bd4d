"""The engine that runs out of the box: llama.cpp over a GGUF file."""

from __future__ import annotations

import secrets
from pathlib import Path

from llmos.engines.embedded import EmbeddedEngine, usable_cores
from llmos.engines.settings import LlamaCppSettings
from llmos.errors import EngineUnavailable


class LlamaCpp(EmbeddedEngine):
    module = "llmos.engines.llamacpp_server"

    def __init__(
        self,
        model: Path,
        *,
        context_tokens: int = 8192,
        slots: int = 2,
        threads: int | None = None,
        log: Path | None = None,
    ) -> None:
        """`context_tokens` is the window of each of the `slots`, which answer at the same time."""
        super().__init__(
            LlamaCppSettings(
                model=str(model),
                context_tokens=context_tokens,
                slots=slots,
                threads=threads or usable_cores(),
                key=secrets.token_urlsafe(32),
            ),
            log,
        )

    def _check(self) -> None:
        if not Path(self._settings.model).is_file():
            raise EngineUnavailable(f"There is no model file {self._settings.model}; fetch it with `llmos pull`.")
