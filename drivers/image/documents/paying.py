"""What was paid in the end, where a receipt proves it: what was given less the change, if that stands on it as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Json = dict[str, Any]
GIVEN = re.compile(
    r"\b(cash|tendered?|paid|received|accepted|given|tunai|gegeben|bar|esp[eè]ces|efectivo|contanti)\b", re.I
)
CHANGE = re.compile(r"\b(change|baki|r[üu]ckgeld|monnaie|rendu|cambio|resto)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Paid:
    """`value` is a decimal number as text, `text` says how it was worked out."""

    value: str
    text: str


def paid_of(amounts: Sequence[Json]) -> Paid | None:
    """None unless some amount of the page is the difference, to the cent."""
    change = [amount for amount in amounts if CHANGE.search(amount["label"]) and Decimal(amount["value"]) > 0]
    given = [one for one in amounts if GIVEN.search(one["label"]) and one not in change]
    if not change:
        return None
    back, others = Decimal(change[-1]["value"]), {Decimal(one["value"]) for one in amounts if one not in change}
    for one in reversed(given):
        paid = Decimal(one["value"]) - back
        if paid > 0 and paid in others:
            return Paid(str(paid), f"[worked out: {one['value']} given - {back} change = {paid} paid]")
    return None
