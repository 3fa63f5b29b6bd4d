"""A server of bare JSON-RPC lines that does what servers seldom should: `raw_driver.py FAULT`."""

import json
import sys
from pathlib import Path

FAULT = sys.argv[1]
TOOLS = [
    {"name": "fs/read file", "inputSchema": {"type": "object"}},
    {"name": "fs.read.file", "inputSchema": {"type": "object"}},
    {"name": "plain"},
    {"name": "x" * 200, "inputSchema": {"type": "nonsense"}},
    {"name": "", "inputSchema": {"type": "object"}},
    {"inputSchema": {}},
    "not even an object",
]


def say(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def answer(request, result):
    say(id=request["id"], result=result)


def text(said):
    return {"content": [{"type": "text", "text": said}]}


def huge(request):
    answer(request, text("x" * (request["params"]["arguments"]["mb"] * 2**20)))


def line_without_end(request):
    while True:
        sys.stdout.write("x" * 2**20)


def flood(request):
    while True:
        say(method="notifications/message", params={"level": "info", "data": "again"})


def noise(request):
    sys.stdout.write("loading...\n{'half': a dict\n")
    answer(request, text("quiet again"))


def not_jsonrpc(request):
    sys.stdout.write('{"jsonrpc": "2.0", "id": 1, "nothing": true}\n')
    sys.stdout.flush()


def no_result(request):
    answer(request, {"content": "not a list"})


def pages(request):
    answer(request, text(request["params"]["name"]))


def changes(request):
    say(method="notifications/tools/list_changed")
    TOOLS[:] = [{"name": "new", "inputSchema": {"type": "object"}}]
    answer(request, text("changed"))


def asks(request):
    """Ask the client what the arguments say and tell what it answered."""
    arguments = request["params"]["arguments"]
    say(id="asked", method=arguments["method"], params=arguments.get("params", {}))
    told = json.loads(sys.stdin.readline())
    answer(request, text(json.dumps(told.get("result", told.get("error")))))


def progress(request):
    token = request["params"]["_meta"]["progressToken"]
    say(method="notifications/progress", params={"progressToken": token, "progress": 1, "total": 2, "message": "half"})
    answer(request, text("whole"))


def picture(request):
    shown = {"type": "image", "data": request["params"]["arguments"]["data"], "mimeType": "image/png"}
    link = {"type": "resource_link", "uri": "file:///a.txt", "name": "a.txt"}
    held = {"type": "resource", "resource": {"uri": "file:///b.txt", "text": "b says hi"}}
    sound = {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}
    answer(request, {"content": [{"type": "text", "text": "look:"}, shown, link, held, sound]})


def cancelled(request):
    Path(sys.argv[2]).write_text("called")


def none(request):
    answer(request, text("fine"))


def listing(request):
    if FAULT != "pages":
        return {"tools": TOOLS}
    page = int((request.get("params") or {}).get("cursor", 0))
    tools = [{"name": f"tool-{page}", "inputSchema": {"type": "object"}}]
    return {"tools": tools, **({"nextCursor": str(page + 1)} if page < 3 else {})}


def serve(request):
    method = request.get("method")
    if method == "initialize":
        capabilities = {"tools": {"listChanged": True}}
        info = {"name": "bad", "version": "1"}
        version = request["params"]["protocolVersion"]
        answer(request, {"protocolVersion": version, "capabilities": capabilities, "serverInfo": info})
    elif method == "tools/list":
        answer(request, listing(request))
    elif method == "tools/call":
        globals()[FAULT](request)
    elif method == "notifications/cancelled" and FAULT == "cancelled":
        Path(sys.argv[2]).write_text("cancelled")
    elif "id" in request:
        say(id=request["id"], error={"code": -32601, "message": "no such method"})


if __name__ == "__main__":
    if FAULT == "exits":
        sys.exit("I cannot work like this")
    for line in sys.stdin:
        serve(json.loads(line))
