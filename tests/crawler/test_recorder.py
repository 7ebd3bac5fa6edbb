import gzip
import random
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import brotli
import msgspec
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.archive import read_captures
from crawler.recorder import NOT_MODIFIED, Recorder, warc_date
from crawler.records import Capture, Due, Fault, Fetch, Outcome, RobotsVerdict

PAGE = b"<p>A story.</p>"
RUN = "20261123T060000Z-0001"


def recorder(data: Path, max_bytes: int = 1_000_000) -> Recorder:
    return Recorder(data, RUN, "2026-11-23", max_bytes, {"software": "WireCorpusBot/0.1"})


def outcome(url: str = "http://a.example/1?x=2", status: int = 200, body: bytes = PAGE) -> Outcome:
    coded = gzip.compress(body, mtime=0) if body else b""
    due = Due(
        url, "article", "times", captured_at="2026-11-22T06:00:00Z", via=("http://a.example/0",)
    )
    robots = RobotsVerdict(allowed=True, rule="Allow: /", checked_at="2026-11-23T05:59:00Z")
    return Outcome(
        fetch=Fetch(1, due, "a.example", robots),
        started_at=1_795_500_000.0,
        ended_at=1_795_500_001.0,
        status=status,
        reason="OK" if status == 200 else "Whatever",
        request_headers=(("Host", "a.example"), ("User-Agent", "WireCorpusBot/0.1")),
        headers=(
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Transfer-Encoding", "chunked"),
            ("ETag", '"1"'),
            ("X-Robots-Tag", "noarchive"),
            ("X-Robots-Tag", "noai"),
            ("TDM-Reservation", "1"),
            ("X-Author", "Zoë"),
        ),
        raw=coded,
        body=body,
        address="192.0.2.1",
    )


def check(path: Path) -> int:
    """What `warcio check` says of the file."""
    return int(Checker(Namespace(inputs=[str(path)], verbose=False)).process_all())


def test_what_was_written_is_read_again_as_one_capture(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    place = written.write(outcome())
    written.close()
    (capture,) = read_captures(tmp_path / place.file, place.file)
    assert isinstance(capture, Capture)
    assert capture == Capture(
        id=capture.id,
        url="http://a.example/0",
        final_url="http://a.example/1?x=2",
        fetched_at="2026-11-24T06:00:00Z",
        run_id=RUN,
        source_id="times",
        kind="article",
        status=200,
        content_type="text/html; charset=utf-8",
        etag='"1"',
        x_robots_tag=("noarchive", "noai"),
        tdm_reservation="1",
        robots=RobotsVerdict(allowed=True, rule="Allow: /", checked_at="2026-11-23T05:59:00Z"),
        body=PAGE,
        sha256=capture.sha256,
        warc_file=place.file,
        warc_offset=place.offset,
        warc_length=place.length,
    )
    assert capture.id.startswith("x_")


def test_the_archive_is_clean_to_warcio_and_holds_request_and_reason(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    written.write(outcome())
    written.write(outcome(status=304, body=b""))
    written.write(msgspec.structs.replace(outcome(status=404), truncated=True))
    written.close()
    path = tmp_path / written.files[0]
    assert check(path) == 0
    with path.open("rb") as file:
        records = [(r.rec_type, dict(r.rec_headers.headers)) for r in ArchiveIterator(file)]
    group = ["metadata", "request"]
    assert [kind for kind, _ in records] == [
        "warcinfo",
        *group,
        "response",
        *group,
        "revisit",
        *group,
        "response",
    ]
    revisit = records[6][1]
    assert revisit["WARC-Profile"] == NOT_MODIFIED
    assert revisit["WARC-Refers-To-Target-URI"] == "http://a.example/1?x=2"
    assert revisit["WARC-Refers-To-Date"] == "2026-11-22T06:00:00Z"
    assert revisit["WARC-IP-Address"] == "192.0.2.1"
    assert records[9][1]["WARC-Truncated"] == "length"
    assert records[1][1]["WARC-Concurrent-To"] == records[3][1]["WARC-Record-ID"]


def test_the_body_is_kept_as_it_was_sent_and_no_header_claims_otherwise(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    written.write(outcome())
    written.close()
    with (tmp_path / written.files[0]).open("rb") as file:
        response = next(r for r in ArchiveIterator(file) if r.rec_type == "response")
        assert response.raw_stream.read() == outcome().raw
        assert response.http_headers.get_header("Content-Encoding") == "gzip"
        assert response.http_headers.get_header("Transfer-Encoding") is None
        assert response.http_headers.get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"


def test_a_long_body_that_came_compressed_is_stored_and_a_plain_one_is_compressed(
    tmp_path: Path,
) -> None:
    long = bytes(random.Random(1).choices(b"abcdefgh", k=20_000))
    written = recorder(tmp_path)
    coded = outcome(body=long)
    stored = written.write(coded)
    plain = written.write(msgspec.structs.replace(coded, raw=long, headers=()))
    written.close()
    path = tmp_path / stored.file
    assert coded.raw in path.read_bytes()
    assert plain.length < len(long) / 2
    assert check(path) == 0
    kept = [one.body for one in read_captures(path, stored.file) if isinstance(one, Capture)]
    assert kept == [long, long]


@pytest.mark.parametrize(("raw", "fault"), [(brotli.compress(PAGE), ""), (PAGE, "bad_encoding")])
def test_a_body_in_brotli_is_kept_unfolded_since_warc_readers_fail_on_it(
    tmp_path: Path, raw: bytes, fault: Fault
) -> None:
    written = recorder(tmp_path)
    sized = ("Content-Length", str(len(raw)))
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "br"), sized)
    place = written.write(msgspec.structs.replace(outcome(), headers=headers, raw=raw, fault=fault))
    written.close()
    path = tmp_path / place.file
    assert check(path) == 0
    (capture,) = read_captures(path, place.file)
    assert isinstance(capture, Capture)
    assert (capture.body, capture.truncated) == (PAGE, fault != "")
    with path.open("rb") as file:
        response = next(r for r in ArchiveIterator(file) if r.rec_type == "response")
        assert response.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "br"
        assert response.http_headers.get_header("Content-Length") is None, "that is another body's"


def test_header_bytes_are_kept_whatever_they_mean(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    headers = (("Server", "Zo\u00c3\u00ab \u00ff"),)
    written.write(msgspec.structs.replace(outcome(), headers=headers))
    written.close()
    with (tmp_path / written.files[0]).open("rb") as file:
        response = next(
            r for r in ArchiveIterator(file, no_record_parse=True) if r.rec_type == "response"
        )
        assert b"Server: Zo\xc3\xab \xff\r\n" in response.raw_stream.read()


def test_a_body_whose_coding_is_broken_is_kept_and_not_taken_for_whole(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    broken = msgspec.structs.replace(outcome(), raw=b"hello", body=b"", fault="bad_encoding")
    place = written.write(broken)
    written.close()
    (capture,) = read_captures(tmp_path / place.file, place.file)
    assert isinstance(capture, Capture)
    assert (capture.body, capture.truncated) == (b"hello", True)


def test_places_point_at_the_response_in_the_file(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    places = [written.write(outcome(f"http://a.example/{n}")) for n in range(3)]
    written.close()
    data = (tmp_path / places[2].file).read_bytes()
    record = gzip.decompress(data[places[2].offset : places[2].offset + places[2].length])
    assert b"WARC-Type: response" in record
    assert b"WARC-Target-URI: http://a.example/2\r\n" in record


def test_files_are_rotated_by_size_and_told_before_they_exist(tmp_path: Path) -> None:
    told: list[tuple[str, bool]] = []

    def tell(name: str) -> None:
        told.append((name, (tmp_path / name).exists()))

    written = Recorder(tmp_path, RUN, "2026-11-23", 2_000, {}, tell)
    for n in range(5):
        written.write(outcome(f"http://a.example/{n}"))
    written.close()
    names = [f"warc/2026-11-23/{RUN}-{n:05}.warc.gz" for n in range(1, len(told) + 1)]
    assert len(names) > 1
    assert told == [(name, False) for name in names]
    assert list(written.files) == names
    captures = [c for name in names for c in read_captures(tmp_path / name, name)]
    assert len(captures) == 5
    assert written.sizes == {name: (tmp_path / name).stat().st_size for name in names}


def test_nothing_written_no_file(tmp_path: Path) -> None:
    written = recorder(tmp_path)
    written.flush()
    written.close()
    assert list(tmp_path.iterdir()) == []


_FULL = """
import resource, signal, sys
from pathlib import Path
from crawler.errors import DiskFull
from tests.crawler.test_recorder import outcome, recorder

written = recorder(Path(sys.argv[1]))
written.write(outcome())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = written.sizes[written.files[0]]
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
try:
    written.write(outcome("http://a.example/2"))
except DiskFull as full:
    print(full)
written.close()
"""


def test_a_full_disk_leaves_what_was_there_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert "make room" in done.stdout
    (path,) = tmp_path.glob("warc/*/*.warc.gz")
    assert check(path) == 0
    assert len(list(read_captures(path, "x"))) == 1


@pytest.mark.parametrize(
    ("moment", "text"), [(0.9, "1970-01-01T00:00:00Z"), (1_795_500_000, "2026-11-24T06:00:00Z")]
)
def test_dates_are_to_the_second(moment: float, text: str) -> None:
    assert warc_date(moment) == text
