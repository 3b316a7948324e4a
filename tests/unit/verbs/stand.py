"""A small HTTP server that answers as a test tells it, on a port of its own: what verbs meet when they talk to a desk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Told:
    """One request as it came."""

    def __init__(self, method: str, target: str, headers: dict[str, str], content: bytes) -> None:
        self.method, self.path = method, urlsplit(target).path
        self.query = {name: values[-1] for name, values in parse_qs(urlsplit(target).query).items()}
        self.headers, self.content = headers, content

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class Stand:
    """Answers by method and path: the next of those given, the last one for ever. Anything else is 404."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.url = ""
        self._answers: dict[tuple[str, str], list[tuple[int, Any]]] = {}

    def on(self, method: str, path: str, *answers: Any, status: int = 200) -> None:
        self._answers[method, path] = [(status, answer) for answer in answers]

    def asked(self, method: str, path: str) -> list[Told]:
        return [one for one in self.told if (one.method, one.path) == (method, path)]

    def answer(self, told: Told) -> tuple[int, bytes]:
        self.told.append(told)
        answers = self._answers.get((told.method, told.path))
        if not answers:
            return 404, json.dumps({"reason": "not_found", "detail": "There is no such thing here"}).encode()
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def standing() -> Iterator[Stand]:
    stand = Stand()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = stand.answer(Told(self.command, self.path, headers, self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the library finds them by these names

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
