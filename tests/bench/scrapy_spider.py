"""The spider that ours is measured against, as somebody who has read Scrapy's manual writes it.

    python scrapy_spider.py ADDRESS PER_HOST DELAY [OUT] < FEEDS

In: URLs of feeds, a line each; their hosts are at ADDRESS. Out: every page that they announce is
fetched; where OUT is given, trafilatura reads each in an item pipeline, and its article is a JSON line there.
It runs in an environment of its own (`tests.bench.rival`), so it imports nothing of the project.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.resolver import dnscache


class Pages(scrapy.Spider):  # type: ignore[misc]  # no types: it is not installed where mypy runs
    """Feeds, then what they announce."""

    name = "pages"

    def __init__(self, feeds: list[str], *, extracts: bool) -> None:
        super().__init__()
        self.start_urls = feeds
        self._extracts = extracts

    def parse(self, response: Any) -> Iterator[Any]:
        """Ask for the stories of a feed."""
        for link in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(link, callback=self.parse_story)

    def parse_story(self, response: Any) -> Iterator[dict[str, str]]:
        """The page, where somebody reads it."""
        if self._extracts:
            yield {"url": response.url, "html": response.text}


class Extraction:
    """trafilatura as an item pipeline: text and metadata, as its manual has it."""

    def __init__(self) -> None:
        self._out = Path(sys.argv[4]).open("w", encoding="utf-8")  # noqa: SIM115  open for the spider's life

    def process_item(self, item: dict[str, str]) -> dict[str, str]:
        """Write the article."""
        import trafilatura

        found: Any = trafilatura.bare_extraction(item["html"], url=item["url"], with_metadata=True)
        if found:
            row = {
                "url": item["url"],
                "title": found.title,
                "author": found.author,
                "date": found.date,
                "text": found.text,
            }
            self._out.write(json.dumps(row) + "\n")
        return item

    def close_spider(self) -> None:
        """Write what is left."""
        self._out.close()


def main() -> None:
    """Crawl."""
    feeds = sys.stdin.read().split()
    address, per_host, delay = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    extracts = len(sys.argv) > 4
    settings: dict[str, Any] = {
        "USER_AGENT": "BenchBot/1.0 (+https://example.org/bot)",
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": 100,
        "CONCURRENT_REQUESTS_PER_DOMAIN": per_host,
        "DOWNLOAD_DELAY": delay,
        "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False,
    }
    if extracts:
        settings["ITEM_PIPELINES"] = {Extraction: 100}
    process = CrawlerProcess(settings)
    process.crawl(Pages, feeds=feeds, extracts=extracts)
    for feed in feeds:  # after the crawler's making, which sets the cache's limit
        dnscache[urlsplit(feed).hostname] = address
    process.start()


if __name__ == "__main__":
    main()
