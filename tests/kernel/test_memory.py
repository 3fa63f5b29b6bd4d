"""Finding again what was said, by words and by meaning."""

import math

import pytest

from llmos.errors import EngineUnavailable
from llmos.kernel.memory import MAX_TEXT_CHARS
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app

MEANINGS = {"vehicle": ("car", "truck", "vehicle"), "food": ("soup", "bread", "meal"), "other": ()}


class Meanings:
    """Knows that some words mean the same; `embedded` is what it was asked for."""

    model = "meanings"

    def __init__(self, fails=False):
        self.embedded = []
        self.fails = fails

    async def embed(self, texts):
        if self.fails:
            raise EngineUnavailable("It is gone.")
        self.embedded += texts
        return [self._vector(text.lower()) for text in texts]

    def _vector(self, text):
        counts = [float(any(word in text for word in words)) for words in MEANINGS.values()] + [0.01]
        length = math.hypot(*counts)
        return [count / length for count in counts]

    async def close(self):
        pass


async def talked(boot, finished, tmp_path, *texts, app="helper", embedder=None):
    write_app(tmp_path, app)
    kernel = await boot(ScriptedEngine(lambda request: "noted"), embedder=embedder)
    for text in texts:
        await finished(kernel, kernel.spawn(app, text).pid)
    return kernel


async def texts(kernel, query, app="helper", **options):
    return [found.text for found in await kernel.memory.search(app, query, **options)]


async def test_words_find_what_was_said_with_who_and_when(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "My sister is called Ann", "I like plums")
    [found] = await kernel.memory.search("helper", "sister?")
    assert (found.pid, found.source, found.text) == (1, "user", "My sister is called Ann")
    assert kernel.journal.events(1)[1].seq == found.seq


async def test_the_last_word_of_an_unfinished_query_may_be_a_beginning(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "the plums are cold", "the plan is good")
    assert await texts(kernel, "plu") == []
    assert await texts(kernel, "plu", unfinished=True) == ["the plums are cold"]
    assert await texts(kernel, '"* NEAR(', unfinished=True) == []


async def test_meaning_finds_what_shares_no_word(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "I bought a truck", "Bread is cheap", embedder=Meanings())
    assert await texts(kernel, "which vehicle") == ["I bought a truck"]


async def test_an_embedder_that_fails_leaves_the_words(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "I bought a truck", embedder=Meanings(fails=True))
    assert await texts(kernel, "truck") == ["I bought a truck"]


async def test_nothing_is_embedded_twice_even_under_the_next_kernel(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "I bought a truck", embedder=Meanings())
    await texts(kernel, "car")
    again = Meanings()
    kernel = await boot(ScriptedEngine([]), embedder=again)
    assert await texts(kernel, "car") == ["I bought a truck"]
    assert again.embedded == ["car"]


async def test_one_app_never_finds_what_another_was_told_and_a_person_finds_both(boot, finished, tmp_path):
    await talked(boot, finished, tmp_path, "the secret is 42", app="safe")
    kernel = await talked(boot, finished, tmp_path, "the secret is mine", embedder=Meanings())
    assert set(await texts(kernel, "secret")) == {"the secret is mine", "noted"}
    assert {"the secret is mine", "the secret is 42"} <= set(await texts(kernel, "secret", app=None))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        '"',
        "NEAR(",
        "a AND OR NOT",
        "text:*",
        "x : y",
        "\x00",
        "\ud800",
        "'; DROP TABLE e;--",
        "w " * 10**6,
    ],
)
async def test_any_query_is_data(boot, finished, tmp_path, query):
    kernel = await talked(boot, finished, tmp_path, "plums and word", embedder=Meanings())
    assert set(await texts(kernel, query)) <= {"plums and word", "noted"}
    assert (await texts(kernel, "plums"))[0] == "plums and word"


async def test_accents_and_case_do_not_matter_and_other_scripts_are_found(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "Der Käse ist naïv", "Столица Перу", "東京 に 行く")
    assert await texts(kernel, "KASE naiv") == ["Der Käse ist naïv"]
    assert await texts(kernel, "перу") == ["Столица Перу"]
    assert await texts(kernel, "東京") == ["東京 に 行く"]


async def test_a_long_text_is_shown_around_the_match(boot, finished, tmp_path):
    kernel = await talked(boot, finished, tmp_path, "filler " * 300 + "the needle is here " + "filler " * 100)
    [text] = await texts(kernel, "needle")
    assert "needle" in text
    assert len(text) < 310


async def test_results_of_tools_are_found_also_when_they_lie_beside_the_journal(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.recite"])
    kernel = await boot(ScriptedEngine([call("toy.recite", num_lines=3000), "done"], context_tokens=32_768))
    await finished(kernel, kernel.spawn("helper", "recite").pid)
    [found] = await kernel.memory.search("helper", "line 77")
    assert found.source == "driver toy.recite"
    assert len(found.text) < MAX_TEXT_CHARS


async def test_a_process_remembers_what_another_of_its_app_was_told_and_not_its_own_question(boot, finished, tmp_path):
    write_app(tmp_path, tools=["memory.search"])
    steps = iter(["noted", call("memory.search", query="sister name"), "Ann"])
    kernel = await boot(ScriptedEngine(lambda request: next(steps)))
    await finished(kernel, kernel.spawn("helper", "My sister is called Ann").pid)
    process = await finished(kernel, kernel.spawn("helper", "What is my sister's name?").pid)
    assert process.result == {"text": "Ann"}
    told = kernel.engine.requests[-1].messages[-1].text
    assert "user: My sister is called Ann" in told
    assert "What is my sister" not in told


async def test_nothing_found_is_said(boot, finished, tmp_path):
    write_app(tmp_path, tools=["memory.search"])
    kernel = await boot(ScriptedEngine([call("memory.search", query="zebra"), "I do not know."]))
    await finished(kernel, kernel.spawn("helper", "what about it?").pid)
    assert "Nothing was found." in kernel.engine.requests[-1].messages[-1].text
