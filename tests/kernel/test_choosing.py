"""Which tools a message is offered, by what it brings and by what it is like."""

import pytest

from llmos.contracts import Resource, ToolInfo
from llmos.errors import AppError, EngineUnavailable
from llmos.kernel.choosing import choose, tasks_of_tools
from llmos.kernel.likeness import Likeness, by_words
from llmos.kernel.tasks import Task, asked, load_tasks

TALK = Task(name="talk", messages=("What is the capital of Spain?", "Hello!"))
SUMS = Task(name="sums", tools=("python.run",), messages=("How much is 3 times 4?", "Add 2 and 5."))
WEB = Task(name="web", tools=("browser.open",), when="address")
READ = Task(name="read", tools=("files.read",), when="path", messages=("What does ~/a.txt say?",))
DROP = Task(name="drop", tools=("files.trash",), when="path", messages=("Delete ~/a.txt.",))
SEE = Task(name="see", when="picture", messages=("What is shown here?",))
OCR = Task(name="ocr", tools=("image.ocr",), when="picture", messages=("Read the text to me.",))
TASKS = (TALK, SUMS, WEB, READ, DROP, SEE, OCR)


async def chosen(text, tasks=TASKS, limit=2, used=(), likeness=None, before=frozenset(), **brought):
    choice = await choose(asked(text, before, **brought), tasks, likeness or Likeness(), limit, used)
    return list(choice.tools)


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("What is the capital of Italy?", []),
        ("Hello, hello!", []),
        ("How much is 12 times 9?", ["python.run"]),
        ("Open https://shop.example/plums, please", ["browser.open"]),
        ("what does www.shop.example sell", ["browser.open"]),
        ("Is http://127.0.0.1:8000/ up?", ["browser.open"]),
        ("What does /etc/hosts say?", ["files.read"]),
        ("Delete ~/old/b.txt", ["files.trash"]),
        ("What does notes.md say?", ["files.read"]),
        ("", []),
    ],
)
async def test_what_a_message_says_and_brings_decides(text, tools):
    assert await chosen(text) == tools


@pytest.mark.parametrize(
    "text", ["12 / 4 and/or 3 km/h", "1/2 + 3/4", "e.g. Dr. No, i.e. he", "Ann@shop.example", "Is it 5.30?"]
)
def test_what_looks_like_a_path_or_an_address_is_not_always_one(text):
    assert asked(text).brings == frozenset()


async def test_a_picture_alone_is_no_reason_for_a_tool_where_a_task_says_so():
    assert await chosen("What is shown on this?", picture=True) == []
    assert await chosen("Read me the text.", picture=True) == ["image.ocr"]
    assert await chosen("Read me the text.") == []


async def test_a_picture_that_came_before_is_reached_by_words_alone():
    before = frozenset(["picture"])
    assert await chosen("Read the text to me.", before=before) == ["image.ocr"]
    assert await chosen("What is the capital of Italy?", before=before) == []


async def test_at_most_so_many_tasks_are_offered_and_those_that_are_brought_first():
    text = "How much is 3 times 4? And what do ~/a.txt and https://shop.example say?"
    assert await chosen(text, limit=3) == ["browser.open", "files.read", "python.run"]
    assert await chosen(text, limit=1) == ["browser.open"]


async def test_tools_that_no_example_names_stand_for_themselves():
    tools = [
        ToolInfo("mail.send", "Send an email to somebody.", {"type": "object"}),
        ToolInfo("notes.read_text_file", "Read a text file.", {}, resource=Resource("path", "path")),
        ToolInfo("eye.look", "Look.", {"type": "object", "properties": {"image": {"type": "string"}}}),
        ToolInfo("ear.hear", "Hear.", {"type": "object", "properties": {"audio": {"type": "string"}}}),
        ToolInfo("net.get", "Fetch.", {}, resource=Resource("url", "host")),
    ]
    tasks = tasks_of_tools(tools)
    assert [task.when for task in tasks] == ["", "path", "picture", "recording", "address"]
    assert await chosen("Send an email to Ann.", tasks) == ["mail.send"]
    assert await chosen("What is love?", tasks) == []
    assert await chosen("See ~/a.txt", tasks) == ["notes.read_text_file"]
    assert await chosen("x", tasks, picture=True, recording=True) == ["eye.look", "ear.hear"]


class Vectors:
    """An embedder whose vectors a test says; it counts what it is asked."""

    model = "said"

    def __init__(self, said):
        self.said, self.asked = said, []

    async def embed(self, texts):
        self.asked += texts
        return [self.said(text) for text in texts]


async def test_meaning_decides_where_there_is_an_embedding_model_and_examples_are_embedded_once_and_kept(tmp_path):
    def meaning(text):
        return [1.0, 0.0] if "times" in text or "product" in text else [0.0, 1.0]

    first = Vectors(meaning)
    assert await chosen("The product of seven and eight?", likeness=Likeness(first, tmp_path / "v.npz")) == [
        "python.run"
    ]
    assert "How much is 3 times 4?" in first.asked
    second = Vectors(meaning)
    likeness = Likeness(second, tmp_path / "v.npz")
    assert await chosen("The product of two and six?", likeness=likeness) == ["python.run"]
    assert await chosen("Nice to meet you.", likeness=likeness) == []
    assert second.asked == ["The product of two and six?", "Nice to meet you."]


async def test_a_tool_that_was_of_use_before_takes_less_likeness():
    likeness = Likeness(Vectors(lambda text: [0.35, 0.0, 1.0] if "boxes" in text else [1.0, 0.0, 0.0]))
    text = "And with 9 boxes?"
    assert await chosen(text, [SUMS], likeness=likeness) == []
    assert await chosen(text, [SUMS], likeness=likeness, used=["python.run"]) == ["python.run"]


@pytest.mark.parametrize("kept", [b"", b"PK", b"\x93NUMPY"])
async def test_vectors_that_cannot_be_read_are_made_again(tmp_path, kept):
    (tmp_path / "v.npz").write_bytes(kept)
    embedder = Vectors(lambda text: [1.0])
    assert await Likeness(embedder, tmp_path / "v.npz").of("a", ["b"]) == ([1.0], "meaning")


async def test_an_embedder_that_fails_leaves_the_words():
    class Dead:
        model = "dead"

        async def embed(self, texts):
            raise EngineUnavailable("gone")

    assert await chosen("How much is 12 times 9?", likeness=Likeness(Dead())) == ["python.run"]


def test_the_same_words_are_most_alike_and_numbers_are_alike():
    same, number, other = by_words("How much is 3 times 4?", ["How much is 3 times 4?", "7 times 8", "A cat"])
    assert same == pytest.approx(1) and same > number > other


def test_of_a_long_message_beginning_and_end_are_looked_at():
    long = asked("Read this: " + "word " * 5000 + "https://middle.example " + "word " * 5000 + "Thanks.")
    assert len(long.words) < 1000 and long.brings == frozenset()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("tools = 3", "tools: "), ("when = 'smell'", "when: "), ("more = 1", "more: "), ("x = = 1", "not valid TOML")],
)
def test_a_wrong_file_of_examples_is_named(tmp_path, text, wrong):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "a.toml").write_text(text)
    with pytest.raises(AppError, match=f"a.toml.*{wrong}"):
        load_tasks(tmp_path)
