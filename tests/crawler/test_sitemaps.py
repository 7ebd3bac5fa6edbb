import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import Unreadable
from crawler.sitemaps import MAX_DECODED_BYTES, Sitemap, SitemapRef, SitemapUrl, parse_sitemap

CASES = Path(__file__).parents[3] / "shared/data/conformance/sitemaps"
URL = "https://news.example/maps/today.xml"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(body: str | bytes, max_urls: int = 50_000) -> Sitemap:
    found = parse_sitemap(body.encode() if isinstance(body, str) else body, URL, max_urls)
    assert isinstance(found, Sitemap), found
    return found


def addresses(body: str | bytes) -> list[str]:
    return [page.url for page in sitemap(body).urls]


def urlset(*addresses: str) -> str:
    pages = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {NAMESPACE}>{pages}</urlset>"


# --------------------------------------------------------------------------------------- content


def test_a_news_sitemap_says_when_and_what() -> None:
    found = sitemap(
        f"""<?xml version="1.0"?><urlset {NAMESPACE} xmlns:n="urn:news" xmlns:image="urn:image">
        <url><lastmod>2026-11-23T08:15:00+01:00</lastmod><loc> /2026/11/23/ferry </loc>
          <image:image><image:loc>https://img.example/1</image:loc></image:image>
          <n:news><n:publication_date>2026-11-22</n:publication_date>
            <n:title>Ferry &amp;amp; <![CDATA[rail]]></n:title></n:news></url>
        <url><loc>https://other.example/mill</loc><lastmod>soon</lastmod></url>
        </urlset>"""
    )
    assert found == Sitemap(
        urls=(
            SitemapUrl(
                url="https://news.example/2026/11/23/ferry",
                lastmod="2026-11-23T07:15:00Z",
                published="2026-11-22T00:00:00Z",
                title="Ferry & rail",
            ),
            SitemapUrl(url="https://other.example/mill"),
        ),
        kind="urlset",
    )


def test_an_index_names_sitemaps() -> None:
    found = sitemap(
        f"<sitemapindex {NAMESPACE}><sitemap><loc>a.xml.gz</loc><lastmod>2026-11-23</lastmod>"
        "</sitemap><sitemap><loc>mailto:x</loc></sitemap><sitemap/></sitemapindex>"
    )
    assert found.kind == "index"
    assert found.urls == ()
    assert found.children == (
        SitemapRef("https://news.example/maps/a.xml.gz", "2026-11-23T00:00:00Z"),
    )


def test_a_text_file_lists_one_url_a_line() -> None:
    found = sitemap("\ufeffhttps://news.example/a\r\n\r\nnot a url\n HTTPS://news.example/b \n")
    assert [page.url for page in found.urls] == ["https://news.example/a", "https://news.example/b"]
    assert (found.kind, found.truncated) == ("text", False)
    assert len(addresses("https://news.example/a\rhttps://news.example/b")) == 2


def test_a_feed_may_serve_as_sitemap() -> None:
    found = sitemap(
        "<?xml version='1.0'?><rss><channel><item><link>/a</link><title>A</title>"
        "<pubDate>Mon, 23 Nov 2026 08:15:00 GMT</pubDate></item></channel></rss>"
    )
    assert found.kind == "feed"
    assert found.urls == (
        SitemapUrl("https://news.example/a", published="2026-11-23T08:15:00Z", title="A"),
    )


@pytest.mark.parametrize("namespace", ["", 'xmlns="urn:nobody"', 'xmlns="http://x/0.84"'])
def test_the_namespace_does_not_matter(namespace: str) -> None:
    assert addresses(urlset("https://news.example/a").replace(NAMESPACE, namespace)) == [
        "https://news.example/a"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_byte_order_marks_and_utf_16(encoding: str) -> None:
    text = urlset("https://news.example/é").replace(" encoding='UTF-8'", "")
    body = text.encode(encoding)
    marked = b"\xfe\xff" + body if encoding == "utf-16-be" else body
    assert addresses(marked) == ["https://news.example/é"]


# ---------------------------------------------------------------------------------------- damage


def test_what_is_cut_short_yields_what_came_before() -> None:
    text = urlset("https://news.example/a", "https://news.example/b", "https://news.example/c")
    for end in range(text.index("/b") + 2, len(text) - 1):
        found = sitemap(text[:end])
        assert found.truncated
        assert [p.url[-1] for p in found.urls] in (["a"], ["a", "b"], ["a", "b", "c"])
    assert not sitemap(text).truncated


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<url><loc>/q?a=1&b=2</loc></url><url><loc>/z</loc></url>", ["/q?a=1&b=2", "/z"]),
        ("<url><loc><![CDATA[/q?a=1&b=2]]></loc></url>", ["/q?a=1&b=2"]),
        ("<url><loc>/a</loc><n:title>x</n:title></url><url><loc>/z</loc></url>", ["/a", "/z"]),
        ("<url><loc>/a</loc><t>&nbsp;\x0b</t></url><url><loc>/z</loc></url>", ["/a", "/z"]),
        ("<url><loc>/a</loc><t>\xff</t></url><url><loc>/z</loc></url>", ["/a", "/z"]),
        ("<url><loc>/a</loc></url><url><loc>/z</loc></url></wrong>", ["/a", "/z"]),
        (
            "<url><loc>/a</loc></url><!-- <url> --><?pi?><url><loc>/z<!--x--></loc></url>",
            ["/a", "/z"],
        ),
    ],
)
def test_one_bad_entry_does_not_cost_the_others(inside: str, expected: list[str]) -> None:
    found = addresses(f"<urlset>{inside}</urlset>".encode("latin-1"))
    assert found == [f"https://news.example{path}" for path in expected]


def test_gzip_is_known_by_its_bytes() -> None:
    body = gzip.compress(urlset("https://news.example/a").encode())
    assert addresses(body) == ["https://news.example/a"]
    assert not sitemap(body).truncated


def test_damaged_gzip_yields_what_came_before() -> None:
    text = urlset(*(f"https://news.example/{n * 7919 % 10_007}" for n in range(5_000)))
    body = gzip.compress(text.encode())
    cut = sitemap(body[: len(body) // 2])
    broken = sitemap(body[: len(body) // 2] + b"\xff" * 100 + body[len(body) // 2 + 100 :])
    assert cut.truncated
    assert broken.truncated
    assert 1_000 < len(cut.urls) < 5_000
    assert [page.url for page in cut.urls] == addresses(text)[: len(cut.urls)]


# ---------------------------------------------------------------------------------------- limits


def test_no_more_urls_than_asked_for() -> None:
    text = urlset(*(f"https://news.example/{n}" for n in range(20)))
    assert (len(sitemap(text, 5).urls), sitemap(text, 5).truncated) == (5, True)
    assert (len(sitemap(text, 20).urls), sitemap(text, 20).truncated) == (20, False)
    listed = "\n".join(f"https://news.example/{n}" for n in range(20))
    assert (len(sitemap(listed, 5).urls), sitemap(listed, 5).truncated) == (5, True)
    items = "".join(f"<item><link>/{n}</link></item>" for n in range(20))
    as_feed = f"<rss><channel>{items}</channel></rss>"
    assert (len(sitemap(as_feed, 5).urls), sitemap(as_feed, 5).truncated) == (5, True)


def test_a_gzip_bomb_is_read_up_to_the_limit() -> None:
    bomb = gzip.compress(
        urlset("https://news.example/a").encode()[:-9] + b" " * 2 * MAX_DECODED_BYTES
    )
    tracemalloc.start()
    found = sitemap(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.truncated
    assert [page.url for page in found.urls] == ["https://news.example/a"]
    assert peak < 5 * MAX_DECODED_BYTES


@pytest.mark.parametrize(
    "inside",
    ["<url>" + "<image/>" * 6_000 + "</url>", "<junk/>" * 1_000_001],
    ids=["entry", "root"],
)
def test_junk_elements_end_the_reading(inside: str) -> None:
    found = sitemap(f"<urlset><url><loc>/a</loc></url>{inside}<url><loc>/z</loc></url></urlset>")
    assert found.truncated
    assert [page.url for page in found.urls] == ["https://news.example/a"]


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "hahahahaha">'
    for n in range(12)
)


def test_a_billion_laughs_cost_nothing() -> None:
    pages = urlset("https://news.example/&l11;", "https://news.example/b").partition("?>")[2]
    tracemalloc.start()
    found = parse_sitemap(f"<!DOCTYPE x [{LAUGHS}]>{pages}".encode(), URL)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    assert "haha" not in repr(found)


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret", encoding="utf-8")
    for broken in ("", "</wrong>"):
        found = parse_sitemap(
            f"<!DOCTYPE x [<!ENTITY e SYSTEM '{secret.as_uri()}'>]><urlset><url>"
            f"<loc>https://news.example/&e;</loc></url>{broken}</urlset>".encode(),
            URL,
        )
        assert "the-secret" not in repr(found)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"\x1f\x8b", "empty"),
        (b"<!doctype html><html><p>Not found", "no sitemap: no XML"),
        (b"<html/>", "no sitemap: a document of <html>"),
        (b"<", "no sitemap: no XML"),
        (b"Not found", "no sitemap: neither XML nor a list of URLs"),
        (b"https://news.example/" + b"a" * 9_000, "no sitemap: neither XML nor a list of URLs"),
        (b"<urlset " + b"a" * 50_000, "no sitemap: a tag of over 50,000 bytes"),
    ],
)
def test_what_is_no_sitemap_says_why(body: bytes, reason: str) -> None:
    assert parse_sitemap(body, URL) == Unreadable(reason)


PIECES = [
    b"<urlset>", b"</urlset>", b"<url>", b"</url>", b"<loc>", b"</loc>", b"http://[x", b"/a", b"&",
    b"&#xFFFFFF;", b"<![CDATA[", b"]]>", b"<sitemapindex>", b"<sitemap>", b"<news>", b"<!--", b"\x00",
    b"<lastmod>2026-99-99</lastmod>", b"\xff\xfe", b"<!DOCTYPE x [", b"<?xml version='1.0'?>", b"<rss>",
    b"\x1f\x8b\x08", b"https://news.example/a\n", b"<a b='",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_no_bytes_raise(body: bytes) -> None:
    for document in (body, b"<urlset><url><loc>/a</loc></url>" + body, gzip.compress(body)):
        assert isinstance(parse_sitemap(document, URL), Sitemap | Unreadable)
        assert isinstance(parse_sitemap(document, ":"), Sitemap | Unreadable)


@pytest.mark.skipif(not CASES.exists(), reason="the conformance cases are not in the repository")
def test_the_conformance_cases_list_the_same_pages() -> None:
    wrong = []
    for line in (CASES / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["kind"] == "any":
            continue
        found = parse_sitemap((CASES / case["file"]).read_bytes(), case["url"])
        kind = "none" if isinstance(found, Unreadable) else found.kind
        pages = [] if isinstance(found, Unreadable) else [page.url for page in found.urls]
        refs = [] if isinstance(found, Unreadable) else [ref.url for ref in found.children]
        urls = [url for url in pages + refs if url not in case.get("optional_urls", ())]
        if kind != case["kind"] or urls != [entry["url"] for entry in case["entries"]]:
            wrong.append((case["id"], kind, urls[:3]))
    assert wrong == []
