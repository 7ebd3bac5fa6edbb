"""robots.txt, as RFC 9309 reads it.

In: what came of asking for a host's /robots.txt. Out: a `Robots` that answers for every URL of the
host with the decision and the line that made it, the crawl delay and the sitemaps. Lines, groups and
product tokens are read here, paths are matched by protego. Fetching, redirects, the 24 hours' cache and
the last good copy are the run's business.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from protego import Protego

from crawler.codings import decode
from crawler.records import Record, RobotsVerdict

# RFC 9309 2.5: at least 500 kibibytes are parsed; what lies beyond is ignored.
MAX_BYTES = 512_000

_AI_CRAWLERS_TEXT = """
    ai2bot ai2bot-dolma amazonbot anthropic-ai applebot-extended bytespider ccbot chatgpt-user
    claude-searchbot claude-user claude-web claudebot cohere-ai cohere-training-data-crawler diffbot
    duckassistbot facebookbot google-cloudvertexbot google-extended gptbot imagesiftbot img2dataset kangaroo
    meta-externalagent meta-externalfetcher mistralai-user oai-searchbot omgili omgilibot pangubot
    perplexity-user perplexitybot petalbot timpibot webzio-extended youbot
"""
AI_CRAWLERS = frozenset(_AI_CRAWLERS_TEXT.split())
"""Product tokens by which sites speak to makers of AI; only recorded, since none of them is ours."""

Verb = Literal["Allow", "Disallow"]


class RobotsRule(Record):
    """An Allow or Disallow line, its value as written."""

    verb: Verb
    path: str

    def __str__(self) -> str:
        return f"{self.verb}: {self.path}"


class Group(Record):
    """Lines that belong together: lower-case product tokens ("*" for all), rules, delay in seconds."""

    agents: tuple[str, ...]
    rules: tuple[RobotsRule, ...] = ()
    crawl_delay: float | None = None
    usages: tuple[str, ...] = ()


class Robots:
    """A host's robots.txt, or what its absence means.

    `blanket` is None where the file was read; otherwise everything is allowed or refused for the
    reason in `reason`. `unreachable` says that this is no answer but a failure to get one: a good
    copy of the last 24 hours may stand in, and the host is to be asked again (RFC 9309 2.3.1.4).
    """

    def __init__(
        self,
        groups: tuple[Group, ...] = (),
        sitemaps: tuple[str, ...] = (),
        *,
        blanket: Verb | None = None,
        reason: str = "",
    ) -> None:
        self.groups = groups
        self.sitemaps = sitemaps
        self.blanket = blanket
        self.reason = reason
        self._by_agent: dict[str, _AgentRules] = {}

    @property
    def unreachable(self) -> bool:
        """Whether this stands for a robots.txt that could not be had."""
        return self.blanket == "Disallow"

    def crawl_delay(self, user_agent: str) -> float | None:
        """Seconds between requests that the agent's group asks for; None where it asks for nothing."""
        return self._rules_for(user_agent).crawl_delay

    def content_usage(self, url: str, user_agent: str) -> str:
        """The agent's `Content-Usage` lines for this URL, as written (draft-ietf-aipref-attach)."""
        target = _target(url)
        usages = self._rules_for(user_agent).usages
        return "; ".join(one for one in usages if _is_about(one, target))

    def ai_refused(self, url: str) -> tuple[str, ...]:
        """The crawlers of AI makers that are refused this URL by name, in the file's order."""
        target = _target(url)
        named = (agent for group in self.groups for agent in group.agents if agent in AI_CRAWLERS)
        decided: dict[tuple[RobotsRule, ...], bool] = {}
        refused = []
        for agent in dict.fromkeys(named):
            rules = self._rules_for(agent)
            if rules.rules not in decided:
                decided[rules.rules] = rules.decide(target)[0]
            if not decided[rules.rules]:
                refused.append(agent)
        return tuple(refused)

    def _rules_for(self, user_agent: str) -> "_AgentRules":
        token = product_token(user_agent)
        if token not in self._by_agent:
            self._by_agent[token] = _AgentRules(self.groups, token)
        return self._by_agent[token]

    def decide(self, url: str, user_agent: str) -> tuple[bool, str]:
        """Whether this agent may ask for the URL, and the line or answer that says so."""
        target = _target(url)
        if target.partition("?")[0] == "/robots.txt":
            return True, "/robots.txt itself is always allowed"  # RFC 9309 2.2.2
        if self.blanket is not None:
            return self.blanket == "Allow", self.reason
        return self._rules_for(user_agent).decide(target)


def parse_robots(body: bytes) -> Robots:
    """The robots.txt in these bytes. Never raises: what cannot be read says nothing."""
    groups: list[_OpenGroup] = []
    sitemaps: list[str] = []
    for key, value in _lines(_decoded(body)):
        if key == "user-agent":
            if not groups or groups[-1].rules_seen:
                groups.append(_OpenGroup())
            groups[-1].add_agent(product_token(value))
        elif key == "sitemap" and value:
            sitemaps.append(value)
        elif groups and key in ("Allow", "Disallow"):
            groups[-1].add_rule("Allow" if key == "Allow" else "Disallow", value)
        elif groups and key == "content-usage" and value:
            groups[-1].add_usage(value)
        elif groups and key == "crawl-delay":
            groups[-1].add_delay(value)
    return Robots(
        groups=tuple(closed for group in groups for closed in group.closed()),
        sitemaps=tuple(dict.fromkeys(sitemaps)),
    )


def robots_from_outcome(status: int | None, body: bytes = b"", fault: str = "") -> Robots:
    """What an answer to /robots.txt, after redirects, means by RFC 9309 2.3.1.

    2xx is parsed. 4xx and a redirect without end mean that there is none: everything is allowed.
    429, 5xx and no answer at all (`status` None, `fault` says why) mean that nothing may be asked.
    """
    if status is None:
        return Robots(blanket="Disallow", reason=f"robots.txt unreachable: {fault or 'no answer'}")
    if 200 <= status < 300:
        return parse_robots(body)
    # 429 asks for quiet, which "allow" would not be (as Google and Nutch read it; NUTCH-3011).
    if status == 429 or not 300 <= status < 500:
        return Robots(blanket="Disallow", reason=f"robots.txt unreachable: {status}")
    return Robots(blanket="Allow", reason=f"no robots.txt: {status}")


def verdict(robots: Robots, url: str, user_agent: str, checked_at: str) -> RobotsVerdict:
    """May this agent ask for this URL, by which line, read when. Never raises."""
    allowed, rule = robots.decide(url, user_agent)
    return RobotsVerdict(allowed=allowed, rule=rule, checked_at=checked_at)


def product_token(user_agent: str) -> str:
    """The product token that a user agent begins with, in lower case ("wirecorpusbot")."""
    # RFC 9309 2.2.1 allows letters, "_" and "-"; digits occur in crawlers' names all the same.
    match = _TOKEN.match(user_agent.strip())
    return match[0].lower() if match else ""


# ------------------------------------------------------------------------------------- matching


class _AgentRules:
    """The rules of all groups that name one agent, or else of those for everybody (2.2.1)."""

    def __init__(self, groups: tuple[Group, ...], token: str) -> None:
        own = [g for g in groups if token in g.agents]
        chosen = own or [g for g in groups if "*" in g.agents]
        self.rules = tuple(dict.fromkeys(r for g in chosen for r in g.rules if r.path))
        self.usages = tuple(dict.fromkeys(one for g in chosen for one in g.usages))
        delays = [g.crawl_delay for g in chosen if g.crawl_delay is not None]
        self.crawl_delay = max(delays, default=None)
        self._alone: dict[RobotsRule, Protego] = {}
        self._few: dict[tuple[RobotsRule, ...], Protego] = {}

    def decide(self, target: str) -> tuple[bool, str]:
        """Whether the path may be asked for, and the longest line that says so."""
        if not self.rules:
            return True, "no rule for this agent"
        url = _ANY_HOST + target
        head = target.partition("%")[0]
        near = tuple(
            rule
            for rule, literal in self._longest_first
            if head.startswith(literal) or literal.startswith(head)
        )
        allowed = self._of(near).can_fetch(url, _ANY_AGENT)
        for rule in near:
            if (rule.verb == "Allow") == allowed and self._matches(rule, url):
                return allowed, str(rule)
        return allowed, "no rule matches"

    def _of(self, near: tuple[RobotsRule, ...]) -> Protego:
        """What decides on a path that no rules but these can match; others would be read in vain."""
        if len(near) > _FEW:
            return self._together
        found = self._few.get(near)
        if found is None:
            if len(self._few) >= _KEPT:
                self._few.clear()
            found = self._few[near] = _protego(near)
        return found

    @cached_property
    def _together(self) -> Protego:
        return _protego(self.rules)

    @cached_property
    def _longest_first(self) -> tuple[tuple[RobotsRule, str], ...]:
        """The rules with what a path must begin with to be worth a closer look."""
        ordered = sorted(self.rules, key=lambda r: len(_ascii(r.path)), reverse=True)
        return tuple((rule, _literal(rule.path)) for rule in ordered)

    def _matches(self, rule: RobotsRule, url: str) -> bool:
        """Whether the rule by itself covers the URL."""
        alone = self._alone.get(rule)
        if alone is None:
            # A lone Allow shows only against something that is refused; at equal length it wins.
            refused = () if rule.verb == "Disallow" else (RobotsRule("Disallow", "/"),)
            alone = self._alone[rule] = _protego((*refused, rule))
        return alone.can_fetch(url, _ANY_AGENT) == (rule.verb == "Allow")


_ANY_HOST = "https://host.invalid"
_ANY_AGENT = "any"

# protego takes 5 µs to read a rule, and files have thousands; few of them can match a path.
_FEW = 64
_KEPT = 16


def _protego(rules: tuple[RobotsRule, ...]) -> Protego:
    """The rules as protego's, for any agent: the groups have been sorted out before."""
    lines = ["User-agent: *", *(f"{rule.verb}: {_ascii(rule.path)}" for rule in rules)]
    return Protego.parse("\n".join(lines))


def _ascii(path: str) -> str:
    """The path with everything escaped that is no visible ASCII, so that a line stays a line."""
    if path.isascii() and path.isprintable() and " " not in path:
        return path
    return _NOT_VISIBLE.sub(lambda m: "".join(f"%{b:02X}" for b in _utf8(m[0])), path)


def _literal(path: str) -> str:
    """What stands before the first wildcard or escape of a rule's path."""
    match = _LITERAL.match(path)
    return match[0] if match else ""


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _is_about(usage: str, target: str) -> bool:
    """Whether a Content-Usage line speaks of this path; it may begin with one."""
    return not usage.startswith("/") or target.startswith(usage.partition(" ")[0])


def _target(url: str) -> str:
    """Path and query of a URL, "/" where it has none."""
    target = _BEFORE_PATH.sub("", url, count=1).partition("#")[0]
    return _ascii(target if target.startswith("/") else "/" + target)


_BEFORE_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_NOT_VISIBLE = re.compile(r"[^\x21-\x7e]+")
_TOKEN = re.compile(r"\*(?=\s|$)|[A-Za-z0-9_-]+")
_LITERAL = re.compile(r"(?:/[\x21\x22\x26-\x29\x2b-\x7e]*)?")


# -------------------------------------------------------------------------------------- reading


class _OpenGroup:
    """A group while its lines are read."""

    def __init__(self) -> None:
        self.agents: dict[str, int] = {}
        self.rules: list[RobotsRule] = []
        self.rules_seen = False
        self.delays: list[tuple[int, float]] = []
        self.usages: list[str] = []

    def add_agent(self, token: str) -> None:
        if token:
            self.agents.setdefault(token, len(self.agents))

    def add_rule(self, verb: Verb, path: str) -> None:
        self.rules_seen = True
        self.rules.append(RobotsRule(verb, path))

    def add_usage(self, value: str) -> None:
        """Note a preference; to RFC 9309 the line is unknown, so it parts no group."""
        self.usages.append(" ".join(value.split())[:300])

    def add_delay(self, value: str) -> None:
        """Note a delay for the agents named so far.

        RFC 9309 does not know the line, so it closes no group; but "User-agent: greedy, Crawl-delay:
        3600" before "User-agent: *" is meant for the greedy one only.
        """
        number = _DELAY.match(value)
        if number:
            self.delays.append((len(self.agents), float(number[0].replace(",", "."))))

    def closed(self) -> Iterator[Group]:
        """The group, or one for each delay where its agents have different ones."""
        by_delay: dict[float | None, list[str]] = {}
        longest: float | None = None
        for agent, place in reversed(self.agents.items()):
            while self.delays and self.delays[-1][0] > place:
                longest = max(self.delays.pop()[1], longest or 0.0)
            by_delay.setdefault(longest, []).append(agent)
        for delay, agents in by_delay.items():
            yield Group(tuple(reversed(agents)), tuple(self.rules), delay, tuple(self.usages))


_DELAY = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?|[.,]\d{1,9}")

# The misspellings are those that Google's parser takes as well.
_KEYS = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "Allow",
    "disallow": "Disallow",
    "dissallow": "Disallow",
    "dissalow": "Disallow",
    "disalow": "Disallow",
    "diasllow": "Disallow",
    "disallaw": "Disallow",
    "sitemap": "sitemap",
    "site-map": "sitemap",
    "content-usage": "content-usage",
    "crawl-delay": "crawl-delay",
    "crawldelay": "crawl-delay",
}


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Key and value of every line that is understood."""
    for line in re.split(r"\r\n|\n|\r", text):
        content = line.partition("#")[0].strip(_BLANK)
        if not content:
            continue
        key, colon, value = content.partition(":")
        if not colon:
            # "Disallow /x": a forgotten colon, which Google forgives too.
            key, _, value = content.partition(" ")
        known = _KEYS.get(key.strip(_BLANK).lower())
        if known:
            yield known, value.strip(_BLANK)


_GZIP = b"\x1f\x8b"
_BLANK = " \t\x0b\x0c\x00\ufeff\xa0"


def _decoded(body: bytes) -> str:
    """The text of the first 500 KiB, up to the last whole line where there is more."""
    if body.startswith(_GZIP):
        # A file that was stored compressed, and is sent without saying so.
        body = decode(body, "gzip", MAX_BYTES + 1).body
    cut = len(body) > MAX_BYTES
    text = _text(body[:MAX_BYTES])
    if cut:
        end = max(text.rfind("\n"), text.rfind("\r"))
        text = text[: end + 1]
    return text


def _text(body: bytes) -> str:
    """RFC 9309 wants UTF-8; editors leave byte order marks and UTF-16 all the same."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    if len(body) > 3 and not body[0] and body[1] and not body[2]:
        return body.decode("utf-16-be", "replace")
    if len(body) > 3 and body[0] and not body[1] and body[2] and not body[3]:
        return body.decode("utf-16-le", "replace")
    return body.decode("utf-8-sig", "replace")
