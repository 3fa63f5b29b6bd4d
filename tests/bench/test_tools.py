"""The questions of `llmos bench tools`, and that the assistant's choice keeps what was measured."""

import asyncio
from collections import Counter
from pathlib import Path

from llmos.bench.drivers import first_calls
from llmos.bench.tools import figures, load_questions, offers
from llmos.kernel.app import load_app
from llmos.kernel.capabilities import tool_names
from llmos.kernel.drivers import shipped_drivers
from llmos.kernel.tasks import load_tasks

ASSISTANT = load_app(Path(__file__).parents[2] / "apps" / "assistant")


def test_no_question_is_one_of_the_examples_and_each_main_kind_has_forty():
    asked = [question.text for question in load_questions()]
    examples = {message for task in load_tasks(ASSISTANT.folder) for message in task.messages}
    assert examples & {*asked} <= {"Which word is written on the button?"} and len({*asked}) == len(asked)
    counts = Counter(question.kind for question in load_questions())
    main = ("plain", "arithmetic", "picture-text", "file-reading", "web-page", "time-date", "writing")
    assert all(counts[kind] >= 40 for kind in main)


def test_by_words_alone_nine_in_ten_messages_have_what_they_need_and_nothing_else():
    counts = figures(asyncio.run(offers(ASSISTANT, load_questions(), None)))["all"]
    assert counts["right"] >= 0.9 * counts["asked"] and counts["precision"] >= 0.95 and counts["recall"] >= 0.9


def test_each_task_of_the_assistant_names_tools_that_it_may_use():
    assert {tool for task in load_tasks(ASSISTANT.folder) for tool in task.tools} == {*tool_names(ASSISTANT)}


def test_each_shipped_driver_has_a_first_call_to_measure():
    assert {*first_calls()} == {*shipped_drivers()}
