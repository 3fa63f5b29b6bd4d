"""A small model can fall into saying one thing for ever. This finds it early, so that no tokens are spent on it."""

MAX_PERIOD_CHARS = 300
MIN_ROUNDS = 10
MIN_LOOP_CHARS = 600


def find_loop(text: str) -> int | None:
    """Where the first round of an endless repetition ends; None for a text that still says something.

    Endless is the same passage up to the end of the text, at least MIN_ROUNDS times and MIN_LOOP_CHARS long.
    """
    for period in range(1, MAX_PERIOD_CHARS + 1):
        rounds = max(MIN_ROUNDS, -(-MIN_LOOP_CHARS // period))
        if len(text) >= period * rounds and text.endswith(text[-period:] * rounds):
            return _beginning(text, period) + period
    return None


def _beginning(text: str, period: int) -> int:
    """Where the part begins in which every character is the one `period` before it."""
    start = len(text) - period
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return start
