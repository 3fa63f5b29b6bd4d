"""The interpreter of a session. It runs inside the sandbox as a program of its own and imports nothing of the driver.

One request a line comes on standard input, `{"code", "name"}`; one answer a line goes out where standard error was, so
that what the code prints, to either, is all on standard output. The last expression's value is told, as in a notebook;
code that ends in an assignment and printed nothing tells what it assigned. Figures and charts are told as well.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import functools
import io
import json
import linecache
import os
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

Value = Any  # whatever the code makes
MAX_SHOWN_CHARS = 20_000
MAX_FIGURES = 4
MAX_REMEMBERED = 100_000
MAX_CHARTS = 8
MAX_POINTS = 2_000
MAX_PICTURE_BYTES = 4 * 2**20
REMEMBER = "_remember_results"
PURE_FUNCTIONS = {"abs", "int", "max", "min", "round", "ValueError"}
PURE: tuple[type[ast.AST], ...] = (
    *(ast.Return, ast.If, ast.IfExp, ast.Assign, ast.AugAssign, ast.Expr, ast.Pass, ast.Raise, ast.expr_context),
    *(ast.Constant, ast.Name, ast.Call, ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
MARKS = ("line", "bar", "point", "area")


def main() -> None:
    sys.path += [*sys.argv[1:], os.environ["HOME"]]  # last, so that no file of the session hides a module
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(2), "wb")
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    os.dup2(1, 2)
    spoken = types.ModuleType("__main__")
    sys.modules["__main__"] = spoken
    charts: list[dict[str, Any]] = []
    spoken.__dict__.update(chart=charting(charts), exit=sys.exit, quit=sys.exit)
    spoken.__dict__[REMEMBER] = functools.lru_cache(MAX_REMEMBERED, typed=True)
    own = os.getpid()
    for line in requests:
        asked = json.loads(line)
        charts.clear()
        told = run(asked["code"], asked["name"], spoken.__dict__) | {"charts": list(charts), "name": asked["name"]}
        if os.getpid() != own:
            os._exit(0)  # a fork of the code's own, which has come to the end of the code
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def run(code: str, name: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run one piece of code in `names`, and tell its value or what went wrong."""
    told: dict[str, Any] = {}
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        told |= execute(code, name, names)
    except BaseException as error:  # noqa: BLE001 - the code may raise anything
        told |= failure(error, name)
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
    try:
        told["figures"] = figures()
    except BaseException as error:  # noqa: BLE001 - so may what it has drawn
        told |= {"figures": []} | failure(error, name)
    return told


def execute(code: str, name: str, names: dict[str, Any]) -> dict[str, Any]:
    tree = ast.parse(code, name)
    remember(tree)
    last = tree.body[-1] if tree.body else None
    value = None
    if isinstance(last, ast.Expr):
        exec(compile(ast.Module(tree.body[:-1], []), name, "exec"), names)
        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
    else:
        exec(compile(tree, name, "exec"), names)
    told: dict[str, Any] = {}
    if value is not None:
        names["_"] = value
        told["value"] = shown(value)
    if assigned := targets(last):
        told["assigned"] = [[target, shown(names[target], 500)] for target in assigned if target in names][:4]
    return told


def remember(tree: ast.Module) -> None:
    """Let functions that call themselves more than once, as small models write the Fibonacci numbers, remember results.

    Only those that depend on nothing but their arguments and do nothing but return; only the time can tell.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and depends_on_arguments_only(node):
            node.decorator_list.append(ast.copy_location(ast.Name(REMEMBER, ast.Load()), node))
    ast.fix_missing_locations(tree)


def depends_on_arguments_only(function: ast.FunctionDef) -> bool:
    inside = [node for statement in function.body for node in ast.walk(statement)]
    calls = [node.func.id for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    own = {argument.arg for argument in function.args.args}
    own |= {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    read = {node.id for node in inside if isinstance(node, ast.Name)} - own - {function.name}
    arguments = function.args
    plain_arguments = not (arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults)
    called = all(isinstance(node.func, ast.Name) for node in inside if isinstance(node, ast.Call))
    return (
        calls.count(function.name) > 1
        and plain_arguments
        and called
        and not function.decorator_list
        and read <= PURE_FUNCTIONS
        and all(isinstance(node, PURE) for node in inside)
    )


def targets(statement: ast.stmt | None) -> list[str]:
    """The plain names that a last assignment gives values to."""
    if isinstance(statement, ast.Assign):
        found: Iterable[ast.expr] = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        found = [statement.target]
    else:
        return []
    inner = [part for one in found for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
    return [one.id for one in inner if isinstance(one, ast.Name)]


def shown(value: Value, max_chars: int = MAX_SHOWN_CHARS) -> str:
    text = str(value) if type(value).__module__.startswith(("pandas", "numpy")) else repr(value)
    return text if len(text) <= max_chars else f"{text[:max_chars]}..."


def failure(error: BaseException, name: str) -> dict[str, Any]:
    """The error in a line, and the last line of the code itself that led to it."""
    told: dict[str, Any] = {"error": type(error).__name__, "message": "", "line": 0, "source": ""}
    with contextlib.suppress(BaseException):
        told["message"] = str(error)[:500]
    if isinstance(error, SyntaxError) and error.filename == name:
        told["message"], told["line"] = error.msg, error.lineno or 0
        told["source"] = (error.text or "").strip()[:200]
        return told
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            told["line"] = trace.tb_lineno
        trace = trace.tb_next
    told["source"] = linecache.getline(name, told["line"]).strip()[:200] if told["line"] else ""
    return told


def charting(drawn: list[dict[str, Any]]) -> Callable[..., None]:
    """The function that the code draws charts with; each is added to `drawn`."""

    def chart(x: Iterable[Any], y: Iterable[Any], kind: str = "line", title: str = "") -> None:
        """Draw y over x as data that a shell can draw, a Vega-Lite specification. kind: line, bar, point or area."""
        if len(drawn) == MAX_CHARTS:
            raise ValueError(f"at most {MAX_CHARTS} charts at once")
        drawn.append(specified([*x], [*y], kind, title))

    return chart


def specified(x: list[Any], y: list[Any], kind: str, title: str) -> dict[str, Any]:
    if kind not in MARKS:
        raise ValueError(f"kind is one of {', '.join(MARKS)}")
    if len(x) != len(y) or len(y) > MAX_POINTS:
        raise ValueError(f"x and y need the same length, at most {MAX_POINTS}")
    points = [{"x": plain(a), "y": plain(b)} for a, b in zip(x, y, strict=True)]
    numbers = all(isinstance(point["x"], int | float) for point in points)
    of_x = {"field": "x", "type": "quantitative" if numbers and kind != "bar" else "nominal", "sort": None}
    encoding = {"x": of_x, "y": {"field": "y", "type": "quantitative"}}
    return {"mark": kind, "title": str(title)[:200], "data": {"values": points}, "encoding": encoding}


def plain(value: Value) -> Value:
    """A value as JSON has it."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool | str) or value is None:
        return value if value is None or isinstance(value, bool) else value[:200]
    if isinstance(value, int | float):
        return value if abs(value) < 1e300 else str(value)
    return str(value)[:200]


def figures() -> list[str]:
    """The figures that are open in matplotlib, as base64 of PNG; they are closed."""
    plots = sys.modules.get("matplotlib.pyplot")
    if plots is None:
        return []
    drawn: list[str] = []
    for number in plots.get_fignums()[:MAX_FIGURES]:
        picture = io.BytesIO()
        plots.figure(number).savefig(picture, format="png", dpi=100)
        if picture.tell() > MAX_PICTURE_BYTES:
            raise ValueError("a figure is too large; give it a smaller figsize")
        drawn.append(base64.b64encode(picture.getvalue()).decode())
    plots.close("all")
    return drawn


if __name__ == "__main__":
    main()
