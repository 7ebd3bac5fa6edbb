"""A URL's host: its canonical spelling, and the domain that somebody registered.

In: hosts as URLs have them, escaped, in any script or spelling of an address. Out: lower-case ASCII,
or None where it is no host. Nothing is resolved here; the public suffix list is tldextract's own.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_PLAIN_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*")
_FORBIDDEN_IN_HOST = re.compile(r"[^a-z0-9._~!$&'()*+,;=\"`{}-]")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")

_PORT = re.compile(r":\d*\Z")


def canonical_host(name: str) -> str | None:
    """The host as the DNS or the socket takes it; None where it is none."""
    if name.startswith("["):
        return _ipv6(name)
    host = name.lower()
    if not _PLAIN_HOST.fullmatch(host) or "xn--" in host:
        ascii_host = _to_ascii(name)
        if ascii_host is None or _FORBIDDEN_IN_HOST.search(ascii_host):
            return None
        host = ascii_host.removesuffix(".")
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return _ipv4(host)
    # RFC 1035 2.3.4; the resolver raises on empty and longer labels.
    labels_hold = all(0 < len(label) < 64 for label in host.split("."))
    return host if labels_hold and len(host) <= 253 else None


def _to_ascii(name: str) -> str | None:
    """The host in lower-case ASCII: escapes decoded, UTS 46 mapping, Punycode."""
    from urllib.parse import unquote_to_bytes

    import idna

    try:
        host = unquote_to_bytes(name).decode() if "%" in name else name
        if not host.isascii():
            host = idna.uts46_remap(host, std3_rules=False, transitional=False)
        return ".".join(map(_label_to_ascii, host.lower().split(".")))
    except UnicodeError:
        return None


def _label_to_ascii(label: str) -> str:
    """The label in Punycode; `UnicodeError` where an xn-- label holds none."""
    if label.startswith("xn--"):
        if label[4:].encode("ascii").decode("punycode").isascii():
            raise UnicodeError
        return label
    # Not `idna.encode`: it refuses emoji domains, which exist and which browsers open.
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")


def _ipv4(host: str) -> str | None:
    """The address in dotted decimals, from any spelling the URL Standard knows (0x7f.1, 017…)."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(p) and len(p) < 20 for p in parts):
        return None
    try:
        *high, low = (_number(p) for p in parts)
    except ValueError:
        return None
    if any(n > 255 for n in high) or low >= 256 ** (4 - len(high)):
        return None
    address = low + sum(n << (8 * (3 - i)) for i, n in enumerate(high))
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _number(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if len(text) > 1 and text[0] == "0" else 10)


def _ipv6(name: str) -> str | None:
    """The address in brackets, compressed as RFC 5952 says; zone ids are no part of a URL."""
    from ipaddress import IPv6Address

    inner = name[1:-1]
    if not name.endswith("]") or "%" in inner:
        return None
    try:
        packed = IPv6Address(inner).packed
    except ValueError:
        return None
    groups = [f"{packed[i] << 8 | packed[i + 1]:x}" for i in range(0, 16, 2)]
    text = ":".join(groups)
    runs = re.findall(r"\b0(?::0)+\b", text)
    if runs:
        head, _, tail = text.partition(max(runs, key=len))
        text = f"{head.removesuffix(':')}::{tail.removeprefix(':')}"
    return f"[{text}]"


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """The domain somebody registered ("bbc.co.uk" of "www.bbc.co.uk:8080").

    The host itself where there is none: addresses, single labels, public suffixes. From the public
    suffix list that tldextract brings, its private part included (each blogspot.com blog is a site).
    """
    name = _PORT.sub("", host.lower())
    found = _extractor()(name)
    if found.suffix or found.ipv4 or found.ipv6:
        return str(found.top_domain_under_public_suffix) or name
    # publicsuffix.org: where no rule matches, the last label is the suffix.
    return ".".join(name.split(".")[-2:])


@lru_cache(maxsize=1)
def _extractor() -> Callable[[str], Any]:
    from tldextract import TLDExtract

    # No list URL and no cache folder: the list of the installed version and nothing else.
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
