"""process.*: one process starts another app, sends it messages and awaits its answers.

Covers: an app may start only the apps that its manifest grants; a process may send to and wait for its own children
and its parent only; children of children end at MAX_DEPTH, children of one process at MAX_CHILDREN.
Does not cover: what a child may do is said by its own app's manifest, not by its parent's.
"""

from llmos.contracts import Json, Resource, ToolInfo
from llmos.errors import AppError, KernelError, ToolFailed
from llmos.kernel.process import Process
from llmos.kernel.services.syscall import Service, Syscall, strings

MAX_DEPTH = 4
MAX_CHILDREN = 16


async def _ask(call: Syscall) -> None:
    """Resumable: a child that was started before a restart is waited for, not started again."""
    child = call.child if call.child is not None else _start(call, session=False)
    process = await _ended(call, child)
    call.settle(_outcome(process), source=f"process {child}", tokens=process.tokens)


async def _spawn(call: Syscall) -> None:
    if call.child is not None:  # started before a restart, which came between its start and this result
        call.settle({"pid": call.child})
        return
    call.settle({"pid": _start(call, session=True)})


async def _send(call: Syscall) -> None:
    """The message and this call's result become durable together."""
    target = _relative(call, int(call.arguments["pid"]))
    with call.kernel.journal.transaction():
        call.kernel.post(target.pid, str(call.arguments["text"]), source=f"process {call.pid}")
        call.settle({"sent": True})


async def _wait(call: Syscall) -> None:
    target = _relative(call, int(call.arguments["pid"]))
    process = await call.kernel.until(call.pid, lambda: _settled(call.kernel.process(target.pid)))
    call.settle(_outcome(process), source=f"process {target.pid}")


def _start(call: Syscall, *, session: bool) -> int:
    kernel, arguments = call.kernel, call.arguments
    _require_room(call)
    try:
        app = kernel.find_app(str(arguments["app"]))
    except AppError as error:
        raise ToolFailed(str(error)) from error
    with kernel.journal.transaction():
        child = kernel.enroll(
            app,
            str(arguments["text"]),
            parent=call.pid,
            session=session,
            priority=kernel.process(call.pid).priority,
            source=f"process {call.pid}",
        )
        kernel.record(call.pid, "process.child", {"child": child, "intent": call.intent.seq})
    kernel.launch(child)
    return child


def _require_room(call: Syscall) -> None:
    processes = call.kernel.process
    depth, parent = 1, processes(call.pid).parent
    while parent is not None:
        depth, parent = depth + 1, processes(parent).parent
    if depth >= MAX_DEPTH:
        raise ToolFailed(f"Processes may be {MAX_DEPTH} deep; answer here instead of starting another app.")
    children = sum(child.parent == call.pid for child in call.kernel.living())
    if children >= MAX_CHILDREN:
        raise ToolFailed(f"{MAX_CHILDREN} children are alive already; wait for one of them with process.wait.")


def _relative(call: Syscall, pid: int) -> Process:
    """The process called `pid` if it is this one's child or parent."""
    own = call.kernel.process(call.pid)
    try:
        target = call.kernel.process(pid)
    except KernelError as error:
        raise ToolFailed(f"There is no process {pid} to talk to.") from error
    if target.parent != own.pid and own.parent != target.pid:
        raise ToolFailed(f"Process {pid} is neither a child nor the parent of this one.")
    return target


async def _ended(call: Syscall, child: int) -> Process:
    return await call.kernel.until(call.pid, lambda: _settled(call.kernel.process(child)))


def _settled(process: Process) -> Process | None:
    return process if process.state.final or process.waiting_on == "message" else None


def _outcome(process: Process) -> dict[str, Json]:
    """What a child came to, as its parent reads it."""
    if process.error or process.result is None:
        raise ToolFailed(process.error or f"Process {process.pid} ended without an answer ({process.state}).")
    result = process.result
    answer = result["text"] if isinstance(result, dict) and isinstance(result.get("text"), str) else result
    return {"pid": process.pid, "text" if isinstance(answer, str) else "result": answer}


APP_AND_TEXT = strings(app="The app's name.", text="What to tell it.")
NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**53}
PID = {
    "type": "object",
    "properties": {"pid": NUMBER},
    "required": ["pid"],
    "additionalProperties": False,
}
PID_AND_TEXT = {
    **PID,
    "properties": {"pid": NUMBER, "text": {"type": "string"}},
    "required": ["pid", "text"],
}
APP = Resource("app", "text")

SERVICES = (
    Service(
        ToolInfo("process.ask", "Run another app on a text and get its answer.", APP_AND_TEXT, resource=APP),
        _ask,
        "process",
    ),
    Service(
        ToolInfo("process.spawn", "Start another app on a text; go on meanwhile.", APP_AND_TEXT, resource=APP),
        _spawn,
        "process",
    ),
    Service(
        ToolInfo("process.send", "Send a text to a process you started, or to the one that started you.", PID_AND_TEXT),
        _send,
    ),
    Service(
        ToolInfo("process.wait", "Wait for the answer of a process you started.", PID, read_only=True), _wait, "process"
    ),
)
