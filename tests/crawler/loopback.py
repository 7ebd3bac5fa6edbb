"""A server on loopback that answers as a test says, also badly, and keeps a log."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from typing import Self

import msgspec


class Asked(msgspec.Struct):
    """A request as it came in."""

    at: float
    host: str
    path: str
    headers: dict[str, str]


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
        send("\r\n".join([*lines, "", ""]).encode("latin-1") + content)

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
    """Virtual hosts on one port. `answers` goes by "host/path", else by "/path"; else 404."""

    def __init__(self, answers: dict[str, Answer], address: str = "127.31.0.1") -> None:
        self.answers = answers
        self.log: list[Asked] = []
        self._server = _Server((address, 0), self)
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

    def times(self, path: str) -> list[float]:
        return [one.at for one in self.log if one.path == path]


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


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 20

    def handle(self) -> None:
        for asked in self._requests():
            self.server.web.log.append(asked)
            answers = self.server.web.answers
            host = asked.host.partition(":")[0]
            answer = answers.get(host + asked.path) or answers.get(asked.path) or reply(status=404)
            answer(asked, self._send)

    def _send(self, data: bytes) -> None:
        self.wfile.write(data)

    def _requests(self) -> Iterator[Asked]:
        while line := self.rfile.readline(65_536):
            headers: dict[str, str] = {}
            while (row := self.rfile.readline(65_536).strip()) != b"":
                name, _, value = row.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            path = line.split(b" ")[1].decode("latin-1")
            yield Asked(time.time(), headers.get("host", ""), path, headers)
