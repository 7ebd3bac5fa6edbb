"""A server that is never the bottleneck: prepared answers, a fixed latency, and a log of counts.

In: hosts with their documents. Out: a process of its own on loopback; `FastWeb` starts it, and asks it
who was asked what. Hosts are told apart by the Host header. One asyncio protocol, no parsing beyond the
request line and that header: some 30 µs of CPU a request.
"""

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

ADDRESS = "127.40.0.1"
# Seconds: the server ends by itself, should whoever started it be killed.
_LONGEST = 1800


class Document(NamedTuple):
    """What stands at a path; `packed` is the gzipped body, sent to those who take it."""

    content_type: str
    body: bytes
    packed: bytes = b""


Web = Mapping[str, Mapping[str, Document]]
"""Documents by host (without the port) and path."""


class Asked(NamedTuple):
    """What the server saw since it was last asked; `found` are the distinct URLs at which something stands.

    `most_at_once` is of the host that had most, `seconds` from the first request to the last answer, `cpu`
    the server's own seconds.
    """

    requests: int
    urls: frozenset[str]
    found: int
    repeats: int
    most_at_once: int
    seconds: float
    cpu: float
    agents: frozenset[str]


class FastWeb:
    """The server's process while the context is open; `make` gives the web for the port it is on."""

    def __init__(self, make: Callable[[int], Web], latency: float, folder: Path) -> None:
        self._socket = socket.create_server((ADDRESS, 0), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._documents = folder / "web.pickle"
        self._documents.write_bytes(pickle.dumps(make(self.port)))
        self._latency = latency

    def __enter__(self) -> Self:
        number = self._socket.fileno()
        words = ["-m", "tests.bench.fastweb", str(number), str(self._documents), str(self._latency)]
        self._process = subprocess.Popen(
            [sys.executable, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(number,),
        )
        self._socket.close()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def asked(self) -> Asked:
        """What was asked since the last call."""
        questions, answers = self._process.stdin, self._process.stdout
        assert questions is not None
        assert answers is not None
        questions.write(b"asked\n")
        questions.flush()
        told = json.loads(answers.readline())
        sets = {name: frozenset(told[name]) for name in ("urls", "agents")}
        return Asked(**told | sets)


class _Seen:
    """The log between two questions."""

    def __init__(self) -> None:
        self.urls: Counter[str] = Counter()
        self.missing: set[str] = set()
        self.agents: set[str] = set()
        self.open: defaultdict[str, int] = defaultdict(int)
        self.most = 0
        self.first = self.last = 0.0
        self.cpu = time.process_time()

    def told(self) -> bytes:
        known = {
            "requests": self.urls.total(),
            "urls": sorted(self.urls),
            "found": len(self.urls) - len(self.missing),
            "repeats": self.urls.total() - len(self.urls),
            "most_at_once": self.most,
            "seconds": self.last - self.first,
            "cpu": time.process_time() - self.cpu,
            "agents": sorted(self.agents),
        }
        return json.dumps(known).encode() + b"\n"


class _Server:
    def __init__(self, web: Web, latency: float) -> None:
        self.latency = latency
        self.seen = _Seen()
        self.answers = {
            (host.encode(), path.encode(), packed): _answer(document, packed=packed)
            for host, documents in web.items()
            for path, document in documents.items()
            for packed in (False, True)
        }


class _Connection(asyncio.Protocol):
    def __init__(self, server: _Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while (end := self._pending.find(b"\r\n\r\n")) >= 0:
            head, self._pending = self._pending[:end], self._pending[end + 4 :]
            self._ask(head)

    def _ask(self, head: bytes) -> None:
        line, *rows = head.split(b"\r\n")
        headers = dict(_header(row) for row in rows)
        host = headers.get(b"host", b"").partition(b":")[0].lower()
        path = line.split(b" ")[1]
        packed = b"gzip" in headers.get(b"accept-encoding", b"")
        seen = self._server.seen
        name = host.decode()
        url = name + path.decode()
        seen.urls[url] += 1
        seen.agents.add(headers.get(b"user-agent", b"").decode())
        seen.open[name] += 1
        seen.most = max(seen.most, seen.open[name])
        seen.first = seen.first or time.monotonic()
        answer = self._server.answers.get((host, path, packed))
        if answer is None:
            seen.missing.add(url)
            answer = _MISSING
        self._loop.call_later(self._server.latency, self._send, name, answer, seen)

    def _send(self, host: str, answer: bytes, seen: _Seen) -> None:
        seen.open[host] -= 1
        seen.last = time.monotonic()
        self._transport.write(answer)


def _header(row: bytes) -> tuple[bytes, bytes]:
    name, _, value = row.partition(b":")
    return name.lower(), value.strip()


def _answer(document: Document, *, packed: bool) -> bytes:
    coded = packed and bool(document.packed)
    body = document.packed if coded else document.body
    coding = b"Content-Encoding: gzip\r\n" if coded else b""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {document.content_type}\r\n"
    return head.encode() + coding + b"Content-Length: %d\r\n\r\n" % len(body) + body


_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n"


async def _serve(listening: socket.socket, web: Web, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = _Server(web, latency)
    await loop.create_server(lambda: _Connection(server), sock=listening)
    questions = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    async with asyncio.timeout(_LONGEST):
        while await questions.readline():
            sys.stdout.buffer.write(server.seen.told())
            sys.stdout.buffer.flush()
            server.seen = _Seen()


def main() -> None:
    """Serve until nobody can ask any more."""
    documents = pickle.loads(Path(sys.argv[2]).read_bytes())
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1])), documents, float(sys.argv[3])))


if __name__ == "__main__":
    main()
