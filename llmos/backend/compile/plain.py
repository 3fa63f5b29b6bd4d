"""Handlers that answer with a whole collection as it is: a page of such a list costs what it shows."""

from __future__ import annotations

import ast

from llmos.backend.compile.source import Handler
from llmos.backend.compile.view import View
from llmos.backend.pages import Page
from llmos.backend.shape import Shape


def narrow(view: View, handler: Handler, page: Page | None, shapes: dict[str, Shape]) -> bool:
    """Let the view hold no more of the list than the page needs, and one more; False where it must hold all."""
    collection = _listed(handler)
    if page is None or collection not in shapes or "id" not in shapes[collection].fields:
        return False
    if page.after is not None and (page.after.order != "a" or not page.after.anchors):
        return False
    view.part = (page.limit + 1, page.after.anchors[0] if page.after else None)
    return True


def _listed(handler: Handler) -> str | None:
    """The collection, of `return 200, get_all("...")` and nothing else; the list may have a name on the way."""
    match ast.parse(handler.source).body:
        case [ast.FunctionDef(body=[ast.Return(ast.Tuple([ast.Constant(200), told]))])]:
            return _collection(told)
        case [
            ast.FunctionDef(
                body=[
                    ast.Assign([ast.Name(name)], told),
                    ast.Return(ast.Tuple([ast.Constant(200), ast.Name(returned)])),
                ]
            )
        ] if name == returned:
            return _collection(told)
    return None


def _collection(told: ast.expr) -> str | None:
    match told:
        case ast.Call(ast.Name("get_all"), [ast.Constant(str(collection))], []):
            return collection
    return None
