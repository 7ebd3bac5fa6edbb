"""A server on loopback that answers as a test says, also badly, and keeps a log."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import msgspec


class Asked(msgspec.Struct):
    """A request as it came in; how many bytes were sent back, and when that was over (0: it is not)."""

    at: float
    host: str
    path: str
    headers: dict[str, str]
    method: str = "GET"
    sent: int = 0
    ended_at: float = 0.0


Send = Callable[[bytes], None]
Answer = Callable[[Asked, Send], None]


def reply(body: bytes = b"", status: int = 200, *, chunked: bool = False, **headers: str) -> Answer:
    """A well-behaved answer; underscores in names of headers stand for hyphens."""

    def answer(_: Asked, send: Send) -> None:
        lines = [f"HTTP/1.1 {status} Because"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
            content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        else:
            content = body
            if status != 304:
                lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""])
        send(head.encode("latin-1" if max(head) < "\u0100" else "utf-8") + content)

    return answer


def raw(data: bytes) -> Answer:
    """These bytes, then the connection ends."""

    def answer(_: Asked, send: Send) -> None:
        send(data)
        raise ConnectionAbortedError

    return answer


def slow(seconds: float, then: Answer) -> Answer:
    """The answer, late."""

    def answer(asked: Asked, send: Send) -> None:
        time.sleep(seconds)
        then(asked, send)

    return answer


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """An answer that does not end before the client hangs up."""

    def answer(_: Asked, send: Send) -> None:
        send(head)
        while True:
            send(piece)
            time.sleep(pause)

    return answer


def validated(body: bytes, etag: str, content_type: str = "text/html") -> Answer:
    """A page that knows its ETag."""

    def answer(asked: Asked, send: Send) -> None:
        unchanged = asked.headers.get("if-none-match") == etag
        found = (
            reply(status=304, ETag=etag)
            if unchanged
            else reply(body, ETag=etag, Content_Type=content_type)
        )
        found(asked, send)

    return answer


class Loopback:
    """Virtual hosts on one port. `answers` goes by "host/path", else by "/path"; else 404.

    A key that ends in `*` answers what begins like it and has no answer of its own. `connections` are
    the times at which somebody connected, whether or not a request followed.
    """

    def __init__(
        self, answers: dict[str, Answer], address: str = "127.31.0.1", port: int = 0
    ) -> None:
        self.answers = answers
        self.log: list[Asked] = []
        self.connections: list[float] = []
        kind = _Server6 if ":" in address else _Server
        self._server = kind((address, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def asked(self, host: str = "") -> list[str]:
        """The paths asked for, in order."""
        return [one.path for one in self.log if host in ("", one.host)]

    def answer(self, asked: Asked) -> Answer:
        """What this request is answered with."""
        key = asked.host.partition(":")[0] + asked.path
        found = self.answers.get(key) or self.answers.get(asked.path)
        started = (
            one for start, one in self.answers.items() if start[-1:] == "*" and _is(key, start)
        )
        return found or next(started, reply(status=404))

    def times(self, path: str) -> list[float]:
        return [one.at for one in self.log if one.path == path]


def _is(key: str, start: str) -> bool:
    return key.startswith(start[:-1])


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], web: Loopback) -> None:
        self.web = web
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 20

    def handle(self) -> None:
        web = self.server.web
        web.connections.append(time.time())
        for asked in self._requests():
            web.log.append(asked)

            def send(data: bytes, asked: Asked = asked) -> None:
                self.wfile.write(data)
                asked.sent += len(data)

            try:
                web.answer(asked)(asked, send)
            finally:
                asked.ended_at = time.time()

    def _requests(self) -> Iterator[Asked]:
        while (line := self.rfile.readline(65_536)) and line.rstrip()[-8:-1] == b"HTTP/1.":
            headers: dict[str, str] = {}
            while (row := self.rfile.readline(65_536).strip()) != b"":
                name, _, value = row.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            # A greeting in TLS, say, is no request: the connection ends.
            method, path = line.decode("latin-1").split(" ")[:2]
            yield Asked(time.time(), headers.get("host", ""), path, headers, method)
