"""Hosts that want to be asked slowly, seldom, or not at all, and say so in their answers."""

import time
from email.utils import formatdate
from itertools import count

from tests.crawler.loopback import Answer, Asked, Send, reply, slow
from tests.newsweb.traps.making import (
    HTML,
    Trap,
    feed,
    first,
    page,
    robots,
    stories,
    trap,
)


def lasting_faults() -> Trap:
    """Pages that will not be there next time either, in a feed that calls everything new."""
    paths = ("/403", "/401", "/404", "/410", "/451", "/large", "/film", "/loop", "/nowhere")
    answers = {"/403": reply(b"no", 403), "/404": reply(b"no", 404), "/410": reply(b"no", 410)}
    answers["/401"] = reply(b"who?", 401, WWW_Authenticate="Basic realm=desk")
    answers |= {"/451": reply(b"no", 451), "/large": reply(b"x" * 300_000, Content_Type=HTML)}
    answers |= {"/film": reply(b"x" * 90_000, Content_Type="video/mp4")}
    answers |= {
        "/loop": reply(status=302, Location="/loop2"),
        "/loop2": reply(status=302, Location="/loop"),
    }
    answers |= {"/nowhere": reply(status=302, Location="http://[::1")}

    def restless(asked: Asked, send: Send) -> None:
        updated = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(asked.at - 1))
        feed(*paths, updated=updated)(asked, send)

    once = tuple(f"lasting.example{path}" for path in paths if path != "/loop")
    return trap("lasting", {"/rss": restless, **answers}, once=once)


def refused_everywhere() -> Trap:
    """A firewall that answers 403 to everything but robots.txt and the feed."""
    paths = [f"/{n}" for n in range(30)]
    answers = {"/rss": feed(*paths)} | {path: reply(b"no", 403) for path in paths}
    return trap("firewall", answers, at_most=2 * 7 + 8)


def one_machine() -> Trap:
    """Two names of one domain, and two ports of one name, on one machine that wants to be asked gently."""
    second = "www.machine.example"
    links = [f"http://{second}/{n}" for n in range(3)] + ["http://machine.example:8081/port"]
    answers = {"/rss": feed("/1", "/2", *links), "/1": page("One."), "/2": page("Two.")}
    answers |= {f"{second}/{n}": page(f"Three {n}.") for n in range(3)}
    answers |= {f"{second}/robots.txt": robots(), "machine.example/port": page("A door.")}
    return trap("machine", answers, second, tries=6)


def crawl_delay() -> Trap:
    """A host that wants more patience than we have by ourselves."""
    return trap("patient", {"/robots.txt": robots("Crawl-delay: 0.6"), **stories(3)}, gap=0.6)


def crawl_delay_over_the_cap() -> Trap:
    """A host that wants more than anybody has."""
    return trap("eternal", {"/robots.txt": robots("Crawl-delay: 7200"), **stories(3)}, at_most=2)


def retry_after() -> Trap:
    """A host that asks for a second, then for two more by a date."""

    def dated(asked: Asked, send: Send) -> None:
        date = formatdate(asked.at + 2.9, usegmt=True)
        reply(b"busy", 503, Retry_After=date)(asked, send)

    answers = stories(4)
    answers["/1"] = first(reply(b"busy", 429, Retry_After="1"), page("One."))
    answers["/2"] = first(dated, page("Two."))
    return trap("busy", answers, pauses=(("/1", 1, 1.0), ("/2", 1, 1.9)))


def retry_after_a_day() -> Trap:
    """A host that asks to be left alone until tomorrow, in both runs."""
    answers = stories(4) | {"/1": reply(b"busy", 429, Retry_After="86400")}
    return trap("tomorrow", answers, pauses=(("/1", 1, 3600.0),))


def failing() -> Trap:
    """A host that is down for everything but robots.txt."""
    answers: dict[str, Answer] = {f"/{n}": reply(b"oops", 500) for n in range(30)}
    return trap("failing", {"/rss": feed(*answers), **answers}, at_most=2 * 9)


def pauses_of_others() -> tuple[Trap, ...]:
    """Retry-After on what is neither 429 nor 503; and one by a server's clock that is two days slow.

    RFC 9110 10.2.3: on a redirect it says when the next request may be made.
    """

    def slow_clock(asked: Asked, send: Send) -> None:
        then = asked.at - 2 * 86_400.0
        date, until = formatdate(then, usegmt=True), formatdate(then + 2.9, usegmt=True)
        reply(b"busy", 503, Date=date, Retry_After=until)(asked, send)

    pleas = {str(n): reply(b"busy", n, Retry_After="2") for n in (403, 413, 500, 502)}
    pleas["301"] = reply(status=301, Location="/2", Retry_After="2")
    return tuple(
        trap(
            f"plea{name}",
            stories(4) | {"/1": first(answer, page("One."))},
            pauses=(("/1", 1, 1.9),),
            wanted=(f"plea{name}.example/3",),
        )
        for name, answer in {**pleas, "slowclock": slow_clock}.items()
    )


def absurd_pauses() -> Trap:
    """A Retry-After that no clock has, one that is over, one that is a word; each on a good story."""
    answers = stories(5)
    answers["/1"] = first(reply(b"busy", 503, Retry_After="-5"), page("One."))
    answers["/2"] = first(
        reply(b"busy", 429, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"), page("Two.")
    )
    answers["/3"] = first(reply(b"busy", 503, Retry_After="soon"), page("Three."))
    answers["/4"] = reply(b"busy", 429, Retry_After="9" * 400)
    wanted = tuple(f"absurd.example/{n}" for n in range(5))
    return trap("absurd", answers, wanted=wanted, pauses=(("/4", 1, 3600.0),))


def dated_a_year_ahead() -> Trap:
    """A host that asks to be left alone for a year, by a date, on its feed."""

    def dated(asked: Asked, send: Send) -> None:
        date = formatdate(asked.at + 365 * 86_400.0, usegmt=True)
        reply(b"busy", 503, Retry_After=date)(asked, send)

    return trap("nextyear", {"/rss": dated}, pauses=(("/rss", 1, 3600.0),))


def slows_down() -> Trap:
    """A host that answers at once six times, and then takes half a second for everything."""
    visits = count()

    def tired(asked: Asked, send: Send) -> None:
        slow(0.5 if next(visits) > 6 else 0.0, page(asked.path))(asked, send)

    paths = [f"/{n}" for n in range(13)]
    answers = {"/rss": feed(*paths), **dict.fromkeys(paths, tired)}
    return trap("tired", answers, calms=("/12", 0.6))


def in_flight() -> Trap:
    """A slow host that counts how many of its answers are under way."""
    paths = [f"/{n}" for n in range(6)]
    answers = {"/rss": feed(*paths)} | {path: slow(0.6, page(path)) for path in paths}
    return trap("counts", answers, counts=True, wanted=tuple(f"counts.example{p}" for p in paths))
