"""What turns pictures into tensors. Its video part wants torchvision; pictures do without."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import transformers
from transformers import AutoImageProcessor, AutoProcessor, AutoTokenizer
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES
from transformers.utils import cached_file


def load_processor(source: str, model_type: str) -> Any:  # noqa: ANN401 - transformers' own
    """The checkpoint's processor, without its video part where torchvision is missing."""
    if importlib.util.find_spec("torchvision"):
        return AutoProcessor.from_pretrained(source)
    tokenizer = AutoTokenizer.from_pretrained(source)
    pictures = AutoImageProcessor.from_pretrained(source, backend="pil")
    return without_video(PROCESSOR_MAPPING_NAMES[model_type], pictures, tokenizer, _options(source))


def without_video(name: str, pictures: Any, tokenizer: Any, options: dict[str, Any] | None = None) -> Any:  # noqa: ANN401
    """The processor class called `name`, whose check that all its parts are there is left out."""
    whole = getattr(transformers, name)
    lenient = type(whole.__name__, (whole,), {"check_argument_for_proper_class": lambda *_parts: None})
    return lenient(pictures, tokenizer, **(options or {}), chat_template=tokenizer.chat_template)


def _options(source: str) -> dict[str, Any]:
    """The processor's own settings, such as how many tokens a picture takes; its parts have theirs elsewhere."""
    file = cached_file(source, "processor_config.json", _raise_exceptions_for_missing_entries=False)
    told = json.loads(Path(file).read_text("utf-8")) if file else {}
    foreign = ("processor_class", "auto_map", "chat_template")
    return {name: value for name, value in told.items() if not isinstance(value, dict) and name not in foreign}
