"""`python -m drivers.speech [MODELS]`: the driver on standard input and output, or on a port with --http PORT.

MODELS is the folder of models.
"""

from drivers.serving import parser_of, serve
from drivers.speech.models import models_folder
from drivers.speech.server import make_server

parser = parser_of("python -m drivers.speech")
parser.add_argument("models", nargs="?", default="", help="The folder of models.  [llmos's own]")
arguments = parser.parse_args()
serve(make_server(models_folder(arguments.models)), arguments.http)
