"""Going back in a session: its conversation becomes what it was before one of its messages, and goes on from there.

Nothing leaves the journal. A `process.rewound` event says from which event on the conversation is as it was before
that one; as it is an event itself, going back to before a rewind takes that rewind back.
"""

from collections.abc import Iterable, Sequence

from llmos.contracts import Attachment, Event
from llmos.errors import KernelError
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import Process

REWOUND = "process.rewound"


def in_effect(events: Iterable[Event]) -> list[Event]:
    """The events of one process that its conversation consists of: what was rewound is left out."""
    by_seq: dict[int, Event] = {}
    newest: dict[int, int] = {}  # the conversation's newest event when each came; 0 is none
    precedes: dict[int, int] = {}  # each one in the conversation
    last = 0
    for event in events:
        by_seq[event.seq], newest[event.seq] = event, last
        precedes[event.seq] = newest.get(event.data["before"], 0) if event.kind == REWOUND else last
        last = event.seq
    line = []
    while last:
        line.append(by_seq[last])
        last = precedes[last]
    return line[::-1]


def rewind(kernel: Kernel, pid: int, before: int) -> Process:
    """Let a session's conversation be what it was before a message, or before an earlier rewind, and wait there.

    What its tools did in the meantime stays done. Raises KernelError.
    """
    _require_place(kernel, pid, before)
    with kernel.journal.transaction():
        _go_back(kernel, pid, before)
    kernel.relaunch(pid)
    return kernel.process(pid)


def send_instead(kernel: Kernel, pid: int, before: int, text: str, attachments: Sequence[Attachment] = ()) -> Process:
    """Say something in the place of an earlier message and of all that came after it. Raises KernelError."""
    _require_place(kernel, pid, before)
    with kernel.journal.transaction():
        _go_back(kernel, pid, before)
        kernel.post(pid, text, attachments)
    kernel.relaunch(pid)
    return kernel.process(pid)


def _require_place(kernel: Kernel, pid: int, before: int) -> None:
    process = kernel.process(pid)
    if process.state.final or not process.session:
        raise KernelError(f"Process {pid} is no talk that goes on; run its app again to say it otherwise.")
    found = kernel.journal.events(pid, before - 1, limit=1)
    if not found or found[0].seq != before or found[0].kind not in ("message.user", REWOUND):
        raise KernelError(f"Process {pid} has no message {before}; `llmos log {pid}` numbers what was said.")


def _go_back(kernel: Kernel, pid: int, before: int) -> None:
    process = kernel.process(pid)
    if process.waiting_on != "message":
        kernel.record(pid, "process.answered", {"result": process.result, "interrupted": True})
    kernel.record(pid, REWOUND, {"before": before})
