"""From what people write to what can be evaluated: `5 ft 3 in`, `15% of 80`, `10 km / 2 h`, `5!`, `2(3+4)`.

The text becomes a Python expression over numbered names; what each name stands for is told beside it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from drivers.python.arithmetic import Refused

MAX_CHARS = 1_000
MAX_DEPTH = 60
NUMBER = r"0[xX][0-9a-fA-F]+|(?:\d[\d_]*(?:,\d{3}(?!\d))*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
TOKEN = re.compile(
    rf"\s*(?:(?P<date>\d{{4}}-\d\d-\d\d(?!\d))|(?P<number>{NUMBER})"
    r"|(?P<name>[^\W\d]\w*|°[CF]?)|(?P<sign>\*\*|//|<<|>>|[-+*/%^!(),]))"
)
SPELLED = {"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "²": "^2", "³": "^3", "$": "", "€": "", "£": "", "=": ""}
CONVERTS = ("in", "to", "as")
SPOKEN = {"of": "*", "mod": "%", "times": "*", "plus": "+", "minus": "-", "per": "/"}
DEGREES = {"°": "degree", "°C": "degC", "°F": "degF", "C": "degC", "F": "degF"}


Token = tuple[str, str]  # its kind and its text


@dataclass
class Expression:
    """`tree` over `names`: what each of its names stands for, as (kind, text)."""

    tree: ast.expr
    names: dict[str, tuple[str, str]]
    target: str = ""


def read(text: str, functions: frozenset[str]) -> Expression:
    """Raises Refused when it cannot be read."""
    if len(text) > MAX_CHARS:
        raise Refused(f"The expression is longer than {MAX_CHARS} characters; do it in parts.")
    for written, meant in SPELLED.items():
        text = text.replace(written, meant)
    tokens, target = _target(_tokens(text), functions)
    writer = _Writer(tokens, functions)
    writer.write()
    try:
        tree = ast.parse(" ".join(writer.out), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Refused(f"{text.strip()[:100]!r} cannot be read as a calculation; write it like (2 + 3) * 4.") from error
    if _depth(tree) > MAX_DEPTH:
        raise Refused("The expression is nested too deeply; do it in parts.")
    return Expression(tree, writer.names, target)


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    text = text.rstrip(" .?\n")
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Refused(
                f"{text[at:].strip()[:20]!r} means nothing in a calculation; use numbers, + - * / ^ and units."
            )
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _target(tokens: list[Token], functions: frozenset[str]) -> tuple[list[Token], str]:
    """What is to be converted, and the unit that it is wanted in."""
    for at in range(len(tokens) - 2, 0, -1):
        kind, word = tokens[at]
        after = tokens[at + 1 :]
        if (
            kind == "name"
            and word in CONVERTS
            and after[0][0] == "name"
            and all(_of_unit(token, functions) for token in after)
        ):
            return tokens[:at], " ".join(DEGREES.get(text, text) for _, text in after).replace("^", "**")
    return tokens, ""


def _of_unit(token: Token, functions: frozenset[str]) -> bool:
    kind, text = token
    return (kind == "name" and text not in functions) or text in "*/^" or (kind == "number" and len(text) == 1)


@dataclass
class _Writer:
    """Writes the Python expression token by token. `calls` says of each open bracket whether it is a call's."""

    tokens: list[Token]
    functions: frozenset[str]
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)
    calls: list[bool] = field(default_factory=lambda: [False])

    def write(self) -> None:
        at = 0
        while at < len(self.tokens):
            kind, text = self.tokens[at]
            if text == "(":
                self.calls.append(self._at(at - 1)[1] in self.functions)
            elif text == ")" and len(self.calls) > 1:
                self.calls.pop()
            if self._juxtaposed(at):
                self.out.append("+" if self._at(at - 1)[0] == "name" and kind == "number" else "*")
            at += self._quantity(at) if kind == "number" and self._is_unit(at + 1) else self._single(at)

    def _quantity(self, at: int) -> int:
        """A number and its unit belong together, but for half a cup; how many tokens that took."""
        fraction = self._at(at - 1)[1] == "/" and self._at(at - 2)[0] == "number"
        raised = self._at(at + 2)[1] in ("^", "**") and self._at(at + 3)[0] == "number"
        number, unit = self._number(self.tokens[at][1]), self._word(self.tokens[at + 1][1])
        power = ["**", self._name("number", self.tokens[at + 3][1])] if raised else []
        quantity = [number[-1], "*", unit, *power]
        self.out += [*number[:-1], *(quantity if fraction else ["(", *quantity, ")"])]
        return 4 if raised else 2

    def _single(self, at: int) -> int:
        kind, text = self.tokens[at]
        if kind == "number":
            self.out += self._number(text)
        elif kind == "name":
            self.out.append(self._word(text))
        else:
            self.out.append(self._name("date", text) if kind == "date" else self._sign(text, self._at(at + 1)))
        return 1

    def _at(self, at: int) -> Token:
        return self.tokens[at] if 0 <= at < len(self.tokens) else ("", "")

    def _name(self, kind: str, text: str) -> str:
        key = f"n{len(self.names)}"
        self.names[key] = (kind, text)
        return key

    def _is_unit(self, at: int) -> bool:
        kind, text = self._at(at)
        return kind == "name" and text not in self.functions and text not in SPOKEN

    def _number(self, text: str) -> list[str]:
        """In a call, a comma stands between arguments."""
        if not self.calls[-1] or "," not in text:
            return [self._name("number", text.replace(",", ""))]
        return [word for part in text.split(",") for word in (",", self._name("number", part))][1:]

    def _word(self, text: str) -> str:
        if text in SPOKEN:
            return SPOKEN[text]
        return self._name("function" if text in self.functions else "unit", DEGREES.get(text, text))

    def _sign(self, text: str, after: Token) -> str:
        if text == "!":
            return f"** {self._name('factorial', '!')}"
        if text == "%" and not (after[0] in ("number", "date") or after[1] == "("):
            return f"** {self._name('percent', '%')}"
        return "**" if text == "^" else text

    def _juxtaposed(self, at: int) -> bool:
        """Whether two things stand side by side with nothing between them: 2(3), (2)(3), 5 ft 3 in, 2 pi."""
        before, now = self._at(at - 1), self._at(at)
        ends = before[0] in ("number", "date") or before[1] == ")" or self._is_unit(at - 1)
        begins = now[0] in ("number", "date") or now[1] == "(" or (now[0] == "name" and now[1] not in SPOKEN)
        return ends and begins


def _depth(tree: ast.AST) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return deepest
