import gzip
import json
import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds import Feed, FeedEntry, Unreadable, parse_feed
from crawler.listed_dates import rfc3339
from crawler.references import absolute, plain_text

CASES = Path(__file__).parents[3] / "shared/data/conformance/feeds"
URL = "https://news.example/feeds/world.xml"
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def feed(text: str | bytes, content_type: str = "") -> Feed:
    body = text if isinstance(text, bytes) else text.encode()
    found = parse_feed(body, URL, content_type)
    assert isinstance(found, Feed), found
    return found


def item(inside: str, declarations: str = "") -> FeedEntry:
    """The one entry of an RSS feed with this item."""
    text = f'<rss version="2.0" {declarations}><channel><item>{inside}</item></channel></rss>'
    (entry,) = feed(text).entries
    return entry


def atom_entry(inside: str, attributes: str = "") -> FeedEntry:
    """The one entry of an Atom feed with this entry."""
    (entry,) = feed(f"<feed {ATOM} {attributes}><entry>{inside}</entry></feed>").entries
    return entry


RSS = """<?xml version="1.0"?>
<!-- a feed -->
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
  <title>The Example &amp; Sons Times</title> <link>https://news.example/</link>
  <language>en-gb</language>
  <atom:link rel="next" href="world.xml?page=2"/>
  <item><title><![CDATA[Ferry <b>runs</b> again&nbsp;&amp; again]]></title>
    <link> /2026/11/23/ferry </link><guid isPermaLink="false">f-1</guid>
    <pubDate>Mon, 23 Nov 2026 08:15:00 +0100</pubDate></item>
  <item><title>No link at all</title></item>
  <item><link>mailto:desk@news.example</link></item>
  <item><link>https://news.example/2026/11/22/mill</link><pubDate>yesterday</pubDate></item>
</channel></rss>"""


def test_rss_says_who_what_where_and_when() -> None:
    found = feed(RSS)
    assert (found.title, found.language) == ("The Example & Sons Times", "en-gb")
    assert (found.format, found.malformed) == ("rss", False)
    assert found.next == "https://news.example/feeds/world.xml?page=2"
    assert found.entries == (
        FeedEntry(
            url="https://news.example/2026/11/23/ferry",
            title="Ferry runs again & again",
            published="2026-11-23T07:15:00Z",
            id="f-1",
        ),
        FeedEntry(url="https://news.example/2026/11/22/mill"),
    )


def test_atom_says_who_what_where_and_when() -> None:
    found = feed(
        f"""<feed {ATOM} xml:lang="de"><title type="html">Blatt &amp;amp; Co</title>
        <link rel="next" href="?page=2"/>
        <entry><id>tag:news.example,2026:1</id><title>1 &lt; 2</title>
          <link rel="enclosure" href="/a.mp3"/><link href="/a.json" type="application/json"/>
          <link rel="alternate" type="text/html" href="/a"/>
          <published>2026-11-23T08:15:00.5+01:00</published><updated>2026-11-24</updated></entry>
        </feed>"""
    )
    assert (found.title, found.language, found.format) == ("Blatt & Co", "de", "atom")
    assert found.next == "https://news.example/feeds/world.xml?page=2"
    assert found.entries == (
        FeedEntry(
            url="https://news.example/a",
            title="1 < 2",
            published="2026-11-23T07:15:00Z",
            updated="2026-11-24T00:00:00Z",
            id="tag:news.example,2026:1",
        ),
    )


def test_rdf_has_its_items_beside_the_channel() -> None:
    found = feed(
        """<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel r:about="x"><title>Wire</title><dc:language>fr</dc:language></channel>
        <item r:about="https://news.example/a"><title>A</title><dc:title>no</dc:title>
          <dc:date>2026-11-23T08:15:00Z</dc:date></item></r:RDF>"""
    )
    assert (found.title, found.language, found.format) == ("Wire", "fr", "rdf")
    assert [(e.url, e.title, e.published) for e in found.entries] == [
        ("https://news.example/a", "A", "2026-11-23T08:15:00Z")
    ]


def test_json_feed() -> None:
    text = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Wire",
            "language": "en",
            "next_url": "/feed.json?page=2",
            "items": [
                {"id": 7, "url": "/a", "title": " A  b ", "date_published": "2026-11-23T08:15:00Z"},
                {"id": "https://news.example/b", "date_modified": "2026-11-24T00:00:00Z"},
                {"id": "8"},
                "nonsense",
                {"id": "9", "external_url": "https://other.example/c", "title": None},
            ],
        }
    )
    found = feed("\ufeff" + text)
    assert (found.title, found.language, found.format) == ("Wire", "en", "json")
    assert found.next == "https://news.example/feed.json?page=2"
    assert found.entries == (
        FeedEntry("https://news.example/a", "A b", "2026-11-23T08:15:00Z", None, "7"),
        FeedEntry(
            "https://news.example/b", updated="2026-11-24T00:00:00Z", id="https://news.example/b"
        ),
        FeedEntry("https://other.example/c", id="9"),
    )


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link>/a</link><guid>https://news.example/b</guid>", "https://news.example/a"),
        ("<link/><guid>https://news.example/b</guid>", "https://news.example/b"),
        ("<guid isPermaLink='true'>https://news.example/b</guid>", "https://news.example/b"),
        ("<link>//other.example/a</link>", "https://other.example/a"),
        (
            "<f:origLink>/real</f:origLink><link>https://hop.example/1</link>",
            "https://news.example/real",
        ),
        ("<x:link>/module</x:link><link>/a</link>", "https://news.example/a"),
        ("<a:link href='/b'/>", "https://news.example/b"),
        ("<link>https://news.example/a?x=1&amp;y=2</link>", "https://news.example/a?x=1&y=2"),
        ("<link>ht<!-- no -->tps://news.example/a</link>", "https://news.example/a"),
        ("<link>b</link>", "https://news.example/feeds/b"),
    ],
)
def test_the_best_link_of_an_item(inside: str, url: str) -> None:
    spaces = 'xmlns:f="urn:f" xmlns:x="urn:x" xmlns:a="http://www.w3.org/2005/Atom"'
    assert item(inside, spaces).url == url


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link rel='self' href='/s'/><id>https://news.example/id</id>", "https://news.example/id"),
        ("<content src='/c'/><id>urn:1</id>", "https://news.example/c"),
        (
            "<link rel='via' href='https://other.example/'/><link href='/a'/>",
            "https://news.example/a",
        ),
        ("<link xml:base='https://base.example/x/' href='a'/>", "https://base.example/x/a"),
    ],
)
def test_the_best_link_of_an_atom_entry(inside: str, url: str) -> None:
    assert atom_entry(inside).url == url


def test_xml_base_is_inherited() -> None:
    assert atom_entry("<link href='a'/>", 'xml:base="/x/"').url == "https://news.example/x/a"


def test_a_title_of_another_vocabulary_is_not_the_items() -> None:
    entry = item(
        "<m:title>photo</m:title><link>/a</link>", 'xmlns:m="http://search.yahoo.com/mrss/"'
    )
    assert entry.title == ""


def test_no_more_entries_than_asked_for() -> None:
    text = "<rss><channel>" + "<item><link>/a</link></item>" * 20 + "</channel></rss>"
    found = parse_feed(text.encode(), URL, max_entries=5)
    assert isinstance(found, Feed)
    assert len(found.entries) == 5


# ------------------------------------------------------------------------------------ malformed


def test_malformed_feeds_are_read_all_the_same() -> None:
    found = feed(
        "<rss version='2.0'><channel><title>Mill & Sons</title><language>en</language>"
        "<item><title>Ferry & rail</title><link>/a?x=1&y=2</link><guid isPermaLink='false'>g</guid>"
        "<pubDate>Mon, 23 Nov 2026 08:15:00 GMT</pubDate></item>"
        "<item><title>Cut"
    )
    assert found.malformed
    assert (found.title, found.language) == ("Mill & Sons", "en")
    assert found.entries[0] == FeedEntry(
        url="https://news.example/a?x=1&y=2",
        title="Ferry & rail",
        published="2026-11-23T08:15:00Z",
        id="g",
    )


def test_a_long_malformed_feed_yields_its_beginning() -> None:
    text = (
        "<rss version='2.0'><channel>" + "<item><title>a & b</title><link>/a</link></item>" * 11_000
    )
    found = feed(text)
    assert found.malformed
    assert len(found.entries) == 1_000


@pytest.mark.parametrize("codec", ["utf-7", "punycode", "unicode_escape", "no-such-codec"])
def test_a_codec_that_hides_markup_is_not_used(codec: str) -> None:
    markup = "<!DOCTYPE rss [<!ENTITY a 'expanded'>]><rss><channel><item><title>&a;</title>"
    hidden = markup.replace("<!ENTITY", "+ADwAIQ-ENTITY").replace("<!DOCTYPE", r"\x3c!DOCTYPE")
    for text in (markup, hidden):
        body = f"<?xml version='1.0' encoding='{codec}'?>{text}<link>/a</link></item>".encode()
        assert "expanded'" not in repr(parse_feed(body, URL, f"text/xml; charset={codec}")).replace(
            "'expanded'", ""
        )


def test_an_encoding_named_only_in_the_header_is_used() -> None:
    body = "<rss><channel><item><link>/a</link><title>Élection</title></item></channel></rss>"
    found = feed(body.encode("latin-1"), "application/rss+xml; charset=iso-8859-1")
    assert found.entries[0].title == "Élection"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_well_formed_feeds(encoding: str) -> None:
    text = "<rss><channel><item><link>/a</link><title>Élection</title></item></channel></rss>"
    found = feed(text.encode(encoding))
    assert (found.entries[0].title, found.malformed) == ("Élection", False)


def test_blank_lines_before_the_declaration_do_no_harm() -> None:
    assert not feed("\n\n " + RSS).malformed


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"<html><body>Not found</body></html>", "no feed: a document of <html>"),
        (b"<!doctype html><p>Not found", "no feed: neither XML nor JSON Feed"),
        (b"Not found", "no feed: neither XML nor JSON Feed"),
        (b"{", "no feed: broken JSON"),
        (b'{"a":' * 100_000, "no feed: broken JSON"),
        (b'{"items": []}', "no feed: JSON without a JSON Feed version"),
        (b"<rss>" + b"<a>" * 400_000, "over 400,000 elements and attributes"),
        (b"<rss " + b" a='' b=\"\"" * 200_000, "over 400,000 elements and attributes"),
        (b"<rss>" + b"<a xml:base='x/'>" * 501, "no well-formed XML, and over 500 xml:base"),
        (b"\x89PNG\r\n", "no feed: neither XML nor JSON Feed"),
    ],
)
def test_what_is_no_feed_says_why(body: bytes, reason: str) -> None:
    assert parse_feed(body, URL) == Unreadable(reason)


def test_bytes_that_name_a_file_are_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "<rss>"
    secret.write_text(RSS, encoding="utf-8")
    found = parse_feed(str(secret).encode(), URL)
    assert not isinstance(found, Feed) or not found.entries


# --------------------------------------------------------------------------------------- safety

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "hahahahaha">'
    for n in range(12)
)


@pytest.mark.parametrize("end", ["</channel></rss>", "", "<broken & more"])
def test_a_billion_laughs_cost_nothing(end: str) -> None:
    body = (
        f"<?xml version='1.0'?><!DOCTYPE rss [{LAUGHS}]><rss version='2.0'><channel>"
        f"<item><title>&l11;</title><link>/a</link></item>{end}"
    ).encode()
    tracemalloc.start()
    found = parse_feed(body, URL)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000
    if isinstance(found, Feed):
        assert all(len(entry.title) < 100 for entry in found.entries)


@pytest.mark.parametrize("end", ["</channel></rss>", "<broken & more"])
def test_an_external_entity_is_not_read(tmp_path: Path, end: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret", encoding="utf-8")
    body = (
        f"<!DOCTYPE rss [<!ENTITY e SYSTEM '{secret.as_uri()}'>]><rss version='2.0'><channel>"
        f"<item><title>&e;</title><link>/a</link></item>{end}"
    ).encode()
    assert "the-secret" not in repr(parse_feed(body, URL))


FRAGMENTS = [
    b"<rss>", b"<channel>", b"<item>", b"</item>", b"<link>", b"/a", b"</link>", b"<feed ", b">",
    b"<entry>", b"<link href='http://[x'/>", b"&", b"&x;", b"<![CDATA[", b"]]>", b"<pubDate>",
    b"Mon, 31 Feb 2026 99:99:99 +9999", b"\xff\xfe", b"<?xml version='1.0' encoding='x'?>", b"{",
    b'"version":"jsonfeed.org",', b'"items":[{"url":"\\ud800"}]}', b"<!DOCTYPE", b"[", b"\x00",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(FRAGMENTS)).map(b"".join)))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(parse_feed(body, URL), Feed | Unreadable)
    assert isinstance(
        parse_feed(b"<rss><channel><item>" + body, "x:", "text/xml"), Feed | Unreadable
    )


# ---------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 23 Nov 2026 08:15:00 GMT", "2026-11-23T08:15:00Z"),
        ("23 Nov 26 08:15 EST", "2026-11-23T13:15:00Z"),
        ("Mon, 23 November 2026 8:15:00 -0330", "2026-11-23T11:45:00Z"),
        ("Mon, 23 Nov 2026 08:15:00 CEST", "2026-11-23T06:15:00Z"),
        ("Mon, 23 Nov 2026 08:15:00 XYZ", "2026-11-23T08:15:00Z"),
        ("Mon,  23\nNov 2026", "2026-11-23T00:00:00Z"),
        ("23-Nov-2026 08:15:00", "2026-11-23T08:15:00Z"),
        ("2026-11-23T08:15:00.123456+02:00", "2026-11-23T06:15:00Z"),
        ("2026-11-23T08:15Z", "2026-11-23T08:15:00Z"),
        ("2026-11-23 08:15:00 +0200", "2026-11-23T06:15:00Z"),
        ("20261123T081500Z", "2026-11-23T08:15:00Z"),
        ("2026-11-23", "2026-11-23T00:00:00Z"),
        ("2026-11", "2026-11-01T00:00:00Z"),
        ("2026", "2026-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2026-02-30", None),
        ("2026-11-23T25:00:00Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:00:00-05:00", None),
        ("1795420800", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_become_rfc_3339_or_nothing(written: str, expected: str | None) -> None:
    assert rfc3339(written) == expected


@given(st.datetimes(min_value=datetime(1000, 1, 1)))  # noqa: DTZ001  hypothesis wants it naive
def test_what_is_written_is_read_back(moment: datetime) -> None:
    text = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    assert rfc3339(text) == text


@given(st.text(alphabet="0123456789-:.TZ+ ,aMondecNvGT", max_size=40))
def test_no_date_raises(text: str) -> None:
    found = rfc3339(text)
    assert found is None or rfc3339(found) == found


# ---------------------------------------------------------------------------------------- pieces


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("https://a.example/b#c", "https://a.example/b#c"),
        ("https://a.example", "https://a.example"),
        ("/b/../c", "https://news.example/c"),
        ("//[x/", ""),
        ("ftp://a.example/", ""),
        ("  ", ""),
    ],
)
def test_absolute(reference: str, expected: str) -> None:
    assert absolute(reference, URL) == expected


def test_plain_text() -> None:
    assert plain_text("<p>Ferry&nbsp;&amp;\n rail <br/>5 < 6</p>") == "Ferry & rail 5 < 6"


@pytest.mark.skipif(not CASES.exists(), reason="the conformance cases are not in the repository")
def test_feedparsers_cases_are_read_without_feedparser() -> None:
    wrong = []
    for line in (CASES / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        found = parse_feed((CASES / case["file"]).read_bytes(), case["url"])
        if not isinstance(found, Feed) or found.malformed:
            wrong.append((case["id"], "not read"))
        elif found.entries[0].url.rstrip("/") != case["link"].rstrip("/"):
            wrong.append((case["id"], found.entries[0].url))
        elif found.entries[0].published != case.get("published", found.entries[0].published):
            wrong.append((case["id"], str(found.entries[0].published)))
    assert wrong == []


def test_a_feed_that_was_stored_compressed_is_read_within_the_limit() -> None:
    stored = gzip.compress(b"<rss><channel><item><link>/0</link></item></channel></rss>")
    read = parse_feed(stored, "https://a.example/rss")
    assert isinstance(read, Feed)
    assert [entry.url for entry in read.entries] == ["https://a.example/0"]
    bomb = gzip.compress(b" " * 100_000_000, 1)
    assert isinstance(parse_feed(bomb, "https://a.example/rss"), Unreadable)
