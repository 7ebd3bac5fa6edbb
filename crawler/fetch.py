"""One request over the network; httpx's only door.

In: a `Fetch`. Out: an `Outcome`, also for everything that goes wrong: nothing is raised. Redirects
are not followed, nothing is retried, no cookie or cache is kept: all that is the frontier's. A small
client a host, since httpx's cost grows with the pool (measured: half the CPU of one big pool), all with
one TLS context.
"""

import asyncio
import logging
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable

import httpcore
import httpx

from crawler.addresses import AddressRules
from crawler.codings import ACCEPTED, decode
from crawler.network import Clock, LookUp, Network, Unreachable, exchange
from crawler.records import CaptureKind, CrawlSettings, Fault, Fetch, Outcome

_ROBOTS_BYTES = 512 * 1024
_SITEMAP_BYTES = 50_000_000
_MEDIA_BYTES = 64 * 1024
# One answer longer than this, as sent or unfolded, is held in memory at a time; it is some four times a
# usual page. Sitemaps may have 50 MB (sitemaps.org), and any number of hosts may send one at once: measured
# with 120 hosts of endless pages, 100 requests in flight, the crawler takes 310 MiB, and 540 with 4 MB here.
_LONG_BYTES = 1_500_000
# h11 takes 100 KiB of headers at most, but any number of informational answers before them.
_HEAD_BYTES = 256 * 1024
# A chunk costs some 20 µs whatever it holds: a body in chunks of a byte would keep us busy for minutes.
_PIECES = 5_000
_PIECE_BYTES = 32
_CONNECT_SECONDS = 15.0
_KEEP_ALIVE_SECONDS = 30.0
_CLIENTS = 256

_ACCEPT: dict[CaptureKind, str] = {
    "robots": "text/plain, */*;q=0.5",
    "feed": "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    "sitemap": "application/xml, text/xml, text/plain;q=0.8, */*;q=0.5",
}
_ACCEPT_PAGE = "text/html, application/xhtml+xml, */*;q=0.5"
_MEDIA = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip")

_log = logging.getLogger(__name__)
# httpx tells of every request; the run tells of what went wrong.
logging.getLogger("httpx").setLevel(logging.WARNING)


class Fetcher:
    """Requests with our name on them, to permitted addresses only, bounded in bytes and seconds.

    `sent` hears of each request once it is on its way, and since when. `look_up` stands in for the system's
    resolver.
    """

    def __init__(
        self,
        settings: CrawlSettings,
        addresses: AddressRules,
        agent: str,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        sent: Callable[[Fetch, float], None] = lambda _fetch, _at: None,
        look_up: LookUp | None = None,
    ) -> None:
        self._settings = settings
        self._sent = sent
        # RFC 9110 10.1.2: From holds a mailbox; a contact may be a web page instead.
        sender = (("From", settings.contact),) if "@" in settings.contact else ()
        self._who = (("User-Agent", agent), *sender)
        self._clock = clock
        self._rules = addresses
        self._network = Network(addresses, clock, look_up)
        self._tls = tls or httpx.create_ssl_context()
        self._clients: OrderedDict[str, _Transport] = OrderedDict()
        self._busy: dict[str, int] = {}
        self._long = asyncio.Lock()
        self._long_number = 0

    async def fetch(self, fetch: Fetch) -> Outcome:
        """What came of the request."""
        answer = _Answer(fetch, self._headers(fetch), self._clock(), self._sent)
        self._busy[fetch.host] = self._busy.get(fetch.host, 0) + 1
        exchange.set(answer)
        try:
            async with asyncio.timeout(self._settings.total_timeout) as time_out:
                await self._ask(answer, time_out)
        except Exception as error:  # noqa: BLE001  whatever a server can provoke costs its own page only
            answer.fault, answer.detail = _fault_of(error)
        finally:
            self._busy[fetch.host] -= 1
        private = self._rules.is_private(answer.address)
        return answer.outcome(self._clock(), private=private)

    def taken(self, outcome: Outcome) -> None:
        """Learn that nobody holds this outcome's body any more: the next long answer may be read."""
        if self._long_number == outcome.fetch.number and self._long.locked():
            self._long_number = 0
            self._long.release()

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()
        await asyncio.sleep(0)  # aborted transports close their sockets in the loop's next round

    def _headers(self, fetch: Fetch) -> tuple[tuple[str, str], ...]:
        due = fetch.due
        return (
            *self._who,
            ("Accept", _ACCEPT.get(due.kind, _ACCEPT_PAGE)),
            ("Accept-Encoding", ACCEPTED),
            *((("If-None-Match", due.etag),) if due.etag else ()),
            *((("If-Modified-Since", due.last_modified),) if due.last_modified else ()),
        )

    async def _ask(self, answer: "_Answer", time_out: asyncio.Timeout) -> None:
        """Send the request and read the answer, as far as the limits go."""
        due = answer.fetch.due
        settings = self._settings
        times = {
            "connect": _CONNECT_SECONDS,
            "read": settings.first_byte_timeout,
            "write": settings.first_byte_timeout,
            "pool": settings.total_timeout,
        }
        # RFC 9110 5.5: a validator may hold any byte, and goes back as it came.
        headers = [
            (name.encode(), value.encode("latin-1")) for name, value in answer.request_headers
        ]
        request = httpx.Request("GET", due.url, headers=headers, extensions={"timeout": times})
        answer.request_headers = _texts(request.headers.raw)
        client = await self._client(answer.fetch.host)
        # Not through httpx's client, which reads every Location and raises for some.
        response = await client.handle_async_request(request)
        try:
            answer.begin(response)
            limit = self._limit(due.kind, answer)
            pieces = 0
            async for piece in response.aiter_raw():
                answer.raw += piece
                pieces += 1
                if pieces > _PIECES and len(answer.raw) < pieces * _PIECE_BYTES:
                    raise httpcore.RemoteProtocolError("sent in crumbs")
                if len(answer.raw) > limit:
                    answer.cut(limit)
                    break
                if len(answer.raw) > _LONG_BYTES:
                    await self._wait_for_turn(answer, time_out)
        finally:
            await response.aclose()
            await client.drop_spoilt()
        if not answer.decode(min(limit, _LONG_BYTES)):
            if limit > _LONG_BYTES:
                await self._wait_for_turn(answer, time_out)
            answer.decode(limit, cut=True)

    async def _wait_for_turn(self, answer: "_Answer", time_out: asyncio.Timeout) -> None:
        """Be the one long answer that is held; waiting for that is not the host's time."""
        if self._long_number == answer.fetch.number:
            return
        loop = asyncio.get_running_loop()
        left = (time_out.when() or loop.time()) - loop.time()
        time_out.reschedule(None)
        await self._long.acquire()
        self._long_number = answer.fetch.number
        time_out.reschedule(loop.time() + left)

    def _limit(self, kind: CaptureKind, answer: "_Answer") -> int:
        """How many bytes of this answer are read, and of what it unfolds to."""
        if kind == "robots":
            return _ROBOTS_BYTES
        if kind == "sitemap":
            return _SITEMAP_BYTES
        if answer.header("content-type").lower().startswith(_MEDIA):
            answer.fault, answer.detail = "wrong_type", answer.header("content-type")
            return _MEDIA_BYTES
        return self._settings.max_page_bytes

    async def _client(self, host: str) -> "_Transport":
        """The host's own client; the ones longest unused make room."""
        client = self._clients.get(host)
        if client is None:
            client = _Transport(self._network, self._tls, self._settings.per_host)
            self._clients[host] = client
        self._clients.move_to_end(host)
        surplus = len(self._clients) - _CLIENTS
        for old in list(self._clients)[:surplus] if surplus > 0 else ():
            if not self._busy.get(old):
                await self._clients.pop(old).aclose()
        return client


class _Answer:
    """An outcome while it is coming in."""

    def __init__(
        self,
        fetch: Fetch,
        request_headers: tuple[tuple[str, str], ...],
        started_at: float,
        sent: Callable[[Fetch, float], None],
    ) -> None:
        self._tell = sent
        self._head_bytes = 0
        self.fetch = fetch
        self.request_headers = request_headers
        self.started_at = started_at
        self.sent_at = 0.0
        self.fault: Fault = ""
        self.detail = ""
        self.status = 0
        self.reason = ""
        self.version = "HTTP/1.1"
        self.headers: tuple[tuple[str, str], ...] = ()
        self.raw = bytearray()
        self.body = b""
        self.truncated = False
        self.address = ""

    def sent(self, at: float) -> None:
        """Tell that the request is on its way."""
        self._tell(self.fetch, at)

    def received(self, size: int) -> None:
        """Count what comes before the answer has a status: headers, and answers that are none (1xx)."""
        if not self.status:
            self._head_bytes += size
            if self._head_bytes > _HEAD_BYTES:
                raise httpcore.RemoteProtocolError(f"more than {_HEAD_BYTES} bytes before the body")

    def begin(self, response: httpx.Response) -> None:
        """Take status and headers."""
        self.status = response.status_code
        self.reason = response.reason_phrase
        self.version = response.http_version
        self.headers = _texts(response.headers.raw)
        stream = response.extensions["network_stream"]
        self.sent_at = stream.get_extra_info("wrote_at")
        self.address = str(stream.get_extra_info("server_addr")[0])

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def cut(self, limit: int) -> None:
        """Keep this much of the body."""
        del self.raw[limit:]
        self.truncated = True
        self.fault = self.fault or "too_large"
        self.detail = self.detail or f"more than {limit} bytes"

    def decode(self, limit: int, *, cut: bool = False) -> bool:
        """Take the body without its content coding; of one over the limit nothing, unless cut."""
        decoded = decode(bytes(self.raw), self.header("content-encoding"), limit)
        if decoded.truncated and not cut:
            return False
        self.body = decoded.body
        if decoded.fault and not self.truncated:
            self.fault = "bad_encoding"
            self.detail = f"{decoded.fault}: {self.header('content-encoding')}"
        elif decoded.truncated:
            self.cut(limit)
        return True

    def outcome(self, ended_at: float, *, private: bool) -> Outcome:
        """What came of it. Where it is not known when the request was sent, it was just now."""
        outcome = Outcome(
            fetch=self.fetch,
            started_at=self.started_at,
            ended_at=ended_at,
            sent_at=self.sent_at or ended_at,
            fault=self.fault,
            detail=self.detail,
            status=self.status,
            reason=self.reason,
            version=self.version,
            request_headers=self.request_headers,
            headers=self.headers,
            raw=bytes(self.raw),
            body=self.body,
            truncated=self.truncated,
            address=self.address,
            private=private,
        )
        # A connection keeps the context of the task that opened it, and so what that knows: no bodies.
        self.raw, self.body = bytearray(), b""
        return outcome


class _Transport(httpx.AsyncBaseTransport):
    """httpx over httpcore over our own sockets."""

    def __init__(self, network: Network, tls: ssl.SSLContext, per_host: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=per_host,
            max_keepalive_connections=per_host,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=network,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def drop_spoilt(self) -> None:
        """Close the connections on which more came than the answer: it would be taken for the next one."""
        for connection in self._pool.connections:
            if connection.is_idle() and _has_surplus(connection):
                await connection.aclose()

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    """A response's body as it comes in."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def _has_surplus(connection: httpcore.AsyncConnectionInterface) -> bool:
    """Whether h11 holds bytes beyond the answer's end, or cannot be asked: httpcore shows it to nobody."""
    state = getattr(getattr(connection, "_connection", None), "_h11_state", None)
    return state is None or bool(state.trailing_data[0])


def _texts(headers: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Header names and values; RFC 9110 5.5: what is not ASCII is opaque, so any byte must survive."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)


def _fault_of(error: Exception) -> tuple[Fault, str]:
    """The fault that an exception stands for, and its words."""
    words = str(error) or type(error).__name__
    if isinstance(error, Unreachable):
        return error.fault, error.detail
    if isinstance(error, httpcore.RemoteProtocolError) and "connect" in words:
        return "disconnected", words  # "Server disconnected…", "peer closed connection…"
    for kind, fault in _FAULTS:
        if isinstance(error, kind):
            return fault, words
    _log.warning("unexpected fault", exc_info=error)
    return "protocol", f"{type(error).__name__}: {words}"


_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (TimeoutError, "timeout"),
    (httpcore.TimeoutException, "timeout"),
    (httpcore.ProtocolError, "protocol"),
    (httpcore.NetworkError, "disconnected"),
    (httpcore.UnsupportedProtocol, "bad_url"),
    (httpx.InvalidURL, "bad_url"),
)
