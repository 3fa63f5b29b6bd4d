"""The work of `llmos bench schedule`: agents that think, wait for tools and write state, the same for each way."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from llmos.contracts import ChatRequest, Json, Message

NUM_AGENTS = 16
NUM_ROUNDS = 3
PICTURE_SHARE = 0.2
TOOL_SECONDS = (0.05, 0.5)
MAX_TOKENS = 24

SYSTEM = (
    "You are one of several assistants of a small library. You answer in one short sentence. "
    + "The library lends books, maps and records. It opens at nine and closes at six. Late books cost ten cents a day. "
    * 8
)
SEEN = [("heading", "Opening hours"), ("label", "Name"), ("input", ""), ("button", "Send")] * 4
PICTURE = "Picture 1 (what the image driver saw):\n" + "\n".join(
    f"{kind} '{text}' at {10 * number},{20 * number}" for number, (kind, text) in enumerate(SEEN)
)
QUESTIONS = ("When does it open?", "What do late books cost?", "What can I lend?", "Name a book for a child.")

Think = Callable[[ChatRequest], Awaitable[str]]
Tool = Callable[[float], Awaitable[None]]
Write = Callable[[Json], None]


@dataclass(frozen=True)
class Agent:
    """One agent: what it asks in each round, and how long its tools take (seconds)."""

    name: str
    questions: tuple[str, ...]
    tool_seconds: tuple[float, ...]
    sees: bool


@dataclass
class Outcome:
    """`outputs` of each agent, and the seconds that each agent took from the common start."""

    outputs: dict[str, list[str]] = field(default_factory=dict)
    turnarounds: list[float] = field(default_factory=list)
    queue_waits: list[float] = field(default_factory=list)
    seconds: float = 0.0


def agents(seed: int) -> list[Agent]:
    """The same agents for the same seed."""
    chance = random.Random(seed)
    made = []
    for number in range(NUM_AGENTS):
        questions = tuple(f"{chance.choice(QUESTIONS)} (visitor {chance.randrange(1000)})" for _ in range(NUM_ROUNDS))
        waits = tuple(chance.uniform(*TOOL_SECONDS) for _ in range(NUM_ROUNDS))
        made.append(Agent(f"agent {number}", questions, waits, number < NUM_AGENTS * PICTURE_SHARE))
    return made


async def work(agent: Agent, think: Think, tool: Tool, write: Write, nonce: str = "") -> list[str]:
    """Ask, call a tool, write state, and go on with what was said. A `nonce` first leaves no prefix to reuse."""
    messages = [Message("system", f"{nonce}{SYSTEM}")]
    outputs: list[str] = []
    for question, seconds in zip(agent.questions, agent.tool_seconds, strict=True):
        text = f"{PICTURE}\n\n{question}" if agent.sees and not outputs else question
        messages.append(Message("user", text))
        said = await think(ChatRequest(tuple(messages), max_tokens=MAX_TOKENS))
        messages.append(Message("assistant", said))
        outputs.append(said)
        await tool(seconds)
        write({"agent": agent.name, "said": said})
    return outputs
