"""`python -m drivers.browser`: the driver on standard input and output."""

from drivers.browser.server import make_server
from drivers.browser.settings import read

make_server(read()).run("stdio")
