"""What `corpus.workers` and its worker processes say to each other: frames of records.

A frame is four bytes of length and its content: a byte that says what it is, then msgpack. The first one
is the `Orders`, answered when the worker is ready. Then each page, lesson and check has one answer; a
profile has none. A tick says that the lesson or check at work has come a step further; where answers of
extractors are to be kept, they come between, each with its key. Nothing is decided here.
"""

import struct
from hashlib import sha256
from typing import IO

import msgspec

from corpus.pages import Page, TextPage
from corpus.profiles import Profile
from corpus.records import Article, Rejection
from corpus.upkeep import Outcomes
from crawler.records import Capture, Record

LENGTH = struct.Struct("!I")
# The first byte of a frame's content.
READY, REFUSED, TICK, KEPT = b"+", b"!", b".", b"a"
PAGE, TEXT, CAPTURE, PROFILE, LESSON, CHECK = b"P", b"T", b"C", b"F", b"L", b"K"
ARTICLE, REJECTION, LEARNED, CHECKED = b"A", b"R", b"l", b"k"

KEPT_PROFILES = 64
"""So many profiles a worker keeps at hand, and its parent knows which: those that were used last."""


PATIENCE = 4
"""By the clock a page may take so many times what it may compute."""


class Orders(Record):
    """What a worker is told first: rule files by name, least words, limits (bytes, seconds a page).

    `keeps` asks for extractors' answers as well, so that they can be kept. `proven` says that another
    worker proves the rules.
    """

    files: dict[str, str]
    min_words: int
    memory_limit: int
    time_limit: float
    keeps: bool = False
    proven: bool = False


class Packed(Record):
    """A profile as it is kept and sent: its id, and its JSON."""

    id: str
    json: bytes


class Lesson(Record):
    """Pages of a host to learn from, as page frames.

    So many as `sizes` says, one after the other, until there are enough stories among them.
    """

    host: str
    sizes: tuple[int, ...]
    pages: tuple[bytes, ...]


class Learned(Record):
    """What came of a lesson: the profile, or in words why there is none.

    `pages` and `stories` were learned from; `audits` are those of pages that were not.
    """

    profile: Packed | None = None
    pages: int = 0
    stories: int = 0
    audits: tuple[float, ...] = ()
    complaint: str = ""


class Check(Record):
    """Pages to ask a profile for, as page frames; so many of the served are to be read in full, too."""

    profile: Packed
    audits: int
    pages: tuple[bytes, ...]


class Checked(Record):
    """What came of a check; `complaint` says in words why it was broken off."""

    outcomes: Outcomes = Outcomes()
    complaint: str = ""


class _Named(Record):
    """Of a page or a capture just what names it."""

    id: str = ""
    capture_id: str = ""
    final_url: str = ""
    run_id: str = ""


def page_frame(page: Page | TextPage | Capture, profile_id: str = "", kept: bytes = b"") -> bytes:
    """The content of the frame that asks for this page; "" asks for it to be read in full.

    `kept` is what was kept of the extractors' answers to it.
    """
    order = msgspec.msgpack.encode(_Order(profile_id, kept))
    kind = _PAGES[type(page)]
    return b"".join((kind, LENGTH.pack(len(order)), order, msgspec.msgpack.encode(page)))


def page_of(frame: bytes) -> tuple[Page | TextPage | Capture, str]:
    """The page that a frame asks for, and the id of the profile to read it with."""
    page: Page | TextPage | Capture
    page = msgspec.msgpack.decode(frame[_page_at(frame) :], type=_PAGE_RECORDS[frame[:1]])
    return page, _order(frame).profile_id


def kept_of(frame: bytes) -> bytes:
    """What was kept of the extractors' answers to the page that a frame asks for, b"" for nothing."""
    return _order(frame).kept


def study_digest(study: Lesson | Check) -> tuple[bytes, bytes]:
    """Two digests of a lesson or check: of its pages alone, and of all that it says.

    What is kept of the pages counts for neither: whether it is at hand changes no answer.
    """
    pages, whole = sha256(type(study).__name__.encode()), sha256()
    for frame in study.pages:
        pages.update(sha256(frame[_page_at(frame) :]).digest())
    whole.update(pages.digest())
    whole.update(msgspec.msgpack.encode(msgspec.structs.replace(study, pages=())))
    return pages.digest(), whole.digest()


class _Order(Record):
    """How a page is to be read: by which profile ("" for none), and what is known of it."""

    profile_id: str
    kept: bytes


def _order(frame: bytes) -> _Order:
    return msgspec.msgpack.decode(frame[1 + LENGTH.size : _page_at(frame)], type=_Order)


def _page_at(frame: bytes) -> int:
    (size,) = LENGTH.unpack(frame[1 : 1 + LENGTH.size])
    return 1 + LENGTH.size + int(size)


def answer_frame(answer: Article | Rejection | Learned | Checked) -> bytes:
    """The content of the frame that carries this answer."""
    return _KINDS[type(answer)] + msgspec.msgpack.encode(answer)


def answer_of(frame: bytes) -> Article | Rejection | Learned | Checked:
    """The answer that a frame carries."""
    answer: Article | Rejection | Learned | Checked
    answer = msgspec.msgpack.decode(frame[1:], type=_ANSWERS[frame[:1]])
    return answer


def unpack(packed: Packed) -> Profile:
    """The profile itself."""
    return msgspec.json.decode(packed.json, type=Profile)


def pack(profile: Profile) -> Packed:
    """The profile as it is sent."""
    return Packed(profile.id, msgspec.json.encode(profile))


def failure(frame: bytes, stage: str, reason: str, detail: str) -> Rejection:
    """The rejection of the page that a frame asks for, where a limit or a fault stopped it."""
    who = msgspec.msgpack.decode(frame[_page_at(frame) :], type=_Named)
    return msgspec.convert(
        {
            "record_id": who.capture_id or who.id,
            "stage": stage,
            "reason": reason,
            "url": who.final_url,
            "place": who.final_url,
            "detail": detail,
            "run_id": who.run_id,
        },
        Rejection,
    )


def read_frame(source: IO[bytes]) -> bytes | None:
    """The content of the next frame, None where the input ends."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    content = source.read(size)
    return content if len(content) == size else None


def write_frame(target: IO[bytes], content: bytes) -> None:
    """One frame, written out at once."""
    target.write(LENGTH.pack(len(content)) + content)
    target.flush()


_PAGES = {Page: PAGE, TextPage: TEXT, Capture: CAPTURE}
_PAGE_RECORDS = {kind: record for record, kind in _PAGES.items()}
_KINDS = {Article: ARTICLE, Rejection: REJECTION, Learned: LEARNED, Checked: CHECKED}
_ANSWERS = {kind: record for record, kind in _KINDS.items()}
