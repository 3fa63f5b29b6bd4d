"""The turn loop: think, call a tool, think again, until the model answers. All it knows it reads from the journal."""

from collections.abc import Sequence

from llmos.contracts import Attachment, ChatRequest, EngineInfo, Event, Json, ToolInfo
from llmos.errors import AnswerError, BudgetSpent, DriverError, KernelError
from llmos.kernel.app import App
from llmos.kernel.capabilities import require_tool
from llmos.kernel.context import Turn, chat_messages, fit, read_turn
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority
from llmos.kernel.syscalls import Answer, Call, check_arguments, parse_step, step_grammar, takes_picture

MAX_IDENTICAL_CALLS = 2


async def run_chat(kernel: Kernel, pid: int, app: App) -> Json:
    """Run a chat process to its answer, `{"text": ...}`. Raises BudgetSpent, AnswerError, EngineError."""
    tools = [await kernel.drivers.tool(name) for name in app.capabilities.tools]
    info = await kernel.engine.info()
    turn = await look(kernel, pid, app, needed="image" not in info.modalities)
    if not turn.text.strip() and not turn.pictures:
        raise AnswerError(f'Nothing was asked; say it: llmos run {app.name} "...", or pipe it in.')
    while True:
        events = kernel.journal.events(pid)
        turn = read_turn(app, events, kernel.blobs)
        text = _open_step(events)
        if text is None:
            _require_budget(kernel, pid, app)
            text = await _next_step(kernel, pid, turn, tools, info)
        step = parse_step(text, tools)
        if isinstance(step, Answer):
            return {"text": step.text}
        _require_progress(events, step)
        await _serve(kernel, pid, turn, step, _interrupted(events))


async def look(kernel: Kernel, pid: int, app: App, *, needed: bool = True) -> Turn:
    """The process's turn, with each picture told in words by the image driver where that is needed."""
    turn = read_turn(app, kernel.journal.events(pid), kernel.blobs)
    for number in range(len(turn.seen) + 1, len(turn.pictures) + 1 if needed else 0):
        tool = await kernel.drivers.tool("image.see")
        turn.seen.append(await _effect(kernel, pid, tool, {"image": number}, turn.pictures, by="kernel"))
    return turn


async def _next_step(kernel: Kernel, pid: int, turn: Turn, tools: Sequence[ToolInfo], info: EngineInfo) -> str:
    messages = chat_messages(turn, tools, "image" in info.modalities)
    settings = turn.app.model
    request = ChatRequest(
        messages,
        max_tokens=await fit(kernel.engine, messages, settings.max_tokens),
        temperature=settings.temperature,
        grammar=step_grammar(tools) if tools and info.grammars else None,
    )
    return await kernel.think(pid, request, Priority.INTERACTIVE)


async def _serve(kernel: Kernel, pid: int, turn: Turn, call: Call, interrupted: bool) -> None:
    """Carry out the model's call. What is wrong with it, or what the driver refuses, is told to the model."""
    require_tool(turn.app, call.tool)
    tool = await kernel.drivers.tool(call.tool)
    if interrupted and not (tool.read_only or tool.idempotent):
        raise KernelError(
            f"The kernel stopped during {call.tool}, which may have happened already; look, and run the app again."
        )
    try:
        check_arguments(tool, call, len(turn.pictures))
        await _effect(kernel, pid, tool, call.arguments, turn.pictures, by="model")
    except (AnswerError, DriverError) as error:
        kernel.record(pid, "syscall.result", {"tool": call.tool, "by": "model", "error": str(error)})


async def _effect(
    kernel: Kernel, pid: int, tool: ToolInfo, arguments: dict[str, Json], pictures: Sequence[Attachment], by: str
) -> Json:
    """Intent, effect, result: each is journaled before the next. Raises DriverError."""
    kernel.record(pid, "syscall.intent", {"tool": tool.name, "arguments": arguments, "by": by})
    if takes_picture(tool):
        arguments = {**arguments, "image": pictures[arguments["image"] - 1].data_url()}
    result = await kernel.drivers.call(tool.name, arguments)
    kernel.record(pid, "syscall.result", {"tool": tool.name, "by": by, "result": result})
    return result


def _open_step(events: Sequence[Event]) -> str | None:
    """The model's last step when its call has no result yet, as after a crash."""
    for event in reversed(events):
        if event.kind == "syscall.result":
            return None
        if event.kind == "engine.answer":
            return str(event.data["text"])
    return None


def _interrupted(events: Sequence[Event]) -> bool:
    return events[-1].kind == "syscall.intent"


def _require_budget(kernel: Kernel, pid: int, app: App) -> None:
    process = kernel.process(pid)
    if process.steps >= app.budget.steps or process.tokens >= app.budget.tokens:
        raise BudgetSpent(
            f"{app.name} spent its budget ({process.steps} steps, {process.tokens} tokens) without an answer;"
            " ask for less, or raise [budget] in its app.toml."
        )


def _require_progress(events: Sequence[Event], call: Call) -> None:
    """Stop a model that asks for the same thing again and again."""
    same = [
        event
        for event in events
        if event.kind == "syscall.intent"
        and event.data["tool"] == call.tool
        and event.data["arguments"] == call.arguments
        and event.data["by"] == "model"
    ]
    if len(same) > MAX_IDENTICAL_CALLS:
        raise AnswerError(
            f"The model called {call.tool} again and again with the same arguments; rephrase the request."
        )
