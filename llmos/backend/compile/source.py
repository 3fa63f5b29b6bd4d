"""The source of a handler: one Python function that can reach nothing but what is handed to it.

Covered here: a name it was not given (also where another scope binds it), an import, an attribute that is no method of
plain values, a default or a global that would keep something from one request to the next. Not covered here, but by the
sandbox: time, memory, files.
"""

from __future__ import annotations

import ast
import hashlib
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from llmos.errors import HandlerError

READS = frozenset({"get", "get_all", "find", "count", "value", "now"})
WRITES = frozenset({"add", "put", "update", "remove", "remove_all", "set_value"})
BUILTINS = frozenset(
    {"abs", "all", "any", "bool", "dict", "enumerate", "filter", "float", "int", "isinstance", "len", "list", "map"}
    | {"max", "min", "range", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip"}
    | {"Exception", "IndexError", "KeyError", "TypeError", "ValueError", "ZeroDivisionError"}
)
ATTRIBUTES = frozenset(
    name for kind in (str, list, dict, set, tuple, int, float) for name in dir(kind) if not name.startswith("_")
) | {"args"}
MAX_SOURCE_CHARS = 8000

_REFUSED = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.ClassDef)
_ASYNC = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
_FENCE = re.compile(r"```\w*\s*\n(.*?)(?:```|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Handler:
    """A checked function. Two that differ only in layout have the same text, and so the same digest."""

    source: str
    parameters: tuple[str, ...]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.source.encode()).hexdigest()


def parse_handler(text: str, parameters: tuple[str, ...], *, reading: bool) -> Handler:
    """The function `handle` in what a model wrote. Raises HandlerError with what is wrong with it."""
    fenced = _FENCE.search(text)
    code = fenced.group(1) if fenced else text
    if len(code) > MAX_SOURCE_CHARS:
        raise HandlerError(f"The handler is longer than {MAX_SOURCE_CHARS} characters.")
    try:
        return _checked(ast.parse(code), parameters, READS if reading else READS | WRITES)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise HandlerError(f"The handler is not Python that can be read: {error}.") from error


def _checked(module: ast.Module, parameters: tuple[str, ...], functions: frozenset[str]) -> Handler:
    function = _only_function(module)
    _check_signature(function, parameters)
    for node in ast.walk(function):
        _check_node(node)
    source = ast.unparse(ast.fix_missing_locations(_Simpler().visit(function)))
    used = set(_names_from_outside(symtable.symtable(source, "handler", "exec")))
    if unknown := used - functions - BUILTINS:
        raise HandlerError(f"The handler uses {', '.join(sorted(unknown))}, which it is not given.")
    return Handler(source, parameters)


def fields_searched(handler: Handler) -> set[tuple[str, str]]:
    """Each collection and field that it asks `find` for by name."""
    calls = [node for node in ast.walk(ast.parse(handler.source)) if isinstance(node, ast.Call) and len(node.args) > 1]
    found: set[tuple[str, str]] = set()
    for call in calls:
        match call:
            case ast.Call(ast.Name("find"), [ast.Constant(str(collection)), ast.Constant(str(field)), *_]):
                found.add((collection, field))
    return found


def _only_function(module: ast.Module) -> ast.FunctionDef:
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    if len(functions) != 1 or functions[0].name != "handle" or len(module.body) != 1:
        raise HandlerError("A handler is one function called handle, and nothing else.")
    return functions[0]


def _check_signature(function: ast.FunctionDef, parameters: tuple[str, ...]) -> None:
    arguments = function.args
    unusual = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or arguments.defaults
    if tuple(argument.arg for argument in arguments.args) != parameters or unusual or function.decorator_list:
        raise HandlerError(f"The handler must be `def handle({', '.join(parameters)})`.")


def _check_node(node: ast.AST) -> None:
    if isinstance(node, _REFUSED):
        raise HandlerError(f"A handler has no {type(node).__name__.lower()} statement.")
    if isinstance(node, _ASYNC) or (isinstance(node, ast.comprehension) and node.is_async):
        raise HandlerError("A handler waits for nothing: no async, no await.")
    if isinstance(node, ast.Attribute):
        _check_attribute(node.attr)
    for name in node.kwd_attrs if isinstance(node, ast.MatchClass) else ():
        _check_attribute(name)
    # what an annotation says is not run
    if isinstance(node, ast.FunctionDef):
        node.returns = None
        if node.args.defaults or any(node.args.kw_defaults) or node.decorator_list:
            raise HandlerError("A function in a handler has no defaults and no decorators.")
    if isinstance(node, ast.arg):
        node.annotation = None


def _check_attribute(name: str) -> None:
    if name not in ATTRIBUTES:
        raise HandlerError(f"A handler does not reach .{name}; a dict's members are read as d[{name!r}].")


def _names_from_outside(table: symtable.SymbolTable) -> Iterator[str]:
    """What the functions in a module take from outside of it."""
    for scope in table.get_children():
        yield from (symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global())
        yield from _names_from_outside(scope)


class _Simpler(ast.NodeTransformer):
    """`del d[k]` as `d.pop(k)`, for the sandbox has no `del`; and no annotations."""

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:  # noqa: N802 - ast's name
        return [_popped(target) for target in node.targets]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:  # noqa: N802 - ast's name
        return ast.Pass() if node.value is None else ast.Assign([node.target], node.value)


def _popped(target: ast.expr) -> ast.stmt:
    if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice | ast.Tuple):
        raise HandlerError("A handler deletes only members: del d[k].")
    pop = ast.Attribute(target.value, "pop", ast.Load())
    return ast.Expr(ast.Call(pop, [target.slice], []))
