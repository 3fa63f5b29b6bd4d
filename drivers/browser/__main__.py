"""`python -m drivers.browser`: the driver on standard input and output, or on a port with --http PORT."""

from drivers.browser.server import make_server
from drivers.browser.settings import read
from drivers.serving import serve

settings, port = read()
serve(make_server(settings), port)
