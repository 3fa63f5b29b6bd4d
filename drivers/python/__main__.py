"""`python -m drivers.python`: the driver on standard input and output, or on a port with --http PORT."""

from drivers.python.server import server
from drivers.serving import parser_of, serve

serve(server, parser_of("python -m drivers.python").parse_args().http)
