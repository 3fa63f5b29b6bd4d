"""The README's tour of the shell, typed into a real terminal: tmux, the real kernel, the real model.

`python tests/interop/tour.py OUT` plays it in a home of its own, and leaves what the screen showed after each step in
OUT, with and without colours. It needs tmux and the pulled model; it takes minutes, so it is not part of `make test`.
"""

import itertools
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LLMOS = Path(sys.executable).parent / "llmos"
SKETCH = "apps/sketch-to-website/examples/guestbook.jpg"
SECONDS = 300  # for one step: the model answers in its own time
QUIET = 0.5  # seconds between two looks at the screen
STILL = 5  # seconds at most until nothing moves any more, once the screen shows what it must

# (name, what is typed, what the screen must show then); a name in angle brackets is a key
SHELL = (
    ("greeting", (), r"(?s)● \S+.*just write"),
    ("answer", ("Which weekday was 20 July 1969?", "<Enter>"), r"(?s)python\.run.*Sunday"),
    ("processes", ("<F2>",), r"(?s)Processes.*assistant"),
    ("syscalls", ("<F3>",), r"(?s)Syscalls.*Called with.*newest"),
    ("approvals", ("<F4>",), r"(?s)Approvals.*Nothing is asked"),
    ("state", ("<F5>",), r"(?s)State.*todo.*apps"),
    ("drivers", ("<F6>",), r"(?s)Drivers.*image"),
    ("models", ("<F7>",), r"(?s)Models.*qwen2\.5-coder"),
    ("search", ("<F8>", "Sunday"), r"(?s)Search.*Sunday.*assistant.*found"),
    ("closed panel", ("<C-b>",), "1969"),
    ("line", ("!echo $((6*7))", "<Enter>"), r"(?m)^\W*42\b"),
    ("file", (f"@{SKETCH} What is the heading of this page?", "<Enter>"), r"(?s)guestbook\.jpg.*Guestbook"),
    (
        "said otherwise",
        ("/edit", "<Enter>", " Say one word.", "<Enter>"),
        r"(?s)kept; /undo.*one word.*tokens in",
    ),
    ("undone", ("/undo", "<Enter>"), "Back to what was said before"),
    ("help", ("<F1>",), "search in it|attach a file"),
    ("back", ("<Escape>",), "guestbook"),
    ("new tab", ("<C-t>",), "(?s)assistant.*assistant"),
    ("backend", ("/todo", "<Enter>"), "serves at"),
    ("request", ('POST /todos {"title": "buy milk"}', "<Enter>"), r"(?s)201 Created.*buy milk"),
    ("commit", ("<F5>",), r"todo +1 "),
    ("tabs", ("<C-b>", "<C-PageUp>"), "just write"),
    ("first tab", ("<M-1>",), "Back to what was said before"),
)


class Terminal:
    """One tmux session of a server of its own, so that no other is touched, nor one that is about to end."""

    _numbers = itertools.count(1)

    def __init__(self, home: Path, out: Path, size: tuple[int, int]) -> None:
        self.home, self.out, self.size = home, out, size
        self.taken, self.server = 0, f"llmos-tour-{os.getpid()}-{next(self._numbers)}"

    def tmux(self, *words: str) -> str:
        command = ["tmux", "-L", self.server, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout

    def open(self, command: str) -> None:
        width, height = (str(side) for side in self.size)
        environment = [f"LLMOS_HOME={self.home}", "TERM=xterm-256color", "COLORTERM=truecolor"]
        line = shlex.join(["env", *environment, "sh", "-c", f"{command}; echo the end; sleep {SECONDS}"])
        self.tmux("new-session", "-d", "-s", "tour", "-x", width, "-y", height, "-c", str(ROOT), line)

    def type(self, *parts: str) -> None:
        for part in parts:
            key = re.fullmatch(r"<(.+)>", part)
            self.tmux("send-keys", "-t", "tour", *((key[1],) if key else ("-l", part)))
            time.sleep(QUIET)

    def wait(self, name: str, expected: str) -> None:
        """Until the screen shows it; keeps what was shown either way. Raises TimeoutError."""
        stop = time.monotonic() + SECONDS
        shown = self.tmux("capture-pane", "-p", "-t", "tour")
        while not re.search(expected, shown) and time.monotonic() < stop:
            time.sleep(QUIET)
            shown = self.tmux("capture-pane", "-p", "-t", "tour")
        found, shown = re.search(expected, shown), self.settled(shown)
        self.taken += 1
        place = self.out / f"{self.size[0]}x{self.size[1]}-{self.taken:02}-{name.replace(' ', '-')}"
        place.with_suffix(".txt").write_text(shown)
        place.with_suffix(".ansi").write_text(self.tmux("capture-pane", "-e", "-p", "-t", "tour"))
        if not found:
            raise TimeoutError(f"“{name}”: the screen never showed {expected!r}; it is kept in {place}.txt.")
        sys.stdout.write(f"passed  {name}\n")

    def settled(self, shown: str) -> str:
        """The screen once nothing on it moves, or soon after where something always does."""
        stop = time.monotonic() + STILL
        while time.monotonic() < stop:
            time.sleep(QUIET)
            before, shown = shown, self.tmux("capture-pane", "-p", "-t", "tour")
            if shown == before:
                break
        return shown

    def close(self) -> None:
        self.tmux("kill-session", "-t", "tour")


@contextmanager
def opened(home: Path, out: Path, size: tuple[int, int], command: str) -> Iterator[Terminal]:
    terminal = Terminal(home, out, size)
    terminal.open(command)
    try:
        yield terminal
    finally:
        terminal.close()


def shell(home: Path, out: Path, size: tuple[int, int]) -> None:
    with opened(home, out, size, str(LLMOS)) as terminal:
        for name, keys, expected in SHELL:
            terminal.type(*keys)
            terminal.wait(name, expected)
        terminal.type("<C-q>")
        terminal.wait("end", "the end")


def again(home: Path, out: Path, size: tuple[int, int]) -> None:
    """The talk is there when the shell is opened again, whatever happened to the first one."""
    with opened(home, out, size, str(LLMOS)) as terminal:
        terminal.wait("opened again", r"(?s)▸1 assistant 1 .*2 todo.*Back to what was said before")
        terminal.type("<F5>")
        terminal.wait("panel over it", r"(?s)todo +1 .*esc Back")
        terminal.type("<Escape>")
        terminal.wait("back from it", "Back to what was said before")


def plain(home: Path, out: Path, size: tuple[int, int]) -> None:
    with opened(home, out, size, f"{LLMOS} --plain") as terminal:
        terminal.wait("plain", r"(?m)^>|help")
        terminal.type("What is 17 times 23?", "<Enter>")
        terminal.wait("plain answer", r"(?ms)391.*^>")  # the prompt is back
        terminal.type("/quit", "<Enter>")
        terminal.wait("plain end", "the end")


def piped(home: Path) -> None:
    done = subprocess.run(
        [LLMOS],
        input="What is 17 times 23?",
        env=os.environ | {"LLMOS_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    if "391" not in done.stdout:
        raise TimeoutError(f"What was piped in was answered with {done.stdout!r} {done.stderr!r}")
    sys.stdout.write("passed  piped in\n")


def main() -> None:
    out = Path(sys.argv[1]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as spare:
        home = Path(spare) / "home"
        try:
            shell(home, out, (120, 36))
            again(home, out, (80, 24))
            plain(home, out, (80, 24))
            piped(home)
        except TimeoutError as error:
            sys.exit(str(error))
        finally:
            subprocess.run([LLMOS, "down"], env=os.environ | {"LLMOS_HOME": str(home)}, check=False)


if __name__ == "__main__":
    main()
