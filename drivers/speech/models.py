"""The models that hear: folders of CTranslate2 Whisper models in the folder of models. Never from the network."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from drivers.speech.errors import SpeechError

BEST_FIRST = ("whisper-base", "whisper-tiny.en")
NEEDED = ("model.bin", "config.json", "tokenizer.json")  # without the last, faster-whisper would go to the network
MAX_THREADS = 4


def models_folder(named: str) -> Path:
    """`named`, else `LLMOS_MODELS`, else where llmos keeps models."""
    return Path(named or os.environ.get("LLMOS_MODELS") or "~/.cache/llmos/models").expanduser()


def find_model(models: Path, name: str, language: str) -> Path:
    """The folder of the model called `name`, else of the best one that is here and hears `language`.

    Raises SpeechError with the command that fetches it.
    """
    if name:
        return _named(models, name if name.startswith("whisper-") or (models / name).is_dir() else f"whisper-{name}")
    fitting = [known for known in BEST_FIRST if language in ("", "en") or not known.endswith(".en")]
    here = [known for known in fitting if not _missing(models / known)]
    if not here:
        wanted = "`llmos pull whisper-base`"
        wanted += ", or for English alone the smaller `llmos pull whisper-tiny.en`" if len(fitting) > 1 else ""
        raise SpeechError(f"No model that hears is here; fetch one with {wanted}.")
    return models / here[0]


@lru_cache(maxsize=1)
def load_model(folder: Path) -> Any:  # noqa: ANN401 - faster-whisper's WhisperModel
    """Raises SpeechError when the files are not a model."""
    from faster_whisper import WhisperModel

    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=min(MAX_THREADS, cpus))
    except (RuntimeError, ValueError, OSError) as error:
        raise SpeechError(
            f"The model in {folder} is damaged; fetch it again with `llmos pull {folder.name}`."
        ) from error


def _named(models: Path, name: str) -> Path:
    if Path(name).name != name:
        raise SpeechError(f"{name!r} is not the name of a model; lay its folder into {models} and give that name.")
    if missing := _missing(models / name):
        if name in BEST_FIRST:
            raise SpeechError(f"The model {name} is not here; fetch it with `llmos pull {name}`.")
        raise SpeechError(f"The model {name} lacks {missing}; lay a CTranslate2 Whisper model into {models / name}.")
    return models / name


def _missing(folder: Path) -> str:
    return ", ".join(file for file in NEEDED if not (folder / file).is_file())
