"""What llama.cpp's `/props` page says of a server."""

from llmos.contracts import Json, Modality


def context_tokens_of(props: Json) -> int:
    """The window of one slot, after llama.cpp cut it to what the model was trained for."""
    context_tokens: int = props["default_generation_settings"]["n_ctx"]
    return context_tokens


def modalities_of(props: Json) -> frozenset[Modality]:
    said = props.get("modalities") or {}
    seen: set[Modality] = {"text"}
    if said.get("vision"):
        seen.add("image")
    if said.get("audio"):
        seen.add("audio")
    return frozenset(seen)
