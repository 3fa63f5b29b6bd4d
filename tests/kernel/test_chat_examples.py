"""What a chat app's examples may say, and what they are compared with."""

import json
from dataclasses import replace

import pytest

from llmos.contracts import Event
from llmos.errors import AppError
from llmos.kernel.app import app_folders, load_app
from llmos.kernel.chat_examples import ChatExpected, differences, load_chat_examples, outcome_of

GOOD = {"text": "Hello?", "expect": {"says": ["hello"]}}
SHIPPED = ("assistant", "browse", "compute", "paint", "receipts", "scribe")


@pytest.fixture
def chat(tmp_path):
    """A chat app whose examples a test writes: `chat(hello={...})` loads them."""
    folder = tmp_path / "oracle"
    (folder / "examples").mkdir(parents=True)
    (folder / "app.toml").write_text('name = "oracle"\ntitle = "O"\nkind = "chat"\n')
    (folder / "prompt.md").write_text("You answer.")

    def load(**examples):
        for name, value in examples.items():
            written = value if isinstance(value, str) else json.dumps(value)
            (folder / "examples" / f"{name}.json").write_text(written)
        return load_chat_examples(load_app(folder))

    load.folder = folder
    return load


def said(text="", *events):
    """What became of a process that did `events` and then answered."""
    done = ("process.done", {"result": {"text": text}})
    return outcome_of(Event(number, 1, 0.0, *event) for number, event in enumerate([*events, done], 1))


def called(tool, by="model", **result):
    return ("syscall.result", {"tool": tool, "by": by, **(result or {"result": "1"})})


def differ(expected, outcome):
    return list(differences(ChatExpected(**expected), outcome))


def test_an_example_is_named_after_its_file(chat):
    (chat.folder / "examples" / "a.ogg").write_bytes(b"OggS")
    (chat.folder / "examples" / "talk.toml").write_text("messages = []")
    sound, talk = chat(talk=GOOD, sound={"attach": ["a.ogg"], "expect": {"calls": ["speech.listen"]}})
    assert (talk.name, talk.text, talk.attached) == ("talk", "Hello?", ())
    assert (sound.name, sound.text, [file.name for file in sound.attached]) == ("sound", "", ["a.ogg"])


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "Invalid JSON"),
        ("[]", "Input should be an object"),
        ({"text": "Hello?"}, "expect: Field required"),
        (GOOD | {"texts": "x"}, "texts: Extra inputs"),
        (GOOD | {"text": 1}, "text: Input should be a valid string"),
        (GOOD | {"text": " "}, "text: is empty"),
        ({"expect": {"says": ["a"]}}, "needs text, attach or both"),
        (GOOD | {"attach": "a.ogg"}, "attach: Input should be a valid array"),
        (GOOD | {"attach": ["gone.ogg"]}, "attach: there is no file gone.ogg"),
        (GOOD | {"attach": ["../app.toml"]}, "attach: ../app.toml lies outside the app's folder"),
        (GOOD | {"attach": ["/etc/hostname"]}, "attach: /etc/hostname lies outside the app's folder"),
        (GOOD | {"site": "shop"}, "site: needs a folder of pages, and {site} in the text"),
        (GOOD | {"text": "Open {site}"}, "site: needs a folder of pages, and {site} in the text"),
        (GOOD | {"text": "Open {site}", "site": "gone"}, "site: there is no folder gone"),
        (GOOD | {"text": "Open {site}", "site": "bad.json"}, "site: there is no folder bad.json"),
        (GOOD | {"text": "Open {site}", "site": "../.."}, "site: ../.. lies outside the app's folder"),
        (GOOD | {"expect": {"opens": ["/a"]}}, "expect.opens: needs a site"),
        (GOOD | {"expect": {}}, "expect: needs at least one of says, not, calls, opens, answer"),
        (GOOD | {"expect": {"say": ["a"]}}, "expect.say: Extra inputs"),
        (GOOD | {"expect": {"says": "a"}}, "expect.says: Input should be a valid array"),
        (GOOD | {"expect": {"says": []}}, "expect.says: Tuple should have at least 1 item"),
        (GOOD | {"expect": {"not": [""]}}, "expect.not.0: is empty"),
        (GOOD | {"expect": {"calls": ["python"]}}, "expect.calls.0: String should match"),
        (GOOD | {"expect": {"answer": {}}}, "expect.answer: Dictionary should have at least 1 item"),
        (GOOD | {"expect": {"answer": {"total": "1"}}}, "expect.answer: oracle has no answer.json"),
    ],
)
def test_a_file_that_is_no_example_is_named_with_what_is_wrong(chat, written, told):
    with pytest.raises(AppError, match=r"bad\.json is not an example: ") as refused:
        chat(bad=written)
    assert told in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_link_that_leads_out_of_the_app_is_refused(chat, tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    (chat.folder / "examples" / "notes.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(AppError, match=r"attach: notes\.txt lies outside the app's folder"):
        chat(bad=GOOD | {"attach": ["notes.txt"]})


def test_a_link_to_a_whole_app_is_no_way_out(chat, tmp_path):
    """An installed app may be a link to where its author works."""
    (chat.folder / "examples" / "notes.txt").write_text("x")
    chat(fine=GOOD | {"attach": ["notes.txt"]})
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "oracle").symlink_to(chat.folder)
    assert load_chat_examples(load_app(tmp_path / "apps" / "oracle"))[0].attached


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12,586,269,025", "It is 12586269025."),
        ("12586269025", "It is 12,586,269,025."),
        ("1'000", "It is 1\u202f000 metres"),
        ("Town  hall", "in the town\nhall"),
        ("ÉTÉ", "en été"),
        ("12", "It is 12.0."),
        ("41.84", "It is 41.842944."),
        ("at 9", "at 9.30"),
        ("1, 2", "1, 2, 3"),
    ],
)
def test_what_is_written_otherwise_is_said_all_the_same(text, answer):
    assert differ({"says": [text]}, said(answer)) == []
    assert differ({"not": [text]}, said(answer)) == [f"not: {text!r} is in the answer"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12", "It is 112."),
        ("at 9", "at 90"),
        ("41.84", "It is 41.8."),
        ("12", "It is 125."),
        ("1,2", "It is 12."),
        ("town hall", "town halt"),
        ("a.c", "abc"),
    ],
)
def test_what_is_something_else_is_not_said(text, answer):
    assert differ({"says": [text]}, said(answer)) == [f"says: {text!r} is not in the answer"]
    assert differ({"not": [text]}, said(answer)) == []


def test_tools_must_have_come_back_without_an_error_in_any_order():
    outcome = said("ok", called("b.two"), called("a.one", error="no"), called("a.one"))
    assert differ({"calls": ["a.one", "b.two"]}, outcome) == []


def test_a_tool_that_was_not_called_or_failed_is_told():
    outcome = said("ok", called("a.one", error="it is closed"))
    expected = ["calls: a.one came back with: it is closed", "calls: b.two was not called"]
    assert differ({"calls": ["a.one", "b.two"]}, outcome) == expected


def test_what_the_kernel_calls_counts_as_called_but_not_as_a_call_of_the_model():
    outcome = said("ok", called("image.see", by="kernel"))
    assert differ({"calls": ["image.see"]}, outcome) == differ({"calls": []}, outcome) == []
    assert differ({"calls": []}, said("ok", called("a.one"))) == ["calls: a.one was called"]


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"n": 16.1}, '{"n": 16.10, "more": 1}'),
        ({"n": 1}, '{"n": 1.0}'),
        ({"n": [{"a": None}]}, '{"n": [{"a": null}]}'),
    ],
)
def test_the_fields_of_an_answer_that_are_named_are_compared(expected, got):
    assert differ({"answer": expected}, said(got)) == []


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ({"n": "16.10"}, '{"n": "16.1"}', 'answer.n: got "16.1"'),
        ({"n": 1}, '{"n": true}', "answer.n: got true"),
        ({"n": "1"}, '{"n": 1}', "answer.n: got 1"),
        ({"n": None}, "{}", "answer.n: got nothing"),
        ({"n": {"a": 1}}, '{"n": {"a": 1, "b": 2}}', 'answer.n: got {"a": 1, "b": 2}'),
        ({"n": [1]}, '{"n": [1, 2]}', "answer.n: got [1, 2]"),
        ({"n": 1}, "one", "answer: it is not a JSON object"),
        ({"n": 1}, "[1]", "answer: it is not a JSON object"),
    ],
)
def test_a_field_that_is_another_is_told(expected, got, told):
    assert differ({"answer": expected}, said(got)) == [told]


def test_pages_that_were_not_asked_for_are_told():
    outcome = replace(said("Done."), opened=("/", "/sent.html?name=Ann"))
    assert differ({"opens": ["/sent.html?name=Ann", "/"]}, outcome) == []
    assert differ({"opens": ["/sent.html"]}, outcome) == ["opens: /sent.html was not asked for"]


def test_what_a_form_sent_twice_or_otherwise_is_told():
    outcome = replace(said("Done."), opened=("/sent?a=1", "/", "/sent?a=1", "/sent?a=", "/other?b=2"))
    assert differ({"opens": ["/sent?a=1"]}, outcome) == [
        "opens: /sent?a=1 was asked for, too",
        "opens: /sent?a= was asked for, too",
    ]


def test_a_question_that_was_answered_yes_is_not_told_as_refused():
    asked = ("question.asked", {"text": "May it?"})
    assert said("Done.", asked, ("question.answered", {"question": 1, "choice": "once"})).asked == ()
    assert said("Done.", asked, ("question.answered", {"question": 1, "choice": "no"})).asked == ("May it?",)


def test_where_there_is_no_answer_only_the_reason_is_told():
    failed = outcome_of([Event(1, 7, 0.0, "process.failed", {"error": "It spent its budget."})])
    assert differ({"says": ["a"]}, failed) == ["no answer: It spent its budget."]
    killed = outcome_of([Event(1, 7, 0.0, "process.killed", {})])
    assert differ({"not": ["a"]}, killed) == ["no answer: process 7 was killed"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_chat_apps_that_ship_have_examples(name, tmp_path):
    [folder] = [folder for folder in app_folders(tmp_path) if folder.name == name]
    assert load_chat_examples(load_app(folder))
