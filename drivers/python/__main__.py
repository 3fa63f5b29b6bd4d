"""`python -m drivers.python`: the driver on standard input and output."""

from drivers.python.server import main

main()
