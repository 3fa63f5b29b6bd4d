"""The part of the control API that is about the users of apps."""

import dataclasses

from fastapi import APIRouter
from pydantic import BaseModel

from llmos.backend.users import Users
from llmos.contracts import Json
from llmos.errors import UsageError
from llmos.http.depends import InKernel
from llmos.kernel.app import find_app
from llmos.kernel.kernel import Kernel

SERVICE = "users"  # whose journal tells who was added and removed

users = APIRouter(prefix="/users/{app}")


class UserIn(BaseModel):
    name: str


@users.get("")
async def list_users(app: str, kernel: InKernel) -> Json:
    return [dataclasses.asdict(user) for user in _users(kernel, app).list()]


@users.post("")
async def add_user(app: str, body: UserIn, kernel: InKernel) -> Json:
    """The new user's token, which is told this once."""
    known, pid = _users(kernel, app), kernel.service(SERVICE)
    with kernel.journal.transaction():
        token = known.add(body.name)
        kernel.record(pid, "user.added", {"app": app, "user": body.name})
    return {"name": body.name, "token": token}


@users.delete("")
async def remove_user(app: str, name: str, kernel: InKernel) -> Json:
    known, pid = _users(kernel, app), kernel.service(SERVICE)
    with kernel.journal.transaction():
        known.remove(name)
        kernel.record(pid, "user.removed", {"app": app, "user": name})
    return {"removed": name}


def _users(kernel: Kernel, app: str) -> Users:
    found = find_app(kernel.home, app)
    if found.kind != "backend" or not found.http.users:
        raise UsageError(f"{app} has no users; an app of kind backend has with users = true under [http] in app.toml.")
    return Users(kernel.db, app)
