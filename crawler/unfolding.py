"""How large a page may become in a parser: HTML opens again, block by block, what nobody closed.

In: HTML. Out: an upper bound on the elements that its unclosed `<b>`, `<font>` and so on are repeated to.
No parser is asked: 80 KB of HTML come to three gigabytes there.
"""

import re

MOST_REPEATED = 300_000
"""Elements that are repeated on no page worth reading: of 1,222 real pages none comes to more.

An element takes some 360 bytes.
"""

# HTML Standard 13.2.4.3, the list of active formatting elements; of `a` it holds one.
_FORMATTING = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_SPANS = rf"{_FORMATTING}|a|abbr|cite|label|mark|q|span|sub|sup|time"
# Attributes that no two readers of HTML take differently.
_REST = r"""(?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+))?)*\s*/?>"""
_CLOSED = re.compile(rf"<({_SPANS}){_REST}[^<]*</\1\s*>", re.IGNORECASE)
_VOID = re.compile(rf"<(?:br|img|input|wbr){_REST}", re.IGNORECASE)
_ANY = re.compile(rf"<(?:{_FORMATTING})(?=[\s/>])", re.IGNORECASE)
_PLAIN = re.compile(rf"<(?:{_FORMATTING}){_REST}", re.IGNORECASE)
# Closed elements are taken away so often, from the inside out.
_ROUNDS = 4
# At most so many with the same attributes stand in that list ("Noah's Ark clause").
_ALIKE = 3


def most_repeated(html: str) -> int:
    """An upper bound; what is closed right behind its text does not count.

    After a start tag and text alone an end tag is one, wherever both stand: in a comment, a script or an
    attribute both are none.
    """
    tags = html.count("<")
    bound, before = tags * _unclosed(html), 0
    for _ in range(_ROUNDS):
        if not MOST_REPEATED < bound != before:
            break
        html, before = _CLOSED.sub(" ", _VOID.sub(" ", html)), bound
        bound = tags * _unclosed(html)
    return bound


def _unclosed(html: str) -> int:
    """How many elements the list may hold at a time, if nothing in this HTML closed any."""
    plain = _PLAIN.findall(html)
    others = len(_ANY.findall(html)) - len(plain)
    return _ALIKE * len(set(plain)) + others
