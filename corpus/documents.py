"""What clustering knows of an article version: a `Document`.

In: article records, or lines of the `cluster` filter. Out: documents, with the host that scopes
furniture and the day that the date window counts from.
"""

import math
from datetime import UTC, datetime
from urllib.parse import urlsplit

from corpus.records import Article, TextLine
from crawler.records import Record


class Document(Record, kw_only=True):
    """A version of an article, as clustering sees it.

    `published_at` and `seen_at` (of this version, not of its page) are RFC 3339 UTC; null or "" where
    unknown. `host` scopes furniture,
    and "" has none. `outlet` is what readers are shown.
    """

    article_id: str
    version: int = 1
    text: str
    host: str = ""
    outlet: str = ""
    owner: str = ""
    country: str = ""
    headline: str = ""
    published_at: str | None = None
    seen_at: str = ""
    agencies: tuple[str, ...] = ()


def document_of(article: Article) -> Document:
    """The article version as a document; its host is that of its canonical URL."""
    return Document(
        article_id=article.id,
        version=article.version,
        text=article.text,
        host=_host(article.canonical_url or article.url),
        outlet=article.outlet.name or article.outlet.id or _host(article.canonical_url),
        owner=article.outlet.owner,
        country=article.outlet.country,
        headline=article.headline,
        published_at=article.date_published,
        seen_at=article.fetched_at or article.first_seen_at,
        agencies=article.wire.agencies,
    )


def document_of_line(line: TextLine) -> Document:
    """The input line of `cluster` as a document; where it names no host, that of its URL."""
    host = line.host or _host(line.url or "")
    return Document(
        article_id=line.id,
        version=line.version,
        text=line.text,
        host=host,
        outlet=host,
        headline=line.headline or line.title or "",
        published_at=line.date_published or line.published or None,
        seen_at=line.first_seen_at or "",
    )


def day_of(published_at: str | None, seen_at: str = "") -> float:
    """The day of publication as days since 1970, NaN where it is unknown or cannot be true.

    A page cannot be older than the web (1990), nor be seen more than a day before it is published; where
    it is not known when it was seen, 2100 is the end. When it was seen stands for no day: an old page may be
    found late, and one with a wrong day would miss its copies.
    """
    published, seen = moment_of(published_at or ""), moment_of(seen_at)
    latest = _LAST_DAY if math.isnan(seen) else seen + 1
    return published if _FIRST_WEB_DAY <= published <= latest else math.nan


_FIRST_WEB_DAY = 7305.0  # 1990-01-01
_LAST_DAY = 47482.0  # 2100-01-01


def moment_of(moment: str) -> float:
    """RFC 3339 as days since 1970 UTC, NaN where it is none."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return math.nan
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() / 86400


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
