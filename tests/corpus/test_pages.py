"""Bytes and lines as pages."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.pages import Page, decode, page_of_capture, page_of_line
from corpus.records import PageLine, Rejection
from crawler.records import Capture, RobotsVerdict

HTML = "text/html; charset=utf-8"


def capture(body: bytes = b"<html><p>Bridge</p></html>", **fields: object) -> Capture:
    known: dict[str, object] = {
        "id": "k_1",
        "url": "https://a.example/x",
        "final_url": "https://a.example/y",
        "fetched_at": "2026-11-17T10:00:00Z",
        "content_type": HTML,
    }
    return Capture(body=body, **(known | fields))  # type: ignore[arg-type]


def reason(answer: Page | Rejection) -> str:
    return answer.reason if isinstance(answer, Rejection) else ""


def test_a_capture_of_html_is_a_page_with_its_place_in_the_archive() -> None:
    page = page_of_capture(
        capture(
            warc_file="w.warc.gz",
            warc_offset=7,
            robots=RobotsVerdict(allowed=True, rule="no rule", checked_at="2026-11-17T09:00:00Z"),
            tdm_reservation="1",
        )
    )
    assert isinstance(page, Page)
    assert (page.capture_id, page.final_url) == ("k_1", "https://a.example/y")
    assert (page.http.warc_file, page.http.warc_offset, page.http.bytes) == ("w.warc.gz", 7, 26)
    assert page.rights.robots_allowed is True
    assert page.rights.tdm_reservation == "1"


def test_what_is_no_html_page_is_rejected_with_its_reason() -> None:
    assert reason(page_of_capture(capture(status=404))) == "http_error"
    assert reason(page_of_capture(capture(b" \n"))) == "empty_body"
    assert reason(page_of_capture(capture(b"%PDF", content_type="application/pdf"))) == "not_html"
    assert reason(page_of_capture(capture(b"{}", content_type=""))) == "not_html"
    assert reason(page_of_capture(capture(truncated=True))) == "truncated"


def test_a_page_that_the_crawler_knows_for_no_story_is_rejected_and_a_paid_one_is_not() -> None:
    assert reason(page_of_capture(capture(label="soft_404"))) == "not_an_article"
    assert reason(page_of_capture(capture(label="consent"))) == "not_an_article"
    assert isinstance(page_of_capture(capture(label="paywall")), Page)


def test_html_is_recognised_where_the_server_does_not_say_so() -> None:
    for content_type in ("", "text/plain", "application/octet-stream"):
        body = b"<!DOCTYPE html><html><p>Bridge</p></html>"
        assert reason(page_of_capture(capture(body, content_type=content_type))) == ""


def test_a_stray_byte_does_not_make_a_page_of_utf_8_one_of_another_encoding() -> None:
    text = "Die Brücke über den Fluß, sagte Frau Müller, führt nach Süden: „schön“, größer, höher, früher."
    broken = text.encode().replace(b"Frau", b"Frau\xff")
    expected = text.replace("Frau", "Frau\ufffd")
    assert decode(broken, "text/html") == (expected, ("charset_errors",))
    assert decode(broken, "text/html; charset=iso-8859-1") == (expected, ("charset_errors",))


def test_letters_of_other_encodings_that_look_like_utf_8_by_chance_do_not_make_it_so() -> None:
    text = "größer als die Brücke in Österreich, Ã¼ber die wir schrieben"
    assert decode(text.encode("cp1252"), "text/html; charset=iso-8859-1") == (text, ())


def test_utf_16_is_known_by_its_zero_bytes_where_its_mark_is_missing() -> None:
    page = "<html><head><title>Brücke</title></head><body><p>Мост открыт</p></body></html>"
    for codec in ("utf-16-le", "utf-16-be"):
        assert decode(page.encode(codec), "text/html; charset=utf-8") == (page, ())
    assert decode(page.encode("utf-32"), "text/html") == (page, ())


def test_zero_bytes_here_and_there_are_no_utf_16() -> None:
    assert decode(b"<p>Bri\0dge\0</p>", "text/html")[0] == "<p>Bri\0dge\0</p>"


def test_a_byte_order_mark_outranks_every_declaration() -> None:
    text, warnings = decode("\ufeffBrücke".encode("utf-16-le"), "text/html; charset=iso-8859-1")
    assert (text, warnings) == ("Brücke", ())


def test_valid_utf8_is_utf8_whatever_the_header_says() -> None:
    assert decode("Brücke".encode(), "text/html; charset=iso-8859-1")[0] == "Brücke"


def test_the_declared_character_set_is_used_header_before_page() -> None:
    assert decode("мост".encode("cp1251"), "text/html; charset=windows-1251")[0] == "мост"
    meta = b'<meta charset="koi8-r">'
    assert decode(meta + "мост".encode("koi8-r"), "text/html")[0].endswith("мост")
    old = b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    assert decode(old + "大桥".encode("gb18030"), "")[0].endswith("大桥")


def test_latin_1_means_windows_1252_as_in_browsers() -> None:
    assert decode(b"\x93Bridge\x94", "text/html; charset=iso-8859-1")[0] == "“Bridge”"


def test_a_declared_seven_bit_encoding_is_not_taken_for_utf8() -> None:
    body = "橋".encode("iso-2022-jp")
    assert decode(body, "text/html; charset=iso-2022-jp")[0] == "橋"


def test_undeclared_bytes_are_guessed_and_marked() -> None:
    text, warnings = decode(
        "Die Brücke über den Fluß ist für Fußgänger geöffnet. ".encode("cp1252") * 20, ""
    )
    assert "geöffnet" in text
    assert warnings == ("charset_guessed",)


def test_a_charset_that_is_no_character_set_is_ignored() -> None:
    for label in ("rot13", "unicode_escape", "zlib", "utf-7", "nonsense", "undefined"):
        assert decode("Brücke".encode(), f"text/html; charset={label}") == ("Brücke", ())


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_and_no_header_make_decoding_fail(body: bytes, label: str) -> None:
    text, _ = decode(body, f"text/html; charset={label}")
    text.encode()


def test_a_line_keeps_its_id_and_loses_lone_surrogates() -> None:
    page = page_of_line(PageLine(id="p7", html="<p>a\ud800b</p>", url="https://a.example/"), 3)
    assert (page.capture_id, page.html) == ("p7", "<p>a\ufffdb</p>")
    assert page.warnings == ("charset_errors",)
    assert page_of_line(PageLine(id="", html="x"), 3).capture_id == "line 3"


def test_a_line_may_say_when_its_page_was_fetched() -> None:
    def fetched(told: str | None) -> str:
        return page_of_line(PageLine(id="p", html="x", fetched_at=told)).fetched_at

    assert fetched("2026-11-17T11:00:00+01:00") == "2026-11-17T10:00:00Z"
    assert [fetched(told) for told in (None, "", "yesterday", "2026-11-17")] == [""] * 4
