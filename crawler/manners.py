"""What the settings mean for a run: who we say we are, how gently we ask, how much each source gets.

In: `CrawlSettings` and sources. Out: the frontier's `Manners` and `Allowance`, the User-Agent header, the
URL rules. No contact, no crawl: that is checked here.
"""

from importlib import metadata

from crawler.config import Config, default_file
from crawler.errors import ConfigError
from crawler.pagefacts import PageRule, load_page_rules
from crawler.records import CrawlSettings, Source
from crawler.robots import product_token
from crawler.steps import Allowance, Manners
from crawler.urls import UrlRules, load_url_rules

_PLACEHOLDER = "you@example.org"


def check_ready(config: Config) -> None:
    """Raise a `ConfigError` where a crawl could do nothing, or nobody would know whose it is."""
    where = config.path.name
    check_contact(config.crawl, where)
    if not config.sources:
        raise ConfigError(
            f"{where}: names no sources; add a [[source]] table, or name files that are there, as in"
            ' sources = ["sources/*.toml"]'
        )


def check_contact(settings: CrawlSettings, where: str) -> None:
    """Raise a `ConfigError` unless an operator could write to somebody."""
    if settings.contact.strip() in ("", _PLACEHOLDER):
        told = "is the example's" if settings.contact.strip() else "is missing"
        raise ConfigError(
            f"{where}: [crawl] contact {told}; write your own address, e.g."
            ' contact = "name@your-university.edu", so that a site\'s operator can reach you'
        )
    for key in ("user_agent", "bot_page", "contact"):
        value = getattr(settings, key)
        if not (value.isascii() and value.isprintable()):
            raise ConfigError(f"{where}: [crawl] {key} stands in every request: ASCII letters only")
    if not product_token(settings.user_agent):
        raise ConfigError(
            f"{where}: [crawl] user_agent must begin with a product token such as WireCorpusBot,"
            " for robots.txt to name us by"
        )


def manners_of(settings: CrawlSettings, deadline: float, max_pages: float) -> Manners:
    """The settings as the frontier takes them."""
    return Manners(
        user_agent=settings.user_agent,
        delay=settings.delay,
        per_host=settings.per_host,
        concurrency=settings.concurrency,
        max_crawl_delay=settings.max_crawl_delay,
        max_retry_after=settings.max_retry_after,
        deadline=deadline,
        max_pages=max_pages,
        skip_reserved=settings.tdm == "skip",
    )


def allowance_of(source: Source, settings: CrawlSettings) -> Allowance:
    """What this source may take of a run."""
    pages = settings.max_pages_per_source if source.max_pages is None else source.max_pages
    return Allowance(max_pages=pages, delay=source.delay or 0.0)


def url_rules() -> UrlRules:
    """The rules of `configs/urls.toml`."""
    return load_url_rules(default_file("urls.toml").read_text(encoding="utf-8"), "urls.toml")


def page_rules() -> tuple[PageRule, ...]:
    """The rules of `configs/pages.toml`."""
    text = default_file("pages.toml").read_text(encoding="utf-8")
    return load_page_rules(text, "pages.toml")


def agent_line(settings: CrawlSettings) -> str:
    """The User-Agent header: product and version, where to read of us and where to write to us."""
    page = f"+{settings.bot_page}; " if settings.bot_page else ""
    return f"{settings.user_agent}/{_version()} ({page}{settings.contact})"


def _version() -> str:
    """Major and minor version of this program, as far as it is installed."""
    try:
        return ".".join(metadata.version("wirecorpus").split(".")[:2])
    except metadata.PackageNotFoundError:
        return "0.1"
