"""The made-up web's server: many hosts on one loopback address, told apart by the Host header.

In: requests over HTTP/1.1. Out: the resources of `site.py`, with validators, compression and an access
log; faults are switched on a host for tests. It listens on loopback only.
"""

import gzip
import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Self

import msgspec

from tests.newsweb.content import outlets
from tests.newsweb.site import Resource, missing, resources

ADDRESS = "127.10.0.1"


class Access(msgspec.Struct, frozen=True):
    """A line of the access log; `time` is Unix seconds, `bytes` the body's length on the wire."""

    time: float
    host: str
    path: str
    method: str
    status: int
    bytes: int
    if_none_match: str
    if_modified_since: str
    user_agent: str
    from_: str = msgspec.field(name="from")

    @property
    def has_validators(self) -> bool:
        """Whether the request was conditional."""
        return bool(self.if_none_match or self.if_modified_since)


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a host: it answers `status`, answers late, or closes without an answer."""

    status: int = 0
    delay: float = 0.0
    reset: bool = False
    retry_after: str = ""
    prefix: str = "/"


class NewsWeb:
    """The web on a port of the loopback address, serving while the context is open.

    `log` holds what was asked so far. `log_file` gets the same as JSON lines. `OSError` when the port
    is taken.
    """

    def __init__(
        self, day: int = 1, address: str = ADDRESS, port: int = 0, log_file: Path | None = None
    ) -> None:
        self.day = day
        self.log: list[Access] = []
        self._faults: dict[str, Fault] = {}
        self._log_file = log_file
        self._lock = Lock()
        self._server = _Server((address, port), self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """The address and port, as "address:port"."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def resolve(self) -> dict[str, str]:
        """Every host's entry for `[crawl] resolve`."""
        return {f"{outlet.host}:80": self.address for outlet in outlets()}

    def set_day(self, day: int) -> None:
        """From now on serve the web as it is on that day."""
        self.day = day

    def break_host(
        self,
        host: str,
        status: int = 500,
        *,
        reset: bool = False,
        retry_after: str = "",
        prefix: str = "/",
    ) -> None:
        """From now on the host answers paths under the prefix with the status, or closes (`reset`)."""
        self._faults[host] = Fault(
            status=status, reset=reset, retry_after=retry_after, prefix=prefix
        )

    def slow_host(self, host: str, delay: float, *, prefix: str = "/") -> None:
        """From now on the host waits so many seconds before it answers."""
        self._faults[host] = Fault(delay=delay, prefix=prefix)

    def mend_host(self, host: str) -> None:
        """The host is well again."""
        self._faults.pop(host, None)

    def requests(self, host: str = "", path: str = "") -> Iterator[Access]:
        """The log so far, of one host, of one path."""
        with self._lock:
            seen = tuple(self.log)
        return (a for a in seen if (not host or a.host == host) and (not path or a.path == path))

    def fault_of(self, host: str, path: str) -> Fault:
        """What is wrong with this host at this path; an empty `Fault` when nothing is."""
        fault = self._faults.get(host, Fault())
        return fault if path.startswith(fault.prefix) else Fault()

    def note(self, access: Access) -> None:
        """Add a line to the log."""
        with self._lock:
            self.log.append(access)
            if self._log_file:
                with self._log_file.open("ab") as file:
                    file.write(msgspec.json.encode(access) + b"\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], web: NewsWeb) -> None:
        self.web = web
        self.hosts = frozenset(outlet.host for outlet in outlets())
        super().__init__(address, _Handler)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """A client that hangs up is no news; everything else is shown."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "newsweb/1"
    sys_version = ""
    wbufsize = 65536
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._asked_at = time.time()
        web = self.server.web
        host = (self.headers.get("Host") or "").lower().removesuffix(":80").partition(":")[0]
        fault = web.fault_of(host, self.path)
        if fault.delay:
            time.sleep(fault.delay)
        if fault.reset:
            self._note(host, 0, 0)
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        if fault.status:
            extra = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._answer(
                host, fault.status, b"out of order\n", {"Content-Type": "text/plain"} | extra
            )
        elif host not in self.server.hosts:
            self._answer(host, 421, b"no such host here\n", {"Content-Type": "text/plain"})
        else:
            found = (
                resources(web.day).get((host, self.path)) or self._untracked(host) or missing(host)
            )
            self._send(host, found)

    do_HEAD = do_GET  # noqa: N815  http.server looks for this name

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Quiet: the access log is `NewsWeb.log`."""

    def _untracked(self, host: str) -> Resource | None:
        """The page under a URL with parameters that the outlet's software ignores."""
        path, _, query = self.path.partition("?")
        kept = [p for p in query.split("&") if p.startswith("id=")]
        plain = f"{path}?{'&'.join(kept)}" if kept else path
        return resources(self.server.web.day).get((host, plain))

    def _send(self, host: str, found: Resource) -> None:
        headers = {"Content-Type": found.content_type}
        if found.location:
            self._answer(host, found.status, b"", headers | {"Location": found.location})
            return
        if found.status != 200:
            self._answer(host, found.status, found.body, headers)
            return
        packed = "gzip" in (self.headers.get("Accept-Encoding") or "")
        etag = f'{found.etag[:-1]}-gz"' if packed else found.etag
        headers |= {
            "ETag": etag,
            "Last-Modified": format_datetime(found.modified, usegmt=True),
            "Vary": "Accept-Encoding",
        }
        if self._is_unchanged(found):
            self._answer(host, 304, b"", headers)
        elif packed:
            self._answer(host, 200, _packed(found.body), headers | {"Content-Encoding": "gzip"})
        else:
            self._answer(host, 200, found.body, headers)

    def _is_unchanged(self, found: Resource) -> bool:
        """RFC 9110 13.2.2: If-None-Match decides where it is sent, else If-Modified-Since."""
        if tags := self.headers.get("If-None-Match"):
            plain = (tag.strip().removeprefix("W/").replace('-gz"', '"') for tag in tags.split(","))
            return any(tag in (found.etag, "*") for tag in plain)
        if since := self.headers.get("If-Modified-Since"):
            with suppress(ValueError):
                return found.modified <= parsedate_to_datetime(since).astimezone(UTC)
        return False

    def _answer(self, host: str, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("Server", self.server_version)
        self.send_header("Date", format_datetime(datetime.now(UTC), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        sent = b"" if self.command == "HEAD" else body
        self._note(host, status, len(sent))  # before the answer: whoever has it finds it in the log
        self.wfile.write(sent)
        self.wfile.flush()

    def _note(self, host: str, status: int, sent: int) -> None:
        self.server.web.note(
            Access(
                time=self._asked_at,
                host=host,
                path=self.path,
                method=self.command,
                status=status,
                bytes=sent,
                if_none_match=self.headers.get("If-None-Match") or "",
                if_modified_since=self.headers.get("If-Modified-Since") or "",
                user_agent=self.headers.get("User-Agent") or "",
                from_=self.headers.get("From") or "",
            )
        )


@cache
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def read_log(path: Path) -> tuple[Access, ...]:
    """The access log of an earlier server."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(msgspec.convert(json.loads(line), Access) for line in lines)
