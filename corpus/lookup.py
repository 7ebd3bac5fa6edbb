"""The captures of a URL in the archive of a data folder.

In: a URL in any spelling. Out: its captures, the newest first, read from the WARC files. Articles and
rejections only tell where to look; neither is needed. Nothing is changed.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from corpus import store
from corpus.build import ArchiveRun, archive_runs
from corpus.errors import DamagedShard, RuleError
from corpus.inputs import may_be_story
from corpus.records import Article, Rejection
from crawler.archive import Refused, UrlRules, canonical_url, read_captures
from crawler.records import Capture, Record, RobotsVerdict

Progress = Callable[[str, int], None]
"""Told what is being done and how many records of it are done."""

R = TypeVar("R", bound=Record)


def captures_of(url: str, data: Path, rules: UrlRules, progress: Progress) -> Iterator[Capture]:
    """The captures of a URL in the archive of a data folder, the newest first; `RuleError` for none.

    Those that became articles are found through the articles' shards. Where there are none, the archive
    is read, run by run from the newest, until one has the URL.
    """
    wanted = canonical_url(url, rules)
    if isinstance(wanted, Refused):
        raise RuleError(f"{url}: is no address of a page: {wanted.reason}")
    page = _Address(wanted, rules)
    found = False
    for article in _articles(page, data):
        for capture in _captured(article, data):
            found = True
            yield capture
    if found:
        return
    for capture in _scanned(page, data, progress):
        found = True
        yield capture
    if not found:
        raise RuleError(
            f"{url}: is not in the archive {data / 'warc'}, and nothing is fetched here; let `wirecorpus "
            "run` fetch it, take a WARC file in with `wirecorpus import`, or save the page to a file"
        )


class _Address(NamedTuple):
    """A canonical URL, and the rules that make others so."""

    url: str
    rules: UrlRules

    def host(self) -> bytes:
        """What stands in every line that speaks of the page, in any spelling of its URL."""
        return (urlsplit(self.url).hostname or "").encode()

    def is_one_of(self, *spellings: str) -> bool:
        """Whether one of these leads to the page."""
        return any(self.url in (s, canonical_url(s, self.rules)) for s in spellings if s)


def _articles(page: _Address, data: Path) -> list[Article]:
    """The versions of the page that the shards hold, the newest first."""
    found = [
        article
        for shard in store.shards(data / "articles")
        for article in _in_shard(shard, page.host(), Article)
        if page.is_one_of(article.canonical_url, article.final_url, article.url)
    ]
    return sorted(found, key=lambda article: article.fetched_at, reverse=True)


def _in_shard(shard: Path, words: bytes, record: type[R]) -> Iterator[R]:
    """The records of the lines with these words in them, in any case; the others are not decoded."""
    decoder = msgspec.json.Decoder(record)
    for number, line in store.numbered_lines(shard):
        if words in line.lower():
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DamagedShard(shard, f"line {number} cannot be read: {error}") from None


def _captured(article: Article, data: Path) -> Iterator[Capture]:
    """The capture that the article was read from, if the archive still has it.

    What the crawler noted beside it stands before the place to which the article points; the article
    has it, too.
    """
    place = article.http
    if not place.warc_file or not (data / place.warc_file).is_file():
        return
    for record in read_captures(data / place.warc_file, place.warc_file, place.warc_offset):
        if not isinstance(record, Capture) or record.warc_offset != place.warc_offset:
            return
        if record.id == article.capture_id:
            robots = RobotsVerdict(article.rights.robots_allowed, article.rights.robots_rule)
            yield msgspec.structs.replace(
                record,
                url=article.url,
                run_id=article.run_id,
                source_id=article.outlet.id,
                robots=robots,
            )
            return


def _scanned(page: _Address, data: Path, progress: Progress) -> Iterator[Capture]:
    """The captures of the page in one run, the newest that has any; likely runs are read first."""
    newest_first = archive_runs(data)[::-1]
    for run in sorted(newest_first, key=lambda run: not _may_have(run, page, data)):
        found: list[Capture] = []
        for record in chain.from_iterable(read_captures(data / n, n) for n, _ in run.files):
            progress("looking through the archive", 1)
            if isinstance(record, Capture) and may_be_story(record):
                found += [record] if page.is_one_of(record.final_url, record.url) else []
        if found:
            yield from sorted(found, key=lambda capture: capture.fetched_at, reverse=True)
            return


def _may_have(run: ArchiveRun, page: _Address, data: Path) -> bool:
    """Whether the run is likelier than others: it is not built, or the page was rejected in it."""
    shard = data / "rejections" / run.shard
    return not shard.is_file() or any(
        page.is_one_of(r.url) for r in _in_shard(shard, page.host(), Rejection)
    )
