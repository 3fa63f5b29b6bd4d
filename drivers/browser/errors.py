"""What goes wrong for whoever calls: one sentence that says what to do next."""

from __future__ import annotations


class BrowserError(Exception):
    """A tool could not do it."""


class Refused(BrowserError):
    """Something was asked for that is not granted."""


class IsList(BrowserError):
    """A click on a list, or on an option of one: it opens in a window that no page sees."""


class Stuck(BrowserError):
    """A page does not answer."""
