"""What a yes, or a no, to everything that a process asks means for one question."""

from collections.abc import Sequence

AGREES = ("once", "yes", "accept")
REFUSES = ("no", "stop", "decline")


def choice_of(choices: Sequence[str], policy: bool) -> str | None:
    """What a yes or a no to everything means here; None where it means nothing, as when a list is to choose from."""
    return next((choice for choice in choices if choice in (AGREES if policy else REFUSES)), None)
