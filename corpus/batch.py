"""A filter's whole input as one batch: read twice, so that its sites can be learned first.

In: pages, in any order. Out: their articles and rejections in that order. The same set of pages gives
the same texts in any order, and nothing is remembered. Without profiles the input is streamed.
"""

from collections.abc import Iterable, Iterator

from corpus.pages import Page, TextPage
from corpus.records import Article, Rejection
from corpus.workers import ExtractPool
from crawler.records import Capture


def extracted(
    pool: ExtractPool, pages: Iterable[Page | TextPage | Capture | Rejection], *, profiles: bool
) -> Iterator[Article | Rejection]:
    """The answer to each page in the pages' order; with profiles, after the last page was read."""
    if not profiles:
        yield from pool.map(pages)
        return
    from corpus.spool import Spool
    from corpus.survey import Place, Survey
    from corpus.tending import tend

    with Spool() as spool:
        survey = Survey()
        for page in pages:
            place = spool.put(page)
            if isinstance(page, Page | Capture):
                survey.add(page, "", place)

        def again(place: Place) -> Page | Capture | None:
            page = spool.get(place.offset)
            return page if isinstance(page, Page | Capture) else None

        tended = tend(pool, survey, {}, again)
        yield from pool.map(spool, tended.profile_of)
