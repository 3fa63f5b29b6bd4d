"""The part of the control API that is about apps' states."""

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from llmos.contracts import Json
from llmos.http.depends import InKernel
from llmos.kernel.app import app_folders, find_app, load_app
from llmos.kernel.state_tools import branch, import_state
from llmos.state.changes import changes
from llmos.state.pointer import part_of
from llmos.state.store import AppState
from llmos.state.transfer import Format, exported

state = APIRouter(prefix="/state/{app}")


class UndoIn(BaseModel):
    version: int


class ImportIn(BaseModel):
    text: str = Field(description="What the file holds.")
    format: Format = "json"
    collection: str | None = None
    replace: bool = False


class BranchIn(BaseModel):
    name: str
    at: int | None = Field(None, ge=0)


states = APIRouter()


@states.get("/state")
async def all_states(kernel: InKernel) -> Json:
    """Every app that stores something: at which version, how much, and when it changed last."""
    stored = [app for app in map(load_app, app_folders(kernel.home)) if app.state_schema.get("properties")]
    return [_overview(kernel.state(app)) | {"title": app.title} for app in stored]


@state.get("")
async def show(app: str, kernel: InKernel, pointer: str = "", at: Annotated[int | None, Query(ge=0)] = None) -> Json:
    documents = kernel.state(find_app(kernel.home, app))
    value = documents.get(pointer) if at is None else part_of(documents.at(at), pointer, f"{app} at version {at}")
    return {"version": documents.version if at is None else at, "value": value}


@state.get("/parts")
async def parts(app: str, kernel: InKernel) -> Json:
    """The collections of a state with the number of their documents, and its plain values."""
    documents = kernel.state(find_app(kernel.home, app))
    schema = documents.schema
    with documents.db.snapshot():
        collections = [{"name": name, "documents": documents.count(name)} for name in schema.collections]
        values = [{"name": name, "value": documents.get(f"/{name}")} for name in schema.values if documents.has(name)]
        return {"version": documents.version, "collections": collections, "values": values}


@state.get("/documents/{collection}")
async def page(
    app: str,
    collection: str,
    kernel: InKernel,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Json:
    """Documents by key in the order of their ids, from behind `after` on."""
    documents = kernel.state(find_app(kernel.home, app))
    with documents.db.snapshot():
        return {"version": documents.version, "documents": documents.page(collection, limit, after)}


@state.get("/changes/{version}")
async def changed(app: str, version: int, kernel: InKernel) -> Json:
    """One commit, as what each place held before it and after it."""
    commit = kernel.state(find_app(kernel.home, app)).commit_at(version)
    told = {"version": commit.version, "at": commit.at, "cause": commit.cause}
    return told | {"changes": [dataclasses.asdict(change) for change in changes(commit.inverse)]}


@state.get("/log")
async def state_log(app: str, kernel: InKernel, limit: Annotated[int, Query(ge=1, le=10_000)] = 50) -> Json:
    return [dataclasses.asdict(commit) for commit in kernel.state(find_app(kernel.home, app)).log(limit)]


@state.get("/diff")
async def diff(app: str, kernel: InKernel, old: int, new: int) -> Json:
    """The patch from one version to another."""
    return kernel.state(find_app(kernel.home, app)).diff(old, new)


@state.post("/undo")
async def undo(app: str, body: UndoIn, kernel: InKernel) -> Json:
    found = find_app(kernel.home, app)
    pid = kernel.attach(app).pid
    with kernel.journal.transaction():
        commit = kernel.state(found).undo(body.version)
        kernel.record(pid, "state.commit", {"version": commit.version, "patch": commit.patch, "undoes": body.version})
    return dataclasses.asdict(commit)


@state.get("/export")
async def export(app: str, kernel: InKernel, format: Format = "json", collection: str | None = None) -> Json:
    documents = kernel.state(find_app(kernel.home, app))
    with documents.db.atomic():
        return {"version": documents.version, "text": exported(documents, format, collection)}


@state.post("/import")
async def import_file(app: str, body: ImportIn, kernel: InKernel) -> Json:
    found = find_app(kernel.home, app)
    return import_state(kernel, found, body.text, body.format, body.collection, replace=body.replace)


@state.post("/branch")
async def branch_app(app: str, body: BranchIn, kernel: InKernel) -> Json:
    return branch(kernel, find_app(kernel.home, app), body.name, body.at)


def _overview(documents: AppState) -> dict[str, Json]:
    with documents.db.snapshot():
        newest = documents.log(1)
        num = sum(documents.count(name) for name in documents.schema.collections)
        at = newest[0].at if newest else None
        return {"app": documents.app, "version": documents.version, "documents": num, "at": at}
