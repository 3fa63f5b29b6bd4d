"""The rules, as Chessnut knows them, and what it leaves out: positions that are none, and draws."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from Chessnut import Game
from Chessnut.game import InvalidMove

FEN = re.compile(
    r"(?P<board>[pnbrqkPNBRQK1-8]+(/[pnbrqkPNBRQK1-8]+){7}) [wb] (-|K?Q?k?q?) (-|[a-h][36]) \d{1,3} [1-9]\d{0,3}"
)
MOVE = re.compile(r"[a-h][1-8][a-h][1-8][qrbn]?")
SIDES = {"w": "white", "b": "black"}
HALF_MOVES_OF_A_DRAW = 100  # without a capture or a pawn's move


@dataclass(frozen=True)
class Position:
    """A board, whose turn it is, and whether the game goes on: playing, check, checkmate, stalemate or draw."""

    fen: str
    turn: str
    status: str


@dataclass(frozen=True)
class Played(Position):
    """The position after a move; as it was where the move is not legal."""

    legal: bool


@dataclass(frozen=True)
class Choices(Position):
    """A position with all legal moves in it, such as e2e4, and e7e8q for a promotion."""

    moves: list[str]


class NoPosition(ValueError):
    """A sentence for the caller."""


def play(fen: str, move: str) -> Played:
    """Raises NoPosition."""
    game = _game(fen)
    legal = bool(MOVE.fullmatch(move)) and not _is_drawn(game)
    try:
        if legal:
            game.apply_move(move)
    except InvalidMove:
        legal = False
    return Played(**asdict(_position(game)), legal=legal)


def choices(fen: str) -> Choices:
    """Raises NoPosition."""
    game = _game(fen)
    return Choices(**asdict(_position(game)), moves=[] if _is_drawn(game) else sorted(game.get_moves()))


def _game(fen: str) -> Game:
    """Chessnut takes anything for a position, and fails later."""
    match = FEN.fullmatch(fen)
    board = match["board"] if match else ""
    full = all(sum(int(char) if char.isdigit() else 1 for char in rank) == 8 for rank in board.split("/"))
    edges = "".join(board.split("/")[:: len(board.split("/")) - 1 or 1])
    if not match or not full or board.count("k") != 1 or board.count("K") != 1 or "p" in edges.lower():
        raise NoPosition(
            f"{fen[:100]!r} is no position of chess; write it in FEN, such as {Game.default_fen}, with a king each."
        )
    return Game(_with_true_rights(fen))


def _with_true_rights(fen: str) -> str:
    """Without castling rights of a king or rook that is not at home: Chessnut would move what is not there."""
    board, turn, rights, *rest = fen.split(" ")
    squares = ["".join(" " * int(char) if char.isdigit() else char for char in rank) for rank in board.split("/")]
    at_home = {
        "K": squares[7][4] == "K" and squares[7][7] == "R",
        "Q": squares[7][4] == "K" and squares[7][0] == "R",
        "k": squares[0][4] == "k" and squares[0][7] == "r",
        "q": squares[0][4] == "k" and squares[0][0] == "r",
    }
    kept = "".join(right for right in rights if at_home.get(right)) or "-"
    return " ".join([board, turn, kept, *rest])


def _position(game: Game) -> Position:
    return Position(game.get_fen(), SIDES[game.state.player], _status(game))


def _status(game: Game) -> str:
    named = {Game.CHECK: "check", Game.CHECKMATE: "checkmate", Game.STALEMATE: "stalemate"}.get(game.status, "playing")
    return "draw" if named in ("playing", "check") and _is_drawn(game) else named


def _is_drawn(game: Game) -> bool:
    """After fifty moves of each without progress, or when neither side could give mate."""
    pieces = [char for char in game.get_fen().split(" ")[0] if char.isalpha() and char not in "kK"]
    cannot_mate = not pieces or (len(pieces) == 1 and pieces[0] in "nbNB")
    return cannot_mate or int(game.state.ply) >= HALF_MOVES_OF_A_DRAW
