"""`python -m drivers.image`: the driver on standard input and output."""

from drivers.image.server import server

server.run("stdio")
