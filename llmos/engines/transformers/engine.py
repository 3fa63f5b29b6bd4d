"""The transformers engine as the kernel holds it: started on demand, and again after each death."""

from __future__ import annotations

import importlib.util
import secrets
from pathlib import Path

from llmos import paths
from llmos.engines.embedded import EmbeddedEngine, usable_cores
from llmos.engines.transformers.settings import TransformersSettings
from llmos.errors import EngineUnavailable

NEEDED = ("torch", "transformers", "llguidance")


class Transformers(EmbeddedEngine):
    module = "llmos.engines.transformers.server"

    def __init__(
        self,
        model: str | Path,
        *,
        context_tokens: int = 8192,
        slots: int = 2,
        threads: int | None = None,
        device: str = "auto",
        dtype: str = "auto",
        log: Path | None = None,
    ) -> None:
        """`model` is a folder, a .gguf file or a hub id; `context_tokens` is the window of each of the `slots`."""
        super().__init__(
            TransformersSettings(
                model=str(model),
                converted=str(paths.models() / "unpacked"),
                context_tokens=context_tokens,
                slots=slots,
                threads=threads or usable_cores(),
                key=secrets.token_urlsafe(32),
                device=device,
                dtype=dtype,
            ),
            log,
        )

    def _check(self) -> None:
        if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
            raise EngineUnavailable(
                f"The transformers engine needs {', '.join(missing)}: pip install 'llmos[gpu]', "
                "or take LLMOS_ENGINE=llamacpp."
            )
        model = Path(self._settings.model)
        if model.suffix == ".gguf" and not model.is_file():
            raise EngineUnavailable(f"There is no model file {model}; fetch it with `llmos pull`.")
