"""The second day: what is asked for again, with which validators, and what of the news is found.

    python -m tests.bench.next_day

The main job on the made-up web of day one, and again on that of day two, which has new stories, corrected
ones and withdrawn ones. Told from the servers' log; of the articles only how many versions came of it. Three
of the outlets render every page anew each day, which no validator helps against; so bytes are told for the
others alone, too.
"""

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.commands import articles, wirecorpus, write_config
from tests.newsweb import NewsWeb
from tests.newsweb.content import outlets
from tests.newsweb.server import Access
from tests.newsweb.truth import Truth, truth, url_key

MOST_BYTES = 0.30
# Seconds: the shortest age at which a story is asked for again, in the demo's configuration.
_DUE = 1.2


def main() -> None:
    """Print what was seen, and the bars."""
    with NewsWeb() as web, tempfile.TemporaryDirectory(prefix="wirecorpus-bench-") as folder:
        config = write_config(Path(folder), web)
        codes = [wirecorpus("run", "--config", config).code]
        first = list(web.requests())
        web.set_day(2)
        time.sleep(_DUE)
        codes.append(wirecorpus("run", "--config", config).code)
        second = list(web.requests())[len(first) :]
        versions = [a["version"] for a in articles(Path(folder) / "data")]
    known, now = {t.url: t for t in truth(1)}, truth(2)
    new = [t for t in now if t.url not in known and t.expect == "article"]
    corrected = [t for t in now if t.url in known and t.text != known[t.url].text]
    corrected = [t for t in corrected if t.expect == "article"]
    repeats, bare = asked_again(first, second)
    volatile = {outlet.host for outlet in outlets() if outlet.volatile}
    stable = [[a for a in day if a.host not in volatile] for day in (first, second)]
    print(
        f"second day: runs ended with {codes}, {len(first)} and {len(second)} requests, of these"
        f" {sum(a.status == 304 for a in second)} answered 304"
    )
    print(f"  bar: {repeats} repeats, {len(bare)} without validators {bare[:3] or ''}")
    print(
        f"  bar: {_found(new, second)} of {len(new)} new and {_found(corrected, second)} of"
        f" {len(corrected)} corrected stories fetched; {versions.count(2)} second versions of articles"
    )
    print(
        f"  bar: {_share(first, second)} of bodies, at most {100 * MOST_BYTES:.0f} %; without the"
        f" {len(volatile)} outlets whose every page is new each day {_share(*stable)}"
    )


def asked_again(first: Iterable[Access], second: Iterable[Access]) -> tuple[int, list[str]]:
    """How many URLs were asked for that came with validators before, and those that had none sent."""
    before = {(a.host, a.path) for a in first if a.status in (200, 304)}
    again = [a for a in second if (a.host, a.path) in before]
    return len(again), [a.host + a.path for a in again if not a.has_validators]


def _found(stories: Iterable[Truth], asked: Iterable[Access]) -> int:
    fetched = {url_key(a.host + a.path) for a in asked if a.status == 200}
    return sum(any(url_key(url) in fetched for url in (t.url, *t.urls)) for t in stories)


def _share(first: Iterable[Access], second: Iterable[Access]) -> str:
    before, now = sum(a.bytes for a in first), sum(a.bytes for a in second)
    return f"{now:,} bytes after {before:,} ({100 * now / before:.0f} %)"


if __name__ == "__main__":
    main()
