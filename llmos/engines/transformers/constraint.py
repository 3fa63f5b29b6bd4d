"""What an answer may be: a JSON Schema or a GBNF grammar, as a mask over the next token (llguidance)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.gbnf_to_lark import gbnf_to_lark

# as llama.cpp's grammars have it: room to indent, not room to go on for ever
WHITESPACE = r"[ \n\t]{0,20}"


class Constraint:
    """One answer's. `begun` is text that the answer already starts with."""

    def __init__(self, vocabulary: LLTokenizer, grammar: str, begun: str = "") -> None:
        self._matcher = LLMatcher(vocabulary, grammar)
        if begun and not self._matcher.is_error():
            self._matcher.consume_tokens(vocabulary.tokenize_str(begun))
        self._check()

    def allowed(self, vocabulary_size: int) -> torch.Tensor:
        """[vocabulary_size] of bool on the CPU: the tokens that may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), np.uint8)
        mask = np.unpackbits(bits, bitorder="little", count=vocabulary_size)
        self._check()
        return torch.from_numpy(mask.view(bool))

    def take(self, token: int) -> None:
        self._matcher.consume_token(token)
        self._check()

    @property
    def complete(self) -> bool:
        """Nothing may follow."""
        return self._matcher.is_stopped()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise ValueError((self._matcher.get_error().splitlines() or ["it fits no answer"])[0])


def schema_grammar(schema: Any) -> str:  # noqa: ANN401 - any JSON
    overrides: Any = {"whitespace_flexible": True, "whitespace_pattern": WHITESPACE}
    return LLMatcher.grammar_from_json_schema(json.dumps(schema), overrides=overrides)


def gbnf_grammar(text: str) -> str:
    """Raises ValueError for a text that is no GBNF."""
    try:
        return LLMatcher.grammar_from_lark(gbnf_to_lark(text))
    except Exception as error:
        raise ValueError(f"the grammar is not GBNF ({error})") from error
