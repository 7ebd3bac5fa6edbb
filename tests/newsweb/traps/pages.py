"""Hosts whose pages are not what they seem: walls, lies, cookies, and validators of every kind."""

from itertools import count

import msgspec

from tests.crawler.loopback import Answer, Asked, Send, reply, validated
from tests.newsweb.traps.making import HTML, Trap, beside, feed, moved, page, source, trap

_STORY = "<html><head><title>A town</title></head><body><h1>A town</h1><p>Äpfel für alle.</p></body></html>"


def walls() -> tuple[Trap, ...]:
    """Consent and pay walls: by redirect to a page of the site, to somebody else's, by status, in place."""

    def gated(asked: Asked, send: Send) -> None:
        reply(status=302, Location=f"/consent?return={asked.path}", Set_Cookie="gate=1")(
            asked, send
        )

    consent = _STORY.replace("A town", "Before you continue").encode()
    answers: dict[str, Answer] = {
        "/gated": gated,
        "/other": moved("http://consent.example/?back=1"),
    }
    answers |= {"/paid": reply(b"pay", 402), "/door": reply(consent, Content_Type=HTML)}
    own = {"/consent*": reply(consent, Content_Type=HTML, Set_Cookie="seen=1")}
    return (
        beside("walls", answers | own, private=("consent.example/",)),
        beside("members1st", {f"/{n}x": moved("/login") for n in range(4)} | {"/login*": page()}),
    )


def cookies() -> Trap:
    """A host that hands out cookies with everything, also for everybody else's hosts."""
    cookie = "id=1; Domain=example; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT"
    answers = {f"/{n}c": reply(b"<p>x", Content_Type=HTML, Set_Cookie=cookie) for n in range(3)}
    return beside("cookies", answers)


def lies() -> Trap:
    """Pages that say they are of another type or character set than they are."""
    html = _STORY.encode()
    answers = {
        "/latin": reply(_STORY.encode("latin-1"), Content_Type="text/html; charset=utf-8"),
        "/utf16": reply(_STORY.encode("utf-16"), Content_Type="text/html; charset=us-ascii"),
        "/nowhere": reply(html, Content_Type='text/html; charset="no-such\x7fset"'),
        "/plain": reply(html, Content_Type="text/plain"),
        "/film": reply(html, Content_Type="video/mp4"),
        "/untyped": reply(html),
        "/picture": reply(b"\x89PNG\r\n\x1a\n" + b"\x00" * 9_000, Content_Type=HTML),
        "/pdf": reply(b"%PDF-1.7" + b"\x00" * 9_000, Content_Type=HTML),
        "/utf7": reply(b"+ADw-script+AD4-", Content_Type="text/html; charset=utf-7"),
    }
    return beside("lies", answers)


def soft_404() -> Trap:
    """A host that answers 200 to whatever it does not have, always with the same page."""
    lost = reply(b"<html><title>404</title><h1>Page not found</h1></html>", Content_Type=HTML)
    answers = {f"/lost{n}": lost for n in range(4)}
    return beside("soft", answers | {"/*": lost})


def validators() -> tuple[Trap, ...]:
    """ETags in every form that servers give them, and pages that have none."""
    body = _STORY.encode()
    odd = {
        "/weak": 'W/"a1"', "/bare": "a1", "/spaced": '"a b, c"', "/latin": '"caf\xe9"', "/none": '""',
    }  # fmt: skip
    answers: dict[str, Answer] = {path: validated(body, etag) for path, etag in odd.items()}
    answers["/dated"] = reply(
        body, Content_Type=HTML, Last_Modified="Wed, 18 Nov 2026 10:00:00 GMT"
    )
    answers["/vague"] = reply(body, Content_Type=HTML, Last_Modified="yesterday, at tea time")
    turn = count()

    def restless(asked: Asked, send: Send) -> None:
        reply(body, Content_Type=HTML, ETag=f'"{next(turn)}"')(asked, send)

    def furniture(asked: Asked, send: Send) -> None:
        text = _STORY.replace("</body>", f"<footer>Visitor {next(turn)}</footer></body>")
        reply(text.encode(), Content_Type=HTML, ETag=f'"{next(turn)}"')(asked, send)

    answers |= {"/restless": restless, "/furniture": furniture}
    conditional = tuple(f"odd.example{path}" for path in answers)
    plain: dict[str, Answer] = {"/0": page(), "/long": validated(body, f'"{"e" * 60_000}"')}
    return (
        trap(
            "odd", {"/rss": feed(*answers), **answers}, conditional=conditional, wanted=conditional
        ),
        trap(
            "plain",
            {"/rss": feed(*plain), **plain},
            plain=("plain.example/",),
            wanted=("plain.example/long",),
        ),
    )


def forms() -> Trap:
    """A story in five forms, each naming the others; the feed names two of them."""

    def form(root: str = "<html>") -> Answer:
        head = '<link rel="canonical" href="/story"><link rel="amphtml" href="/story/amp">'
        head += '<link rel="alternate" hreflang="de" href="/de/story">'
        head += '<link rel="alternate" media="handheld" href="/m/story">'
        text = f"<!doctype html>{root}<head>{head}</head><body><h1>A story</h1></body></html>"
        return reply(text.encode(), Content_Type=HTML, ETag='"1"')

    answers = {path: form() for path in ("/story", "/print/story", "/m/story", "/de/story")}
    answers |= {"/story/amp": form("<html amp>"), "/rss": feed("/story", "/print/story", "/0")}
    unwanted = tuple(f"forms.example{path}" for path in ("/m/", "/de/", "/story/amp"))
    return beside(
        "forms",
        answers,
        private=unwanted,
        once=("forms.example/print",),
        wanted=("forms.example/story",),
    )


def endless_forms() -> tuple[Trap, ...]:
    """AMP pages and translations that each name the next one, without end."""
    heads = {
        "amp": ("<html amp>", '<link rel="canonical" href="/amp/{}">'),
        "lang": ("<html>", '<link rel="alternate" hreflang="de" href="/lang/{}">'),
    }

    def chain(root: str, head: str) -> Answer:
        def answer(asked: Asked, send: Send) -> None:
            link = head.format(int(asked.path.rpartition("/")[2]) + 1)
            text = f"<!doctype html>{root}<head>{link}</head><body><h1>A story</h1></body></html>"
            reply(text.encode(), Content_Type=HTML)(asked, send)

        return answer

    made = []
    for name, (root, head) in heads.items():
        host = f"{name}chain.example"
        answers = {"/rss": feed(f"/{name}/0"), f"/{name}/*": chain(root, head)}
        one = trap(f"{name}chain", answers, at_most=14)
        listed = source(host, languages=("de",))
        made.append(msgspec.structs.replace(one, sources=(listed,)))
    return tuple(made)


def soft_moves() -> Trap:
    """Pages that lead on by other means than a redirect; nobody follows those."""
    refresh = b'<meta http-equiv="refresh" content="0; url=/trap"><script>location="/trap"</script>'
    answers = {"/meta": reply(refresh, Content_Type=HTML)}
    answers["/header"] = reply(b"<p>x", Content_Type=HTML, Refresh="0; url=/trap")
    answers["/link"] = reply(
        b"<p>x", Content_Type=HTML, Link="</trap>; rel=canonical, </trap>; rel=next"
    )
    answers["/located"] = reply(b"<p>x", Content_Type=HTML, Location="/trap")
    return beside("softmoves", answers, private=("softmoves.example/trap",))
