"""What a crawl would ask for now: `crawl --dry-run`.

In: a `Config` and the state as it stands. Out: a row a source. Nobody is asked, nothing is written.
"""

from contextlib import closing

from crawler.config import Config
from crawler.discovery import Site
from crawler.manners import allowance_of, check_ready, url_rules
from crawler.records import Record
from crawler.state import State

_SHOWN = 5


class Planned(Record):
    """What is due for a source: listings, known articles, and the first URLs of both."""

    id: str
    listings: int
    articles: int
    first: tuple[str, ...]


def plan(config: Config, now: float) -> tuple[Planned, ...]:
    """What is due of each source; articles that the listings will announce are not known yet."""
    check_ready(config)
    rules = url_rules()
    rows = []
    with closing(State(config.data / "state.sqlite", read_only=True)) as state:
        for source in config.sources:
            seeds = [seed.url for seed in Site(source, rules).seeds]
            limit = allowance_of(source, config.crawl).max_pages
            due = [due.url for due in state.due_articles(source.id, now, limit)]
            first = (*seeds, *due)[:_SHOWN]
            rows.append(Planned(source.id, len(seeds), len(due), first))
    return tuple(rows)
