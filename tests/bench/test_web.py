"""`llmos bench web` on two pages with MiniWoB's interface, written here, as MiniWoB itself is not llmos's to bring."""

import json

import pytest

from llmos.bench.web.bench import TASKS, Plan, bench_web, chosen_tasks
from llmos.bench.web.site import find_pages
from llmos.errors import UsageError
from llmos.testing import ScriptedEngine

CORE = """
var core = {}, WOB_RAW_REWARD_GLOBAL = 0, WOB_REWARD_REASON = null, WOB_EPISODE_ID = 0;
Math.seedrandom = (seed) => { core.seed = seed; };
core.setDataMode = (mode) => { core.mode = mode; };
core.createDisplay = () => document.body.insertAdjacentHTML('beforeend',
    '<div id=reward-display>Last reward</div><canvas id=click-canvas></canvas>');
core.startEpisodeReal = () => { core.cover_div.style.display = 'none'; genProblem(); };
core.endEpisode = (reward) => { WOB_RAW_REWARD_GLOBAL = reward; WOB_EPISODE_ID++; core.startEpisode(); };
core.getUtterance = () => document.getElementById('query').textContent;
"""
PAGE = """<script src="../core/core.js"></script><script>
genProblem = () => { query.textContent = 'Click ' + 'AB'[core.seed % 2] + '.';
    for (const name of 'AB') { const button = area.appendChild(document.createElement('button'));
        button.textContent = name; button.onclick = () => core.endEpisode(name === 'AB'[core.seed % 2] ? 1 : -1); } };
onload = () => core.startEpisode();</script><div id=query></div><div id=area></div>"""


@pytest.fixture
def pages(tmp_path):
    for name, text in (("core/core.js", CORE), ("miniwob/click-test.html", PAGE), ("miniwob/other.html", PAGE)):
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "html"


def play(request):
    """Open what the task names, then click what it asks for."""
    first, *later = [message.text for message in request.messages if message.role == "user"]
    task = first.split()
    if not later:
        return json.dumps({"call": "browser.open", "arguments": {"url": task[1]}})
    return json.dumps({"call": "browser.click", "arguments": {"target": task[-1].rstrip(".")}})


async def test_the_apps_episodes_are_rewarded_by_the_page_and_kept_as_they_end(pages, tmp_path):
    plan, out, told = Plan(("click-test", "other"), 2, ("browse", "random"), steps=4), tmp_path / "web.json", []
    figures = await bench_web(ScriptedEngine(play), pages, plan, tmp_path / "home", out, told.append)
    kept = json.loads(out.read_text())
    assert figures["agents"]["browse"]["successes"] == 4
    assert figures["agents"]["random"]["episodes"] == 4
    assert [(row["task"], row["seed"], row["reward"]) for row in kept["episodes"][:4]] == [
        ("click-test", 1, 1),
        ("other", 1, 1),
        ("click-test", 2, 1),
        ("other", 2, 1),
    ]
    assert [row["utterance"] for row in kept["episodes"][:3]] == ["Click B.", "Click B.", "Click A."]
    assert told[0] == "browse: click-test, seed 1 (1 of 4)"


def test_a_limit_takes_the_first_episodes_of_the_first_seed():
    assert Plan(("a", "b", "c"), 2, (), limit=4).episodes() == [("a", 1), ("b", 1), ("c", 1), ("a", 2)]


def test_without_the_pages_one_sentence_says_how_to_get_them(tmp_path):
    with pytest.raises(UsageError, match="pip install --no-deps miniwob"):
        find_pages(tmp_path)


def test_a_task_that_there_is_not_is_named(pages):
    with pytest.raises(UsageError, match="has no task 'click-me'"):
        chosen_tasks(["click-me"], pages)


def test_forty_tasks_are_chosen():
    listed = [line for line in TASKS.read_text().splitlines() if not line.startswith("#")]
    assert len(listed) == len(set(listed)) == 40
