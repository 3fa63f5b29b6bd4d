"""`python -m drivers.chess`: the driver on standard input and output."""

from drivers.chess.server import server

server.run("stdio")
