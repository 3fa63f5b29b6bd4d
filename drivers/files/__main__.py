"""`python -m drivers.files [FOLDER...]`: the driver on standard input and output, or on a port with --http PORT."""

from pathlib import Path

from drivers.files.server import make_server
from drivers.serving import parser_of, serve

parser = parser_of("python -m drivers.files")
parser.add_argument("folders", nargs="*", type=Path, help="the granted folders; the client's roots when left out")
arguments = parser.parse_args()
if arguments.http is not None and not arguments.folders:
    parser.error("name the granted folders: over HTTP anybody could claim any root")
serve(make_server([folder.absolute() for folder in arguments.folders]), arguments.http)
