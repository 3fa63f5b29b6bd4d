"""The part of the control API that is about apps' states."""

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from llmos.contracts import Json
from llmos.http.depends import InKernel
from llmos.kernel.app import find_app
from llmos.kernel.state_tools import branch, import_state
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


@state.get("")
async def show(app: str, kernel: InKernel, pointer: str = "", at: Annotated[int | None, Query(ge=0)] = None) -> Json:
    documents = kernel.state(find_app(kernel.home, app))
    value = documents.get(pointer) if at is None else documents.at(at)
    return {"version": documents.version if at is None else at, "value": value}


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
