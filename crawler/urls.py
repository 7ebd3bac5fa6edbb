"""One canonical spelling for every URL, and what a URL says about its site.

In: URLs as pages, feeds and people write them, with the base they are relative to, and the table
`configs/urls.toml`. Out: the canonical URL that the frontier, the archive and the corpus use as key,
or a `Refused` that says why the URL is not asked for. Parsing follows the URL Standard (WHATWG);
the spelling is that of RFC 3986 section 6.2.2. Nothing is resolved, fetched or remembered here.
"""

import re
import tomllib
from functools import lru_cache
from typing import Any, Literal

from crawler.errors import ConfigError
from crawler.hosts import canonical_host, registrable_domain
from crawler.records import Record, decode_strict

# RFC 9110 4.1 asks for 8,000 octets at least, but above 2,048 only traps and trackers have been met
# (sitemaps.org allows 2,048 as well).
MAX_LENGTH = 2_048
_MAX_RAW_LENGTH = 16_384

RefusalReason = Literal[
    "bad host", "bad port", "control characters", "credentials", "no host", "scheme", "too long"
]


class Refused(Record):
    """Why a URL is not asked for."""

    reason: RefusalReason


class UrlRule(Record, forbid_unknown_fields=True):
    """A row of `configs/urls.toml`: what to drop from URLs, with URLs it changes and leaves alone.

    Kind "parameter" drops query parameters by name (any case; a final `*` stands for any ending),
    where `value` is given only those whose whole value it matches. Kind "path" drops what `pattern`
    matches from the path.
    """

    id: str
    kind: Literal["parameter", "path"]
    names: tuple[str, ...] = ()
    value: str = ""
    pattern: str = ""
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


class UrlRules(Record):
    """The table, made ready: parameters by lower-case name or prefix, and the path pattern."""

    rules: tuple[UrlRule, ...] = ()
    names: dict[str, re.Pattern[str] | None] = {}
    prefixes: tuple[tuple[str, re.Pattern[str] | None], ...] = ()
    path: re.Pattern[str] | None = None


def canonical_url(url: str, rules: UrlRules, base: str = "") -> str | Refused:
    """The one spelling of this URL, resolved against `base` where it is relative.

    Idempotent. Fragments, default ports, dot segments, empty parameters and what the rules name are
    dropped; the other parameters keep their order.
    """
    text = url.strip(_C0_AND_SPACE)
    if len(text) > _MAX_RAW_LENGTH:
        return Refused("too long")
    if _CONTROL.search(text):
        return Refused("control characters")
    parts = _split(text, base.strip(_C0_AND_SPACE))
    if isinstance(parts, Refused):
        return parts
    scheme, authority, path, query = parts
    site = _site(scheme, authority)
    if isinstance(site, Refused):
        return site
    canonical = site + _canonical_path(path, rules) + _canonical_query(query, rules)
    return canonical if len(canonical) <= MAX_LENGTH else Refused("too long")


def host_of(url: str) -> str:
    """The URL's host in lower case, with its port where that is not the scheme's default."""
    match = _AUTHORITY.match(url)
    if not match:
        return ""
    scheme, authority = match[1].lower(), match[2].rpartition("@")[2].lower()
    return authority.removesuffix(_DEFAULT_PORT.get(scheme, "")).removesuffix(":")


def same_site(a: str, b: str) -> bool:
    """Whether two URLs are of one registrable domain."""
    first, second = host_of(a), host_of(b)
    return first == second or registrable_domain(first) == registrable_domain(second)


# ------------------------------------------------------------------------------------ the table


def load_url_rules(text: str, where: str) -> UrlRules:
    """The rules of a `urls.toml`; a `ConfigError` names file and row of what does not hold."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: is not valid TOML: {error}") from None
    rows = decode_strict(table, _UrlsFile, where).rule
    rules = tuple(
        decode_strict(row, UrlRule, f"{where}: rule '{row.get('id', n)}'")
        for n, row in enumerate(rows, 1)
    )
    seen: dict[str, str] = {}
    for rule in rules:
        _check_rule(rule, where)
        for key in (f"id {rule.id}", *(f"name {n.lower()}" for n in rule.names)):
            if key in seen:
                raise ConfigError(f"{where}: rule '{rule.id}': {key} stands in '{seen[key]}' too")
            seen[key] = rule.id
    return _ready(rules)


class _UrlsFile(Record, forbid_unknown_fields=True):
    """The top of `urls.toml`."""

    rule: tuple[dict[str, Any], ...] = ()


def _check_rule(rule: UrlRule, where: str) -> None:
    """Raise a `ConfigError` unless the row alone changes its examples and leaves its near misses."""
    row = f"{where}: rule '{rule.id}'"
    if not rule.examples:
        raise ConfigError(f"{row} has no examples; add one URL that it should change")
    if rule.kind == "parameter" and (not rule.names or rule.pattern):
        raise ConfigError(f"{row} drops parameters: give `names`, and no `pattern`")
    if rule.kind == "path" and (not rule.pattern or rule.names or rule.value):
        raise ConfigError(f"{row} drops from the path: give `pattern`, and no `names` or `value`")
    for name in rule.names:
        if not name.rstrip("*") or "*" in name[:-1]:
            raise ConfigError(f"{row}: '{name}' may have one `*`, at its end, after some letters")
    try:
        alone = _ready((rule,))
    except re.error as error:
        raise ConfigError(f"{row} has no valid regular expression: {error}") from None
    if alone.path and alone.path.fullmatch(""):
        raise ConfigError(f"{row}: its pattern matches nothing at all; make it match some letter")
    for url in rule.examples:
        if canonical_url(url, alone) == canonical_url(url, UrlRules()):
            raise ConfigError(
                f"{row} leaves its example {url} as it is; mend the row or the example"
            )
    for url in rule.near_misses:
        if canonical_url(url, alone) != canonical_url(url, UrlRules()):
            raise ConfigError(f"{row} changes its near miss {url}; make the row narrower")


def _ready(rules: tuple[UrlRule, ...]) -> UrlRules:
    """The rules as tables that one look-up a parameter can use."""
    named = [
        (name.lower(), re.compile(rule.value) if rule.value else None)
        for rule in rules
        for name in rule.names
    ]
    patterns = [rule.pattern for rule in rules if rule.pattern]
    return UrlRules(
        rules=rules,
        names={name: value for name, value in named if not name.endswith("*")},
        prefixes=tuple((name[:-1], value) for name, value in named if name.endswith("*")),
        path=re.compile("|".join(f"(?:{p})" for p in patterns)) if patterns else None,
    )


# -------------------------------------------------------------------------- scheme and reference

_Parts = tuple[str, str, str, str]
"""Scheme, authority as written, path, query."""

_C0_AND_SPACE = "".join(map(chr, range(0x21))) + "\x7f\xa0\u2028\u2029\ufeff"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_REST = re.compile(r"([^/\\?#]*)([^?#]*)(?:\?([^#]*))?", re.DOTALL)
_AUTHORITY = re.compile(r"([A-Za-z]+)://([^/?#]*)")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def _split(text: str, base: str) -> _Parts | Refused:
    """The parts of an absolute or relative reference."""
    match = _SCHEME.match(text)
    if not match:
        return _resolve(text, base)
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORT:
        return Refused("scheme")
    rest = text[match.end() :]
    slashes = len(rest) - len(rest.lstrip("/\\"))
    # URL Standard, "special relative or authority state": "https:page" is a path beside its base.
    if slashes < 2 and base[: len(scheme) + 1].lower() == scheme + ":":
        return _resolve(rest, base)
    return _absolute(scheme, rest[slashes:])


def _absolute(scheme: str, rest: str) -> _Parts:
    match = _REST.match(rest)
    authority, path, query = match.groups() if match else ("", "", "")
    return scheme, authority, path, query or ""


def _resolve(reference: str, base: str) -> _Parts | Refused:
    """The parts of a relative reference; refused where the base is no absolute URL."""
    of_base = _split_base(base) if base else Refused("no host")
    if isinstance(of_base, Refused):
        return of_base
    scheme, authority, path, query = of_base
    if len(reference) - len(reference.lstrip("/\\")) >= 2:
        return _absolute(scheme, reference.lstrip("/\\"))
    _, new_path, new_query = _absolute("", "/" + reference)[1:]
    new_path = new_path[1:]
    if not new_path:
        return scheme, authority, path, new_query if "?" in reference.partition("#")[0] else query
    if new_path[0] not in "/\\":
        new_path = path[: path.rfind("/") + 1] + new_path
    return scheme, authority, new_path, new_query


@lru_cache(maxsize=512)
def _split_base(base: str) -> _Parts | Refused:
    """The parts of a base URL; a page's links share one, so it is split once."""
    if len(base) > _MAX_RAW_LENGTH:
        return Refused("too long")
    parts = _split(base, "")
    if isinstance(parts, Refused):
        return parts
    scheme, authority, path, query = parts
    return scheme, authority, path.replace("\\", "/"), query


# ------------------------------------------------------------------------------------------ site

# The Fetch Standard's bad ports below 1024 and the few above that speak line protocols: a request
# there is a message to a mail or chat server.
_BAD_PORTS_TEXT = """
    0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109
    110 111 113 115 117 119 123 135 137 139 143 161 179 389 427 465 512 513 514 515 526
    530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659
    4045 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080
"""
_BAD_PORTS = frozenset(map(int, _BAD_PORTS_TEXT.split()))


@lru_cache(maxsize=16_384)
def _site(scheme: str, authority: str) -> str | Refused:
    """Scheme, host and port in their canonical spelling."""
    if "@" in authority:
        return Refused("credentials")
    name, colon, port = authority.rpartition(":")
    if not colon or (authority.startswith("[") and authority.endswith("]")):
        name, port = authority, ""
    if not name:
        return Refused("no host")
    host = canonical_host(name)
    if host is None:
        return Refused("bad host")
    if port and not (port.isascii() and port.isdigit() and len(port.lstrip("0")) <= 5):
        return Refused("bad port")
    if port and (int(port) in _BAD_PORTS or int(port) > 65_535):
        return Refused("bad port")
    shown = f":{int(port)}" if port else ""
    return f"{scheme}://{host}{'' if shown == _DEFAULT_PORT[scheme] else shown}"


# -------------------------------------------------------------------------------- path and query

_PLAIN_PATH = re.compile(r"(?:/(?:[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9._~!$&'()*+,;=:@-]*)?)+")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9._~!$()*+,;=:@/?-]*(?:&[A-Za-z0-9._~!$()*+,;=:@/?-]+)*")
_NOT_IN_PATH = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/%-]+")
# URL Standard, special-query percent-encode set: a browser sends ' as %27 in a query only.
_NOT_IN_QUERY = re.compile(r"[^A-Za-z0-9._~!$&()*+,;=:@/?%-]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _canonical_path(path: str, rules: UrlRules) -> str:
    if not _PLAIN_PATH.fullmatch(path):
        path = _canonical_escapes(path.replace("\\", "/"), _NOT_IN_PATH)
        path = _without_dot_segments(_without_sessions(path, rules))
        return path if path.startswith("/") else "/" + path
    return _without_sessions(path, rules) or "/"


def _without_sessions(path: str, rules: UrlRules) -> str:
    """The path without what the rules match, also where a cut makes a new match."""
    if rules.path is None:
        return path
    while (shorter := rules.path.sub("", path)) != path:
        path = shorter
    return path


def _without_dot_segments(path: str) -> str:
    """RFC 3986 5.2.4; an encoded dot has been decoded before."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for n, segment in enumerate(segments, 1):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
        if n == len(segments) and segment in (".", ".."):
            kept.append("")
    return "/" + "/".join(kept)


def _canonical_query(query: str, rules: UrlRules) -> str:
    if not query:
        return ""
    if not _PLAIN_QUERY.fullmatch(query):
        query = _canonical_escapes(query, _NOT_IN_QUERY)
    kept = [piece for piece in query.split("&") if piece and not _is_dropped(piece, rules)]
    return "?" + "&".join(kept) if kept else ""


def _is_dropped(parameter: str, rules: UrlRules) -> bool:
    name, _, value = parameter.partition("=")
    # "&amp;utm_source=x": an ampersand that was escaped once too often.
    name = name.lower().removeprefix("amp;")
    if name in rules.names:
        pattern = rules.names[name]
        return pattern is None or pattern.fullmatch(value) is not None
    return any(
        name.startswith(prefix) and (pattern is None or pattern.fullmatch(value) is not None)
        for prefix, pattern in rules.prefixes
    )


def _canonical_escapes(text: str, outside: re.Pattern[str]) -> str:
    """Escapes in capitals, unreserved characters bare, everything `outside` escaped as UTF-8."""
    if "%" in text:
        text = _ESCAPE.sub(_canonical_escape, text)
    return outside.sub(_escaped, text)


def _canonical_escape(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    byte = int(digits, 16)
    return chr(byte) if byte in _UNRESERVED else "%" + digits.upper()


def _escaped(match: re.Match[str]) -> str:
    # A lone surrogate becomes U+FFFD, as in the URL Standard's UTF-8 encode.
    encoded = match[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return "".join(f"%{byte:02X}" for byte in encoded)
