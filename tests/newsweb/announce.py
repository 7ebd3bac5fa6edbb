"""How an outlet announces its stories: RSS, Atom, JSON Feed, news sitemap, sitemap index, robots.txt.

In: an outlet and its pages, newest first. Out: the documents' text. Feeds name a story by its tracked
URL, and a story that was moved by its old one, as feeds do.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.newsweb.content import OutletRow
from tests.newsweb.layout import local, story_link
from tests.newsweb.pages import Page

FEED_PATH = {"rss": "/feed.xml", "atom": "/atom.xml", "json": "/feed.json"}
FEED_TYPE = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json",
}
NEWS_SITEMAP = "/sitemap-news.xml"
SITEMAP_INDEX = "/sitemap.xml"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def feed(outlet: OutletRow, pages: Sequence[Page]) -> str:
    """The outlet's feed in its format."""
    return {"rss": _rss, "atom": _atom, "json": _json_feed}[outlet.feed](outlet, pages)


def news_sitemap(outlet: OutletRow, pages: Sequence[Page]) -> str:
    """A sitemap with the news extension: publication, title and date of each story."""
    rows = "\n".join(
        f"<url><loc>{escape(page.url)}</loc><lastmod>{_w3c(page.modified)}</lastmod>"
        f"<news:news><news:publication><news:name>{escape(outlet.name)}</news:name>"
        f"<news:language>{outlet.language}</news:language></news:publication>"
        f"<news:publication_date>{local(page.published, outlet).isoformat()}</news:publication_date>"
        f"<news:title>{escape(page.headline)}</news:title></news:news></url>"
        for page in pages
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n'
        f"{rows}\n</urlset>\n"
    )


def sitemap_index(outlet: OutletRow, children: Sequence[tuple[str, datetime]]) -> str:
    """A sitemap of sitemaps: path and time of each."""
    rows = "\n".join(
        f"<sitemap><loc>http://{outlet.host}{path}</loc><lastmod>{_w3c(when)}</lastmod></sitemap>"
        for path, when in children
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{_SITEMAP}">\n'
        f"{rows}\n</sitemapindex>\n"
    )


def sitemap_path(outlet: OutletRow) -> str:
    """The path of the outlet's sitemap, "" where it has none."""
    return {"news": NEWS_SITEMAP, "index": SITEMAP_INDEX, "": ""}[outlet.sitemap]


def robots(outlet: OutletRow) -> str:
    """The outlet's robots.txt."""
    lines = [f"# {outlet.name}", "User-agent: *", "Disallow: /search", "Disallow: /premium/"]
    lines += ["Disallow: /tag/", "Allow: /premium/about"]
    if outlet.crawl_delay:
        lines.append(f"Crawl-delay: {outlet.crawl_delay}")
    if path := sitemap_path(outlet):
        lines += ["", f"Sitemap: http://{outlet.host}{path}"]
    return "\n".join(lines) + "\n"


def _rss(outlet: OutletRow, pages: Sequence[Page]) -> str:
    items = "\n".join(
        f"<item><title>{escape(page.headline)}</title><link>{escape(_announced(page))}</link>"
        f'<guid isPermaLink="false">{outlet.id}:{page.story.id}</guid>'
        f"<pubDate>{format_datetime(local(page.published, outlet))}</pubDate>"
        f"<description>{escape(story_link(page).teaser)}</description></item>"
        for page in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(outlet.name)}</title><link>http://{outlet.host}/</link>"
        f"<description>{escape(outlet.about)}</description><language>{outlet.language}</language>\n"
        f"{items}\n</channel></rss>\n"
    )


def _atom(outlet: OutletRow, pages: Sequence[Page]) -> str:
    entries = "\n".join(
        f"<entry><id>tag:{outlet.host},2026:{page.story.id}</id><title>{escape(page.headline)}</title>"
        f'<link rel="alternate" href="{escape(_announced(page), {chr(34): "&quot;"})}"/>'
        f"<published>{local(page.published, outlet).isoformat()}</published>"
        f"<updated>{local(page.modified, outlet).isoformat()}</updated>"
        f"<summary>{escape(story_link(page).teaser)}</summary></entry>"
        for page in pages
    )
    newest = max((page.modified for page in pages), default=None)
    updated = f"<updated>{_w3c(newest)}</updated>" if newest else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{outlet.language}"><id>tag:{outlet.host},2026:feed</id>'
        f"<title>{escape(outlet.name)}</title>{updated}\n{entries}\n</feed>\n"
    )


def _json_feed(outlet: OutletRow, pages: Sequence[Page]) -> str:
    items = [
        {
            "id": f"{outlet.id}:{page.story.id}",
            "url": _announced(page),
            "title": page.headline,
            "summary": story_link(page).teaser,
            "date_published": local(page.published, outlet).isoformat(),
            "date_modified": local(page.modified, outlet).isoformat(),
        }
        for page in pages
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": f"http://{outlet.host}/",
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _announced(page: Page) -> str:
    """The URL under which the feed names the story."""
    path = page.moved_from[0] if page.moved_from else page.path
    tracking = page.outlet.tracking
    if tracking:
        path += ("&" if "?" in path else "?") + tracking
    return f"http://{page.outlet.host}{path}"


def _w3c(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
