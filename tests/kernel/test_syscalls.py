import jsonschema
import pytest

from llmos.contracts import ToolInfo
from llmos.errors import AnswerError
from llmos.kernel.syscalls import MAX_RESULT_CHARS, Answer, Call, page, parse_step, partial_answer, step_schema

OCR = ToolInfo("image.ocr", "Read text.", {"type": "object", "properties": {"image": {"type": "string"}}})
ADD = ToolInfo(
    "math.add",
    "Add.",
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
)


@pytest.mark.parametrize(
    "step",
    [
        {"answer": "four"},
        {"call": "math.add", "arguments": {"a": 2}},
        {"call": "image.ocr", "arguments": {"image": 2}},
    ],
)
def test_answers_and_calls_of_own_tools_are_admitted(step):
    jsonschema.validate(step, step_schema([OCR, ADD], attachments=2))


@pytest.mark.parametrize(
    "step",
    [
        {"call": "files.delete", "arguments": {}},
        {"call": "math.add", "arguments": {"a": "two"}},
        {"call": "image.ocr", "arguments": {"image": 3}},
        {"call": "image.ocr", "arguments": {"image": "/etc/passwd"}},
        {"answer": "x", "call": "math.add"},
        {},
    ],
)
def test_nothing_else_is_admitted(step):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(step, step_schema([OCR, ADD], attachments=2))


def test_steps_are_read():
    assert parse_step('{"answer": "hi"}') == Answer("hi")
    assert parse_step('{"call": "math.add", "arguments": {"a": 1}}') == Call("math.add", {"a": 1})


@pytest.mark.parametrize("text", ["", "hello", "[]", "{}", "7", '{"call": "x"}', '{"call": "x", "arguments": 3}'])
def test_nonsense_is_an_error_a_person_can_read(text):
    with pytest.raises(AnswerError, match="neither an answer nor a call"):
        parse_step(text)


def test_the_answer_is_visible_while_it_grows():
    whole = '{"answer": "a \\"quoted\\" caf\\u00e9\\n"}'
    grown = [partial_answer(whole[:end]) for end in range(len(whole) + 1)]
    assert grown[-1] == 'a "quoted" café\n'
    assert all(grown[-1].startswith(part) for part in grown)
    assert partial_answer('{"call": "math.add"') == ""


def test_long_results_are_cut_and_say_so():
    cut = page("x" * (MAX_RESULT_CHARS + 1))
    assert cut.endswith(f"[cut: {MAX_RESULT_CHARS + 1} characters in all]")
