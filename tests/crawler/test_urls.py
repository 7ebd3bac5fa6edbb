import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crawler.config import default_file
from crawler.errors import ConfigError
from crawler.hosts import registrable_domain
from crawler.urls import (
    MAX_LENGTH,
    Refused,
    UrlRule,
    UrlRules,
    canonical_url,
    host_of,
    load_url_rules,
    same_site,
)

RULES = load_url_rules(default_file("urls.toml").read_text(encoding="utf-8"), "urls.toml")
WPT = Path(__file__).parents[3] / "shared/data/conformance/urls/wpt.json"

PIECES = r"""
    http:// HTTPS: // / \ . .. %2e % %4 %41 %e3 ? & = # ; ;jsessionid= (S( aaaaaaaaaaaaaaaaaaaaaaaa ))
    utm_source=x amp; sid= 00000000000000000000000000000000 [ ] ::1 :80 :443 0x7f.1 ü ｅ ☃ x.example
    xn-- ' @ a B _ ~
"""
URL_PIECES = st.sampled_from([*PIECES.split(), " ", "\t", "\ud800"])
MADE_UP_URLS = st.one_of(
    st.builds("http://h.example/{}".format, st.lists(URL_PIECES, max_size=12).map("".join)),
    st.lists(URL_PIECES, max_size=12).map("".join),
    st.text(max_size=60),
)


def canonical(url: str, base: str = "") -> str:
    found = canonical_url(url, RULES, base)
    assert isinstance(found, str), found
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("HTTP://News.Example/A", "http://news.example/A"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example.:443/a", "https://news.example/a"),
        ("http://news.example:80/", "http://news.example/"),
        ("http://news.example:8080/", "http://news.example:8080/"),
        ("http://news.example:/a", "http://news.example/a"),
        ("http://news.example:00081/a", "http://news.example:81/a"),
        ("  http://news.example/a \r\n\t", "http://news.example/a"),
        ("https://news.example/a#part", "https://news.example/a"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a?&&b=1&", "https://news.example/a?b=1"),
        ("https://news.example/a/./b/../c", "https://news.example/a/c"),
        ("https://news.example/../../a", "https://news.example/a"),
        ("https://news.example/a/%2e%2E/b", "https://news.example/b"),
        ("https://news.example/a/..", "https://news.example/"),
        ("https://news.example//a", "https://news.example//a"),
        ("https://news.example\\a\\b", "https://news.example/a/b"),
        ("https://news.example/%7Euser/%c3%a9", "https://news.example/~user/%C3%A9"),
        ("https://news.example/é b", "https://news.example/%C3%A9%20b"),
        ("https://news.example/100%", "https://news.example/100%25"),
        ("https://news.example/a%2Fb", "https://news.example/a%2Fb"),
        ("https://news.example/a?b=[1]&c='", "https://news.example/a?b=%5B1%5D&c=%27"),
        ("https://news.example/a?z=1&a=2", "https://news.example/a?z=1&a=2"),
        ("https://news.example/a?q=x+y%20z", "https://news.example/a?q=x+y%20z"),
        ("https://Bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://XN--BCHER-KVA.example/", "https://xn--bcher-kva.example/"),
        ("https://ｎｅｗｓ.example/", "https://news.example/"),
        ("https://☃.example/", "https://xn--n3h.example/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://%6eews.example/", "https://news.example/"),
        ("http://my_paper.example/", "http://my_paper.example/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://[1:0:0:2:0:0:0:3]:80/", "http://[1:0:0:2::3]/"),
    ],
)
def test_every_spelling_becomes_one(written: str, expected: str) -> None:
    assert canonical(written) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("b", "https://news.example/world/b"),
        ("./b", "https://news.example/world/b"),
        ("../b?c", "https://news.example/b?c"),
        ("/b", "https://news.example/b"),
        ("//other.example/b", "https://other.example/b"),
        ("\\\\other.example/b", "https://other.example/b"),
        ("?c=1", "https://news.example/world/index?c=1"),
        ("?", "https://news.example/world/index"),
        ("#top", "https://news.example/world/index?p=2"),
        ("", "https://news.example/world/index?p=2"),
        ("https:b", "https://news.example/world/b"),
        ("http:b", "http://b/"),
        ("http://other.example", "http://other.example/"),
    ],
)
def test_a_relative_reference_is_resolved_against_its_page(reference: str, expected: str) -> None:
    assert canonical(reference, "https://news.example/world/index?p=2#x") == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://user:secret@news.example/", "credentials"),
        ("https://@news.example/", "credentials"),
        ("https://news.example\\@evil.example/", None),
        ("https://news.example/a\nb", "control characters"),
        ("https://news.example/a\x00", None),
        ("https://news.example/a\x00b", "control characters"),
        ("https://news\t.example/", "control characters"),
        ("https://news.example/\x85b", "control characters"),
        ("javascript:alert(1)", "scheme"),
        ("mailto:desk@news.example", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("data:text/html,x", "scheme"),
        ("news.example:8080/a", "scheme"),
        ("/a", "no host"),
        ("https://", "no host"),
        ("https:///?a", "no host"),
        ("https://:80/", "no host"),
        ("https://a b.example/", "bad host"),
        ("https://a..example/", "bad host"),
        ("https://" + "a" * 64 + ".example/", "bad host"),
        ("https://256.256.256.256/", "bad host"),
        ("https://[::1/", "bad host"),
        ("https://[fe80::1%25eth0]/", "bad host"),
        ("https://news%00.example/", "bad host"),
        ("https://xn--/", "bad host"),
        ("https://news.example:0/", "bad port"),
        ("https://news.example:25/", "bad port"),
        ("https://news.example:65536/", "bad port"),
        ("https://news.example:8a/", "bad port"),
        ("https://news.example:٨٠/", "bad port"),
        ("https://news.example/" + "a" * MAX_LENGTH, "too long"),
        ("https://news.example/" + "é" * 400, "too long"),
        ("https://news.example/" + "a" * 100_000, "too long"),
    ],
)
def test_what_is_refused_says_why(url: str, reason: str | None) -> None:
    found = canonical_url(url, RULES)
    assert (found.reason if isinstance(found, Refused) else None) == reason


def test_length_is_judged_after_trackers_are_dropped() -> None:
    assert canonical("https://news.example/a?fbclid=" + "x" * 4_000) == "https://news.example/a"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("?utm_source=rss&id=5&fbclid=x", "?id=5"),
        ("?id=5&amp;utm_source=rss", "?id=5"),
        ("?UTM%5Fsource=rss", ""),
        ("?source=reuters", "?source=reuters"),
        ("?source=twitter", ""),
        ("/story.do;jsessionid=0A1B?id=5", "/story.do?id=5"),
        ("/a;v=1;SID=5/b;jsessionid=2;w", "/a;v=1/b;w"),
        ("/.;sid=1/../b", "/b"),
    ],
)
def test_trackers_and_sessions_are_dropped_and_the_rest_stays(written: str, expected: str) -> None:
    assert canonical("https://news.example/" + written.removeprefix("/")) == (
        "https://news.example/" + expected.removeprefix("/")
    )


@given(MADE_UP_URLS)
def test_canonical_is_idempotent_and_plain(url: str) -> None:
    once = canonical_url(url, RULES, "https://base.example/x/y")
    assume(isinstance(once, str))
    assert isinstance(once, str)
    assert canonical_url(once, RULES) == once
    assert canonical_url(once, RULES, "http://elsewhere.example/z") == once
    assert once.isascii()
    assert once.isprintable()
    assert not set(once) & set(' #"<>\\^`{|}')
    assert len(once) <= MAX_LENGTH


@given(MADE_UP_URLS, MADE_UP_URLS)
def test_no_text_raises(url: str, base: str) -> None:
    assert isinstance(canonical_url(url, RULES, base), str | Refused)
    assert isinstance(host_of(url), str)
    assert isinstance(same_site(url, base), bool)


@given(st.permutations(["a=1", "b=2", "a=3", "page=4"]))
def test_the_order_of_parameters_is_kept(parameters: list[str]) -> None:
    query = "&".join(parameters)
    tracked = "&utm_medium=x&".join(parameters)
    assert canonical(f"https://news.example/?{tracked}") == f"https://news.example/?{query}"


@pytest.mark.skipif(not WPT.exists(), reason="the conformance cases are not in the repository")
def test_the_url_standards_cases_mean_the_same_to_us() -> None:
    wrong = []
    for case in json.loads(WPT.read_text(encoding="utf-8")):
        if not isinstance(case, dict):
            continue
        ours = canonical_url(case["input"], UrlRules(), case.get("base") or "")
        if case.get("failure"):
            if isinstance(ours, str):
                wrong.append((case["input"], ours, "failure"))
        elif isinstance(ours, str) and ours != canonical_url(case["href"], UrlRules()):
            wrong.append((case["input"], ours, case["href"]))
        elif isinstance(ours, Refused) and ours.reason == "no host":
            wrong.append((case["input"], ours.reason, case["href"]))
    assert wrong == []


# ------------------------------------------------------------------------------------ the table


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_row_has_examples_and_near_misses_that_hold_in_the_whole_table(rule: UrlRule) -> None:
    assert rule.examples
    assert rule.near_misses
    for url in rule.examples:
        assert canonical(url) != canonical_url(url, UrlRules())
    for url in rule.near_misses:
        assert canonical(url) == canonical_url(url, UrlRules())


ROW = '[[rule]]\nid = "x"\nkind = "parameter"\nnames = ["sid"]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW, "urls.toml: rule 'x' has no examples; add one URL that it should change"),
        (ROW + 'examples = ["https://h.example/?a=1"]', "leaves its example"),
        (
            ROW
            + 'examples = ["https://h.example/?sid=1"]\nnear_misses = ["https://h.example/?SID"]',
            "changes its near miss",
        ),
        (ROW + 'example = ["x"]', "unknown key 'example'; did you mean 'examples'?"),
        ('[[rule]]\nid = "x"\nkind = "parameter"\nexamples = ["u"]', "give `names`"),
        ('[[rule]]\nid = "x"\nkind = "path"\nexamples = ["u"]', "give `pattern`"),
        ('[[rule]]\nid = "x"\nkind = "query"\nexamples = ["u"]', "rule 'x'"),
        (
            '[[rule]]\nid = "x"\nkind = "path"\npattern = "("\nexamples = ["u"]',
            "regular expression",
        ),
        ('[[rule]]\nid = "x"\nkind = "path"\npattern = "a*"\nexamples = ["u"]', "nothing at all"),
        (
            '[[rule]]\nid = "x"\nkind = "parameter"\nnames = ["*"]\nexamples = ["u"]',
            "may have one `*`",
        ),
        (2 * (ROW + 'examples = ["https://h.example/?sid=1"]\n'), "stands in 'x' too"),
        ("rule = 3", "'rule' must be"),
        ("[[rule]", "is not valid TOML"),
    ],
)
def test_a_row_that_does_not_hold_does_not_load(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_url_rules(text, "urls.toml")
    assert "urls.toml" in str(error.value)
    assert message in str(error.value)


# ---------------------------------------------------------------------------------------- sites


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example/a", "news.example"),
        ("https://news.example:443/", "news.example"),
        ("http://news.example:8080?x", "news.example:8080"),
        ("http://[::1]:81/", "[::1]:81"),
        ("https://u:p@news.example/", "news.example"),
        ("nonsense", ""),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.paper.co.uk", "paper.co.uk"),
        ("www.paper.co.uk:8080", "paper.co.uk"),
        ("WWW.Paper.example", "paper.example"),
        ("co.uk", "co.uk"),
        ("localhost:80", "localhost"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:80", "[::1]"),
        ("desk.blogspot.com", "desk.blogspot.com"),
        ("", ""),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_same_site() -> None:
    assert same_site("https://www.paper.co.uk/a", "http://m.paper.co.uk:81/b")
    assert not same_site("https://paper.co.uk/", "https://journal.co.uk/")
    assert not same_site("https://one.github.io/", "https://two.github.io/")
