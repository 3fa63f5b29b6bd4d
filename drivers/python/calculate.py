"""A calculator that is exact and bounded: it takes an expression apart and computes it, and never runs it as code.

Covered: powers, factorials and digits without end, nesting, names that are no units. Whatever is asked is answered or
refused within a fraction of a second.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from drivers.python import arithmetic, expression, units
from drivers.python.arithmetic import Number, Refused

Value = Any  # a number, a quantity, a share in percent, a date or a length of time
CONSTANTS: dict[str, Number] = {"pi": math.pi, "π": math.pi, "tau": math.tau, "e": math.e}
MAX_EXPONENT = 4_000


@dataclass(frozen=True)
class Percent:
    """So many hundredths; added to a number, of that number."""

    value: Value

    @property
    def share(self) -> Value:
        return _binary(ast.Div(), self.value, 100)


def calculate(text: str) -> str:
    """The result in words. Raises Refused."""
    asked = expression.read(text, frozenset(FUNCTIONS))
    value = _evaluate(asked.tree, asked.names)
    value = value.share if isinstance(value, Percent) else value
    return _told(units.converted(value, asked.target) if asked.target else value)


def _told(value: Value) -> str:
    if isinstance(value, date):
        return f"{value.isoformat()} ({value:%A})"
    if isinstance(value, timedelta):
        return f"{value.days} days"
    return units.told(value) if units.is_quantity(value) else arithmetic.written(value)


def _evaluate(node: ast.AST, names: dict[str, tuple[str, str]]) -> Value:
    match node:
        case ast.Name(id=name):
            return _named(*names[name])
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _evaluate(inner, names)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _binary(ast.Mult(), -1, _evaluate(inner, names))
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Name(id=name)) if names[name][0] in ("percent", "factorial"):
            value = _evaluate(left, names)
            return Percent(value) if names[name][0] == "percent" else arithmetic.factorial(value)
        case ast.BinOp(left=left, op=sign, right=right):
            return _binary(sign, _evaluate(left, names), _evaluate(right, names))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if names[name][0] == "function":
            return _called(names[name][1], [_evaluate(argument, names) for argument in arguments])
    raise Refused("That cannot be calculated; write it like (2 + 3) * 4.")


def _named(kind: str, text: str) -> Value:
    if kind == "number":
        return _number(text)
    if kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise Refused(f"{text} is no date ({error}); write it as year-month-day.") from error
    if kind == "unit":
        return date.today() if text == "today" else CONSTANTS[text] if text in CONSTANTS else units.unit(text)
    if kind in ("percent", "factorial"):
        raise Refused(f"{text} stands after one number; put brackets around what it belongs to.")
    raise Refused(f"{text} needs what it is applied to; write it like {text}(4).")


def _number(text: str) -> Number:
    if text[:2] in ("0x", "0X"):
        return arithmetic.checked(int(text, 16))
    digits, _, exponent = text.lower().replace("_", "").partition("e")
    if len(digits) > arithmetic.MAX_DIGITS or (exponent and abs(int(exponent[:9])) > MAX_EXPONENT):
        raise Refused(f"A number may have {arithmetic.MAX_DIGITS} digits at most; use smaller numbers.")
    return arithmetic.checked(Fraction(f"{digits}e{exponent}" if exponent else digits.rstrip(".")))


def _binary(sign: ast.operator, a: Value, b: Value) -> Value:
    if isinstance(b, Percent):
        return _binary(
            sign,
            a,
            _binary(ast.Mult(), a, b.share)
            if isinstance(sign, ast.Add | ast.Sub) and not isinstance(a, Percent)
            else b.share,
        )
    a = a.share if isinstance(a, Percent) else a
    if isinstance(a, date | timedelta) or isinstance(b, date | timedelta):
        return _dated(sign, a, b)
    if type(sign) not in SIGNS:
        raise Refused("Use + - * / // % and ^ only.")
    if not units.is_quantity(a) and not units.is_quantity(b):
        return SIGNS[type(sign)](a, b)
    return units.raised(a, b) if isinstance(sign, ast.Pow) else units.operate(WITH_UNITS[type(sign)], a, b)


def _dated(sign: ast.operator, a: Value, b: Value) -> date | timedelta:
    """Dates take days from each other, and days are added to them or taken away."""
    try:
        if isinstance(sign, ast.Sub) and isinstance(a, date):
            return a - b if isinstance(b, date) else a - timedelta(_days(b))
        if isinstance(sign, ast.Add):
            return a + timedelta(_days(b)) if isinstance(a, date) else b + timedelta(_days(a))
    except (OverflowError, TypeError) as error:
        raise Refused("The date lies outside the years 1 to 9999; use fewer days.") from error
    raise Refused("Dates can be subtracted, and days added to them; write it like 2026-03-01 + 30 days.")


def _days(value: Value) -> int:
    found = value.days if isinstance(value, timedelta) else units.days(value) if units.is_quantity(value) else value
    if not isinstance(found, int):
        raise Refused("A date takes whole days; write it like 2026-03-01 + 30 days.")
    return found


def _called(name: str, values: list[Value]) -> Value:
    values = [value.share if isinstance(value, Percent) else value for value in values]
    if any(isinstance(value, date | timedelta) for value in values) or not values:
        raise Refused(f"{name} needs numbers; write it like {name}(4).")
    if name in ("min", "max", "sum", "abs") or not any(units.is_quantity(value) for value in values):
        return _apply(FUNCTIONS[name], name, values)
    if name == "sqrt":
        return units.raised(values[0], Fraction(1, 2))
    raise Refused(f"{name} needs plain numbers; divide by the unit first.")


def _apply(function: Callable[..., Any], name: str, values: list[Value]) -> Value:
    try:
        return function(*values)
    except (TypeError, ValueError) as error:
        raise Refused(f"{name} does not take these arguments; check how many and which.") from error


def _sum(*values: Value) -> Value:
    total = values[0]
    for value in values[1:]:
        total = _binary(ast.Add(), total, value)
    return total


def _mean(*values: Value) -> Value:
    return _binary(ast.Div(), _sum(*values), len(values))


def _round(value: Number, places: Number = 0) -> Number:
    if not isinstance(places, int) or abs(places) > 100:
        raise Refused("round takes at most 100 places; use fewer.")
    return arithmetic.checked(round(Fraction(value), places) if places else Fraction(round(Fraction(value))))


def _floats(function: Callable[..., float]) -> Callable[..., Number]:
    return lambda *values: arithmetic.in_floats(function, *values)


def _log(value: Number, base: Number = 10) -> Number:
    return arithmetic.in_floats(math.log, value, base) if base != 10 else arithmetic.in_floats(math.log10, value)


SIGNS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: arithmetic.add,
    ast.Sub: arithmetic.subtract,
    ast.Mult: arithmetic.multiply,
    ast.Div: arithmetic.divide,
    ast.FloorDiv: arithmetic.floor_divide,
    ast.Mod: arithmetic.modulo,
    ast.Pow: arithmetic.power,
}
WITH_UNITS: dict[type[ast.operator], Callable[[Value, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": arithmetic.square_root,
    "factorial": arithmetic.factorial,
    "comb": arithmetic.choose,
    "perm": arithmetic.arrange,
    "gcd": arithmetic.whole(math.gcd),
    "lcm": arithmetic.whole(math.lcm),
    "abs": abs,
    "min": min,
    "max": max,
    "sum": _sum,
    "mean": _mean,
    "round": _round,
    "floor": lambda value: math.floor(value),
    "ceil": lambda value: math.ceil(value),
    "pow": arithmetic.power,
    "log": _log,
    "log2": _floats(math.log2),
    "log10": _floats(math.log10),
    "ln": _floats(math.log),
    "exp": _floats(math.exp),
    **{
        name: _floats(getattr(math, name))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    },
}
