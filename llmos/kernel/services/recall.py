"""memory.search and result.page: what was said before, and the rest of a result that was too long to show."""

import time

from llmos.contracts import Json, ToolInfo
from llmos.errors import ToolFailed
from llmos.kernel.services.syscall import Service, Syscall, strings
from llmos.kernel.syscalls import count_pages, page


async def _search(call: Syscall) -> None:
    """What was said in this very turn is not found: the model has it before its eyes."""
    kernel = call.kernel
    begun = kernel.journal.last(call.pid, ("process.answered", "process.spawned"))
    besides = (call.pid, begun.seq if begun else 0)
    found = await kernel.memory.search(call.app.name, str(call.arguments["query"]), besides=besides)
    told = [f"{_day(item.at)}, {item.source}: {item.text}" for item in found]
    call.settle("\n\n".join(told) or "Nothing was found.", source="memory")


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


async def _page(call: Syscall) -> None:
    """Only results of this very process have pages here."""
    of, number = int(call.arguments["result"]), int(call.arguments["page"])
    event = next(iter(call.kernel.journal.events(call.pid, after=of - 1, limit=1)), None)
    if event is None or event.seq != of or event.kind != "syscall.result" or "blob" not in event.data:
        raise ToolFailed(f"Result {of} has no pages; take the number from the note under a page.")
    text = call.kernel.blobs.get(event.data["blob"]).decode("utf-8", "replace")
    size = int(event.data["page_chars"])
    if number > (num_pages := count_pages(text, size)):
        raise ToolFailed(f"Result {of} has only {num_pages} pages.")
    call.settle(page(text, size, number, of), source=event.data.get("source", "kernel"))


NUMBER = {"type": "integer", "minimum": 1, "maximum": 2**53}
PAGE: Json = {
    "type": "object",
    "properties": {"result": NUMBER, "page": NUMBER},
    "required": ["result", "page"],
    "additionalProperties": False,
}
QUERY = strings(query="Words, or what it was about.")

SERVICES = (
    Service(ToolInfo("memory.search", "Search what was said before, here or earlier.", QUERY, read_only=True), _search),
    Service(ToolInfo("result.page", "Read another page of a long result.", PAGE, read_only=True), _page),
)
