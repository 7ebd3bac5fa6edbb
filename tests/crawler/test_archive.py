import gzip
import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import brotli
import pytest
import zstandard
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import import_warc, read_captures, repair_tail
from crawler.errors import DamagedArchive
from crawler.records import Capture, Damage
from tests.crawler.test_recorder import outcome, recorder

NAME = "warc/2026-11-23/x.warc.gz"


class Foreign:
    """A WARC file as others write it."""

    def __init__(self, *, packed: bool = True, version: str = "1.0") -> None:
        self._buffer = BytesIO()
        self._writer = WARCWriter(self._buffer, gzip=packed, warc_version=version)
        self.starts = [0]

    def add(
        self,
        kind: str,
        url: str,
        body: bytes = b"",
        status: str = "200 OK",
        digest: str = "",
        profile: str = "",
        **http: str,
    ) -> None:
        headers = [(name.replace("_", "-"), value) for name, value in http.items()]
        said = {"WARC-Payload-Digest": digest, "WARC-Profile": profile}
        self._write(
            self._writer.create_warc_record(
                url,
                kind,
                payload=BytesIO(body),
                length=len(body),
                http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
                warc_headers_dict={
                    "WARC-Date": "2024-01-02T03:04:05.678901Z",
                    **{name: value for name, value in said.items() if value},
                },
            )
        )

    def info(self) -> None:
        self._write(self._writer.create_warcinfo_record("x.warc.gz", {"software": "other/1"}))

    def dns(self) -> None:
        self._write(
            self._writer.create_warc_record(
                "dns:a.example", "response", BytesIO(b"2024 1.2.3.4\n"), 13, "text/dns"
            )
        )

    def _write(self, record: object) -> None:
        self._writer.write_record(record)
        self.starts.append(self._buffer.tell())

    @property
    def bytes(self) -> bytes:
        return self._buffer.getvalue()


def captures(path: Path, **options: int) -> list[Capture]:
    found = list(read_captures(path, NAME, **options))
    assert not any(isinstance(one, Damage) for one in found)
    return [one for one in found if isinstance(one, Capture)]


def three(*, packed: bool = True) -> Foreign:
    made = Foreign(packed=packed)
    for n in range(3):
        made.add("response", f"http://a.example/{n}", os.urandom(2_000), Content_Type="text/html")
    return made


def _zst(made: Foreign) -> bytes:
    coder = zstandard.ZstdCompressor()
    ends = made.starts[1:]
    return b"".join(
        coder.compress(made.bytes[a:b]) for a, b in zip(made.starts, ends, strict=False)
    )


def test_warcs_of_others_are_read_though_they_say_less(tmp_path: Path) -> None:
    made = Foreign()
    made.info()
    made.dns()
    made.add("request", "http://a.example/1", status="GET /1 HTTP/1.1")
    made.add("response", "http://a.example/1", b"<p>x</p>", Content_Type="text/html")
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    (capture,) = captures(path)
    assert (capture.url, capture.final_url) == ("http://a.example/1",) * 2
    assert (capture.kind, capture.source_id, capture.run_id) == ("", "", "")
    assert capture.fetched_at == "2024-01-02T03:04:05Z"
    assert capture.robots.allowed is None
    assert capture.body == b"<p>x</p>"


@pytest.mark.parametrize("form", ["gz", "plain", "zst"])
def test_gzipped_plain_and_zst_files_are_read_alike(tmp_path: Path, form: str) -> None:
    made = three(packed=form == "gz")
    path = tmp_path / "x.warc"
    path.write_bytes(_zst(made) if form == "zst" else made.bytes)
    found = captures(path)
    assert [c.final_url for c in found] == [f"http://a.example/{n}" for n in range(3)]
    assert [c.warc_offset for c in found[1:]] == [a.warc_offset + a.warc_length for a in found[:-1]]
    assert found[-1].warc_offset + found[-1].warc_length == path.stat().st_size


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"4\r\n<p>x\r\n4\r\n</p>\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}),
        (b"<p>x</p>", {"Transfer_Encoding": "chunked"}),
        (gzip.compress(b"<p>x</p>", mtime=0), {"Content_Encoding": "gzip"}),
        (brotli.compress(b"<p>x</p>"), {"Content_Encoding": "br"}),
        (b"<p>x</p>", {"Content_Encoding": "gzip"}),
    ],
    ids=["chunked", "chunks undone", "gzip", "br", "gzip undone"],
)
def test_bodies_are_decoded_also_where_the_headers_are_left_over(
    tmp_path: Path, body: bytes, headers: dict[str, str]
) -> None:
    made = Foreign()
    made.add("response", "http://a.example/1", body, **headers)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    assert [(c.body, c.truncated) for c in captures(path)] == [(b"<p>x</p>", False)]


def test_a_body_over_the_limit_is_cut_and_marked(tmp_path: Path) -> None:
    made = Foreign()
    made.add("response", "http://a.example/1", b"x" * 5_000)
    made.add(
        "response",
        "http://a.example/2",
        gzip.compress(b"y" * 5_000, mtime=0),
        Content_Encoding="gzip",
    )
    made.add("response", "http://a.example/3", b"z")
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    assert [(c.body, c.truncated) for c in captures(path, max_body=1_000)] == [
        (b"x" * 1_000, True),
        (b"y" * 1_000, True),
        (b"z", False),
    ]


def test_a_revisit_is_a_304_without_a_body(tmp_path: Path) -> None:
    made = Foreign(version="1.1")
    made.add("revisit", "http://a.example/1", status="200 OK")
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    assert [(c.status, c.body) for c in captures(path)] == [(304, b"")]


def test_a_revisit_of_what_another_address_had_has_its_content(tmp_path: Path) -> None:
    same = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    for packed in (True, False):
        made = Foreign(version="1.1", packed=packed)
        made.add(
            "response", "http://a.example/1", b"<p>a", digest="sha1:A", Content_Type="text/html"
        )
        made.add(
            "response", "http://a.example/2", b"<p>b", digest="sha1:B", Content_Type="text/html"
        )
        made.add("revisit", "http://b.example/1", digest="sha1:A", profile=same)
        made.add("revisit", "http://a.example/2", digest="sha1:B", profile=same)
        made.add("revisit", "http://b.example/3", digest="sha1:C", profile=same)
        path = tmp_path / "x.warc"
        path.write_bytes(made.bytes)
        found = captures(path)
        assert [(c.status, c.body) for c in found] == [
            (200, b"<p>a"),
            (200, b"<p>b"),
            (200, b"<p>a"),
            (304, b""),
            (304, b""),
        ]
        assert (found[2].final_url, found[2].content_type) == ("http://b.example/1", "text/html")
        assert found[2].warc_offset == made.starts[2]
        assert len({c.id for c in found}) == 5


def test_an_answer_of_not_modified_has_no_content_of_another_address(tmp_path: Path) -> None:
    made = Foreign(version="1.1")
    made.add("response", "http://a.example/1", b"<p>a", digest="sha1:A", Content_Type="text/html")
    profile = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    made.add("revisit", "http://b.example/1", digest="sha1:A", profile=profile)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    assert [c.status for c in captures(path)] == [200, 304]


def test_reading_starts_where_it_is_told(tmp_path: Path) -> None:
    made = three()
    path = tmp_path / "x.warc.gz"
    path.write_bytes(made.bytes)
    found = captures(path, start=made.starts[1])
    assert [c.warc_offset for c in found] == made.starts[1:3]
    assert captures(path, start=len(made.bytes)) == []


@pytest.mark.parametrize("form", ["gz", "plain", "zst"])
@pytest.mark.parametrize("cut", [1, 5, 150, 1_500])
def test_a_file_that_breaks_off_gives_what_stands_before_and_one_damage(
    tmp_path: Path, form: str, cut: int
) -> None:
    made = three(packed=form == "gz")
    data = _zst(made) if form == "zst" else made.bytes
    path = tmp_path / "x.warc"
    path.write_bytes(data)
    whole = captures(path)
    path.write_bytes(data[: whole[2].warc_offset + cut])
    found = list(read_captures(path, NAME))
    assert found[:2] == whole[:2]
    assert [type(one) for one in found[2:]] == [Damage]
    assert isinstance(found[2], Damage)
    assert (found[2].warc_file, found[2].offset) == (NAME, whole[2].warc_offset)


def test_a_corrupt_place_ends_the_reading_there(tmp_path: Path) -> None:
    made = three()
    data = bytearray(made.bytes)
    data[made.starts[1] + 900] ^= 0xFF
    path = tmp_path / "x.warc.gz"
    path.write_bytes(bytes(data))
    first, damage = read_captures(path, NAME)
    assert isinstance(first, Capture)
    assert isinstance(damage, Damage)
    assert damage.offset == made.starts[1]


@pytest.mark.parametrize(
    "junk",
    [b"<html>no WARC</html>", gzip.compress(b"no WARC" * 99, mtime=0), b"\x00" * 500],
    ids=["html", "gzip", "zeros"],
)
def test_what_is_no_warc_is_damage_from_its_first_byte(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(junk)
    (damage,) = read_captures(path, NAME)
    assert isinstance(damage, Damage)
    assert damage.offset == 0


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
@pytest.mark.parametrize("size", [50, 90_000])
def test_records_that_share_a_gzip_member_or_zst_frame_are_all_read_and_have_its_place(
    tmp_path: Path, pack: Callable[[bytes], bytes], size: int
) -> None:
    made = Foreign(packed=False)
    for n in range(5):
        made.add("response", f"http://a.example/{n}", os.urandom(size))
    cut = made.starts[3]
    first, second = pack(made.bytes[:cut]), pack(made.bytes[cut:])
    path = tmp_path / "x.warc"
    path.write_bytes(first + second)
    found = captures(path)
    assert [c.final_url for c in found] == [f"http://a.example/{n}" for n in range(5)]
    places = [(c.warc_offset, c.warc_length) for c in found]
    assert places == [(0, len(first))] * 3 + [(len(first), len(second))] * 2
    path.write_bytes(pack(made.bytes))
    assert len(captures(path)) == 5


def test_a_record_without_a_date_or_web_address_is_damage_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    made = three(packed=False).bytes
    date, address = b"2024-01-02T03:04:05.678901Z", b"http://a.example/1"
    path = tmp_path / "x.warc"
    for data in (
        made.replace(address, b"a.example/1/......"),
        made.replace(address, b"http://a.exam le/1"),
        made.replace(date, b"yesterday"),
        made.replace(b"WARC-Date: ", b"WARC-Days: "),
    ):
        path.write_bytes(data)
        found = list(read_captures(path, NAME))
        assert [type(one) for one in found].count(Damage) in (1, 3)
        assert len(found) == 3
    assert "no valid date" in str(found[0])


def test_dates_with_another_offset_are_told_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    made = three(packed=False).bytes
    path.write_bytes(made.replace(b"2024-01-02T03:04:05.678901Z", b"2024-01-02T03:04:05+02:00"))
    assert {c.fetched_at for c in captures(path)} == {"2024-01-02T01:04:05Z"}


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.touch()
    assert list(read_captures(path, NAME)) == []


def test_wherever_our_own_file_breaks_off_the_tail_is_cut_to_what_can_be_read(
    tmp_path: Path,
) -> None:
    written = recorder(tmp_path)
    for n in range(3):
        written.write(outcome(f"http://a.example/{n}"))
    written.close()
    path = tmp_path / written.files[0]
    data = path.read_bytes()
    for cut in range(0, len(data), 13):
        path.write_bytes(data[:cut])
        before = list(read_captures(path, NAME))
        lost = repair_tail(path)
        assert path.stat().st_size == cut - lost
        after = list(read_captures(path, NAME))
        assert after == [one for one in before if isinstance(one, Capture)]
        assert (lost > 0) == any(isinstance(one, Damage) for one in before)


def test_repair_trusts_what_stands_before_its_start(tmp_path: Path) -> None:
    made = three()
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"\x00" * made.starts[1] + made.bytes[made.starts[1] :] + b"torn")
    assert repair_tail(path, made.starts[1]) == 4
    assert repair_tail(path, 10**9) == 0


@pytest.fixture
def days(tmp_path: Path) -> Path:
    return tmp_path / "warc"


def test_a_foreign_file_is_taken_in_once_whatever_its_name_and_day(
    tmp_path: Path, days: Path
) -> None:
    source = tmp_path / "CC-NEWS-20240102-00042.warc.gz"
    source.write_bytes(three().bytes)
    first = import_warc(source, days / "2026-11-23", "20261123T060000Z")
    assert first.name.startswith("20261123T060000Z-")
    assert first.name.endswith("-CC-NEWS-20240102-00042.warc.gz")
    assert first.read_bytes() == source.read_bytes()
    renamed = source.rename(tmp_path / "renamed.gz")
    assert import_warc(renamed, days / "2026-11-24", "20261124T060000Z") == first
    assert [path for path in days.rglob("*") if path.is_file()] == [first]


@pytest.mark.parametrize(
    ("packed", "name", "ending"),
    [(True, "x.gz", "-x.warc.gz"), (False, "x", "-x.warc"), (False, "x.warc.gz", "-x.warc")],
)
def test_a_taken_in_file_gets_the_ending_of_its_format(
    tmp_path: Path, days: Path, packed: bool, name: str, ending: str
) -> None:
    source = tmp_path / name
    source.write_bytes(three(packed=packed).bytes)
    assert import_warc(source, days / "d", "T").name[len("T-") + 12 :] == ending


@pytest.mark.parametrize(
    "junk",
    [b"", b"<html></html>", gzip.compress(b"hello", mtime=0)],
    ids=["nothing", "html", "gzip"],
)
def test_what_is_no_warc_is_not_taken_in(tmp_path: Path, days: Path, junk: bytes) -> None:
    source = tmp_path / "x.warc.gz"
    source.write_bytes(junk)
    with pytest.raises(DamagedArchive, match="is no WARC file"):
        import_warc(source, days / "d", "T")
    assert not days.exists()
