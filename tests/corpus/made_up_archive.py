"""Crawl runs of the made-up site: WARC files as somebody else's crawler might have left them."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.corpus import made_up_site as site

OTHER = "feature-main"
"""The class of the element that holds the story after a redesign."""


def write_run(
    data: Path, name: str, pages: Iterable[tuple[int, str]], date: str = "2026-11-20"
) -> Path:
    """The WARC of a run: (n, HTML) of pages, fetched minute by minute from noon of the day on."""
    records = [
        _response(site.url(n), f"{date}T12:{minute:02}:00Z", html)
        for minute, (n, html) in enumerate(pages)
    ]
    path = data / "warc" / date / f"{name}.warc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(records))
    return path


def old_make(numbers: Iterable[int]) -> list[tuple[int, str]]:
    """Pages as the site made them first."""
    return [(n, site.page(n)) for n in numbers]


def new_make(numbers: Iterable[int]) -> list[tuple[int, str]]:
    """Pages as it makes them after a redesign."""
    return [(n, site.page(n, container=OTHER)) for n in numbers]


def _response(url: str, date: str, html: str) -> bytes:
    body = html.encode()
    http = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    headers: Mapping[str, str] = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:test:{url}:{date}>",
        "WARC-Target-URI": url,
        "WARC-Date": date,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(http)),
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + http + b"\r\n\r\n"
