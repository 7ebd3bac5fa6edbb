"""What traps are made of: the answers that most of them need, and the record of one.

In: nothing. Out: a `Trap` with the answers of its hosts by "host/path", how it is announced, and the
`House` by which it is judged. The answers are those of `tests.crawler.loopback`.
"""

from itertools import count

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, reply
from tests.newsweb.judge import House

HTML = "text/html; charset=utf-8"
_XML = "application/xml"


class Trap(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts and what they answer, by "host/path", a final `*` for any ending; the sources that name them.

    `resolve` are names that are not at the trap web's own server: name to "address:port" or "name:port".
    """

    answers: dict[str, Answer]
    house: House
    sources: tuple[dict[str, object], ...]
    resolve: dict[str, str] = {}


def page(text: str = "A story.") -> Answer:
    """A page of one paragraph."""
    return reply(f"<html><body><p>{text}</p></body></html>".encode(), Content_Type=HTML)


def feed(*links: str, updated: str = "") -> Answer:
    """A feed of these links; `updated` stands in each entry."""
    dates = f"<a:updated>{updated}</a:updated>" if updated else ""
    items = "".join(f"<item><title>t</title><link>{one}</link>{dates}</item>" for one in links)
    text = (
        f'<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel>{items}</channel></rss>'
    )
    return reply(text.encode(), Content_Type="application/rss+xml")


def urlset(*links: str) -> Answer:
    """A sitemap of pages."""
    rows = "".join(f"<url><loc>{one}</loc></url>" for one in links)
    return reply(f"<urlset>{rows}</urlset>".encode(), Content_Type=_XML)


def index(*links: str) -> Answer:
    """A sitemap of sitemaps."""
    rows = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in links)
    return reply(f"<sitemapindex>{rows}</sitemapindex>".encode(), Content_Type=_XML)


def robots(text: str = "") -> Answer:
    """A robots.txt for everybody."""
    return reply(f"User-agent: *\n{text}".encode(), Content_Type="text/plain")


def moved(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return reply(status=status, Location=location)


def first(*answers: Answer) -> Answer:
    """These answers one after the other, the last for good."""
    turn = count()

    def answer(asked: Asked, send: Send) -> None:
        answers[min(next(turn), len(answers) - 1)](asked, send)

    return answer


def source(host: str, **more: object) -> dict[str, object]:
    """A source with a feed at /rss."""
    listed: dict[str, object] = {"id": host.partition(".")[0], "home": f"http://{host}/"}
    return listed | {"feeds": (f"http://{host}/rss",)} | more


def trap(name: str, answers: dict[str, Answer], *names: str, **house: object) -> Trap:
    """A trap of one source; answers without a host are its own, names are further ones."""
    host = f"{name}.example"
    own = {key if not key.startswith("/") else host + key: one for key, one in answers.items()}
    own = {f"{host}/robots.txt": robots()} | own
    rules = House(names=(host, *names), **house)  # type: ignore[arg-type]  # a trap's own words
    return Trap(answers=own, house=rules, sources=(source(host),))


def stories(number: int) -> dict[str, Answer]:
    """A feed of so many stories, and the stories."""
    return {"/rss": feed(*(f"/{n}" for n in range(number)))} | {
        f"/{n}": page(f"Story {n}.") for n in range(number)
    }


def beside(name: str, answers: dict[str, Answer], healthy: int = 2, **house: object) -> Trap:
    """A host with bad answers in its feed, and after them healthy stories that must not be lost."""
    good = [f"/{n}" for n in range(healthy)]
    bad = [path for path in answers if path not in ("/robots.txt", "/rss") and "*" not in path]
    listed = {"/rss": feed(*bad, *good)} | {path: page(f"Story {path}.") for path in good}
    wanted = tuple(f"{name}.example{path}" for path in (*bad, *good))
    return trap(name, listed | answers, **({"wanted": wanted} | house))
