"""Commits as /events tells them to one user: their own whole, of others' what is everybody's."""

from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.kernel.app import App
from llmos.state.patch import touched_places
from llmos.state.schema import StateSchema


class Commits:
    """The commits of one app."""

    def __init__(self, app: App) -> None:
        schema = StateSchema(app.state_schema)
        self._has_users = app.http.users
        self._private = {name for name in schema.collections if Shape(name, schema).is_private}

    def told(self, commit: dict[str, Json], user: str | None) -> dict[str, Json] | None:
        """What of a `state.commit` event the user may see; None when that is nothing.

        The guard of the commit sees to it that a user's commit touches no other user's documents. One that comes from
        no user (an import, an undo) may touch anybody's, so everybody is told that there was one.
        """
        if not self._has_users or commit.get("user") == user:
            return commit
        shared = [operation for operation in commit["patch"] if self._is_shared(operation)]
        if not shared and "user" in commit:
            return None
        return {"version": commit["version"], "patch": shared}

    def _is_shared(self, operation: dict[str, Json]) -> bool:
        return not self._private or all(
            place and place[0] not in self._private for place in touched_places([operation])
        )
