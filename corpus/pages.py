"""Captures and input lines as pages: decoded HTML with what is known of where it came from.

In: a capture out of the archive, or a line of the `extract` filter. Out: a `Page`, or the `Rejection`
that says why it is none. No bytes make it fail. Nothing is parsed here beyond the declaration of the
character set.
"""

import codecs
import re
from typing import Literal

from corpus.records import Http, PageLine, Rejection, Rights, TextLine
from crawler.records import Capture, Record


class Fetched(Record, kw_only=True):
    """Where a page or a text came from.

    `warnings` says what was odd in decoding ("charset_guessed", "charset_errors").
    """

    capture_id: str
    url: str = ""
    final_url: str = ""
    source_id: str = ""
    fetched_at: str = ""
    run_id: str = ""
    http: Http = Http()
    rights: Rights = Rights()
    warnings: tuple[str, ...] = ()


class Page(Fetched, kw_only=True):
    """One HTML page as text: `html` has no byte order mark and no lone surrogates."""

    html: str


class TextPage(Fetched, kw_only=True):
    """The text of a page that somebody else extracted, and what they say of it; "" if nothing.

    `text` has no byte order mark and no lone surrogates; `published` is as they write it.
    """

    text: str
    headline: str = ""
    published: str = ""


def page_of_capture(capture: Capture) -> Page | Rejection:
    """The page this response carries, or why it carries none."""
    reason, detail = _refusal(capture)
    if reason:
        return Rejection(
            record_id=capture.id,
            stage="pages",
            reason=reason,
            url=capture.final_url,
            place=f"{capture.warc_file}:{capture.warc_offset}" if capture.warc_file else "",
            detail=detail,
            run_id=capture.run_id,
        )
    html, warnings = decode(capture.body, capture.content_type)
    return Page(
        capture_id=capture.id,
        url=capture.url,
        final_url=capture.final_url or capture.url,
        html=html,
        source_id=capture.source_id,
        fetched_at=capture.fetched_at,
        run_id=capture.run_id,
        http=_http(capture),
        rights=Rights(
            robots_allowed=capture.robots.allowed,
            robots_rule=capture.robots.rule,
            x_robots_tag=capture.x_robots_tag,
            tdm_reservation=capture.tdm_reservation,
            tdm_policy=capture.tdm_policy,
        ),
        warnings=warnings,
    )


def carries_page(capture: Capture) -> bool:
    """Whether the response carries a page, as far as can be told without decoding it."""
    return not _refusal(capture)[0]


def page_of_line(line: PageLine, n: int = 0) -> Page:
    """The page on the n-th line of the filter's input; `capture_id` is the line's id."""
    html = _LONE_SURROGATE.sub("\ufffd", line.html)
    return Page(
        capture_id=line.id or f"line {n}",
        url=line.url or "",
        final_url=line.url or "",
        html=html,
        fetched_at=_moment(line.fetched_at or ""),
        warnings=("charset_errors",) if html != line.html else (),
    )


def page_of_text_line(line: TextLine) -> TextPage:
    """The text on a line of the filter's input; its `first_seen_at` counts as the fetch time."""
    text = _LONE_SURROGATE.sub("\ufffd", line.text)
    url = line.url or ""
    return TextPage(
        capture_id=line.id,
        url=url,
        final_url=url,
        text=text,
        headline=_LONE_SURROGATE.sub("\ufffd", line.headline or line.title or ""),
        published=line.date_published or line.published or "",
        fetched_at=_moment(line.first_seen_at or ""),
        warnings=("charset_errors",) if text != line.text else (),
    )


def _moment(told: str) -> str:
    """RFC 3339 UTC, or "" for what is no moment."""
    from corpus.instants import parse  # its patterns take longer to load than all else together

    instant = parse(told)
    return instant.text if instant and "T" in instant.text else ""


def page_of_text(name: str, body: bytes) -> TextPage:
    """The text in a file; its name stands for the capture."""
    text, warnings = decode(body, "")
    return TextPage(capture_id=name, text=text, warnings=warnings)


def decode(body: bytes, content_type: str) -> tuple[str, tuple[str, ...]]:
    """The text of these bytes, and warnings. Never fails.

    In this order: byte order mark; the zero bytes of UTF-16; UTF-8 where the bytes are valid UTF-8
    (servers' default headers lie, multi-byte UTF-8 is hardly ever an accident), or all but; the
    header's and the page's declaration; a guess.
    """
    for mark, codec in _MARKS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(codec, "replace")
            return text, ("charset_errors",) if "\ufffd" in text else ()
    if b"\0" in body[:_MARKUP] and (wide := _wide_codec(body)):
        text = body.decode(wide, "replace")
        return text, ("charset_errors",) if "\ufffd" in text else ()
    declared = declared_charsets(body, content_type)
    for codec in ("utf-8", *declared) if not _SEVEN_BIT & set(declared) else declared:
        try:
            return body.decode(codec), ()
        except UnicodeDecodeError:
            if codec == "utf-8" and _is_nearly_utf8(body):
                return body.decode(codec, "replace"), ("charset_errors",)
    if declared:
        return body.decode(declared[0], "replace"), ("charset_errors",)
    return body.decode(_guess(body), "replace"), ("charset_guessed",)


def declared_charsets(body: bytes, content_type: str) -> tuple[str, ...]:
    """The codecs that the header and the page's first 4 KiB declare, known ones, header first."""
    labels = [m[1] for m in [_CHARSET.search(content_type)] if m]
    labels += [m[1].decode("ascii") for m in _META_CHARSET.finditer(body[:4096])]
    codec_names = [_codec(label) for label in labels]
    return tuple(dict.fromkeys(name for name in codec_names if name))


# So many bytes into a page there is markup, which is ASCII in every language.
_MARKUP = 1024
# Of the letters that are written as UTF-8, so many times as many as there are bytes that are none: a
# comment in another encoding, or a character that was cut in two. In other encodings hardly any is.
_SOUND = 10
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


def _wide_codec(body: bytes) -> str:
    """UTF-16 without its mark, by where the zero bytes of its ASCII letters stand; "" for others."""
    start = body[:_MARKUP]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if 4 * max(even, odd) < len(start) or min(even, odd) > max(even, odd) // 10:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_nearly_utf8(body: bytes) -> bool:
    """Whether bytes that are not UTF-8 are so but for a few."""
    letters = _MULTIBYTE.findall(body)
    broken = len(_HIGH.findall(body)) - sum(map(len, letters))
    return len(letters) > _SOUND * broken


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before that of UTF-16, which it begins with
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w:.-]+)", re.IGNORECASE | re.ASCII)
_META_CHARSET = re.compile(
    rb"<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*[\"']?\s*([a-z0-9:._-]+)", re.IGNORECASE
)
# The Encoding Standard's labels that the web uses, where Python's codec has another name or is
# narrower than what browsers decode. Whatever is not listed must be a plain text codec below.
_LABELS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "utf8": "utf-8",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
_PLAIN_CODEC = re.compile(
    r"utf-8|gb18030|euc-jp|iso-2022-jp|koi8-[ru]|windows-\d{3,4}|cp\d{3,4}|iso-8859-\d{1,2}"
)
# A stateful 7-bit encoding is valid UTF-8 too, so only its declaration tells.
_SEVEN_BIT = {"iso-2022-jp"}


def _codec(label: str) -> str:
    """The Python codec for a charset label, "" for one that browsers do not know either."""
    label = label.strip().lower()
    name = _LABELS.get(label) or (label if _PLAIN_CODEC.fullmatch(label) else "")
    try:
        codecs.lookup(name)
    except LookupError:
        return ""
    return name


def _guess(body: bytes) -> str:
    """The likeliest codec of bytes that declare none and are not UTF-8: one that the web uses."""
    sample = _TAGS.sub(b" ", body[:262_144])[:16_384]
    from corpus.language import detect_language  # as above; hardly a page needs it

    if detect_language(sample.decode("cp1252", "replace"))[0] in _WESTERN:
        return "cp1252"
    # Imported here: it costs 40 ms and one page in thousands needs it.
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_GUESSED).best()
    return best.encoding if best else "cp1252"


# Languages whose letters Windows-1252 has; their commonest words tell.
_WESTERN = frozenset(["en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "ca"])
_GUESSED = [
    *(f"cp{n}" for n in range(1250, 1259)),
    *("iso8859_2", "koi8_r", "koi8_u", "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp874"),
]


_TAGS = re.compile(rb"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")
_HTML_TYPE = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_UNTOLD_TYPE = re.compile(
    r"\s*(?:$|text/plain\b|application/(?:octet-stream|xml)\b|text/xml\b)", re.IGNORECASE
)
_LOOKS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


# What the crawler saw on pages that answer 200 and are no stories.
_WALLS = {
    "soft_404": "the page says that there is none (soft_404)",
    "consent": "the page asks for consent and shows no story (consent)",
}


def _refusal(
    capture: Capture,
) -> tuple[Literal["http_error", "truncated", "empty_body", "not_html", "not_an_article", ""], str]:
    """Why this capture is no page, in a word and in words; ("", "") if it is one."""
    if capture.status not in (200, 203):
        return "http_error", f"HTTP status {capture.status}"
    if capture.truncated:
        return "truncated", f"only the first {len(capture.body)} bytes were kept"
    if not capture.body.strip():
        return "empty_body", "the response has no content"
    if not _HTML_TYPE.match(capture.content_type):
        untold = _UNTOLD_TYPE.match(capture.content_type)
        if not (untold and _LOOKS_HTML.search(capture.body[:1024])):
            return "not_html", f"content type '{capture.content_type}'"
    if capture.label in _WALLS:
        return "not_an_article", _WALLS[capture.label]
    return "", ""


def _http(capture: Capture) -> Http:
    return Http(
        status=capture.status,
        content_type=capture.content_type,
        etag=capture.etag,
        last_modified=capture.last_modified,
        bytes=len(capture.body),
        sha256=capture.sha256,
        warc_file=capture.warc_file,
        warc_offset=capture.warc_offset,
        warc_length=capture.warc_length,
    )
