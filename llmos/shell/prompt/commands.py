"""What can be done by name: the / commands, which the palette and the help list as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """`run` takes what stands after the name. `argument` names it for the help; `options` completes it.

    `keys` are the keys that do the same, for the help.
    """

    name: str
    summary: str
    run: Callable[[str], Awaitable[None]]
    argument: str = ""
    options: Callable[[str], Sequence[str]] = lambda typed: ()
    keys: str = ""

    @property
    def usage(self) -> str:
        return f"/{self.name}" + (f" {self.argument}" if self.argument else "")


class Commands:
    """All commands of a shell, by name."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._by_name = {command.name: command for command in commands}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._by_name.values())

    def add(self, command: Command) -> None:
        self._by_name.setdefault(command.name, command)

    def find(self, line: str) -> tuple[Command, str] | None:
        """The command of a line that begins with /, and its argument. An unambiguous beginning is enough."""
        name, _, argument = line.removeprefix("/").partition(" ")
        command = self._by_name.get(name)
        if command is None:
            near = [known for known in self._by_name if known.startswith(name)]
            command = self._by_name[near[0]] if name and len(near) == 1 else None
        return (command, argument.strip()) if command else None

    def completions(self, line: str) -> list[tuple[str, str]]:
        """Whole lines that a line may become, each with what it does."""
        name, space, argument = line.removeprefix("/").partition(" ")
        if not space:
            return [(command.usage, command.summary) for command in self if command.name.startswith(name)]
        command = self._by_name.get(name)
        found = command.options(argument) if command else ()
        return [(f"/{name} {option}", "") for option in found if option.lower().startswith(argument.lower())]
