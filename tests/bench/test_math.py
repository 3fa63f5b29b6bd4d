"""`llmos bench math` on an engine that says what it is told: figures to check by hand, and code that really runs."""

import json

import pytest

from llmos.bench.math import Item, bench_math, last_number, load_items
from llmos.errors import UsageError
from llmos.testing import ScriptedEngine

ITEMS = [Item("Six boxes of seven?", "6*7 = <<6*7=42>>42\n#### 42"), Item("Half of 9?", "#### 4.5")]


def call(code):
    return json.dumps({"call": "python.run", "arguments": {"code": code}})


async def test_both_ways_are_asked_the_same_and_the_code_runs(tmp_path):
    answers = [
        call("print(6 * 7)"),
        lambda request: f"It is {request.messages[-1].text.split()[-1]}.",
        "The answer is 41.",
    ]
    answers += [call("1 / 0"), call("9 / 2"), "It is 4.50.", "9 / 2 = 4.5\nThe answer is $4.5"]
    told = []
    report = await bench_math(ITEMS, ScriptedEngine(answers), tmp_path / "home", tmp_path / "math.json", told.append)
    assert report["ways"]["compute"] | {"seconds_an_item": 0, "tokens_an_item": 0} == {
        "right": 2,
        "accuracy": 1.0,
        "tokens_an_item": 0,
        "seconds_an_item": 0,
        "code_ran": 2,
    }
    assert report["ways"]["reason"]["right"] == 1 and report["ways"]["reason"]["code_ran"] == 0
    written = json.loads((tmp_path / "math.json").read_text())
    assert [one["said"] for one in written["rows"][0]["ways"]] == ["It is 42.", "The answer is 41."]
    assert told[-1] == "2 of 2; right by code 1, by words 0"


async def test_items_asked_together_are_told_in_their_order(tmp_path):
    def say(request):
        return "The answer is 42." if "seven" in request.messages[-1].text else "The answer is 4.5."

    engine, out = ScriptedEngine(say), tmp_path / "math.json"
    report = await bench_math(ITEMS * 4, engine, tmp_path / "home", out, lambda said: None, at_a_time=5)
    assert report["at_a_time"] == 5 and report["items"] == 8
    assert report["ways"]["reason"]["right"] == 8
    assert [row["question"] for row in json.loads(out.read_text())["rows"]] == [item.question for item in ITEMS * 4]


@pytest.mark.parametrize(
    ("text", "number"),
    [("#### 1,234", 1234), ("$12.50 in all.", 12.5), ("33.0", 33), ("from 5 to -7.", -7), ("none", None)],
)
def test_the_last_number_counts(text, number):
    assert last_number(text) == number


def test_a_folder_without_problems_and_a_line_that_is_none_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no problem in"):
        load_items(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"question": "1?"}\n')
    with pytest.raises(UsageError, match="needs question and answer"):
        load_items(tmp_path)
