"""Numbers as benchmarks report them."""

from collections.abc import Sequence


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 and p99, in the unit of `values`."""
    return {f"p{share}": round(percentile(values, share), 3) for share in (50, 95, 99)}


def percentile(values: Sequence[float], share: int) -> float:
    """The least value that is no less than `share` percent of them; 0 when there are none."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else 0.0
