"""The public specification of Todo-Backend, step by step, as its own tests ask it: from another origin."""

from collections.abc import Callable

import httpx2

from llmos.contracts import Json
from llmos.errors import LlmosError

ORIGIN = "http://www.todobackend.com"
SECONDS = 180.0  # a model may answer


class Differs(LlmosError):
    """The backend does something else than the specification says."""


class Visitor:
    """A page of another origin that uses the list of todos at `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._http = httpx2.Client(headers={"Origin": ORIGIN}, timeout=SECONDS, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def get(self, url: str = "") -> Json:
        return self._sent("GET", url, 200).json()

    def post(self, **todo: Json) -> Json:
        return self._sent("POST", "", 201, todo).json()

    def patch(self, url: str, **changes: Json) -> Json:
        return self._sent("PATCH", url, 200, changes).json()

    def delete(self, url: str = "") -> None:
        self._sent("DELETE", url, 204)

    def is_gone(self, url: str) -> None:
        self._sent("GET", url, 404)

    def may(self, method: str) -> None:
        """Ask as a browser does before it sends what a form could not."""
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
        answer = self._http.request("OPTIONS", self.root, headers=asked)
        same("the preflight's status", answer.status_code // 100, 2)
        same(f"whether {method} is allowed", method in answer.headers.get("access-control-allow-methods", ""), True)
        allowed = answer.headers.get("access-control-allow-headers", "").lower()
        same("whether content-type is allowed", "content-type" in allowed, True)

    def _sent(self, method: str, url: str, status: int, body: Json = None) -> httpx2.Response:
        answer = self._http.request(method, url or self.root, json=body)
        same(f"the status of {method} {url or self.root}", answer.status_code, status)
        allowed = answer.headers.get("access-control-allow-origin", "")
        same("whether the origin is allowed", allowed in ("*", ORIGIN), True)
        return answer


def same(what: str, found: Json, wanted: Json) -> None:
    """Raises Differs."""
    if found != wanted:
        raise Differs(f"{what} is {str(found)[:200]}, not {str(wanted)[:200]}")


def _responds_with_cors(visitor: Visitor) -> None:
    visitor.get()
    for method in ("GET", "POST", "PATCH", "DELETE"):
        visitor.may(method)


def _posts(visitor: Visitor) -> None:
    same("the posted title", visitor.post(title="a todo")["title"], "a todo")


def _empties(visitor: Visitor) -> None:
    visitor.post(title="soon gone")
    visitor.delete()


def _is_empty_afterwards(visitor: Visitor) -> None:
    visitor.post(title="soon gone")
    visitor.delete()
    same("the list", visitor.get(), [])


def _lists(visitor: Visitor) -> None:
    visitor.delete()
    visitor.post(title="walk the dog")
    same("the titles in the list", [todo["title"] for todo in visitor.get()], ["walk the dog"])


def _is_not_completed(visitor: Visitor) -> None:
    visitor.delete()
    visitor.post(title="blah")
    same("completed in the list", [todo["completed"] for todo in visitor.get()], [False])


def _has_a_url(visitor: Visitor) -> None:
    same("the type of url", type(visitor.post(title="blah").get("url")), str)
    same("whether each of the list has one", all(isinstance(todo.get("url"), str) for todo in visitor.get()), True)


def _is_at_its_url(visitor: Visitor) -> None:
    made = visitor.post(title="my todo")
    same("the todo at its url", visitor.get(made["url"]), made)


def _is_reached_from_the_list(visitor: Visitor) -> None:
    visitor.delete()
    visitor.post(title="todo the first")
    visitor.post(title="todo the second")
    listed = visitor.get()
    same("how many are listed", len(listed), 2)
    for todo in listed:
        same("the todo at its url", visitor.get(todo["url"]), todo)


def _is_renamed(visitor: Visitor) -> None:
    made = visitor.post(title="initial title")
    same("the title", visitor.patch(made["url"], title="bathe the cat")["title"], "bathe the cat")


def _is_completed(visitor: Visitor) -> None:
    made = visitor.post(title="blah")
    same("completed", visitor.patch(made["url"], completed=True)["completed"], True)


def _keeps_changes(visitor: Visitor) -> None:
    visitor.delete()
    made = visitor.post(title="blah")
    changed = visitor.patch(made["url"], title="changed title", completed=True)
    same("what was changed", (changed["title"], changed["completed"]), ("changed title", True))
    same("the todo at its url", visitor.get(made["url"]), changed)
    same("the list", visitor.get(), [changed])


def _is_deleted(visitor: Visitor) -> None:
    visitor.delete()
    made = visitor.post(title="blah")
    visitor.delete(made["url"])
    same("the list", visitor.get(), [])
    visitor.is_gone(made["url"])


def _has_an_order(visitor: Visitor) -> None:
    same("the order", visitor.post(title="blah", order=523)["order"], 523)


def _is_moved(visitor: Visitor) -> None:
    made = visitor.post(title="blah", order=10)
    same("the order", visitor.patch(made["url"], order=95)["order"], 95)


def _keeps_its_order(visitor: Visitor) -> None:
    made = visitor.post(title="blah", order=10)
    visitor.patch(made["url"], order=95)
    same("the order", visitor.get(made["url"])["order"], 95)


STEPS: dict[str, Callable[[Visitor], None]] = {
    "the root answers GET, and CORS is set up": _responds_with_cors,
    "POST answers with the todo which was posted": _posts,
    "DELETE of the root succeeds": _empties,
    "after that GET is an empty array": _is_empty_afterwards,
    "POST adds a todo to the list": _lists,
    "a new todo is not completed": _is_not_completed,
    "a new todo has a url": _has_a_url,
    "the url returns the todo": _is_at_its_url,
    "from the list one comes to each todo by its url": _is_reached_from_the_list,
    "PATCH changes the title": _is_renamed,
    "PATCH completes a todo": _is_completed,
    "changes stay, at the url and in the list": _keeps_changes,
    "DELETE of the url removes the todo": _is_deleted,
    "a todo may be created with an order": _has_an_order,
    "PATCH changes the order": _is_moved,
    "the order is remembered": _keeps_its_order,
}
