import json

import llguidance
import pytest
from llguidance.gbnf_to_lark import gbnf_to_lark

from llmos.contracts import ToolInfo
from llmos.errors import AnswerError
from llmos.kernel.syscalls import (
    Answer,
    Call,
    check_arguments,
    count_pages,
    instructions,
    page,
    parse_step,
    step_grammar,
)

OCR = ToolInfo("image.ocr", "Read text.", {"type": "object", "properties": {"image": {"type": "string"}}})
ADD = ToolInfo(
    "math.add",
    "Add.",
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
)
TOOLS = [OCR, ADD]
SVG = {"type": "string", "contentMediaType": "image/svg+xml"}
DRAW = ToolInfo("image.make", "Draw.", {"type": "object", "properties": {"svg": SVG}, "required": ["svg"]})


def test_text_is_an_answer_and_a_call_is_a_call():
    assert parse_step("Four.\n- really", TOOLS) == Answer("Four.\n- really")
    assert parse_step('{"call": "math.add", "arguments": {"a": 1}}', TOOLS) == Call("math.add", {"a": 1})


def test_without_tools_everything_is_an_answer():
    assert parse_step('{"call": "math.add", "arguments": {}}', []) == Answer('{"call": "math.add", "arguments": {}}')


@pytest.mark.parametrize("text", ['{"call"', '{"call": "x"}', '{"call": "x", "arguments": 3}', '{"call": "x", "arg'])
def test_a_call_that_is_not_whole_is_an_error_a_person_can_read(text):
    with pytest.raises(AnswerError, match="did not finish"):
        parse_step(text, TOOLS)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (ADD, {}),
        (ADD, {"a": "two"}),
        (ADD, {"a": 1, "b": 2}),
        (OCR, {"image": 0}),
        (OCR, {"image": 3}),
        (OCR, {"image": "/etc/passwd"}),
    ],
)
def test_arguments_that_a_tool_does_not_take_are_refused(tool, arguments):
    with pytest.raises(AnswerError, match="does not take"):
        check_arguments(tool, Call(tool.name, arguments), num_pictures=2)


def test_pictures_are_named_by_number():
    check_arguments(OCR, Call("image.ocr", {"image": 2}), num_pictures=2)
    assert "image.ocr(image: number of the picture): Read text." in instructions(TOOLS)


POINT = ToolInfo(
    "page.point",
    "Point.",
    {
        "type": "object",
        "properties": {
            "how": {"enum": ["once", 'tw"ice']},
            "target": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "slowly": {"type": "boolean"},
            "rest": {"type": "object"},
        },
        "required": ["target"],
    },
)
LIST = ToolInfo("page.list", "List.", {"type": "object", "properties": {"by": {"type": "string"}, "top": {}}})
OPEN = ToolInfo("other.any", "Any.", {"type": "object", "properties": {"a": {}}, "additionalProperties": True})


@pytest.fixture(scope="module")
def admits():
    tokenizer, grammar = llguidance.LLTokenizer("byte"), gbnf_to_lark(step_grammar([*TOOLS, POINT, LIST, OPEN]))

    def whole(text):
        matcher = llguidance.LLMatcher(tokenizer, grammar)
        return matcher.consume_tokens(tokenizer.tokenize_str(text)) and matcher.is_accepting()

    return whole


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (ADD, {"a": -12}),
        (OCR, {"image": 2}),
        (OCR, {}),
        (POINT, {"target": 3}),
        (POINT, {"target": "Send", "how": 'tw"ice', "rest": {"a": [1, None]}}),
        (POINT, {"target": "Send", "slowly": True}),
        (LIST, {"by": "name"}),
        (LIST, {"top": 3}),
        (LIST, {"by": "name", "top": {}}),
        (OPEN, {"b": 1}),
    ],
)
def test_a_call_with_the_arguments_of_its_tool_is_admitted(admits, tool, arguments):
    assert admits(json.dumps({"call": tool.name, "arguments": arguments}))


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("math.add", '{"a": "two"}'),
        ("math.add", "{}"),
        ("math.add", '{"a": 1, "b": 2}'),
        ("math.subtract", '{"a": 1}'),
        ("page.point", '{"target": "Name", "target": "Send"}'),
        ("page.point", '{"target": "Send", "submit": true}'),
        ("page.point", '{"target": "Send", "how": "thrice"}'),
        ("page.point", '{"target": {"a": 1}}'),
        ("page.point", '{"slowly": true}'),
        ("page.point", '{"target": 1, "rest": "all"}'),
        ("page.list", '{"top": 1, "top": 2}'),
    ],
)
def test_no_other_tool_and_no_other_argument_is_admitted(admits, tool, arguments):
    assert not admits(f'{{"call": "{tool}", "arguments": {arguments}}}')


def test_every_character_of_a_long_result_is_on_some_page_and_no_page_is_too_long():
    text = "".join(f"line {n}\n" for n in range(400))
    pages = [page(text, 1000, number, of=7) for number in range(1, count_pages(text, 1000) + 1)]
    assert max(map(len, pages)) <= 1000
    assert "".join(told.rpartition("\n[page")[0] for told in pages) == text
    assert '{"call": "result.page", "arguments": {"result": 7, "page": 2}}' in pages[0]
    assert "next" not in pages[-1]


def test_of_a_tool_that_draws_only_the_drawing_may_be_written():
    grammar = step_grammar([*TOOLS, DRAW])
    rule = next(line for line in grammar.splitlines() if line.startswith("call ::="))
    assert rule.endswith(r' | "{\"call\": \"image.make\", \"arguments\": {\"svg\": \"" svg "\"}}"')
    assert "\nsvg ::= " in grammar
    assert "svg ::=" not in step_grammar(TOOLS)
    assert " object " not in next(line for line in step_grammar([DRAW]).splitlines() if line.startswith("call ::="))
