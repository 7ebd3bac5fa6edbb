"""Sockets to permitted addresses, under httpx.

In: a host and port that httpcore wants connected. Out: a stream to an address that was looked up for
this very connection and found permitted: between check and connect no name is resolved again, so a
name that answers differently the second time gains nothing. TLS still checks the name.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any, Protocol

import httpcore

from crawler.addresses import AddressRules
from crawler.records import Fault

Clock = Callable[[], float]
LookUp = Callable[[str, int], Awaitable[list[str]]]
"""A resolver: name and port to addresses; it raises `OSError` where there are none."""


class Exchange(Protocol):
    """What wants to hear of a task's request and answer, and may refuse to hear more."""

    def sent(self, at: float) -> None:
        """Take that the request was on its way at that time."""

    def received(self, size: int) -> None:
        """Take that so many bytes came; what is raised ends the answer."""


exchange: ContextVar[Exchange] = ContextVar("exchange")
"""The exchange that the running task is about."""

# Hosts with many addresses are tried at this many, so that a dead host fails within its time-out.
_ADDRESSES_TRIED = 3


class Unreachable(Exception):
    """No connection was made; `fault` says why in the words of an outcome."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


class Network(httpcore.AsyncNetworkBackend):
    """Connects to permitted addresses and to nothing else."""

    def __init__(self, rules: AddressRules, clock: Clock, look_up: LookUp | None = None) -> None:
        self._rules = rules
        self._clock = clock
        self._look_up = look_up or system_look_up

    async def addresses(self, host: str, port: int) -> tuple[tuple[str, int], ...]:
        """Addresses and port for this host after the `resolve` map; `Unreachable` where it has none."""
        name, port = self._rules.target(host, port)
        try:
            return ((str(ip_address(name)), port),)
        except ValueError:
            pass
        try:
            found = await self._look_up(name, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable("dns", f"{name}: {error}") from None
        return tuple(dict.fromkeys((address, port) for address in found))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first permitted address that answers."""
        try:
            async with asyncio.timeout(timeout):
                found = await self.addresses(host, port)
                permitted = [place for place in found if self._rules.permits(place[0])]
                if not permitted:
                    raise Unreachable(
                        "refused_address", f"{host} is at {found[0][0]}, not a public address"
                    )
                return await self._connect(permitted[:_ADDRESSES_TRIED])
        except TimeoutError:
            raise Unreachable("timeout", "no connection in time") from None

    async def _connect(self, places: list[tuple[str, int]]) -> "_Stream":
        refusal = ""
        for address, port in places:
            try:
                return await _opened(address, port, self._clock)
            except OSError as error:
                refusal = error.strerror or str(error)
        raise Unreachable("connect", refusal)


async def system_look_up(name: str, port: int) -> list[str]:
    """The name's addresses as the system's resolver knows them, asked in a thread of its own.

    A resolver that hangs must neither keep other hosts' names waiting, as in a pool of threads, nor the
    process from ending.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def deliver(addresses: list[str], error: Exception | None) -> None:
        if found.done():
            return
        if error:
            found.set_exception(error)
        else:
            found.set_result(addresses)

    def work() -> None:
        addresses: list[str] = []
        failure: Exception | None = None
        try:
            rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            addresses = [str(row[4][0]) for row in rows]
        except (OSError, UnicodeError) as error:
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, addresses, failure)

    threading.Thread(target=work, name=f"resolve {name}", daemon=True).start()
    return await found


async def _opened(address: str, port: int, clock: Clock) -> "_Stream":
    """A connection to this address (`asyncio.open_connection` with our own reader)."""
    loop = asyncio.get_running_loop()
    reader = _Reader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, address, port)
    return _Stream(reader, asyncio.StreamWriter(transport, protocol, reader, loop), clock)


class _Reader(asyncio.StreamReader):
    """A reader that knows how many bytes came that nobody has read yet."""

    unread = 0

    def feed_data(self, data: Any) -> None:
        self.unread += len(data)
        super().feed_data(data)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that remembers when it was last written to (`wrote_at`)."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._wrote_at = 0.0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            try:
                async with asyncio.timeout(timeout):
                    data = await self._reader.read(max_bytes)
            except TimeoutError:
                # What came while another host's listing kept us busy did come in time.
                async with asyncio.timeout(0):
                    data = await self._reader.read(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout("no answer in time") from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._reader.unread -= len(data)
        watched = exchange.get(None)
        if watched:
            watched.received(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError:
            raise httpcore.WriteTimeout("request not taken in time") from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error
        self._wrote_at = self._clock()
        watched = exchange.get(None)
        if watched:
            watched.sent(self._wrote_at)

    async def aclose(self) -> None:
        # Not `close`: that would wait for a peer's TLS farewell, and may wait for good.
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError:
            self._writer.transport.abort()
            raise Unreachable("timeout", "no TLS handshake in time") from None
        except (OSError, ssl.CertificateError) as error:
            self._writer.transport.abort()
            raise Unreachable("tls", getattr(error, "verify_message", "") or str(error)) from None
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # What came unasked (a 408 to the idle, say) would be taken for the next request's answer.
            came = self._reader.unread > 0
            return came or self._reader.at_eof() or self._writer.is_closing()
        if info == "wrote_at":
            return self._wrote_at
        if info == "server_addr":
            return self._writer.get_extra_info("peername")
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        return None
