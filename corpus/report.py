"""The snapshot as one HTML file that a person opens: cluster list, and a page for each cluster.

In: clusters and the articles in those that get a page. Out: the file's text, self-contained: no
network, no other file, one script whose digest its content policy names. Size is bounded: the first
clusters get a page, their first members a row, and texts are cut where they grow long.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from corpus import htmlfile
from corpus.folding import folded_text
from corpus.records import Article, Cluster, Count, Member, StoryLink

Key = tuple[str, int]

PAGES = 250
"""So many clusters of two or more get a page."""
MEMBERS = 60
PARAGRAPHS = 40
CHARACTERS = 700
"""A page lists so many members and paragraphs, and so much of a paragraph."""

NO_HEADLINES: Mapping[str, str] = {}

Fate = Literal["kept", "changed", "cut", "added"]

_KEPT, _CHANGED = 0.8, 0.3  # shares of a paragraph's word triples that the other text has


class Piece(NamedTuple):
    """A paragraph in a strip: what became of it, how wide it is drawn, how it begins."""

    fate: Fate
    width: int
    text: str


class Row(NamedTuple):
    """A member of a cluster as its page shows it; `added` are its own paragraphs."""

    member: Member
    article: Article | None
    is_head: bool
    link: str
    strip: tuple[Piece, ...]
    tally: tuple[Count, ...]
    added: tuple[str, ...]
    added_more: int


class Related(NamedTuple):
    """A cluster that a link leads to: its headline ("" where unknown), whether it has a page, the link.

    `earlier` says that the other one comes first.
    """

    other: str
    headline: str
    is_shown: bool
    earlier: bool
    link: StoryLink


class Page(NamedTuple):
    """A cluster's page; `related` are the clusters that it contains, or that tell the same story."""

    cluster: Cluster
    related: tuple[Related, ...]
    outlets: tuple[str, ...]
    head: Article | None
    paragraphs: tuple[str, ...]
    paragraphs_more: int
    rows: tuple[Row, ...]
    rows_more: int


class Totals(NamedTuple):
    """What the report counts over the whole snapshot."""

    articles: int
    copies: int
    clusters: int
    sole: int
    shown: int
    agencies: tuple[Count, ...]


class Overview:
    """What the report shows of all clusters, told one after the other: totals, and which get a page.

    Those are the ones of two or more with the widest spread: most outlets, most members, first seen.
    """

    def __init__(self, pages: int = PAGES) -> None:
        self._most = pages
        self._best: list[tuple[tuple[int, int, str, str], Cluster, tuple[StoryLink, ...]]] = []
        self._agencies: Counter[str] = Counter()
        self._articles = self._copies = self._clusters = self._sole = 0

    def add(self, cluster: Cluster, links: tuple[StoryLink, ...] = ()) -> None:
        """Count a cluster; `links` are its story's."""
        self._articles += cluster.size
        for vote in cluster.wire.votes:
            self._agencies[vote.agency] += vote.count
        if cluster.size == 1:
            self._sole += 1
            return
        self._copies += cluster.size
        self._clusters += 1
        rank = (-cluster.outlet_count, -cluster.size, cluster.first_seen_at, cluster.id)
        self._best.append((rank, cluster, links))
        if len(self._best) > 8 * self._most:
            self._cut()

    @property
    def shown(self) -> tuple[Cluster, ...]:
        """The clusters that get a page, in their order."""
        self._cut()
        return tuple(cluster for _, cluster, _ in self._best)

    @property
    def linked(self) -> frozenset[str]:
        """The clusters that links of those with a page lead to."""
        self._cut()
        found = (other for _, cluster, links in self._best for other, _ in _of(cluster, links))
        return frozenset(found)

    def related(self, headlines: Mapping[str, str]) -> Mapping[str, tuple[Related, ...]]:
        """What the clusters that get a page are linked with, by their ids."""
        shown = {cluster.id for cluster in self.shown}
        return {
            cluster.id: tuple(
                Related(
                    other, headlines.get(other, ""), other in shown, link.to == cluster.id, link
                )
                for other, link in _of(cluster, links)
            )
            for _, cluster, links in self._best
        }

    @property
    def wanted(self) -> tuple[Key, ...]:
        """The articles that the pages show: (id, version), in order."""
        return tuple((m.article_id, m.version) for c in self.shown for m in _listed(c))

    @property
    def totals(self) -> Totals:
        """The counts."""
        ranked = sorted(self._agencies.items(), key=lambda item: (-item[1], item[0]))
        return Totals(
            articles=self._articles,
            copies=self._copies,
            clusters=self._clusters,
            sole=self._sole,
            shown=len(self.shown),
            agencies=tuple(Count(name, count) for name, count in ranked),
        )

    def _cut(self) -> None:
        self._best.sort(key=lambda ranked: ranked[0])
        del self._best[self._most :]


def _of(cluster: Cluster, links: Iterable[StoryLink]) -> Iterator[tuple[str, StoryLink]]:
    """The links of a cluster's story that begin or end at it, with the other cluster's id."""
    for link in links:
        if cluster.id in (link.from_, link.to):
            yield (link.to if link.from_ == cluster.id else link.from_), link


def render(
    overview: Overview,
    articles: Mapping[Key, Article],
    snapshot: str,
    headlines: Mapping[str, str] = NO_HEADLINES,
) -> str:
    """The report; an article that is not in `articles` is listed without its text.

    `headlines` are those of the clusters in `overview.linked`.
    """
    related = overview.related(headlines)
    return htmlfile.render(
        "report",
        {"day": _day, "percent": _percent, "many": _many},
        snapshot=snapshot,
        totals=overview.totals,
        pages=[_page(cluster, related[cluster.id], articles) for cluster in overview.shown],
    )


def strip(head: Sequence[str], other: Sequence[str]) -> tuple[Piece, ...]:
    """What became of each of the head's paragraphs in the other text, then what that one added."""
    theirs, ours = _triples_of(other), _triples_of(head)
    pieces = []
    for paragraph in head:
        held = _held(paragraph, theirs)
        fate: Fate = "kept" if held >= _KEPT else "changed" if held >= _CHANGED else "cut"
        pieces.append(_piece(fate, paragraph))
    added = (_piece("added", p) for p in other if _held(p, ours) < _CHANGED)
    return (*pieces, *added)


def _listed(cluster: Cluster) -> tuple[Member, ...]:
    """The representative, and the first others."""
    head = (cluster.representative.article_id, cluster.representative.version)
    ranked = sorted(cluster.members, key=lambda m: (m.article_id, m.version) != head)
    return tuple(ranked[:MEMBERS])


def _page(cluster: Cluster, related: tuple[Related, ...], articles: Mapping[Key, Article]) -> Page:
    head = articles.get((cluster.representative.article_id, cluster.representative.version))
    body = _paragraphs(head)
    listed = _listed(cluster)
    return Page(
        cluster=cluster,
        related=related,
        outlets=tuple(sorted({m.outlet for m in cluster.members if m.outlet})),
        head=head,
        paragraphs=tuple(_short(p, CHARACTERS) for p in body[:PARAGRAPHS]),
        paragraphs_more=max(0, len(body) - PARAGRAPHS),
        rows=tuple(_row(m, articles, cluster, body) for m in listed),
        rows_more=cluster.size - len(listed),
    )


def _row(
    member: Member, articles: Mapping[Key, Article], cluster: Cluster, body: Sequence[str]
) -> Row:
    key = (member.article_id, member.version)
    article = articles.get(key)
    pieces = strip(body, _paragraphs(article)) if article and body else ()
    added = [piece.text for piece in pieces if piece.fate == "added"]
    counts = Counter(piece.fate for piece in pieces)
    fates: tuple[Fate, ...] = ("kept", "changed", "cut", "added")
    return Row(
        member=member,
        article=article,
        is_head=key == (cluster.representative.article_id, cluster.representative.version),
        link=_web_link(article.url) if article else "",
        strip=pieces[: 2 * PARAGRAPHS],
        tally=tuple(Count(fate, counts[fate]) for fate in fates if counts[fate]),
        added=tuple(_short(text, CHARACTERS) for text in added[:6]),
        added_more=max(0, len(added) - 6),
    )


def _paragraphs(article: Article | None) -> tuple[str, ...]:
    if not article:
        return ()
    if article.paragraphs:
        return tuple(article.text[start:end] for start, end in article.paragraphs)
    return tuple(part for part in article.text.split("\n\n") if part.strip())


def _piece(fate: Fate, paragraph: str) -> Piece:
    return Piece(fate, max(2, min(60, len(paragraph.split()))), _short(paragraph, CHARACTERS))


def _triples_of(paragraphs: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(triple for paragraph in paragraphs for triple in _triples(paragraph))


def _triples(paragraph: str) -> list[tuple[str, ...]]:
    """Runs of three words, so that word order counts; of a shorter paragraph the whole."""
    words = re.findall(r"\w+", folded_text(paragraph).casefold())
    return [tuple(words[n : n + 3]) for n in range(max(1, len(words) - 2))]


def _held(paragraph: str, by: frozenset[tuple[str, ...]]) -> float:
    triples = _triples(paragraph)
    return sum(triple in by for triple in triples) / len(triples)


def _web_link(url: str) -> str:
    """The address where it is one that a click may follow; a page names its address itself."""
    return url if re.match(r"https?://", url, re.IGNORECASE) else ""


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _day(moment: str | None) -> str:
    """2026-11-23T06:00:00Z as "2026-11-23 06:00"."""
    return (moment or "")[:16].replace("T", " ")


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"


def _many(number: int) -> str:
    return f"{number:,}"
