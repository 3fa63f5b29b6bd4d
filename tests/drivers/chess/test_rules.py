"""Positions whose numbers of moves everybody knows, and what is no position."""

import pytest

from drivers.chess.rules import NoPosition, choices, play

START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"


def perft(fen, depth):
    moves = choices(fen).moves
    return len(moves) if depth == 1 else sum(perft(play(fen, move).fen, depth - 1) for move in moves)


@pytest.mark.parametrize(
    ("fen", "depth", "number"),
    [
        (START, 2, 400),
        ("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 1, 48),
        ("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 2, 191),
        ("r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", 2, 264),
        ("rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8", 1, 44),
    ],
)
def test_there_are_as_many_moves_as_everybody_counts(fen, depth, number):
    assert perft(fen, depth) == number


def test_a_legal_move_leads_to_the_next_position():
    played = play(START, "e2e4")
    assert (played.legal, played.turn, played.status) == (True, "black", "playing")
    assert played.fen == "rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq e3 0 1"


@pytest.mark.parametrize(
    "move", ["e2e5", "e7e5", "a1a3", "e2e4q", "", "e2", "hello", "E2E4", "e2e4 ", "i9z0", "e2e4\0"]
)
def test_any_other_changes_nothing(move):
    played = play(START, move)
    assert (played.legal, played.fen) == (False, START)


@pytest.mark.parametrize(
    ("fen", "move", "status"),
    [
        ("rnbqkbnr/pppp1ppp/8/4p3/6P1/5P2/PPPPP2P/RNBQKBNR b KQkq g3 0 2", "d8h4", "checkmate"),
        ("7k/8/5KQ1/8/8/8/8/8 w - - 0 1", "g6f7", "stalemate"),
        ("7k/8/5KQ1/8/8/8/8/8 w - - 0 1", "g6h5", "check"),
        ("7k/6q1/8/8/8/8/8/K5B1 b - - 0 1", "g7g1", "check"),
        ("7k/6n1/8/8/8/8/6q1/6K1 w - - 0 1", "g1g2", "draw"),
        ("k7/7r/8/8/8/8/6R1/K7 w - - 99 80", "g2g3", "draw"),
    ],
)
def test_it_says_how_the_game_stands(fen, move, status):
    played = play(fen, move)
    assert (played.legal, played.status) == (True, status)
    assert status in ("playing", "check") or choices(played.fen).moves == []


@pytest.mark.parametrize(
    "fen",
    [
        "",
        "start",
        "8/8/8/8/8/8/8/8 w - - 0 1",
        START.replace("8/8", "9/8"),
        START.replace("RNBQ", "RNQ"),
        START.replace("k", "q", 1),
        START.replace(" w ", " x "),
        START + " ",
        START.replace("/", "\n"),
        "P3k3/8/8/8/8/8/8/4K3 w - - 0 1",
        START * 100,
    ],
)
def test_what_is_no_position_is_refused_in_one_sentence(fen):
    with pytest.raises(NoPosition, match=r"is no position of chess; write it in FEN"):
        choices(fen)


def test_nobody_castles_with_a_rook_that_is_not_there():
    assert "e1g1" not in choices("4k3/8/8/8/8/8/8/4K2B w K - 0 1").moves
    assert "e1g1" in choices("4k3/8/8/8/8/8/8/4K2R w K - 0 1").moves
