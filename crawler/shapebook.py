"""What is remembered of how a site's addresses look: a sample of its stories', a sample of others.

In and out: rows of the state. Part of `crawler.state.State`. A sample is the addresses with the smallest
digests, so it is the same whatever the order in which they came, and however often; it does not grow.
"""

import hashlib
from collections.abc import Iterable

from crawler.database import Database
from crawler.hosts import registrable_domain
from crawler.likeness import Likeness, features
from crawler.links import Shape
from crawler.records import PageFacts
from crawler.urls import host_of

MOST_SHAPES = 128
"""Addresses kept of a site, of stories and of others each."""

# A site that was built anew has other addresses: what was not announced for so long is forgotten.
_KEPT_FOR = 180 * 86_400.0
_SEEN_AGAIN = 86_400.0


class ShapeBook(Database):
    """The table `shapes`."""

    def learn_shapes(self, urls: Iterable[str], now: float, *, stories: bool) -> None:
        """Note addresses that are stories', or that turned out to be none, each for its site."""
        sites: dict[str, dict[int, str]] = {}
        for url in urls:
            sites.setdefault(registrable_domain(host_of(url)), {})[_mark(url)] = url
        for site, told in sites.items():
            self._learn(site, told, now, stories=stories)

    def learn_page(self, url: str, page: PageFacts, now: float) -> None:
        """Note the address of a page that says for certain whether it is a story.

        Dead links and walls have the addresses of stories.
        """
        if page.is_story or page.label == "not_html":
            self.learn_shapes((url,), now, stories=page.is_story)

    def learn_hop(self, url: str, target: str, now: float) -> None:
        """Note where an announced address led: feeds may have redirects, which pages do not."""
        site = registrable_domain(host_of(url))
        if self._one(
            "SELECT 1 FROM shapes WHERE site = ? AND story AND mark = ?", site, _mark(url)
        ):
            self.learn_shapes((target,), now, stories=True)

    def _learn(self, site: str, told: dict[int, str], now: float, *, stories: bool) -> None:
        full = self._one(
            "SELECT max(mark) FROM shapes WHERE site = ? AND story = ? HAVING count(*) >= ?",
            *(site, stories, MOST_SHAPES),
        )
        if full and min(told) > full[0]:
            return  # as most pages of a site do: none of them would be kept
        rows = self._all(
            "SELECT mark, seen_at FROM shapes WHERE site = ? AND story = ?", site, stories
        )
        known: dict[int, float] = dict(rows)
        kept = sorted({*known, *told})[:MOST_SHAPES]
        for mark in set(known).difference(kept):
            self._do(
                "DELETE FROM shapes WHERE site = ? AND story = ? AND mark = ?", site, stories, mark
            )
        for mark in kept:
            if mark in told and known.get(mark, 0.0) < now - _SEEN_AGAIN:
                self._do(
                    "INSERT OR REPLACE INTO shapes VALUES (?, ?, ?, ?, ?)",
                    *(site, stories, mark, " ".join(features(Shape.of(told[mark]))), now),
                )

    def likeness(self, url: str) -> Likeness:
        """What is known of a URL's site. What was announced is a story, whatever else was found of it."""
        rows = self._all(
            "SELECT story, mark, features FROM shapes WHERE site = ? ORDER BY mark",
            registrable_domain(host_of(url)),
        )
        stories = {mark: tuple(shape.split(" ")) for story, mark, shape in rows if story}
        others = [
            tuple(shape.split(" "))
            for story, mark, shape in rows
            if not story and mark not in stories
        ]
        return Likeness(stories.values(), others)

    def forget_shapes(self, now: float) -> None:
        """Let go of what was last seen half a year ago."""
        self._do("DELETE FROM shapes WHERE seen_at < ?", now - _KEPT_FOR)


def _mark(url: str) -> int:
    """48 bits of the address's digest."""
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "replace")).digest()[:6])
