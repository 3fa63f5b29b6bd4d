"""What was asked, said again with each result: a small model takes a page that it reads for all that was to be done."""

import re
from collections.abc import Sequence

from llmos.contracts import ToolInfo
from llmos.kernel.conversation import Conversation

BEGIN = """The user asked: {task}
Nothing of that is done yet. Write the call for the first of it."""
GO_ON = """The user asked: {task}
If something of that is left to do, write the next call. When all is done, say so."""
AGAIN = """The user asked: {task}
That very call was made before and came to the same. Make another one, which leads closer to what was asked."""
TELL = """The user asked: {task}
If the result says it, answer now. Only if it does not, write the next call."""
# a mark that is not part of an address, or the very last one
QUESTION = re.compile(r"(?<!\S)(?!\S+://)\S*[?？؟]|[?？؟]\s*$")
MAX_TASK_CHARS = 600


def reminder(said: Conversation, offered: Sequence[ToolInfo]) -> str:
    """The note under the newest result; empty before the first call.

    A question is answered from what was read: told to go on, the model would look for more to do. A task is gone on
    with by what came of it so far: nothing that changes a thing, the same as before, or something.
    """
    if not said.calls:
        return ""
    if QUESTION.search(said.text):
        note = TELL
    elif said.circling:
        note = AGAIN
    else:
        note = GO_ON if _acted(said, offered) else BEGIN
    return note.format(task=said.text[:MAX_TASK_CHARS])


def _acted(said: Conversation, offered: Sequence[ToolInfo]) -> bool:
    """Whether a tool has worked that does more than show something."""
    return any(tool.name in said.worked and not (tool.read_only or tool.idempotent) for tool in offered)
