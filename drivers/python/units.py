"""Quantities with units, by pint, on exact numbers. Loaded with the first unit that somebody writes."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import Any

from drivers.python.arithmetic import Number, Refused, checked, decimal_of, ending_decimal, written

Value = Any  # a number or a pint.Quantity
NAME = re.compile(r"[A-Za-zµμΩÅ_]{1,40}")
TARGET = re.compile(r"[A-Za-zµμΩÅ_ */0-9]{1,80}")
MAX_POWER = 12
OTHER_NAMES = {"mph": "mile_per_hour", "kmh": "kilometer_per_hour", "mi": "mile", "sqm": "meter**2", "lbs": "pound"}
OTHER_NAMES |= {"kph": "kilometer_per_hour", "gal": "gallon", "weeks": "week", "sec": "second", "secs": "second"}


@cache
def _registry() -> Value:
    try:
        import pint
    except ImportError as error:
        raise Refused("Units need pint: pip install 'llmos[python]'.") from error
    return pint.UnitRegistry(non_int_type=Fraction, autoconvert_offset_to_baseunit=True, cache_folder=None)


def unit(name: str) -> Value:
    name = OTHER_NAMES.get(name, name)
    if not NAME.fullmatch(name) and name not in OTHER_NAMES.values():
        raise _unknown(name)
    try:
        return _registry().Quantity(1, name)
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001 - pint raises whatever its parser does
        raise _unknown(name) from error


def is_quantity(value: object) -> bool:
    return hasattr(value, "magnitude") and hasattr(value, "units")


def operate(operation: Value, a: Value, b: Value) -> Value:  # noqa: ANN401 - numbers or quantities
    """One step with a quantity in it. Raises Refused where the units do not fit."""
    try:
        return _within_size(operation(_exact(a), _exact(b)))
    except Refused:
        raise
    except Exception as error:  # noqa: BLE001 - pint has a tree of errors of its own
        raise Refused(f"{_first_line(error)}; use units that fit together.") from error


def raised(base: Value, exponent: Value) -> Value:
    if is_quantity(exponent) or isinstance(exponent, float) or abs(exponent) > MAX_POWER:
        raise Refused(f"A quantity can be raised to a power from -{MAX_POWER} to {MAX_POWER}; use such a power.")
    return operate(lambda x, _: x**exponent, base, 1)


def converted(value: Value, target: str) -> Value:
    if not is_quantity(value):
        raise Refused(f"A plain number cannot be converted to {target}; write its unit after it.")
    words = re.sub(r"[A-Za-zµμΩÅ_]+", lambda found: OTHER_NAMES.get(found[0], found[0]), target)
    if not TARGET.fullmatch(words) or any(int(power) > MAX_POWER for power in re.findall(r"\d+", words)):
        raise _unknown(target)
    try:
        return _within_size(value.to(words.replace(" per ", "/")))
    except Exception as error:  # noqa: BLE001
        raise Refused(f"{_first_line(error)}; use a unit of the same kind.") from error


def told(value: Value) -> str:
    value = value.to_reduced_units() if len(value.unit_items()) > 1 and value.dimensionless else value
    magnitude = checked(_plain(value.magnitude))
    if value.unitless:
        return written(magnitude)
    number = ending_decimal(magnitude) if isinstance(magnitude, Fraction) else written(magnitude)
    return f"{number or 'about ' + decimal_of(Fraction(magnitude))} {_unit_name(value)}"


def _unit_name(value: Value) -> str:
    powers = [(name, abs(power), power > 0) for name, power in value.unit_items()]
    sides = [
        " * ".join(_raised(name, power) for name, power, above in powers if above is side) for side in (True, False)
    ]
    return " / ".join(filter(None, [sides[0] or "1", sides[1]]))


def _raised(name: str, power: Value) -> str:
    return name if power == 1 else f"{name}^{power}"


def days(value: Value) -> int | None:
    """A length of time as whole days."""
    if value.check("[time]"):
        found = _plain(value.to("day").magnitude)
        return int(found) if found == int(found) else None
    return None


def _within_size(value: Value) -> Value:
    checked(_plain(value.magnitude) if is_quantity(value) else value)
    return value


def _plain(magnitude: Value) -> Number:
    return magnitude if isinstance(magnitude, int | Fraction | float) else float(magnitude)


def _exact(value: Value) -> Value:
    return Fraction(value) if isinstance(value, int) else value


def _unknown(name: str) -> Refused:
    return Refused(f"{name!r} is no unit, function or constant that is known here; use python.run for anything else.")


def _first_line(error: Exception) -> str:
    try:
        return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")[:200]
    except TypeError:  # pint writes no fractions
        return "These units do not fit together"
