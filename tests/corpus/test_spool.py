"""Pages are put down and read again."""

import resource
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from corpus.pages import Page, TextPage
from corpus.records import Rejection
from corpus.spool import Spool
from crawler.records import Capture

PAGES = (
    Page(capture_id="p1", html="<p>one</p>" * 5000, url="https://a.example/1"),
    TextPage(capture_id="t1", text="said elsewhere"),
    Rejection(record_id="torn", stage="archive", reason="damaged"),
    Capture(id="k1", url="u", final_url="u", fetched_at="", body=bytes(range(256))),
)


@given(st.lists(st.sampled_from(PAGES), max_size=6))
def test_pages_come_back_in_order_and_from_their_places(
    pages: list[Page | TextPage | Capture | Rejection],
) -> None:
    with Spool() as spool:
        places = [spool.put(page) for page in pages]
        assert list(spool) == pages
        assert [spool.get(place) for place in reversed(places)] == pages[::-1]


def test_reading_from_a_place_does_not_disturb_reading_in_order() -> None:
    with Spool() as spool:
        first = spool.put(PAGES[0])
        spool.put(PAGES[1])
        reading = iter(spool)
        assert next(reading) == PAGES[0]
        assert spool.get(first) == PAGES[0]
        assert next(reading) == PAGES[1]


def test_more_can_be_put_after_something_was_read() -> None:
    with Spool() as spool:
        spool.put(PAGES[0])
        assert list(spool) == [PAGES[0]]
        spool.put(PAGES[2])
        assert list(spool) == [PAGES[0], PAGES[2]]


FILLING = """
import random
from corpus.errors import DiskFull
from corpus.pages import Page, TextPage
from corpus.spool import Spool
try:
    with Spool() as spool:
        for n in range(100):
            spool.put(Page(capture_id=str(n), html=random.Random(n).randbytes(500_000).hex()))
except DiskFull as error:
    print(error.exit_code, error)
"""


def test_a_full_disk_says_what_to_do() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILLING],
        capture_output=True,
        check=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20)),
    )
    assert done.stdout.startswith("6 ")
    assert "TMPDIR" in done.stdout
    assert "--no-profiles" in done.stdout
    assert done.stderr == ""
