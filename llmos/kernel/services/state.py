"""state.*: a process reads and changes the documents of its own app."""

from llmos.contracts import Json, ToolInfo
from llmos.errors import StateError, ToolFailed
from llmos.kernel.services.syscall import Service, Syscall, strings
from llmos.state.patch import Patch
from llmos.state.store import AppState, Commit


async def _read(call: Syscall) -> None:
    try:
        call.settle(_documents(call).get(_pointer(call)))
    except StateError as error:
        raise ToolFailed(str(error)) from error


async def _add(call: Syscall) -> None:
    """The id is the kernel's; what follows a crash finds both the document and its result, or neither."""
    documents, collection = _documents(call), str(call.arguments["collection"])
    if collection not in documents.schema.collections:
        known = ", ".join(documents.schema.collections) or "none"
        raise ToolFailed(f"There is no collection {collection!r}; there are: {known}.")
    with call.kernel.journal.transaction():
        key = documents.next_id(collection)
        document = _with_id(documents, collection, key, call.arguments["document"])
        commit = _commit(call, documents, [{"op": "add", "path": f"/{collection}/{key}", "value": document}])
        call.settle({"id": key, "version": commit.version if commit else documents.version})


async def _patch(call: Syscall) -> None:
    documents = _documents(call)
    with call.kernel.journal.transaction():
        commit = _commit(call, documents, call.arguments["patch"])
        call.settle({"version": commit.version if commit else documents.version})


def _documents(call: Syscall) -> AppState:
    return call.kernel.state(call.app)


def _pointer(call: Syscall) -> str:
    path = str(call.arguments["path"])
    return "" if path in ("", "/") else path


def _with_id(documents: AppState, collection: str, key: str, document: dict[str, Json]) -> dict[str, Json]:
    """The document with its id, where its schema speaks of one: a number where it says so."""
    schema = documents.schema
    kind = schema.resolved(schema.collections[collection]).get("properties", {}).get("id")
    if kind is None:
        return document
    return {**document, "id": int(key) if kind.get("type") == "integer" and key.isdecimal() else key}


def _commit(call: Syscall, documents: AppState, patch: Patch) -> Commit | None:
    try:
        commit = documents.commit(patch, cause={"pid": call.pid, "intent": call.intent.seq})
    except StateError as error:
        raise ToolFailed(str(error)) from error
    if commit is not None:
        call.kernel.record(call.pid, "state.commit", {"version": commit.version, "patch": commit.patch})
    return commit


PATCH = {
    "type": "object",
    "properties": {
        "patch": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"op": {"enum": ["add", "replace", "remove"]}, "path": {"type": "string"}, "value": {}},
                "required": ["op", "path"],
            },
        }
    },
    "required": ["patch"],
    "additionalProperties": False,
}
ADD = {
    "type": "object",
    "properties": {"collection": {"type": "string"}, "document": {"type": "object"}},
    "required": ["collection", "document"],
    "additionalProperties": False,
}
PATH = strings(path="A JSON Pointer such as /notes/3; / is everything.")

SERVICES = (
    Service(ToolInfo("state.read", "Read what this app has stored at a path.", PATH, read_only=True), _read),
    Service(ToolInfo("state.add", "Store a new document in a collection; its id is made for it.", ADD), _add),
    Service(ToolInfo("state.patch", "Change what this app has stored, by JSON Patch.", PATCH), _patch),
)
