"""Exact arithmetic on int and Fraction, whose results are kept within a size; float where nothing exact exists.

Whatever is asked, no step takes longer than numbers of MAX_DIGITS digits allow: the size of a result is bounded before
it is computed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Number = int | Fraction | float
MAX_DIGITS = 4_000
MAX_BITS = 13_280
MAX_ARGUMENT = 1_400  # of a factorial, whose result has 3,800 digits


class Refused(Exception):
    """One sentence that says what to do instead."""


def checked(value: Number) -> Number:
    """The value in its simplest form. Raises Refused when it is too long or no number."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        raise Refused("The result is not a finite number; use smaller ones.")
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if _bits(value) > MAX_BITS:
        raise _too_long()
    return value


def add(a: Number, b: Number) -> Number:
    return _operated(operator.add, a, b)


def subtract(a: Number, b: Number) -> Number:
    return _operated(operator.sub, a, b)


def multiply(a: Number, b: Number) -> Number:
    return _operated(operator.mul, a, b)


def divide(a: Number, b: Number) -> Number:
    return _divided(operator.truediv, a, b)


def floor_divide(a: Number, b: Number) -> Number:
    return _divided(operator.floordiv, a, b)


def modulo(a: Number, b: Number) -> Number:
    return _divided(operator.mod, a, b)


def _divided(operation: Callable[..., Any], a: Number, b: Number) -> Number:
    if b == 0:
        raise Refused("A number cannot be divided by zero; check the divisor.")
    return _operated(operation, a, b)


def _operated(operation: Callable[..., Any], a: Number, b: Number) -> Number:
    if isinstance(a, float) or isinstance(b, float):
        return in_floats(operation, a, b)
    return checked(operation(Fraction(a), Fraction(b)))


def power(base: Number, exponent: Number) -> Number:
    if base == 0 and exponent < 0:
        raise Refused("Zero has no negative power; check the base.")
    if isinstance(exponent, Fraction) and exponent.denominator == 2 and not isinstance(base, float):
        return power(square_root(base), exponent.numerator)
    if isinstance(exponent, int) and not isinstance(base, float):
        if abs(exponent) * max(0, _bits(base) - 1) > MAX_BITS or (abs(exponent) > MAX_BITS and base not in (0, 1, -1)):
            raise _too_long()
        return checked(Fraction(base) ** exponent)
    if base < 0:
        raise Refused("A negative number has no real power that is not whole; use a whole exponent.")
    return in_floats(math.pow, base, exponent)


def square_root(value: Number) -> Number:
    if value < 0:
        raise Refused("A negative number has no real square root; check its sign.")
    if isinstance(value, float):
        return math.sqrt(value)
    over, under = Fraction(value).as_integer_ratio()
    root = Fraction(math.isqrt(over), math.isqrt(under))
    return checked(root) if root * root == value else in_floats(math.sqrt, value)


def factorial(value: Number) -> Number:
    if not isinstance(value, int) or not value >= 0:
        raise Refused("A factorial needs a whole number that is not negative; check it.")
    if value > MAX_ARGUMENT:
        raise _too_long()
    return checked(math.factorial(value))


def choose(of: Number, taken: Number) -> Number:
    """How many ways there are to take some of a number of things."""
    return checked(math.comb(*_small_counts(of, taken)))


def arrange(of: Number, taken: Number) -> Number:
    return checked(math.perm(*_small_counts(of, taken)))


def whole(function: Callable[..., int]) -> Callable[..., Number]:
    """A function of whole numbers."""

    def apply(*values: Number) -> Number:
        if not values or not all(isinstance(value, int) for value in values):
            raise Refused("This needs whole numbers; check its arguments.")
        return checked(function(*values))

    return apply


def in_floats(function: Callable[..., float], *values: Number) -> Number:
    try:
        return checked(function(*(float(value) for value in values)))
    except (ValueError, OverflowError) as error:
        raise Refused(f"That has no real result here ({error}); check its arguments.") from error


def written(value: Number) -> str:
    """A number as people write it: exact as a decimal where that ends, else as a fraction with its decimal."""
    value = checked(value)
    if isinstance(value, float):
        return f"about {value:.12g}"
    if isinstance(value, int):
        return str(value)
    if (decimal := ending_decimal(value)) is not None:
        return decimal
    return f"{value} (about {decimal_of(value)})"


def decimal_of(value: Fraction) -> str:
    try:
        return f"{float(value):.12g}"
    except OverflowError:
        return str(value.numerator // value.denominator)


def ending_decimal(value: Fraction) -> str | None:
    """None where it goes on for ever, or for long."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > 40:
        return None
    if places == 0:
        return str(value.numerator)
    scaled = abs(value.numerator) * 10**places // value.denominator
    digits = str(scaled).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _small_counts(of: Number, taken: Number) -> tuple[int, int]:
    if not isinstance(of, int) or not isinstance(taken, int) or of < 0 or taken < 0:
        raise Refused("This needs two whole numbers that are not negative; check them.")
    if of > 100_000 or min(taken, abs(of - taken)) > MAX_ARGUMENT:
        raise _too_long()
    return of, taken


def _bits(value: int | Fraction) -> int:
    over, under = value.as_integer_ratio()
    return max(over.bit_length(), under.bit_length())


def _too_long() -> Refused:
    return Refused(f"The result has more than {MAX_DIGITS} digits; use smaller numbers.")
