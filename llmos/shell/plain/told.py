"""A conversation in words, line by line: what a change of it is to be told as."""

from __future__ import annotations

import shutil

from llmos.shell.conversation.arguments import WIDTH, in_short, result_text, written
from llmos.shell.conversation.blocks.asked import MEANINGS
from llmos.shell.conversation.items import Answer, Asked, Called, Finished, Note, Said, Trouble
from llmos.shell.conversation.record import Change, What
from llmos.shell.text import Cleaner, clean, one_line


class Teller:
    """Turns changes into text to print. Streamed answers come as they are; all else is a line of its own."""

    def __init__(self) -> None:
        self._cleaner = Cleaner()
        self._open = False
        self._told: set[int] = set()

    def tell(self, change: Change) -> str:
        item = change.item
        if isinstance(item, Answer):
            return self._answer(change, item)
        match item:
            case Called():
                text = self._called(change, item)
            case Asked() if change.what is What.NEW:
                text = question(item)
            case Asked() if item.choice:
                text = f"Decided: {one_line(item.choice)}.\n"
            case Said() if item.source != "user":
                text = f"From {one_line(item.source)}: {clean(item.text)}\n"
            case Trouble() if change.what is What.NEW:
                text = f"Error: {clean(item.sentence)}\n"
            case Finished() if change.what is What.NEW:
                text = f"{clean(written(item.result))}\n"
            case Note() if change.what in (What.NEW, What.ANEW):
                text = f"Note: {one_line(item.text, 400)}\n"
            case _:
                text = ""
        return self._closed() + text if text else ""

    def _answer(self, change: Change, item: Answer) -> str:
        match change.what:
            case What.NEW:
                self._cleaner, self._open = Cleaner(), True
                self._told.add(id(item))
                return self._cleaner.add(item.text) + self._end(item)
            case What.GROWN:
                return self._cleaner.add(change.text)
            case What.CHANGED:
                return self._end(item)
            case _:
                return self._closed()

    def _end(self, item: Answer) -> str:
        if not item.done:
            return ""
        said = "Interrupted.\n" if item.interrupted else "Cut: it reached the app's limit.\n" if item.cut else ""
        return self._closed() + said

    def _closed(self) -> str:
        was_open, self._open = self._open, False
        return "\n" if was_open else ""

    def _called(self, change: Change, item: Called) -> str:
        if change.what is What.NEW and not item.done:
            return f"Uses {one_line(item.tool, 60)}: {in_short(item.arguments, 300)}\n"
        if not item.done:
            return ""
        if item.error:
            return f"{one_line(item.tool, 60)} was refused: {one_line(item.error, 400)}\n"
        told = f"{item.chars} characters" if item.blob else one_line(result_text(item.result), 400)
        return f"{one_line(item.tool, 60)} gave: {told}\n"


def question(item: Asked) -> str:
    """A question in full, with the words that answer it."""
    width = max(20, min(WIDTH, shutil.get_terminal_size().columns - 8))  # what the terminal breaks has no bar
    lines = [f"Question: {clean(item.text)}", clean(item.tool), written(item.arguments, width)]
    lines += [f"  {one_line(choice, 40)}: {MEANINGS.get(choice, 'choose it')}" for choice in item.choices]
    return "\n".join(lines) + "\n"
