"""Messages to what the model takes: tokens, and the pixels of the pictures among them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import jinja2
from PIL import Image

from llmos.engines.transformers.checkpoint import Checkpoint


@dataclass(frozen=True)
class Turn:
    """One message: its text and its pictures, which come first, as (digest, picture)."""

    role: str
    text: str
    images: tuple[tuple[str, Image.Image], ...] = ()


@dataclass(frozen=True)
class Prompt:
    """`tokens` of the prompt. `keys` tell two prompts apart: a token's own number, and for a picture's tokens a
    number made from its bytes, so that a cache of one picture is never taken for another's.

    `extras` are the processor's other tensors; `begun` is the text of a trailing assistant message.
    """

    tokens: list[int]
    keys: list[int]
    extras: dict[str, Any] = field(default_factory=dict)
    begun: str = ""

    def first_image(self) -> int | None:
        """Where the pictures' tokens begin."""
        return next((place for place, key in enumerate(self.keys) if key < 0), None)

    def after_images(self) -> int:
        """The first place behind all pictures' tokens; 0 when there are none."""
        return next((place + 1 for place in reversed(range(len(self.keys))) if self.keys[place] < 0), 0)


def assemble(turns: list[Turn], checkpoint: Checkpoint) -> Prompt:
    """Raises ValueError in words: pictures for a model that cannot see, messages that its template refuses."""
    begun = turns[-1].text if turns and turns[-1].role == "assistant" else ""
    asked = turns[:-1] if begun else turns
    pictures = [image for turn in asked for image in turn.images]
    if pictures and checkpoint.processor is None:
        raise ValueError(f"the model {checkpoint.name} cannot see pictures")
    text = rendered(asked, checkpoint) + begun
    if not pictures:
        tokens = checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"]
        return Prompt(tokens, tokens, begun=begun)
    assert checkpoint.processor is not None
    images = [[image for _, image in turn.images] for turn in asked if turn.images]
    flat = [image for group in images for image in group]
    made = dict(checkpoint.processor(text=[text], images=[flat], return_tensors="pt", add_special_tokens=False))
    tokens = made.pop("input_ids")[0].tolist()
    made.pop("attention_mask", None)
    keys = keyed(tokens, image_tokens(checkpoint), "".join(digest for digest, _ in pictures))
    return Prompt(tokens, keys, made, begun)


def keyed(tokens: list[int], images: frozenset[int], digests: str) -> list[int]:
    """All pictures share one number: a prompt's pictures are computed together or not at all."""
    mark = -1 - int.from_bytes(hashlib.sha256(digests.encode()).digest()[:8], "big")
    return [mark if token in images else token for token in tokens]


def image_tokens(checkpoint: Checkpoint) -> frozenset[int]:
    """The tokens whose embeddings the pictures replace."""
    config = checkpoint.model.config
    named = (getattr(config, name, None) for name in ("image_token_id", "image_token_index"))
    found = frozenset(token for token in named if token is not None)
    if not found:
        raise ValueError(f"the configuration of {checkpoint.name} names no image token")
    return found


def rendered(turns: list[Turn], checkpoint: Checkpoint) -> str:
    """The turns through the model's chat template. Where that knows no system role, its text opens the question."""
    templated: Any = (
        checkpoint.processor if getattr(checkpoint.processor, "chat_template", None) else checkpoint.tokenizer
    )
    if not getattr(templated, "chat_template", None):
        raise ValueError(f"{checkpoint.name} has no chat template; take an instruction-tuned model")
    parts = checkpoint.processor is not None
    last: jinja2.TemplateError | None = None
    for shape in (turns, _without_system(turns)):
        try:
            messages = [_message(turn, parts) for turn in shape]
            text: str = templated.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            return text
        except jinja2.TemplateError as error:
            last = error
    raise ValueError(f"the chat template of {checkpoint.name} refuses these messages ({last})")


def _without_system(turns: list[Turn]) -> list[Turn]:
    said = "\n\n".join(turn.text for turn in turns if turn.role == "system")
    rest = [turn for turn in turns if turn.role != "system"]
    if not said or not rest:
        return rest
    return [Turn(rest[0].role, f"{said}\n\n{rest[0].text}", rest[0].images), *rest[1:]]


def _message(turn: Turn, parts: bool) -> dict[str, Any]:
    if not parts:
        return {"role": turn.role, "content": turn.text}
    pictures = [{"type": "image"} for _ in turn.images]
    return {"role": turn.role, "content": [*pictures, {"type": "text", "text": turn.text}]}
