import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.robots import (
    MAX_BYTES,
    Robots,
    parse_robots,
    product_token,
    robots_from_outcome,
    verdict,
)

CASES = Path(__file__).parents[3] / "shared/data/conformance/robots"
BOT = "WireCorpusBot"
WHEN = "2026-11-23T06:00:00Z"


def decision(text: str, url: str, agent: str = BOT) -> tuple[bool | None, str]:
    """The decision of a robots.txt on one URL, and the line that made it."""
    found = verdict(parse_robots(text.encode()), url, agent, WHEN)
    return found.allowed, found.rule


# ------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", (True, "Allow: /a/b")),
        ("Allow: /a/b\nDisallow: /a", "/a/x", (False, "Disallow: /a")),
        ("Disallow: /a\nAllow: /a", "/a", (True, "Allow: /a")),
        ("Disallow: /*.pdf$", "/x/y.pdf", (False, "Disallow: /*.pdf$")),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", (True, "no rule matches")),
        ("Allow: /news\nDisallow: /*.htm", "/news.htm", (False, "Disallow: /*.htm")),
        ("Disallow: /search", "/Search", (True, "no rule matches")),
        ("Disallow: /a?b=", "/a?b=1", (False, "Disallow: /a?b=")),
        ("Disallow: /é", "/%C3%A9/x", (False, "Disallow: /é")),
        ("Disallow: /%7Euser", "/~user", (False, "Disallow: /%7Euser")),
        ("Disallow:", "/a", (True, "no rule for this agent")),
        ("Disallow: *", "/a", (False, "Disallow: *")),
        ("Disallow: /", "", (False, "Disallow: /")),
        ("Disallow: / # the archive", "/a", (False, "Disallow: /")),
        ("Disalow: /a", "/a", (False, "Disallow: /a")),
        ("Disallow /a", "/a", (False, "Disallow: /a")),
        ("Disallow: /a b", "/a%20b", (False, "Disallow: /a b")),
        ("Disallow: /\u2028a", "/x", (True, "no rule matches")),
        ("Disallow: /", "/robots.txt", (True, "/robots.txt itself is always allowed")),
        ("Noindex: /a", "/a", (True, "no rule for this agent")),
        ("Disallow: /a#b", "/a#x", (False, "Disallow: /a")),
    ],
)
def test_the_longest_rule_decides_and_is_named(
    rules: str, path: str, expected: tuple[bool, str]
) -> None:
    assert decision(f"User-agent: *\n{rules}\n", f"https://news.example{path}") == expected


def test_the_verdict_says_when_the_file_was_read() -> None:
    found = verdict(parse_robots(b""), "https://news.example/a", BOT, WHEN)
    assert (found.allowed, found.rule, found.checked_at) == (True, "no rule for this agent", WHEN)


@given(st.lists(st.sampled_from(["Allow: /a", "Allow: /*b", "Disallow: /ab", "Disallow: /*c$"])))
def test_the_order_of_rules_does_not_matter(rules: list[str]) -> None:
    texts = ["User-agent: *\n" + "\n".join(order) for order in (rules, rules[::-1])]
    for path in ("/a", "/ab", "/xb", "/abc", "/c"):
        one, other = (decision(text, f"https://news.example{path}") for text in texts)
        assert one[0] == other[0]


PATHS = st.lists(
    st.sampled_from(["/", "a", "b", "%61", "é", "~", "%7E", "?", "&", "'", "%2F"])
).map(lambda pieces: "/" + "".join(pieces))
WILD = st.tuples(PATHS, st.sampled_from(["", "*", "*b", "$", "*a$"])).map("".join)


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Disallow"]), WILD), min_size=1), PATHS)
def test_many_rules_for_other_paths_change_nothing(rules: list[tuple[str, str]], path: str) -> None:
    text = "User-agent: *\n" + "".join(f"{verb}: {pattern}\n" for verb, pattern in rules)
    others = "".join(f"Disallow: /*.never-{n}$\n" for n in range(70))
    url = f"https://news.example{path}"
    assert decision(text + others, url) == decision(text, url)


# ------------------------------------------------------------------------------------ groups

GROUPS = """\
User-agent: *
Disallow: /everybody

User-agent: wirecorpusbot/1.0
Disallow: /ours

User-agent: OtherBot
User-agent: WIRECORPUSBOT
Disallow: /both

User-agent: Wire
User-agent: CorpusBot
Disallow: /shorter
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/everybody", True), ("/ours", False), ("/both", False), ("/shorter", True)],
)
def test_all_groups_of_our_own_name_hold_and_no_other(path: str, allowed: bool) -> None:
    assert decision(GROUPS, f"https://news.example{path}")[0] is allowed


def test_without_a_group_of_our_own_the_one_for_everybody_holds() -> None:
    assert not decision(GROUPS, "https://news.example/everybody", "NewBot")[0]
    assert decision(GROUPS, "https://news.example/ours", "NewBot")[0]


def test_an_unknown_line_does_not_part_a_group() -> None:
    text = f"User-agent: {BOT}\nContent-Usage: train-ai=n\nUser-agent: *\nDisallow: /\n"
    assert not decision(text, "https://news.example/")[0]


def test_rules_before_any_group_say_nothing() -> None:
    assert decision("Disallow: /\nUser-agent: *\nAllow: /a", "https://news.example/b")[0]


@pytest.mark.parametrize(
    ("agent", "token"),
    [
        ("WireCorpusBot", "wirecorpusbot"),
        ("WireCorpusBot/0.1 (+https://news.example/bot)", "wirecorpusbot"),
        ("*", "*"),
        ("*bot", ""),
        ("", ""),
    ],
)
def test_product_token(agent: str, token: str) -> None:
    assert product_token(agent) == token


# ------------------------------------------------------------------- Crawl-delay and Sitemap


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nDisallow: /a\nCrawl-delay: 2.5\nDisallow: /b", 2.5),
        ("User-agent: *\nCrawl-delay: 1,5 # slowly", 1.5),
        (f"User-agent: *\nCrawl-delay: 60\n\nUser-agent: {BOT}\nDisallow: /x", None),
        ("User-agent: Greedy\nCrawl-delay: 3600\n\nUser-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: 5\nUser-agent: *\nCrawl-delay: 9", 9.0),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -3", None),
        ("Crawl-delay: 5", None),
    ],
)
def test_crawl_delay(text: str, delay: float | None) -> None:
    assert parse_robots(text.encode()).crawl_delay(BOT) == delay


def test_sitemaps_stand_outside_the_groups() -> None:
    text = (
        "Sitemap: https://news.example/one.xml\nUser-agent: x\nsitemap: /two.xml # second\n"
        "User-agent: *\nDisallow: /a\nSitemap: https://news.example/one.xml\nSitemap:\n"
    )
    robots = parse_robots(text.encode())
    assert robots.sitemaps == ("https://news.example/one.xml", "/two.xml")
    assert not verdict(robots, "https://news.example/a", "x", WHEN).allowed


# ------------------------------------------------------------------------------------- bytes

CLOSED = "User-agent: *\nDisallow: /closed\n"


@pytest.mark.parametrize(
    "body",
    [
        CLOSED.encode(),
        CLOSED.replace("\n", "\r").encode(),
        CLOSED.replace("\n", "\r\n").encode(),
        CLOSED.encode("utf-8-sig"),
        CLOSED.encode("utf-16"),
        CLOSED.encode("utf-16-le"),
        CLOSED.encode("utf-16-be"),
        b"# caf\xe9\n" + CLOSED.encode(),
        b"\n\t User-Agent :\t*\n  DISALLOW  : /closed \n",
        CLOSED.encode() + b"\x00\xff\xfe",
    ],
)
def test_every_encoding_and_line_end_is_read(body: bytes) -> None:
    assert not verdict(parse_robots(body), "https://news.example/closed", BOT, WHEN).allowed


def test_only_the_first_500_kib_count_up_to_a_whole_line() -> None:
    head = CLOSED.encode()
    tail = b"Allow: /closed/but/no"
    filler = b"#" * (MAX_BYTES - len(head) - len(tail)) + b"\n"
    body = head + filler + tail + b"t/this\nDisallow: /later\n"
    robots = parse_robots(body)
    assert not verdict(robots, "https://news.example/closed/but/no", BOT, WHEN).allowed
    assert verdict(robots, "https://news.example/later", BOT, WHEN).allowed


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    b"User-agent:",
                    b"*",
                    b"\n",
                    b"\r",
                    b"Disallow:",
                    b"Allow:",
                    b" /",
                    b"$",
                    b"%e",
                    b"#",
                ]
            ),
            max_size=30,
        ).map(b"".join),
    ),
    st.text(max_size=30),
)
def test_no_bytes_and_no_url_raise(body: bytes, url: str) -> None:
    robots = parse_robots(body)
    for address in (url, f"https://news.example/{url}", f"https://[{url}"):
        found = verdict(robots, address, BOT, WHEN)
        assert found.allowed in (True, False)
        assert found.rule


# -------------------------------------------------------------------------------- fetch states


@pytest.mark.parametrize(
    ("status", "allowed", "rule"),
    [
        (200, False, "Disallow: /closed"),
        (404, True, "no robots.txt: 404"),
        (401, True, "no robots.txt: 401"),
        (410, True, "no robots.txt: 410"),
        (302, True, "no robots.txt: 302"),
        (429, False, "robots.txt unreachable: 429"),
        (500, False, "robots.txt unreachable: 500"),
        (503, False, "robots.txt unreachable: 503"),
        (None, False, "robots.txt unreachable: time-out"),
    ],
)
def test_what_an_answer_means(status: int | None, allowed: bool, rule: str) -> None:
    robots = robots_from_outcome(status, CLOSED.encode(), fault="time-out")
    found = verdict(robots, "https://news.example/closed", BOT, WHEN)
    assert (found.allowed, found.rule) == (allowed, rule)
    assert robots.unreachable is (rule.startswith("robots.txt unreachable"))
    assert verdict(robots, "https://news.example/robots.txt", BOT, WHEN).allowed


def test_unreachable_has_no_delay_and_no_sitemaps() -> None:
    robots = robots_from_outcome(None)
    assert robots.reason == "robots.txt unreachable: no answer"
    assert (robots.crawl_delay(BOT), robots.sitemaps) == (None, ())
    assert isinstance(robots, Robots)


# ------------------------------------------------------------------------------- conformance


@pytest.mark.skipif(not CASES.exists(), reason="the conformance cases are not in the repository")
def test_googles_cases_that_follow_the_rfc() -> None:
    lines = (CASES / "google.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [case for line in lines if (case := json.loads(line))["rfc"]]
    wrong = [
        case["name"]
        for case in cases
        if decision(case["robots"], case["url"], case["agent"])[0] is not case["allowed"]
    ]
    assert cases
    assert wrong == []


@pytest.mark.skipif(not CASES.exists(), reason="the conformance cases are not in the repository")
def test_every_real_file_is_decided_by_one_of_its_lines() -> None:
    for path in sorted((CASES / "real").glob("*.txt.gz")):
        robots = parse_robots(gzip.decompress(path.read_bytes()))
        rules = {str(rule) for group in robots.groups for rule in group.rules}
        for target in ("/", "/news/2026/11/23/story.html?x=1", "/search?q=%C3%A9", "/wp-admin/x"):
            found = verdict(robots, f"https://news.example{target}", BOT, WHEN)
            named = found.rule in rules
            assert named or (found.allowed and found.rule.startswith("no rule")), path.name


def test_a_compressed_file_is_read_though_nobody_said_that_it_is() -> None:
    plain = b"User-agent: *\nDisallow: /private\n"
    read = parse_robots(gzip.compress(plain + b"# long\n" * 9_000_000, 1))
    assert read.groups == parse_robots(plain).groups
    cut = parse_robots(gzip.compress(plain * 9)[:-20])
    assert cut.groups
