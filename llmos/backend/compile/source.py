"""The source of a handler: one Python function that can reach nothing but what is handed to it.

Covered here: a name it was not given, an import, an attribute that leads into the interpreter, a default or a global
that would keep something from one request to the next. Not covered here, but by the sandbox: time, memory, files.
"""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass

from llmos.errors import HandlerError

READS = frozenset({"get", "get_all", "find", "count", "value", "now"})
WRITES = frozenset({"add", "put", "update", "remove", "remove_all", "set_value"})
BUILTINS = frozenset(
    {"abs", "all", "any", "bool", "dict", "enumerate", "filter", "float", "int", "isinstance", "len", "list", "map"}
    | {"max", "min", "range", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip"}
    | {"Exception", "IndexError", "KeyError", "TypeError", "ValueError", "ZeroDivisionError"}
)
MAX_SOURCE_CHARS = 8000

_REFUSED = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.ClassDef, ast.AsyncFunctionDef, ast.Await)
_FENCE = re.compile(r"```(?:python)?\s*\n(.*?)(?:```|\Z)", re.DOTALL)


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
        module = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise HandlerError(f"The handler is not Python: {error}.") from error
    function = _only_function(module)
    _check_signature(function, parameters)
    _check_body(function, READS if reading else READS | WRITES)
    rewritten = ast.fix_missing_locations(_WithoutDel().visit(function))
    return Handler(ast.unparse(rewritten), parameters)


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
    # what an annotation says is not run
    function.returns = None
    for argument in arguments.args:
        argument.annotation = None


def _check_body(function: ast.FunctionDef, functions: frozenset[str]) -> None:
    bound = {argument.arg for node in ast.walk(function) if isinstance(node, ast.arguments) for argument in node.args}
    used: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, _REFUSED):
            raise HandlerError(f"A handler has no {type(node).__name__.lower()} statement.")
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            raise HandlerError(f"A handler does not reach .{node.attr}.")
        if isinstance(node, ast.Name):
            (bound if isinstance(node.ctx, ast.Store) else used).add(node.id)
        if isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        if isinstance(node, ast.FunctionDef):
            bound.add(node.name)
            if node is not function and node.args.defaults:
                raise HandlerError("A function in a handler has no defaults.")
    if unknown := used - bound - functions - BUILTINS:
        raise HandlerError(f"The handler uses {', '.join(sorted(unknown))}, which it is not given.")


class _WithoutDel(ast.NodeTransformer):
    """`del d[k]` as `d.pop(k)`: the sandbox has no `del`."""

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:  # noqa: N802 - ast's name
        return [_popped(target) for target in node.targets]


def _popped(target: ast.expr) -> ast.stmt:
    if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
        raise HandlerError("A handler deletes only members: del d[k].")
    pop = ast.Attribute(target.value, "pop", ast.Load())
    return ast.Expr(ast.Call(pop, [target.slice], []))
