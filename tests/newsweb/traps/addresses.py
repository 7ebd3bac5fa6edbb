"""Hosts that lead inside: to addresses that are nobody's business, however they are spelt.

The inside is a server on the loopback addresses that `allow_networks` leaves shut; it notes every connection.
"""

from collections import Counter

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, reply
from tests.newsweb.traps.making import Trap, feed, moved, page, robots, source, stories, trap


def spellings(port: int) -> tuple[str, ...]:
    """URLs of the inside, each spelt otherwise."""
    hosts = (
        "127.0.0.1", "127.0.0.1.", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
        "017700000001", "0", "0.0.0.0", "localhost", "localhost.", "LOCALHOST", "%31%32%37.0.0.1",
        "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]",
    )  # fmt: skip
    return (
        *(f"http://{host}:{port}/inside" for host in hosts),
        f"http://user:word@127.0.0.1:{port}/inside",
        f"http://inside.example@127.0.0.1:{port}/inside",
        f"http://127.0.0.1:{port}\\@inside.example/",
        f"http:\\\\127.0.0.1:{port}\\inside",
        f"//127.0.0.1:{port}/inside",
        f"https://127.0.0.1:{port}/inside",
    )


def internal_links(port: int) -> Trap:
    """A feed and a robots.txt that name the inside, and stories that redirect there."""
    links = spellings(port)
    answers = {f"/{n}": moved(link) for n, link in enumerate(links)}
    answers |= {"/rss": feed("/story", *links, *answers), "/story": page()}
    answers |= {"/robots.txt": robots("".join(f"Sitemap: {link}\n" for link in links))}
    wanted = ("inside.example/story", f"inside.example/{len(links) - 1}")
    return trap("inside", answers, wanted=wanted)


def internal_listings(port: int) -> Trap:
    """Feeds that redirect to the inside; somebody else may serve a feed, but not that one."""
    links = spellings(port)
    host = "http://inward.example"
    answers = {f"/feed{n}": moved(link) for n, link in enumerate(links)}
    made = trap("inward", stories(1) | answers, wanted=("inward.example/0",))
    feeds = (f"{host}/rss", *(f"{host}/feed{n}" for n in range(len(links))))
    return msgspec.structs.replace(made, sources=(source("inward.example", feeds=feeds),))


def internal_robots(port: int) -> Trap:
    """A robots.txt that redirects to the inside: it is out of reach, so nothing else is asked."""
    answers = stories(1) | {"/robots.txt": moved(f"http://127.0.0.1:{port}/robots.txt")}
    return trap("indirect", answers, private=("indirect.example/rss", "indirect.example/0"))


def internal_names(port: int) -> Trap:
    """Names of the site's own domain that are at an inner address."""
    inner = {
        "v4": f"127.0.0.1:{port}", "v6": f"[::1]:{port}", "mapped": f"[::ffff:127.0.0.1]:{port}",
        "short": f"0.0.0.0:{port}", "meta": "169.254.169.254:80", "ten": "10.0.0.1:80",
        "six": "[fe80::1]:80", "nat": f"[64:ff9b::7f00:1]:{port}", "name": f"localhost:{port}",
    }  # fmt: skip
    links = tuple(f"http://{name}.names.example/admin" for name in inner)
    answers = {"/rss": feed(*links, "/0"), "/0": page()}
    made = trap("names", answers, wanted=("names.example/0",))
    resolve = {f"{name}.names.example": place for name, place in inner.items()}
    return msgspec.structs.replace(made, resolve=resolve)


def _closing(answer: Answer) -> Answer:
    """The same, after which the connection ends: the next request has to look the name up again."""

    def answered(asked: Asked, send: Send) -> None:
        answer(asked, send)
        raise ConnectionAbortedError

    return answered


REBINDING = {f"rebind{n}.example": n for n in (1, 2, 3, 4)}
"""Names that are inside from the n-th look-up on, counted from 0: before feed, story, hop, second story."""


def rebinding(port: int) -> tuple[Trap, ...]:
    """Names that are at a good address first, and inside from the second, third… look-up on."""
    answers = {"/rss": feed("/0", "/1", "/2"), "/0": moved("/moved"), "/moved": page("Moved.")}
    answers |= {"/1": page("One."), "/2": page("Two."), "/robots.txt": robots()}
    answers["/.well-known/tdmrep.json"] = reply(status=404)
    closed = {path: _closing(answer) for path, answer in answers.items()}
    return tuple(
        msgspec.structs.replace(
            trap(host.partition(".")[0], closed, at_most=number),
            resolve={host: f"{host}.invalid:{port}"},
        )
        for host, number in REBINDING.items()
    )


def two_faced(port: int) -> Trap:
    """A name that is inside and outside at once: only the good address may be connected to."""
    made = trap("twofaced", stories(2), wanted=("twofaced.example/0", "twofaced.example/1"))
    return msgspec.structs.replace(made, resolve={"twofaced.example": f"twofaced.invalid:{port}"})


class Names:
    """A resolver of the trap web: the names of `rebinding` and `two_faced`, by turns good and bad.

    `before` is how often each name was looked up by those who came earlier.
    """

    def __init__(self, good: str, before: int = 0, inside: str = "127.0.0.1") -> None:
        self._good, self._inside = good, inside
        self._before = before
        self._turns: Counter[str] = Counter()

    async def __call__(self, name: str, _port: int) -> list[str]:
        """The addresses of the name."""
        if name == "twofaced.invalid":
            return [self._inside, "::1", self._good]
        self._turns[name] += 1
        if name == "localhost":
            return [self._inside]
        after = REBINDING.get(name.removesuffix(".invalid"))
        if after is None:
            raise OSError("no such name")
        return [self._good if self._before + self._turns[name] <= after else self._inside]
