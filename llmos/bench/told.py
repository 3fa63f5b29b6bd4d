"""How far a benchmark is, for whoever waits: one line that changes on a terminal, a line for each step in a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def told(first: str = "starting", console: Console | None = None) -> Iterator[Callable[[str], None]]:
    """What is called with each step's text. It goes to standard error, so that results can be piped."""
    console = console or Console(stderr=True)
    if console.is_terminal:
        with console.status(first) as status:
            yield status.update
    else:
        yield lambda text: console.print(text, markup=False, highlight=False, soft_wrap=True)
