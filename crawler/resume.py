"""After a run that died: its archive made whole, and what it archived taken into the state.

In: the data folder and the state. Out: both agree again. The archive is written before the state, so
the last WARC file of a dead run may hold captures that the state does not know; asking for those pages
again would be impolite and would double them.
"""

import logging
import re
from datetime import datetime
from pathlib import Path

from crawler.archive import read_captures, repair_tail
from crawler.endings import validator
from crawler.records import Capture, Damage, Due, Place
from crawler.state import State, Visit

# As runs name their files (crawler.cli, crawler.recorder); those of others are imported under other names.
_OWN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}-\d{5}\.warc\.gz")
_PASSING_STATUS = (408, 425, 429)

_log = logging.getLogger(__name__)


def resume(data: Path, state: State) -> int:
    """Mend what dead runs left open; the number of articles taken in.

    A state that knows of no archive file takes in all that our runs left.
    """
    if not state.has_archive():
        own = (path for path in data.glob("warc/*/*") if _OWN.fullmatch(path.name))
        found = sorted(str(path.relative_to(data)) for path in own)
        for name in found:
            state.taken(name, 0)
        if found:
            _log.warning("state.sqlite is new: made again from %d files in warc/", len(found))
    count = 0
    for name, taken in state.unsealed():
        path = data / name
        size = 0
        if path.exists():
            cut = repair_tail(path, taken)
            if cut:
                _log.warning("%s: cut a torn record of %d bytes off its end", name, cut)
            count += _take_in(path, name, taken, state)
            size = path.stat().st_size
        state.taken(name, size, sealed=True)
    state.commit()
    return count


def _take_in(path: Path, name: str, start: int, state: State) -> int:
    """Take in the articles after byte `start`.

    Listings are left alone: their entries are not in the state, and would be missed if the listing
    then answered "not modified". A redirect is asked again for the same reason.
    """
    count = 0
    for capture in read_captures(path, name, start):
        if isinstance(capture, Damage):
            _log.warning("%s: byte %d: %s", capture.warc_file, capture.offset, capture.reason)
        elif capture.kind == "article" and not capture.truncated:
            count += _take(capture, state)
    return count


def _take(capture: Capture, state: State) -> bool:
    at = datetime.fromisoformat(capture.fetched_at).timestamp()
    if capture.status in (404, 410):
        due = Due(capture.final_url, "article", capture.source_id)
        state.gone(due, capture.status, at)
    elif capture.status == 304 or 200 <= capture.status < 300:
        state.visit(visit_of(capture, at))
    elif 400 <= capture.status < 500 and capture.status not in _PASSING_STATUS:
        due = Due(capture.final_url, "article", capture.source_id)
        state.shut(due, capture.status, at)
    else:
        return False
    return True


def visit_of(capture: Capture, at: float) -> Visit:
    """The capture as the state takes it."""
    return Visit(
        url=capture.final_url,
        kind=capture.kind,
        source_id=capture.source_id,
        at=at,
        status=capture.status,
        etag=validator(capture.etag),
        last_modified=validator(capture.last_modified),
        captured_at=capture.fetched_at,
        sha256="" if capture.status == 304 else capture.sha256,
        place=Place(capture.warc_file, capture.warc_offset, capture.warc_length),
    )
