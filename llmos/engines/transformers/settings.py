"""How the transformers engine is to run; it reaches the engine's process as one line of JSON."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TransformersSettings:
    """`model` is a folder, a .gguf file or a hub id; `converted` is where unpacked GGUF files are kept.

    `device` and `dtype` may be "auto". `context_tokens` is the window of each of the `slots`.
    """

    model: str
    converted: str
    context_tokens: int
    slots: int
    threads: int
    key: str
    device: str = "auto"
    dtype: str = "auto"
