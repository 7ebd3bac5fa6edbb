"""A sample of each host's pages, while all pages of a batch go by.

In: pages and where each can be found again. Out: a bounded number of places a host, drawn by what the
pages are and not by when they came: the same pages give the same sample in any order. Nothing is
fetched and nothing is learned here.
"""

import hashlib
from bisect import bisect_left

from corpus.pages import Page, carries_page
from corpus.sites import netloc
from crawler.records import Capture, Record

MOST_DRAWN = 40
"""Pages a host."""

# Characters or bytes. A longer page is hardly a story, and takes long to learn from.
_LONGEST = 2_000_000


class Place(Record, gc=False):
    """Where a page can be read again: a byte of the named file, "" where there is only one file.

    `key` is drawn for the page, by what it is.
    """

    key: bytes
    file: str
    offset: int


class Sample:
    """The pages of one host: how many there are, and those with the smallest keys, in their order.

    `now` is the newest time at which one was fetched (RFC 3339).
    """

    def __init__(self) -> None:
        self.pages = 0
        self.now = ""
        self.drawn: list[Place] = []


class Survey:
    """The samples of all hosts."""

    def __init__(self, most: int = MOST_DRAWN) -> None:
        self.samples: dict[str, Sample] = {}
        self._most = most

    def add(self, page: Page | Capture, file: str, offset: int) -> None:
        """Count the page, and draw it or not. What carries no page, or has no host, is passed over."""
        host = host_of(page.final_url)
        if not host or not _can_teach(page):
            return
        sample = self.samples.setdefault(host, Sample())
        sample.pages += 1
        sample.now = max(sample.now, page.fetched_at)
        drawn = sample.drawn
        if len(drawn) == self._most and draw(page.final_url) > drawn[-1].key[:_DRAW]:
            return
        key = key_of(page)
        at = bisect_left(drawn, key, key=lambda place: place.key)
        if at < len(drawn) and drawn[at].key == key:
            return  # the same page once more
        drawn.insert(at, Place(key, file, offset))
        del drawn[self._most :]


def host_of(url: str) -> str:
    """The host whose profile is asked for a page of this URL; "" where it names none."""
    return netloc(url).rpartition("@")[2].lower()


def key_of(page: Page | Capture) -> bytes:
    """What orders pages: a number drawn for the URL, then one for the content.

    Neither an id nor a time is in it, so that the same pages under other names, or fetched again, are
    drawn again.
    """
    if isinstance(page, Capture):
        content = page.sha256.encode()
    else:
        content = page.html.encode("utf-8", "surrogatepass")
    return draw(page.final_url) + hashlib.sha256(content).digest()[:_DRAW]


def draw(name: str) -> bytes:
    """A number drawn for this name, the same in every run."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:_DRAW]


_DRAW = 8


def _can_teach(page: Page | Capture) -> bool:
    if isinstance(page, Capture):
        return carries_page(page) and len(page.body) <= _LONGEST
    return len(page.html) <= _LONGEST
