"""Which tools a message is offered, where an app has `[capabilities] choose`: the few that it is likely to need.

A small model that is shown ten tools calls one of them for the capital of France. So a message that brings a picture, a
recording, an address or a path is offered the tools of the one task about such things that it is most like; any other,
the tools of the task that it is most like at all, when it is like enough, and else none. Tools that nothing of the
app's examples names stand for themselves, by their names and summaries.

This only says what the model is shown. What it may do is said by its capabilities, whatever it was shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmos.contracts import Json, ToolInfo
from llmos.kernel.likeness import Likeness
from llmos.kernel.syscalls import attached
from llmos.kernel.tasks import Asked, Brought, Task, asked

LIKE_ENOUGH = {"meaning": 0.4, "words": 0.2}
MORE = 0.15  # more likeness is needed where something was brought, which tells more than words
LESS = 0.1  # and less where the process has used such a tool before
NEARLY = 0.04  # tasks of the same kind this near to the best are not told apart
BROUGHT: tuple[Brought, ...] = ("picture", "recording", "address", "path")


@dataclass(frozen=True)
class Choice:
    """`tools` in the order of their tasks; `scores` are those of the likeliest tasks, found `by` meaning or words."""

    tools: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    by: str = ""
    scores: Mapping[str, float] | None = None

    def facts(self) -> dict[str, Json]:
        """For the journal."""
        scores = {name: round(score, 2) for name, score in (self.scores or {}).items()}
        return {"tasks": [task.name for task in self.tasks], "by": self.by, "scores": scores}


async def choose(
    message: Asked, tasks: Sequence[Task], likeness: Likeness, limit: int, used: Iterable[str] = ()
) -> Choice:
    """The tools of at most `limit` tasks; `used` are those that have worked in this process.

    What came before the message is as near as its words say.
    """
    open_to = [task for task in tasks if not task.when or task.when in message.brings | message.before]
    scores, by = await _scores(message, open_to, likeness)
    chosen: list[Task] = []
    for brought in [brought for brought in BROUGHT if brought in message.brings]:
        chosen += _nearest([task for task in open_to if task.when == brought], scores)
    free = _best([task for task in open_to if task.when not in message.brings], scores)
    if free and scores[free.name] >= _needed(free, chosen, scores, by, frozenset(used)):
        chosen.append(free)
    told = tuple(task for task in chosen if task.tools)[:limit]
    tools = dict.fromkeys(tool for task in told for tool in task.tools)
    best = dict(sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:3])
    return Choice(tuple(tools), told, by, best)


def tasks_of_tools(tools: Sequence[ToolInfo]) -> list[Task]:
    """A task for each tool that no example speaks of."""
    return [
        Task(
            name=tool.name,
            tools=(tool.name,),
            when=_brought_to(tool),
            messages=(f"{tool.name.replace('.', ' ').replace('_', ' ')}: {tool.summary}",),
        )
        for tool in tools
    ]


async def _scores(message: Asked, tasks: Sequence[Task], likeness: Likeness) -> tuple[dict[str, float], str]:
    """How like a message is to the likeliest example of each task; 0 where a task has none."""
    examples = [(task.name, asked(example).words) for task in tasks for example in task.messages]
    scores = {task.name: 0.0 for task in tasks}
    if not examples or not message.words.strip():
        return scores, "rule"
    alike, by = await likeness.of(message.words, [words for _, words in examples])
    for (name, _), score in zip(examples, alike, strict=True):
        scores[name] = max(scores[name], score)
    return scores, by


def _needed(free: Task, chosen: Sequence[Task], scores: Mapping[str, float], by: str, used: frozenset[str]) -> float:
    """How like a message must be to a task that nothing it brings speaks for."""
    needed = LIKE_ENOUGH.get(by, 1.0)
    if chosen:
        needed = max(needed + MORE, *(scores[task.name] for task in chosen))
    return needed - (LESS if used & {*free.tools} else 0.0)


def _best(tasks: Sequence[Task], scores: Mapping[str, float]) -> Task | None:
    return max(tasks, key=lambda task: (scores[task.name], task.name), default=None)


def _nearest(tasks: Sequence[Task], scores: Mapping[str, float]) -> list[Task]:
    """The likeliest task, and those that are as likely."""
    best = _best(tasks, scores)
    if best is None:
        return []
    near = [task for task in tasks if task is not best and scores[task.name] >= scores[best.name] - NEARLY]
    return [best, *(near if best.tools else [])]


def _brought_to(tool: ToolInfo) -> Brought:
    """What a message must bring for this tool to be of use, as far as its arguments tell."""
    if taken := attached(tool):
        return "recording" if taken == {"audio"} else "picture"
    kinds: dict[str, Brought] = {"host": "address", "path": "path"}
    return kinds.get(tool.resource.kind, "") if tool.resource else ""
