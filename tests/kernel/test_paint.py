"""The app paint: its own example is what the grammar admits and what the driver draws without a fault."""

import json

import llguidance
import pytest
from llguidance.gbnf_to_lark import gbnf_to_lark

from drivers.image.drawing.make import make
from llmos.contracts import ToolInfo
from llmos.kernel.app import find_app
from llmos.kernel.syscalls import call_grammar

SVG = {"type": "string", "contentMediaType": "image/svg+xml"}
MAKE = ToolInfo("image.make", "", {"type": "object", "properties": {"svg": SVG}, "required": ["svg"]})


@pytest.fixture(scope="module")
def admits():
    tokenizer, grammar = llguidance.LLTokenizer("byte"), gbnf_to_lark(call_grammar([MAKE]))

    def whole(text):
        matcher = llguidance.LLMatcher(tokenizer, grammar)
        tokens = tokenizer.tokenize_str(text)
        return matcher.consume_tokens(tokens) and matcher.is_accepting()

    return whole


def calling(svg):
    return json.dumps({"call": "image.make", "arguments": {"svg": svg}})


def test_the_example_of_the_prompt_is_admitted_and_drawn_without_a_fault(admits, tmp_path):
    (example,) = [line for line in find_app(tmp_path, "paint").prompt.splitlines() if line.startswith('{"call"')]
    assert admits(example)
    told, picture = make(json.loads(example)["arguments"]["svg"], 400)
    assert told == "A picture of the drawing, 400 x 300 units." and picture.media_type == "image/png"


@pytest.mark.parametrize(
    "svg",
    [
        "<svg viewBox='0 0 400 300'></svg>",
        "<svg viewBox='0 0 400 300'><script>alert(1)</script></svg>",
        "<svg viewBox='0 0 400 300'><image href='https://example.com/a.png'/></svg>",
        "<svg viewBox='0 0 400 300'><rect x='0' y='0' width='9' height='9' fill='url(#a)'/></svg>",
        "<svg viewBox='0 0 9999 9999'><rect x='0' y='0' width='9' height='9' fill='red'/></svg>",
        "<!DOCTYPE svg><svg viewBox='0 0 400 300'></svg>",
    ],
)
def test_nothing_else_is_admitted(admits, svg):
    assert not admits(calling(svg))
