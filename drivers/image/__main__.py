"""`python -m drivers.image`: the driver on standard input and output, or on a port with --http PORT."""

from drivers.image.server import server
from drivers.serving import parser_of, serve

serve(server, parser_of("python -m drivers.image").parse_args().http)
