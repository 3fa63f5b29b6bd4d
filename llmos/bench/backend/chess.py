"""Positions and moves of chess, for the reference and its load. Draws are left out: the load ends its games before."""

from Chessnut import Game

START: str = Game.default_fen
SIDES = {"w": "white", "b": "black"}
STATUSES = {Game.CHECK: "check", Game.CHECKMATE: "checkmate", Game.STALEMATE: "stalemate"}


def legal_moves(fen: str) -> list[str]:
    return sorted(Game(fen).get_moves())


def played(fen: str, move: str) -> dict[str, str] | None:
    """What a move makes of a game; None when it is not legal."""
    game = Game(fen)
    if move not in game.get_moves():
        return None
    game.apply_move(move)
    status = STATUSES.get(game.status, "playing")
    return {"fen": game.get_fen(), "turn": SIDES[game.state.player], "status": status, "last": move}


def turn_number(fen: str) -> int:
    """Both sides move once in each."""
    return int(fen.split(" ")[-1])
