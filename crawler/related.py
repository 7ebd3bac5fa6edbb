"""One article is one address: what a story's page says of its other forms, into the state.

In: a page that was fetched, and its source's site. Out: the state further on, and the addresses to ask for
besides: a translation that the source wants, the story behind an AMP page.
"""

from collections.abc import Iterator

from crawler.discovery import Site
from crawler.records import Due, PageFacts
from crawler.state import State
from crawler.urls import host_of

# An AMP page, its story, a translation of that.
_LONGEST_CHAIN = 2
# Headlines of a run: the forms of a story are met close together.
_KEPT = 20_000


def relate(
    due: Due, page: PageFacts, site: Site, state: State, headlines: dict[str, str], now: float
) -> Iterator[Due]:
    """Take in what the page at `due` says of other addresses; those that are to be asked for.

    `headlines` are of the pages that this run has fetched, by address; this one is added. A chain of pages,
    each asked for by the word of the one before, breaks off: it need have no end.
    """
    leads_on = due.depth < _LONGEST_CHAIN
    headline = page.headline.casefold()
    headlines[due.url] = headline
    if len(headlines) > _KEPT:
        del headlines[next(iter(headlines))]
    if headline:
        state.has_headline(due.url, headline)
    canonical = _own(page.canonical, due.url, site)
    if canonical and page.is_amp:
        wanted = state.announce(_beside(due, canonical), 0.0, now) if leads_on else None
        state.names_canonical(due.url, canonical, headline)
        state.replaced(due.url, canonical)
        if wanted:
            yield wanted
    elif canonical and headline:
        state.names_canonical(due.url, canonical, headline)
        if canonical in headlines:
            state.has_headline(canonical, headlines[canonical])
    amp = _own(page.amp, due.url, site)
    if amp:
        state.other_form(amp, due.url)
    for language, address in page.alternates:
        other = _own(address, due.url, site)
        if other and leads_on and site.speaks(language):
            wanted = state.announce(_beside(due, other), 0.0, now)
            if wanted:
                yield wanted


def _own(address: str, url: str, site: Site) -> str:
    """The address in its canonical spelling; "" where it is this page's, or no story of the source.

    A page that is served over http and names itself by https (or the other way round) is one page: whether
    the other scheme answers nobody knows.
    """
    _, _, rest = address.partition("://")
    if not rest:
        return ""
    own = site.own(url.partition("://")[0] + "://" + rest, url)
    known = own and (host_of(own) == host_of(url) or site.lists_host(own))
    return own if known and own != url and site.wants(own) and not site.lists(own) else ""


def _beside(due: Due, url: str) -> Due:
    return Due(url, "article", due.source_id, due.date, depth=due.depth + 1)
