"""The requests in a front end's scripts: fetch, axios, XMLHttpRequest, and functions of the folder that wrap them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tree_sitter import Node

from llmos.backend.infer.syntax import (
    Parameter,
    Script,
    arguments_of,
    callee_name,
    callee_object,
    function_name,
    part,
    text_of,
)
from llmos.backend.infer.values import Bound, Given, Pieces, Project, Unknown

VERBS = frozenset({"get", "post", "put", "patch", "delete"})
SENDING = frozenset({"post", "put", "patch"})
FOREIGN = frozenset({"$", "jQuery", "$http", "http", "httpClient", "ky", "superagent"})
STREAMS = {
    "EventSource": "a backend here sends events at /events alone, one for each commit",
    "WebSocket": "a backend here serves no web sockets; its page may listen to /events",
}
ADDRESSES = frozenset({"path", "url", "uri", "endpoint", "route", "resource", "address", "href", "pathname"})
MAX_WRAPPINGS = 3
MAX_PARAMETERS = 12
MAX_CALLS = 400
MAX_TOLD = 4000  # requests looked at, those of each caller of each wrapper counted


@dataclass(frozen=True)
class Request:
    """One request in the source. `site` is where its address is known: the call of the outermost wrapper."""

    site: Bound
    url: Bound
    method: Bound | str
    body: Bound | None
    given: Given
    base: Pieces = ()


@dataclass(frozen=True)
class Sent:
    """A request with its address and method as texts."""

    request: Request
    method: str
    pieces: Pieces


class Requests:
    """Finds what is sent by the scripts of one project; `notes` tells of what cannot be known."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.notes: list[str] = []
        self._num_told = 0
        self._axios = self._instances()
        self._classes = {name for script in project.scripts for name in script.classes}

    def find(self) -> Iterator[Sent]:
        sent = (
            told
            for script in self.project.scripts
            for node in script.listed.get("call_expression", [])
            if (request := self._request(node, script)) is not None
            for told in self._told(request, 0)
        )
        yield from islice(sent, MAX_CALLS)
        self._say_streams()
        if self._num_told > MAX_TOLD:
            self.notes.append(f"Functions wrap each other in more than {MAX_TOLD} ways; name the folder of the calls.")
        if (left_out := next(sent, None)) is not None:
            site = left_out.request.site
            self.notes.append(f"Only the first {MAX_CALLS} requests were read, up to {site.script.where(site.node)}.")

    def _say_streams(self) -> None:
        for script in self.project.scripts:
            for node in script.listed.get("new_expression", []):
                if (said := STREAMS.get(text_of(part(node, "constructor")))) is not None:
                    self.notes.append(f"{script.where(node)}: {said}.")

    def _instances(self) -> dict[str, Pieces]:
        """Names of `axios.create(...)` with their base addresses; axios itself has none."""
        found: dict[str, Pieces] = {"axios": ()}
        for script in self.project.scripts:
            for node in script.listed.get("variable_declarator", []):
                value = part(node, "value")
                if value is None or value.type != "call_expression" or callee_name(value) != "create":
                    continue
                given = arguments_of(value)
                if text_of(callee_object(value)) == "axios":
                    base = self.project.member(Bound(given[0], script), "baseURL", {}) if given else None
                    found[text_of(part(node, "name"))] = self.project.texts(base, {})[0] if base is not None else ()
        return found

    def _request(self, node: Node, script: Script) -> Request | None:
        name, owner, given = callee_name(node), text_of(callee_object(node)), arguments_of(node)
        if not given:
            return None
        if name == "fetch" and owner in ("", "window", "globalThis", "self"):
            return self._fetch(node, given, script)
        if name in ("axios", "request") and (name == "axios" or owner in self._axios):
            return self._configured(node, given, script, self._axios.get(owner or name, ()))
        if name in VERBS and owner in self._axios:
            return self._verb(node, given, script, name, self._axios[owner])
        is_own = any(name in other.functions for other in self.project.scripts)
        if owner.removeprefix("this.") in FOREIGN and not is_own:
            return self._foreign(node, given, script, name)
        if name == "open" and len(given) >= 2 and text_of(given[0]).strip("\"'`").lower() in VERBS:
            return self._xhr(node, given, script)
        return None

    def _fetch(self, node: Node, given: list[Node], script: Script) -> Request:
        options = Bound(given[1], script) if len(given) > 1 else None
        return self._with_options(node, Bound(given[0], script), options, script)

    def _with_options(self, node: Node, url: Bound, options: Bound | None, script: Script) -> Request:
        # members that come by a wrapper's parameter are looked up again where the wrapper is called
        return Request(Bound(node, script), url, options if options is not None else "GET", options, {})

    def _configured(self, node: Node, given: list[Node], script: Script, base: Pieces) -> Request | None:
        options = Bound(given[-1], script)
        url = self.project.member(options, "url", {}) if given[-1].type == "object" else Bound(given[0], script)
        return Request(Bound(node, script), url, options, options, {}, base) if url is not None else None

    def _verb(self, node: Node, given: list[Node], script: Script, name: str, base: Pieces) -> Request:
        body = Bound(given[1], script) if len(given) > 1 and name in SENDING else None
        return Request(Bound(node, script), Bound(given[0], script), name.upper(), body, {}, base)

    def _foreign(self, node: Node, given: list[Node], script: Script, name: str) -> Request | None:
        """jQuery, Angular's HttpClient, ky, superagent: `$.ajax({...})`, `http.get("/todos")`."""
        if name == "ajax":
            return self._configured(node, given, script, ())
        verb = "get" if name == "getJSON" else name
        return self._verb(node, given, script, verb, ()) if verb in VERBS else None

    def _xhr(self, node: Node, given: list[Node], script: Script) -> Request:
        scope, name = script.function_around(node), text_of(callee_object(node))
        sends = [n for n in script.within(scope, "call_expression") if callee_name(n) == "send" and arguments_of(n)]
        bodies = [Bound(arguments_of(send)[0], script) for send in sends if text_of(callee_object(send)) == name]
        body = bodies[-1] if bodies else None
        return Request(Bound(node, script), Bound(given[1], script), Bound(given[0], script), body, {})

    def _told(self, request: Request, depth: int) -> Iterator[Sent]:
        """The request where its address is known: here, or at each call of the function that wraps it."""
        self._num_told += 1
        if self._num_told > MAX_TOLD:
            return
        methods, addresses = self._methods(request), self.project.texts(request.url, request.given)
        addresses = [(*request.base, *pieces) for pieces in addresses]
        wrapper = self._wrapper(addresses, request)
        if wrapper is not None and depth < MAX_WRAPPINGS:
            yield from self._unwrapped(request, wrapper, depth)
            return
        pairs = zip(methods, addresses, strict=True) if len(methods) == len(addresses) else None
        for method, pieces in pairs or [(method, pieces) for method in methods for pieces in addresses]:
            yield Sent(request, method, pieces)

    def _methods(self, request: Request) -> list[str]:
        if isinstance(request.method, str):
            return [request.method]
        at: Bound | None = request.method
        if not _is_text(request.method.node):
            named = (self.project.member(request.method, name, request.given) for name in ("method", "type"))
            at = next((bound for bound in named if bound is not None), None)
            if at is None:
                return ["GET"]
        assert at is not None
        found = self.project.texts(at, request.given)
        known = ["".join(map(str, pieces)).upper() for pieces in found if all(isinstance(p, str) for p in pieces)]
        return [method for method in known if method.lower() in VERBS] or ["GET"]

    def body(self, request: Request) -> Bound | None:
        """What is sent: the `body` or `data` of options, or what stands there itself."""
        if request.body is None or not isinstance(request.method, Bound) or request.body is not request.method:
            return request.body
        found = (self.project.member(request.body, name, request.given) for name in ("body", "data"))
        return next((bound for bound in found if bound is not None), None)

    def _wrapper(self, addresses: list[Pieces], request: Request) -> Parameter | None:
        """The parameter that the address, or the method, is given by, when this is not known yet."""
        for pieces in addresses:
            for position, piece in enumerate(pieces):
                if not isinstance(piece, Unknown) or piece.parameter is None or _key(piece.parameter) in request.given:
                    continue
                before = pieces[position - 1] if position else None
                is_segment = isinstance(before, str) and before.endswith(("/", "=", "?", "&"))
                if not is_segment or piece.name.lower() in ADDRESSES:
                    return piece.parameter
        return self._method_parameter(request)

    def _method_parameter(self, request: Request) -> Parameter | None:
        if isinstance(request.method, str) or _is_text(request.method.node):
            return None
        at = self.project.member(request.method, "method", request.given)
        for bound in (at, request.method):
            for _ in range(MAX_WRAPPINGS):
                passed = self.project.passed(bound, request.given) if bound is not None else None
                bound = passed or bound
            parameter = self.project.parameter(bound) if bound is not None else None
            if parameter is not None and _key(parameter) not in request.given:
                return parameter
        return None

    def _unwrapped(self, request: Request, wrapper: Parameter, depth: int) -> Iterator[Sent]:
        sites = list(self.callers(wrapper))
        if not sites:
            where = request.site.script.where(request.site.node)
            self.notes.append(
                f"{where}: the address of this request is only known at run time; write its rule by hand."
            )
        for site, given in sites[:MAX_CALLS]:
            moved = Request(site, request.url, request.method, request.body, {**request.given, **given}, request.base)
            yield from self._told(moved, depth + 1)

    def callers(self, parameter: Parameter) -> Iterator[tuple[Bound, Given]]:
        """Each call of the function that has this parameter, with what it gives; None for what it leaves out."""
        function = self._function(parameter.function)
        name = function_name(function[1], function[0]) if function is not None else ""
        if not name or function is None:
            return
        for site, given in self._sites(name, function):
            passed: dict[tuple[int, int], Bound | None] = dict.fromkeys(
                (parameter.function, index) for index in range(len(given), MAX_PARAMETERS)
            )
            passed |= {(parameter.function, index): Bound(one, site.script) for index, one in enumerate(given)}
            yield site, passed

    def _function(self, identity: int) -> tuple[Node, Script] | None:
        for script in self.project.scripts:
            for nodes in script.functions.values():
                for node in nodes:
                    if node.id == identity:
                        return node, script
        return None

    def _sites(self, name: str, function: tuple[Node, Script]) -> Iterator[tuple[Bound, list[Node]]]:
        """Calls of the wrapper by its name, and calls that are handed it: `useSWR("/todos", fetcher)`."""
        for script in self.project.scripts:
            others = script.functions.get(name, [])
            if others and script is not function[1] and all(node.type != "method_definition" for node in others):
                continue  # this script has a function of that name itself
            for node in script.listed.get("call_expression", []):
                if script is function[1] and _is_within(node, function[0]):
                    continue
                given = arguments_of(node)
                if callee_name(node) == name and (function[0].type != "method_definition" or self._is_of(node, script)):
                    yield Bound(node, script), given
                elif len(given) > 1 and text_of(given[1]) == name and given[0].type in ("string", "template_string"):
                    yield Bound(node, script), given[:1]

    def _is_of(self, call: Node, script: Script) -> bool:
        """Whether a method called `get` may be one that sends: `map.get("key")` is none."""
        owner = callee_object(call)
        if owner is None or owner.type == "this":
            return True
        made = self.project.settled(Bound(owner, script), {})
        is_made_here = made is not None and text_of(part(made.node, "constructor")) in self._classes
        given = [text_of(argument).lstrip("\"'`") for argument in arguments_of(call)]
        return is_made_here or any(text.startswith(("/", "http")) for text in given)


def _key(parameter: Parameter) -> tuple[int, int]:
    return parameter.function, parameter.index


def _is_text(node: Node) -> bool:
    return node.type in ("string", "template_string")


def _is_within(node: Node, function: Node) -> bool:
    return function.start_byte <= node.start_byte and node.end_byte <= function.end_byte
