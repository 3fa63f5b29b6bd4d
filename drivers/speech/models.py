"""The models that hear: Whisper models of CTranslate2 or transformers, in folders. Never from the network."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.speech.errors import SpeechError

if TYPE_CHECKING:
    from drivers.speech.ear import Ear

BEST_FIRST = ("whisper-base", "whisper-tiny.en")
NEEDED = ("model.bin", "config.json", "tokenizer.json")  # without the last, faster-whisper would go to the network
CHECKPOINT = ("config.json", "generation_config.json", "preprocessor_config.json", "tokenizer_config.json")


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
def load_model(folder: Path) -> Ear:
    """Raises SpeechError when the files are not a model, ImportError when faster-whisper is not installed."""
    try:
        if _is_checkpoint(folder):
            return _checkpoint(folder)
        from drivers.speech.faster_ear import FasterEar

        return FasterEar(folder)
    except (RuntimeError, ValueError, OSError) as error:
        again = f"fetch it again with `llmos pull {folder.name}`" if folder.name in BEST_FIRST else "lay it there anew"
        raise SpeechError(f"The model in {folder} is damaged; {again}.") from error


def _checkpoint(folder: Path) -> Ear:
    from drivers.speech.transformers_ear import TransformersEar

    try:
        return TransformersEar(folder)
    except ImportError as error:
        raise SpeechError(f"{folder.name} needs transformers and torch: pip install 'llmos[gpu]'.") from error


def _is_checkpoint(folder: Path) -> bool:
    """Whether it is transformers' rather than CTranslate2's."""
    return not (folder / "model.bin").is_file() and any(folder.glob("*.safetensors"))


def _named(models: Path, name: str) -> Path:
    if Path(name).name != name:
        raise SpeechError(f"{name!r} is not the name of a model; lay its folder into {models} and give that name.")
    if missing := _missing(models / name):
        if name in BEST_FIRST:
            raise SpeechError(f"The model {name} is not here; fetch it with `llmos pull {name}`.")
        raise SpeechError(
            f"The model {name} lacks {missing}; lay one of CTranslate2 or of transformers into {models / name}."
        )
    return models / name


def _missing(folder: Path) -> str:
    needed = CHECKPOINT if _is_checkpoint(folder) else NEEDED
    return ", ".join(file for file in needed if not (folder / file).is_file())
