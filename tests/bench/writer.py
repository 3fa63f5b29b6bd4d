"""An engine over HTTP that writes handlers: those in tests/backend/handlers, in the model's place."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HANDLERS = Path(__file__).parents[1] / "backend" / "handlers"
INTRODUCTIONS = {
    "A to-do": "todo",
    "A bank": "bank",
    "A notebook": "notes",
    "A shop": "shop",
    "A chess": "chess",
    "A guestbook": "guestbook",
}


def written(messages):
    """The body of the handler that is asked for; its first line stands there already."""
    told = next(message["content"] for message in reversed(messages) if message["role"] == "user")
    app = next(name for words, name in INTRODUCTIONS.items() if told.startswith(words))
    route = re.search(r"^Rule of ([A-Z]+ \S+?): ", told, re.MULTILINE)[1]
    text = (HANDLERS / f"{app}.md").read_text()
    code = text.partition(f"## {route}\n```python\n")[2].partition("```")[0]
    return code.partition(":\n")[2]


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self._send("application/json", {"object": "list", "data": [{"id": "writer", "context_length": 32768}]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "Write one Python function" not in asked["messages"][0]["content"]:
            return self.send_error(400, "This engine only writes handlers.")
        chunks = [
            {"choices": [{"index": 0, "delta": {"content": written(asked["messages"])}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}},
        ]
        return self._send("text/event-stream", *chunks)

    def _send(self, kind, *values):
        texts = [json.dumps(value) for value in values]
        if kind == "text/event-stream":
            texts = [f"data: {text}\n\n" for text in [*texts, "[DONE]"]]
        data = "".join(texts).encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        """Nothing is printed."""


@contextmanager
def writer():
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
