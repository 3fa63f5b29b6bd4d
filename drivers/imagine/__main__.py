"""`python -m drivers.imagine [MODELS]`: the driver on standard input and output, or on a port with --http PORT.

MODELS is the folder of models.
"""

import os
from pathlib import Path

from drivers.imagine.server import make_server
from drivers.serving import parser_of, serve

parser = parser_of("python -m drivers.imagine")
parser.add_argument("models", nargs="?", default="", help="The folder of models.  [llmos's own]")
arguments = parser.parse_args()
folder = arguments.models or os.environ.get("LLMOS_MODELS") or "~/.cache/llmos/models"
serve(make_server(Path(folder).expanduser()), arguments.http)
