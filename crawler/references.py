"""What listings and pages write where an address or a line of text is meant.

In: a reference with the URL it stands in, or markup. Out: an absolute http(s) URL, or plain text. Nothing is
made canonical here: that is `crawler.urls`'s.
"""

import html
import re
from urllib.parse import urljoin


def absolute(reference: str, base: str) -> str:
    """The reference as an absolute http(s) URL, "" where it is none."""
    reference = reference.strip()
    # Most references are one of two: a tenth of urljoin's time, and a page has hundreds.
    if _WHOLE.match(reference):
        return reference
    if _ROOTED.match(reference) and "/." not in reference and (origin := _WHOLE.match(base)):
        return origin[0] + reference
    try:
        url = urljoin(base, reference) if reference else ""
    except ValueError:
        return ""
    return url if is_web(url) else ""


def plain_text(markup: str) -> str:
    """Text without tags and entities, white space collapsed."""
    if "<" in markup:
        markup = _TAG.sub(" ", markup)
    if "&" in markup:
        markup = html.unescape(markup)
    return " ".join(markup.split())


_WHOLE = re.compile(r"https?://[A-Za-z0-9._:-]+(?=[/?#]|\Z)")
_ROOTED = re.compile(r"/(?![/\\])")
_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")


def is_web(text: str) -> bool:
    """Whether the text begins as an http(s) URL does."""
    return text[:8].lower().startswith(("http://", "https://"))
