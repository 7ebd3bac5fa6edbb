"""What a crawl would ask for now: `crawl --dry-run`.

In: a `Config` and the state as it stands. Out: a row a source. Nobody is asked, nothing is written.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.config import Config
from crawler.discovery import Site
from crawler.manners import allowance_of, check_contact, url_rules
from crawler.records import Record

_SHOWN = 5


class Planned(Record):
    """What is due for a source: listings, known articles, and the first URLs of both."""

    id: str
    listings: int
    articles: int
    first: tuple[str, ...]


def plan(config: Config, now: float) -> tuple[Planned, ...]:
    """What is due of each source; articles that the listings will announce are not known yet."""
    check_contact(config.crawl, config.path.name)
    rules = url_rules()
    rows = []
    for source in config.sources:
        seeds = [seed.url for seed in Site(source, rules).seeds]
        limit = allowance_of(source, config.crawl).max_pages
        due = _due(config.data / "state.sqlite", source.id, now, limit)
        first = (*seeds, *due)[:_SHOWN]
        rows.append(Planned(source.id, len(seeds), len(due), first))
    return tuple(rows)


def _due(path: Path, source_id: str, now: float, limit: int) -> tuple[str, ...]:
    if not path.exists():
        return ()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT url FROM urls WHERE source_id = ? AND kind = 'article' AND next_due <= ?"
            " ORDER BY date DESC, url LIMIT ?",
            (source_id, now, limit),
        )
        return tuple(str(row[0]) for row in rows)
