"""How the embedded engine is to run; it reaches the engine's process as one line of JSON."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LlamaCppSettings:
    """`context_tokens` is the window of one request: each of the `slots` gets as much."""

    model: str
    context_tokens: int
    slots: int
    threads: int
    key: str
