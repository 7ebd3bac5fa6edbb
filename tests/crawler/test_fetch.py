import asyncio
import gzip
import ssl
import threading
import time
from itertools import count
from pathlib import Path
from socket import socket

import brotli
import msgspec
import pytest
import zstandard

from crawler.addresses import AddressRules
from crawler.drive import SteadyClock
from crawler.fetch import Fetcher
from crawler.manners import agent_line
from crawler.records import CaptureKind, CrawlSettings, Due, Fetch, Outcome, RobotsVerdict
from tests.crawler.loopback import Answer, Asked, Loopback, Send, endless, raw, reply, slow

HERE = Path(__file__).parent
PAGE = b"<html><p>A story.</p></html>"
SETTINGS = CrawlSettings(
    contact="crawler@uni.example",
    bot_page="https://uni.example/bot",
    allow_networks=("127.31.0.0/16",),
    max_page_bytes=100_000,
    first_byte_timeout=0.4,
    total_timeout=0.8,
)


PATIENT = msgspec.structs.replace(
    SETTINGS, max_page_bytes=50_000_000, first_byte_timeout=9.0, total_timeout=9.0
)


def get(
    web: Loopback,
    url: str = "http://a.example/page",
    kind: CaptureKind = "article",
    *,
    settings: CrawlSettings = SETTINGS,
    tls: ssl.SSLContext | None = None,
    times: int = 1,
    **due: str,
) -> Outcome:
    """What came of the last of so many requests for this URL, with every name at the server."""
    rules = AddressRules(settings.allow_networks, settings.resolve or _everywhere(web.address))

    async def go() -> Outcome:
        agent = agent_line(settings)
        fetcher = Fetcher(
            settings, rules, agent, SteadyClock(), tls or ssl.create_default_context()
        )
        try:
            ask = msgspec.structs.replace(Due(url, kind), **due)
            for n in range(times):
                await asyncio.sleep(0.2 if n else 0)  # as a delay between requests would
                outcome = await fetcher.fetch(Fetch(n, ask, "a.example", RobotsVerdict()))
        finally:
            await fetcher.close()
        return outcome

    return asyncio.run(go())


def _everywhere(address: str) -> dict[str, str]:
    return dict.fromkeys(("a.example", "b.example", "tls.example"), address)


def answering(answer: Answer) -> Loopback:
    return Loopback({"/page": answer})


def test_what_came_while_the_process_was_busy_came_in_time() -> None:
    with Loopback({"/page": slow(0.1, reply(PAGE))}) as web:
        rules = AddressRules(SETTINGS.allow_networks, _everywhere(web.address))

        async def go() -> Outcome:
            fetcher = Fetcher(SETTINGS, rules, agent_line(SETTINGS), SteadyClock())
            asyncio.get_running_loop().call_later(0.05, time.sleep, 0.6)
            try:
                ask = Fetch(0, Due("http://a.example/page"), "a.example", RobotsVerdict())
                return await fetcher.fetch(ask)
            finally:
                await fetcher.close()

        assert asyncio.run(go()).body == PAGE


@pytest.mark.parametrize(
    "greeting",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"],
)
def test_greetings_without_end_are_listened_to_for_a_quarter_of_a_megabyte(greeting: bytes) -> None:
    with Loopback({"/page": endless(b"", greeting * 1_000)}) as web:
        outcome = get(web, settings=PATIENT)
    assert (outcome.fault, outcome.status) == ("protocol", 0)
    assert "before the body" in outcome.detail


def test_a_body_in_crumbs_is_not_read_to_the_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with Loopback({"/page": endless(head, b"1\r\nx\r\n" * 1_000)}) as web:
        outcome = get(web, settings=PATIENT)
    assert (outcome.fault, outcome.detail) == ("protocol", "sent in crumbs")


def test_a_validator_goes_back_byte_for_byte() -> None:
    with Loopback({"/page": reply(status=304)}) as web:
        outcome = get(web, etag='"caf\xe9"')
        assert web.log[0].headers["if-none-match"] == '"caf\xe9"'
    assert outcome.status == 304


def test_a_page_comes_with_status_headers_body_and_address() -> None:
    with answering(reply(PAGE, ETag='"1"', Content_Type="text/html")) as web:
        got = get(web)
    assert (got.status, got.fault, got.body, got.raw) == (200, "", PAGE, PAGE)
    assert (got.header("etag"), got.header("content-type")) == ('"1"', "text/html")
    assert (got.address, got.private) == ("127.31.0.1", True)
    assert got.started_at <= got.sent_at <= got.ended_at


def test_every_request_says_who_we_are_and_asks_with_validators() -> None:
    with answering(reply(status=304)) as web:
        got = get(web, etag='"1"', last_modified="Mon, 23 Nov 2026 06:00:00 GMT")
        headers = web.log[0].headers
    assert got.status == 304
    assert headers["user-agent"] == (
        "WireCorpusBot/0.1 (+https://uni.example/bot; crawler@uni.example)"
    )
    assert headers["from"] == "crawler@uni.example"
    assert headers["host"] == "a.example"
    assert headers["if-none-match"] == '"1"'
    assert headers["if-modified-since"] == "Mon, 23 Nov 2026 06:00:00 GMT"
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert dict(got.request_headers)["Host"] == "a.example"


def test_no_validators_are_sent_where_none_are_known() -> None:
    with answering(reply(PAGE)) as web:
        get(web)
        assert not {"if-none-match", "if-modified-since"} & set(web.log[0].headers)


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstandard.ZstdCompressor().compress(PAGE)),
    ],
    ids=["gzip", "br", "zstd"],
)
def test_codings_are_undone_and_the_raw_body_is_kept(coding: str, coded: bytes) -> None:
    with answering(reply(coded, Content_Encoding=coding, chunked=True)) as web:
        got = get(web)
    assert (got.body, got.raw, got.fault) == (PAGE, coded, "")


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(50 << 20), mtime=0)),
        ("br", brotli.compress(bytes(50 << 20), quality=4)),
        ("zstd", zstandard.ZstdCompressor().compress(bytes(50 << 20))),
    ],
    ids=["gzip", "br", "zstd"],
)
def test_a_bomb_is_cut_at_the_page_limit(coding: str, bomb: bytes) -> None:
    with answering(reply(bomb, Content_Encoding=coding)) as web:
        got = get(web)
    assert (got.fault, got.truncated, len(got.body)) == ("too_large", True, 100_000)


def test_an_endless_body_is_cut_at_the_page_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    with answering(endless(head, b"x" * 8_192)) as web:
        got = get(web)
    assert (got.fault, got.truncated, len(got.raw)) == ("too_large", True, 100_000)


def test_robots_txt_is_read_as_far_as_half_a_megabyte() -> None:
    with answering(reply(b"#" * 600_000)) as web:
        got = get(web, kind="robots")
    assert (got.status, got.truncated, len(got.body)) == (200, True, 512 * 1024)


def test_a_film_is_not_fetched_though_it_never_ends() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
    with answering(endless(head, b"x" * 8_192)) as web:
        got = get(web)
    assert (got.fault, got.truncated, len(got.raw)) == ("wrong_type", True, 64 * 1024)


def test_a_body_that_is_not_coded_as_it_says_is_a_fault() -> None:
    with answering(reply(PAGE, Content_Encoding="gzip")) as web:
        assert get(web).fault == "bad_encoding"


def test_a_host_that_does_not_answer_costs_the_first_byte_time_out() -> None:
    with answering(slow(3, reply(PAGE))) as web:
        assert get(web).fault == "timeout"


def test_a_dripping_body_costs_the_total_time_out() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
    with answering(endless(head, b"x", pause=0.1)) as web:
        assert get(web).fault == "timeout"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "disconnected"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "disconnected"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 200_000 + b"\r\n\r\n", "protocol"),
        (b"\x16\x03\x01\x00\xa5\x01\x00", "protocol"),
    ],
    ids=["nothing", "short body", "bad chunk", "ssh", "endless header", "tls"],
)
def test_a_server_that_does_not_speak_http_is_a_fault(data: bytes, fault: str) -> None:
    with answering(raw(data)) as web:
        assert get(web).fault == fault


def test_nobody_listening_is_a_fault() -> None:
    with Loopback({}) as web:
        pass
    assert get(web).fault == "connect"


def test_a_name_that_does_not_resolve_is_a_fault() -> None:
    with Loopback({}) as web:
        got = get(web, "http://no-such-host.invalid/page")
    assert got.fault == "dns"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1"],
)
def test_an_internal_address_is_not_connected_to_however_it_is_spelt(host: str) -> None:
    with Loopback({"/page": reply(PAGE)}, address="127.0.0.1") as web:
        port = web.address.rpartition(":")[2]
        got = get(web, f"http://{host}:{port}/page")
        assert (got.fault, web.log) == ("refused_address", [])


def test_the_resolve_map_opens_no_network() -> None:
    closed = msgspec.structs.replace(SETTINGS, allow_networks=())
    with answering(reply(PAGE)) as web:
        assert get(web, settings=closed).fault == "refused_address"
        assert web.log == []


def test_redirects_are_not_followed() -> None:
    with answering(reply(status=302, Location="http://b.example/page")) as web:
        got = get(web)
    assert (got.status, got.header("location"), len(web.log)) == (302, "http://b.example/page", 1)


def test_cookies_are_not_kept() -> None:
    with answering(reply(PAGE, Set_Cookie="id=1")) as web:
        get(web, times=2)
        assert [asked.headers.get("cookie") for asked in web.log] == [None, None]


def test_headers_outside_ascii_survive() -> None:
    with answering(reply(PAGE, X_Byline="Zoë")) as web:
        assert get(web).header("x-byline") == "Zoë"


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    with answering(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as web:
        got = get(web, times=3)
    assert (got.fault, got.body) == ("", b"ok")


_SENT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "answer",
    [
        _SENT + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
        _SENT + b"k, and more than it said",
        b"HTTP/1.1 304 Not Modified\r\n\r\n<p>with a body",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + _SENT,
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_what_comes_beyond_an_answer_is_not_taken_for_the_next(answer: bytes, late: bool) -> None:
    turn = count()

    def first_more(_: Asked, send: Send) -> None:
        if next(turn):
            send(_SENT)
        elif late:
            send(_SENT)
            time.sleep(0.05)
            send(answer)
        else:
            send(answer)

    with answering(first_more) as web:
        got = get(web, times=2)
        assert (got.fault, got.status, got.body) == ("", 200, b"ok")
        assert (len(web.log), len(web.connections)) == (2, 2)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_connection_serves_all_requests_to_a_host(chunked: bool) -> None:
    with answering(reply(PAGE, chunked=chunked)) as web:
        assert get(web, times=3).body == PAGE
        assert len(web.connections) == 1


def _tls_server(listener: socket, stop: threading.Event) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "tls_cert.pem", HERE / "tls_key.pem")
    listener.settimeout(0.05)
    while not stop.is_set():
        try:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65_536)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            continue


@pytest.mark.parametrize(
    ("host", "trusted", "fault"),
    [("tls.example", True, ""), ("tls.example", False, "tls"), ("b.example", True, "tls")],
)
def test_certificates_are_checked_against_the_name(host: str, trusted: bool, fault: str) -> None:
    listener = socket()
    listener.bind(("127.31.0.2", 0))
    listener.listen()
    place = f"127.31.0.2:{listener.getsockname()[1]}"
    stop = threading.Event()
    thread = threading.Thread(target=_tls_server, args=(listener, stop))
    thread.start()
    tls = ssl.create_default_context(cafile=HERE / "tls_cert.pem" if trusted else None)
    settings = msgspec.structs.replace(SETTINGS, resolve={host: place})
    try:
        with Loopback({}) as web:
            got = get(web, f"https://{host}/page", settings=settings, tls=tls)
    finally:
        stop.set()
        thread.join()
        listener.close()
    assert (got.fault, got.body) == (fault, b"" if fault else b"ok")
