"""A list in pages, cut by code from what a rule answers: `?limit=20`, then what `Link: <...>; rel="next"` names.

The cursor names the last items of a page, so that one which is added or removed meanwhile moves none of the others into
two pages or into none: the next page begins behind the last item that is still there, or in a list by id, up or down,
where it would be. Not covered: a list in another order of which all that the cursor names are gone; it goes on by
number. And items whose place in such an order changes are where they are now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import quote, unquote, urlencode

from llmos.backend.problem import HttpError, Response
from llmos.backend.routes import Route, is_parameter
from llmos.contracts import Json
from llmos.kernel.app import HttpSettings

LIMIT, AFTER = "limit", "after"
MAX_ANCHORS = 8

_ID = r"[A-Za-z0-9_.~%-]{1,100}"
CURSOR = rf"^[adp][0-9]{{1,9}}(-{_ID}(,{_ID}){{0,{MAX_ANCHORS - 1}}})?$"


@dataclass(frozen=True)
class Cursor:
    """`order` is a(scending) or d(escending) by id, or p(laces); `anchors` are ids, the last one of the page first."""

    order: str
    position: int
    anchors: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = ",".join(quote(anchor, safe="") for anchor in self.anchors)
        return f"{self.order}{self.position}-{named}" if named else f"{self.order}{self.position}"

    def start(self, items: list[Json]) -> int:
        """Where the next page begins in the list as it is now."""
        ids = _ids(items)
        places = {id: place for place, id in enumerate(ids or ())}
        if not self.anchors or ids is None:
            return min(self.position, len(items))
        last = self.anchors[0]
        if last not in places and self.order != "p" and _is_in_order(ids, self.order):
            passed = [_rank(id) > _rank(last) if self.order == "a" else _rank(id) < _rank(last) for id in ids]
            return passed.index(True) if True in passed else len(ids)
        found = next((places[anchor] + 1 for anchor in self.anchors if anchor in places), self.position)
        return min(found, len(items))


@dataclass(frozen=True)
class Page:
    """What a client asks for of a list."""

    limit: int
    after: Cursor | None = None

    def cut(self, response: Response, path: str, query: Mapping[str, str]) -> Response:
        """Of a list its part, and where the next one is; what is no list stays as it is."""
        items = json.loads(response.body) if response.status == 200 and response.body else None
        if not isinstance(items, list):
            return response
        start = self.after.start(items) if self.after else 0
        shown, headers = items[start : start + self.limit], dict(response.headers)
        if start + self.limit < len(items):
            asked = {**query, LIMIT: str(self.limit), AFTER: str(self._next(items, start + self.limit))}
            headers["Link"] = f'<{quote(path)}?{urlencode(asked)}>; rel="next"'
        return replace(response, headers=headers, body=json.dumps(shown, ensure_ascii=False).encode())

    def _next(self, items: list[Json], end: int) -> Cursor:
        position = (self.after.position if self.after else 0) + self.limit
        ids = _ids(items)
        if ids is None:
            return Cursor("p", position)
        order = next((order for order in "ad" if _is_in_order(ids, order)), "p")
        return Cursor(order, position, tuple(ids[max(0, end - MAX_ANCHORS) : end][::-1]))


class Pages:
    """Which requests of an app ask for a page."""

    def __init__(self, settings: HttpSettings) -> None:
        self._default = settings.page_size
        self.max = settings.max_page_size

    def are_of(self, route: Route) -> bool:
        """Whether code cuts this route's lists: no rule does so itself, and it is none that tells one document."""
        is_one = is_parameter(route.segments[-1]) if route.segments else False
        return self.max > 0 and route.method == "GET" and not is_one and not {LIMIT, AFTER} & set(route.query)

    def asked(self, route: Route, query: Mapping[str, str]) -> Page | None:
        """None for the whole list. Raises HttpError 400."""
        if not self.are_of(route):
            return None
        limit, after = query.get(LIMIT), query.get(AFTER)
        if limit is None and after is None and not self._default:
            return None
        return Page(self._limit(limit), None if after is None else _cursor(after))

    def without(self, route: Route, query: Mapping[str, str]) -> dict[str, str]:
        """What is left of the query for who answers."""
        cut = self.are_of(route)
        return {name: value for name, value in query.items() if not cut or name not in (LIMIT, AFTER)}

    def _limit(self, text: str | None) -> int:
        if text is None:
            return min(self._default or self.max, self.max)
        if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= self.max:
            raise HttpError(400, f"limit must be a number from 1 to {self.max}.")
        return int(text)


def _cursor(text: str) -> Cursor:
    if not re.fullmatch(CURSOR, text):
        raise HttpError(400, 'after must be what the Link of an earlier page says: follow its rel="next".')
    place, _, named = text.partition("-")
    return Cursor(place[0], int(place[1:]), tuple(unquote(part) for part in named.split(",") if part))


def _ids(items: list[Json]) -> list[str] | None:
    """The ids of all items, where each has one of its own that a cursor can hold."""
    found = [item.get("id") if isinstance(item, dict) else None for item in items]
    if any(isinstance(id, bool) or not isinstance(id, int | str) or not _fits(str(id)) for id in found):
        return None
    ids = [str(id) for id in found]
    return ids if len(set(ids)) == len(ids) else None


def _fits(id: str) -> bool:
    return 0 < len(quote(id, safe="")) <= 100


def _rank(id: str) -> tuple[int, str]:
    """As the state orders keys: 2 before 10."""
    return len(id), id


def _is_in_order(ids: list[str], order: str) -> bool:
    ranks = [_rank(id) for id in (ids if order == "a" else ids[::-1])]
    return all(one < other for one, other in pairwise(ranks))
