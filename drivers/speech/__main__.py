"""`python -m drivers.speech [MODELS]`: the driver on standard input and output; MODELS is the folder of models."""

import sys

from drivers.speech.server import serve

serve(sys.argv[1] if len(sys.argv) > 1 else "")
