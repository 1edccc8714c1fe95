"""A webhook on this machine: keeps what is posted, and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """What came, and how the next posts are answered: a status each; 200 when the list is empty, None hangs until the end."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hooks/t0p-secret"
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int | None] = []
        self.came = threading.Event()
        self.is_over = threading.Event()

    @property
    def notices(self) -> list[dict]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.bodies.append(body)
            receiver.headers.append(dict(self.headers))
            receiver.came.set()
            status = receiver.answers.pop(0) if receiver.answers else 200
            if status is None:
                receiver.is_over.wait(60)
                return
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.is_over.set()
            server.shutdown()
