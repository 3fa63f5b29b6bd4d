"""`python -m drivers.chess`: the driver on standard input and output, or on a port with --http PORT."""

from drivers.chess.server import server
from drivers.serving import parser_of, serve

serve(server, parser_of("python -m drivers.chess").parse_args().http)
