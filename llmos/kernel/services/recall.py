"""result.page: the rest of a result that was too long to show."""

from llmos.contracts import Json, ToolInfo
from llmos.errors import ToolFailed
from llmos.kernel.services.syscall import Service, Syscall
from llmos.kernel.syscalls import count_pages, page


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

SERVICES = (Service(ToolInfo("result.page", "Read another page of a long result.", PAGE, read_only=True), _page),)
