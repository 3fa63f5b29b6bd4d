"""Web sites on loopback: what a test writes is what they answer, and what was asked of them is kept."""

import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """`pages` maps a path to HTML, to (status, headers, body), or to a function of the handler."""

    def __init__(self, host="127.0.0.1", tls=None):
        self.pages, self.asked, self.stopped = {}, [], threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                size = int(self.headers.get("content-length", 0))
                site.asked.append((self.command, self.path, self.rfile.read(size), dict(self.headers)))
                answer = site.pages.get(self.path.partition("?")[0])
                if callable(answer):
                    answer(self)
                    return
                if not isinstance(answer, tuple):
                    answer = (200 if answer else 404, {}, answer or "")
                self.answer(*answer)

            do_POST = do_PUT = do_OPTIONS = do_HEAD = do_GET  # noqa: N815

            def answer(self, status, headers, body):
                raw = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http{'s' if tls else ''}://{host}:{self.port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = host
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def paths(self):
        return [path for _, path, _, _ in self.asked]

    def close(self):
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()


def endless(site, piece=b"x" * 65536, pause=0.0, headers=None):
    """An answer that does not end before the site does, or the client has enough."""

    def answer(handler):
        handler.send_response(200)
        for name, value in (headers or {"Content-Type": "text/html"}).items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            while not site.stopped.is_set():
                handler.wfile.write(piece)
                handler.wfile.flush()
                time.sleep(pause)
        except OSError:
            pass

    return answer
