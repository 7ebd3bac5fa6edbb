"""Which site a URL belongs to, and whether it is the site's front page.

In: URLs as pages write them. Out: plain answers; a URL that cannot be parsed belongs nowhere. Sites are
told by the last labels of the host, without the public suffix list, which the crawler keeps.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit


def is_front_page(url: str) -> bool:
    """Whether the URL names a host and no page on it."""
    parts = split_url(url)
    return bool(parts.netloc) and parts.path in ("", "/") and not parts.query


def leads_into_site(href: str, url: str) -> bool:
    """Whether a link leads to another page of the same site; not to a place on this one."""
    if href.startswith(("#", "mailto:", "tel:", "javascript:")):
        return False
    target = split_url(href)
    if target.fragment and target.path in ("", split_url(url).path):
        return False
    return not target.netloc or _site(target.netloc) == _site(split_url(url).netloc)


def same_site(a: str, b: str) -> bool:
    """Whether both URLs are of hosts that one party registered."""
    return _site(split_url(a).netloc) == _site(split_url(b).netloc)


def netloc(url: str) -> str:
    """The host, with its port if it names one."""
    return str(split_url(url).netloc)


# A page's own address is taken apart for a dozen questions.
@lru_cache(maxsize=64)
def split_url(url: str) -> Any:
    """The parts of the URL; none where it cannot be taken apart."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


# Second-level labels under which sites are registered ("co.uk", "com.au", "or.jp").
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "or", "org"))


@lru_cache(maxsize=4096)
def _site(netloc: str) -> str:
    labels = netloc.rpartition("@")[2].partition(":")[0].lower().split(".")
    wide = len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2
    return ".".join(labels[-3:] if wide else labels[-2:])
