import math
from collections import Counter, defaultdict
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.lanes import RobotsCopy
from crawler.records import Due, Fetch, HostNote, Outcome
from crawler.steps import Allowance, Done, Wait
from tests.crawler.play import MANNERS, START, Played, frontier, hosts, page, play, reply

A = "https://a.example/"
ROBOTS = "https://a.example/robots.txt"


def near_enough(seconds: float) -> object:
    """Unix seconds as floats are good to a microsecond."""
    return pytest.approx(seconds, abs=1e-5)


def test_nothing_due_is_done_at_once() -> None:
    assert frontier().next(START) == Done()


def test_robots_txt_is_asked_before_anything_else() -> None:
    made = frontier(page(A + "1"))
    first = made.next(START)
    assert isinstance(first, Fetch)
    assert first.due.url == ROBOTS
    assert made.next(START) == Wait(math.inf)


def test_http_and_https_have_a_robots_txt_each_and_share_a_lane() -> None:
    played = play(frontier(page(A + "1"), page("http://a.example/2")), hosts())
    assert set(played.asked) == {
        ROBOTS,
        A + "1",
        "http://a.example/robots.txt",
        "http://a.example/2",
    }
    assert played.starts() == [0, 2, 4, 6]


def test_feeds_come_before_sitemaps_before_sections_before_articles_newest_first() -> None:
    made = frontier(
        page(A + "old", 1.0),
        page(A + "new", 9.0),
        Due(A + "section", "section", "s"),
        Due(A + "sitemap", "sitemap", "s"),
        Due(A + "feed", "feed", "s"),
    )
    asked = play(made, hosts()).asked
    assert asked == [ROBOTS, A + "feed", A + "sitemap", A + "section", A + "new", A + "old"]


def test_a_disallowed_url_is_never_asked_and_the_line_is_told() -> None:
    made = frontier(page(A + "private/1"), page(A + "open"))
    played = play(made, hosts(robots="User-agent: *\nDisallow: /private"))
    assert played.asked == [ROBOTS, A + "open"]
    assert played.ends() == {A + "private/1": "refused", A + "open": "fetched"}
    assert played.reason(A + "private/1") == "Disallow: /private"


def test_a_fetch_carries_the_verdict_that_allowed_it() -> None:
    played = play(frontier(page(A + "1")), hosts(robots="User-agent: *\nAllow: /\nDisallow: /x"))
    verdict = played.requests[-1][2].robots
    assert (verdict.allowed, verdict.rule) == (True, "Allow: /")
    assert verdict.checked_at.endswith("Z")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_unreachable_robots_means_nothing_is_fetched(status: int) -> None:
    answer = hosts({ROBOTS: lambda fetch: reply(fetch, status)})
    played = play(frontier(page(A + "1"), page(A + "2")), answer)
    assert played.asked == [ROBOTS] * 3
    assert set(played.ends().values()) == {"put_off"}
    assert f"unreachable: {status}" in played.reason(A + "1")


@pytest.mark.parametrize("fault", ["timeout", "dns", "disconnected", "protocol"])
def test_robots_that_cannot_be_had_means_nothing_is_fetched(fault: str) -> None:
    answer = hosts({ROBOTS: lambda fetch: reply(fetch, fault=fault)})
    assert set(play(frontier(page(A + "1")), answer).asked) == {ROBOTS}


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_robots_txt_means_everything_is_allowed(status: int) -> None:
    answer = hosts({ROBOTS: lambda fetch: reply(fetch, status)})
    assert play(frontier(page(A + "1")), answer).ends() == {A + "1": "fetched"}


def test_a_robots_txt_that_comes_at_the_second_try_counts() -> None:
    tries = Counter[str]()

    def second(fetch: Fetch) -> Outcome:
        tries["robots"] += 1
        return reply(fetch, 503 if tries["robots"] == 1 else 200, b"User-agent: *\nDisallow: /1")

    played = play(frontier(page(A + "1"), page(A + "2")), hosts({ROBOTS: second}))
    assert played.asked == [ROBOTS, ROBOTS, A + "2"]


def test_a_good_copy_of_the_last_day_stands_in_for_unreachable_robots() -> None:
    made = frontier()
    copy = RobotsCopy(b"User-agent: *\nDisallow: /no", START - 3600)
    made.meet("a.example", {"https://a.example": copy}, None, START)
    made.add(page(A + "no"))
    made.add(page(A + "yes"))
    played = play(made, hosts({ROBOTS: lambda fetch: reply(fetch, 500)}))
    assert played.ends() == {A + "no": "refused", A + "yes": "fetched"}
    assert played.requests[-1][2].robots.checked_at == "2023-11-14T21:13:20Z"


def test_a_copy_older_than_a_day_does_not() -> None:
    made = frontier()
    made.meet("a.example", {"https://a.example": RobotsCopy(b"", START - 90_000)}, None, START)
    made.add(page(A + "1"))
    played = play(made, hosts({ROBOTS: lambda fetch: reply(fetch, 500)}))
    assert set(played.ends().values()) == {"put_off"}


def test_robots_txt_is_asked_with_validators_and_304_confirms_the_copy() -> None:
    made = frontier()
    copy = RobotsCopy(b"User-agent: *\nDisallow: /1", START - 90_000, etag='"r"')
    made.meet("a.example", {"https://a.example": copy}, None, START)
    made.add(page(A + "1"))
    played = play(made, hosts({ROBOTS: lambda fetch: reply(fetch, 304)}))
    assert played.requests[0][2].due.etag == '"r"'
    assert played.ends() == {A + "1": "refused"}


def test_robots_txt_is_read_again_after_a_day() -> None:
    manners = msgspec.structs.replace(MANNERS, delay=50_000.0)
    made = frontier(*(page(f"{A}{n}") for n in range(4)), manners=manners)
    assert play(made, hosts()).asked == [
        ROBOTS,
        A + "0",
        ROBOTS,
        A + "1",
        ROBOTS,
        A + "2",
        ROBOTS,
        A + "3",
    ]


def test_redirects_of_robots_txt_are_followed_across_hosts() -> None:
    elsewhere = "https://b.example/robots"
    answer = hosts(
        {
            ROBOTS: lambda fetch: reply(fetch, 301, Location=elsewhere),
            elsewhere: lambda fetch: reply(fetch, 200, b"User-agent: *\nDisallow: /1"),
        }
    )
    played = play(frontier(page(A + "1")), answer)
    assert played.asked == [ROBOTS, elsewhere]
    assert played.ends() == {A + "1": "refused"}


def test_validators_of_a_robots_txt_go_where_they_came_from() -> None:
    there = "https://www.a.example/robots.txt"
    rules = b"User-agent: *\nDisallow: /1"
    copy = RobotsCopy(rules, START - 90_000, etag='"r"', captured_at="then", url=there)
    made = frontier()
    made.meet("a.example", {"https://a.example": copy}, None, START)
    for url in (A + "1", A + "2", "https://www.a.example/1"):
        made.add(page(url))
    answer = hosts(
        {
            ROBOTS: lambda fetch: reply(fetch, 301, Location=there),
            there: lambda fetch: reply(fetch, 304 if fetch.due.etag else 200, rules),
        }
    )
    played = play(made, answer)
    asked = [(fetch.due.url, fetch.due.etag) for _, _, fetch in played.requests]
    assert asked.count((ROBOTS, "")) == 1
    assert set(asked) <= {(ROBOTS, ""), (there, '"r"'), (there, ""), (A + "2", "")}
    assert played.ends() == {
        A + "1": "refused",
        A + "2": "fetched",
        "https://www.a.example/1": "refused",
    }


def test_not_modified_by_way_of_a_redirect_rules_both_hosts() -> None:
    there = "https://b.example/robots.txt"
    copy = RobotsCopy(b"User-agent: *\nDisallow: /1", START - 90_000, etag='"r"', url=there)
    made = frontier()
    made.meet("a.example", {"https://a.example": copy}, None, START)
    made.add(page(A + "1"))
    redirect = {ROBOTS: lambda fetch: reply(fetch, 301, Location=there)}
    answer = hosts(redirect | {there: lambda fetch: reply(fetch, 304)})
    assert play(made, answer).asked == [ROBOTS, there]
    made.add(page("https://b.example/1"))
    assert play(made, answer).ends() == {"https://b.example/1": "refused"}


def test_a_robots_txt_that_only_redirects_is_none() -> None:
    answer = hosts({ROBOTS: lambda fetch: reply(fetch, 302, Location="/robots.txt")})
    assert play(frontier(page(A + "1")), answer).ends() == {A + "1": "fetched"}


def test_crawl_delay_is_kept_from_the_start_of_robots_on() -> None:
    answer = hosts(robots="User-agent: *\nCrawl-delay: 7")
    assert play(frontier(page(A + "1"), page(A + "2")), answer).starts() == [0, 7, 14]


def test_a_source_may_ask_for_more_patience_than_the_settings() -> None:
    made = frontier(page(A + "1"), page(A + "2"), sources={"s": Allowance(10, delay=5.0)})
    assert play(made, hosts()).starts() == [0, 5, 10]


def test_a_crawl_delay_over_the_cap_means_the_host_is_left_and_reported() -> None:
    made = frontier(page(A + "1"))
    played = play(made, hosts(robots="User-agent: *\nCrawl-delay: 3600"))
    assert played.asked == [ROBOTS]
    assert made.notes == (HostNote("a.example", "asks for a Crawl-delay of 3600 s", START + 3600),)


def test_a_crawl_delay_of_years_shuts_the_host_for_a_day() -> None:
    made = frontier(page(A + "1"))
    play(made, hosts(robots="User-agent: *\nCrawl-delay: 99999999"))
    assert [note.until for note in made.notes] == [START + 86_400]
    assert [note.until for note in made.holds()] == [START + 86_400]


def test_hosts_of_one_domain_share_the_gap_as_long_as_they_may_be_one_machine() -> None:
    made = frontier(
        page(A + "1"), page("https://www.a.example/1"), page("https://a.example:8443/2")
    )
    assert play(made, hosts()).starts() == [0, 2, 4, 6, 8, 10]


def test_hosts_of_one_domain_at_different_addresses_are_asked_side_by_side() -> None:
    def apart(fetch: Fetch) -> Outcome:
        answer = reply(fetch, 404 if fetch.due.kind == "robots" else 200)
        return msgspec.structs.replace(answer, address=f"192.0.2.{len(fetch.host)}")

    urls = [f"https://{host}/{n}" for host in ("a.example", "www.a.example") for n in range(3)]
    assert play(frontier(*map(page, urls)), apart).starts()[-1] < 10


@pytest.mark.parametrize(
    ("fault", "waits"), [("dns", False), ("refused_address", False), ("connect", True)]
)
def test_a_name_that_leads_nowhere_keeps_no_other_host_of_its_domain_waiting(
    fault: str, waits: bool
) -> None:
    made = frontier(page("https://lost.a.example/1"), page(A + "1"))
    lost = made.next(START)
    assert isinstance(lost, Fetch)
    made.record(reply(lost, fault=fault), START + 0.1)
    step = made.next(START + 0.1)
    assert isinstance(step, Wait if waits else Fetch)


def test_a_gap_of_an_earlier_run_holds_for_the_domains_other_hosts_too() -> None:
    made = frontier()
    made.meet("a.example", {}, HostNote("a.example", "", START + 2), START)
    made.add(page("https://www.a.example/1"))
    assert play(made, hosts()).starts()[0] == near_enough(2)


def test_while_a_request_is_not_on_its_way_its_host_is_asked_for_nothing_more() -> None:
    manners = msgspec.structs.replace(MANNERS, per_host=2)
    made = frontier(page(A + "1"), page(A + "2"), manners=manners)
    robots = made.next(START)
    assert isinstance(robots, Fetch)
    made.record(reply(robots, 404), START)
    first = made.next(START + 2)
    assert isinstance(first, Fetch)
    assert made.next(START + 4) == Wait(math.inf)
    made.sent(first, START + 5)
    assert made.next(START + 6) == Wait(START + 7)
    assert isinstance(made.next(START + 7), Fetch)


def test_a_host_that_slows_down_is_asked_less_often_and_that_is_told_once() -> None:
    def tiring(fetch: Fetch) -> Outcome:
        tired = fetch.due.url.removeprefix(A) > "14"
        return reply(fetch, 404 if fetch.due.kind == "robots" else 200, took=0.9 if tired else 0.3)

    made = frontier(*(page(f"{A}{n}", -float(n)) for n in range(10, 30)))
    starts = play(made, tiring).starts()
    gaps = [round(b - a, 1) for a, b in pairwise(starts)]
    assert gaps[:5] == [2.0] * 5
    assert max(gaps) > 4
    assert max(gaps) <= 16
    (note,) = made.notes
    assert "instead of" in note.note


def test_a_host_that_refuses_everything_is_left() -> None:
    made = frontier(*(page(f"{A}{n}") for n in range(50)))
    assert len(play(made, hosts(status=403)).asked) == 1 + 5
    assert made.notes[0].note == "5 refusals in a row"


def test_a_robots_txt_that_another_origin_redirects_to_is_asked_once() -> None:
    secure = "https://www.a.example/robots.txt"
    answer = hosts(
        {
            ROBOTS: lambda fetch: reply(fetch, 301, Location=secure),
            secure: lambda fetch: reply(fetch, 200, b"User-agent: *\nDisallow: /no"),
        }
    )
    made = frontier(
        page(A + "1"), page("https://www.a.example/no"), page("https://www.a.example/1")
    )
    played = play(made, answer)
    assert Counter(played.asked)[secure] == 1
    assert played.ends()["https://www.a.example/no"] == "refused"


def test_a_304_that_nothing_was_asked_for_is_no_robots_txt() -> None:
    answer = hosts({ROBOTS: lambda fetch: reply(fetch, 304)})
    assert set(play(frontier(page(A + "1")), answer).ends().values()) == {"put_off"}


def test_hosts_do_not_wait_for_each_other() -> None:
    made = frontier(page(A + "1"), page("https://b.example/1"))
    assert play(made, hosts()).starts() == [0, 0, 2, 2]


def test_retry_after_holds_the_lane_and_the_page_is_asked_again() -> None:
    tries = Counter[str]()

    def busy(fetch: Fetch) -> Outcome:
        tries[fetch.due.url] += 1
        return reply(fetch, 429, Retry_After="60") if tries[fetch.due.url] == 1 else reply(fetch)

    played = play(frontier(page(A + "1", 2.0), page(A + "2")), hosts({A + "1": busy}))
    assert played.asked == [ROBOTS, A + "1", A + "2", A + "1"]
    assert played.starts(A + "2") == [pytest.approx(62.1)]


def test_retry_after_on_503_may_be_a_date() -> None:
    date = "Tue, 14 Nov 2023 22:15:20 GMT"
    answer = hosts({A + "1": lambda fetch: reply(fetch, 503, Retry_After=date)})
    assert play(frontier(page(A + "1")), answer).starts(A + "1")[:2] == [2, 120]


@pytest.mark.parametrize("status", [301, 403, 413, 500, 502])
def test_retry_after_is_obeyed_on_any_answer_of_distress_or_refusal_and_on_redirects(
    status: int,
) -> None:
    made = frontier(page(A + "1", 2.0), page(A + "2"))
    played = play(made, hosts({A + "1": lambda fetch: reply(fetch, status, Retry_After="60")}))
    assert played.starts(A + "2") == [pytest.approx(62.1)]


def test_retry_after_on_a_page_that_is_gone_says_nothing_of_its_host() -> None:
    made = frontier(page(A + "1", 2.0), page(A + "2"))
    played = play(made, hosts({A + "1": lambda fetch: reply(fetch, 404, Retry_After="60")}))
    assert played.starts(A + "2") == [4]


def test_of_two_retry_after_headers_the_longer_one_counts() -> None:
    def twice(fetch: Fetch) -> Outcome:
        asked = (("Retry-After", "60"), ("retry-after", "90"), ("Retry-After", "5"))
        return msgspec.structs.replace(reply(fetch, 403), headers=asked)

    played = play(frontier(page(A + "1", 2.0), page(A + "2")), hosts({A + "1": twice}))
    assert played.starts(A + "2") == [pytest.approx(92.1)]


def test_a_bare_429_is_given_half_a_minute() -> None:
    answer = hosts({A + "1": lambda fetch: reply(fetch, 429)})
    assert play(frontier(page(A + "1")), answer).starts(A + "1")[1] >= 32


def test_a_host_that_asks_for_too_long_a_pause_is_put_off() -> None:
    made = frontier(page(A + "1", 2.0), page(A + "2"))
    answer = hosts({A + "1": lambda fetch: reply(fetch, 429, Retry_After="86400")})
    played = play(made, answer)
    assert played.asked == [ROBOTS, A + "1"]
    assert set(played.ends().values()) == {"put_off"}
    assert made.notes[0].until == pytest.approx(START + 86_402.1)


def test_a_host_put_off_by_an_earlier_run_is_left_alone() -> None:
    made = frontier()
    made.meet("a.example", {}, HostNote("a.example", "asked for a pause", START + 600), START)
    made.add(page(A + "1"))
    played = play(made, hosts())
    assert played.asked == []
    assert played.ends() == {A + "1": "put_off"}


def test_a_short_pause_asked_of_an_earlier_run_is_waited_for() -> None:
    made = frontier()
    made.meet("a.example", {}, HostNote("a.example", "answers 429", START + 60), START)
    made.add(page(A + "1"))
    assert play(made, hosts()).starts() == [60, 62]


def test_a_put_off_host_is_not_asked_for_the_robots_txt_of_another() -> None:
    made = frontier()
    made.meet("b.example", {}, HostNote("b.example", "asked for a pause", START + 600), START)
    made.add(page(A + "1"))
    answer = hosts({ROBOTS: lambda f: reply(f, 301, Location="https://b.example/robots.txt")})
    assert play(made, answer).asked == [ROBOTS]


@pytest.mark.parametrize("asked", [60, 86_400])
def test_a_pause_that_was_asked_for_is_told_with_its_words(asked: int) -> None:
    made = frontier(page(A + "1"))
    first = made.next(START)
    assert isinstance(first, Fetch)
    made.record(reply(first, 429, Retry_After=str(asked)), START + 1)
    words = f"answers 429 with Retry-After {asked} s"
    assert made.holds() == (HostNote("a.example", words, START + 1 + asked),)
    assert made.holds() == ()


def test_the_breaker_does_not_drop_a_pause_that_was_asked_for() -> None:
    made = frontier(*(page(f"{A}{n}") for n in range(9)))
    play(made, hosts({}, status=503))
    (hold,) = made.holds()
    assert made.notes[0].note == "5 failures in a row"
    assert hold.until - START > 60


def test_a_copy_that_stands_in_does_not_bring_the_answer_that_failed() -> None:
    made = frontier()
    made.meet("a.example", {"https://a.example": RobotsCopy(b"", START - 60)}, None, START)
    made.add(page(A + "1"))
    played = play(made, hosts({ROBOTS: lambda fetch: reply(fetch, 503, b"busy")}))
    (robots,) = (s for s in played.settled if s.due.kind == "robots")
    assert (robots.ending, robots.outcome) == ("put_off", None)


def test_a_passing_failure_is_tried_three_times_with_growing_pauses() -> None:
    answer = hosts({A + "1": lambda fetch: reply(fetch, 500)})
    played = play(frontier(page(A + "1")), answer)
    first, second, third = played.starts(A + "1")
    assert second - first >= 4
    assert third - second >= 8
    assert played.reason(A + "1") == "status 500"


@pytest.mark.parametrize(
    "fault", ["tls", "refused_address", "too_large", "wrong_type", "bad_encoding"]
)
def test_what_will_not_pass_is_tried_once(fault: str) -> None:
    answer = hosts({A + "1": lambda fetch: reply(fetch, fault=fault)})
    assert play(frontier(page(A + "1")), answer).asked == [ROBOTS, A + "1"]


def test_a_page_that_hangs_is_left_to_the_next_run_and_a_listing_gets_another_chance() -> None:
    hangs = {A + "1": lambda fetch: reply(fetch, fault="timeout")}
    hangs[A + "rss"] = hangs[A + "1"]
    listing = page(A + "rss", kind="feed")
    played = play(frontier(page(A + "1"), listing, page(A + "2")), hosts(hangs))
    asked = Counter(played.asked)
    assert (asked[A + "1"], asked[A + "rss"], asked[A + "2"]) == (1, 2, 0)
    assert "3 time-outs in a row" in {settled.reason for settled in played.settled}


def test_the_breaker_leaves_a_host_that_only_fails() -> None:
    made = frontier(*(page(f"{A}{n}") for n in range(50)))
    played = play(made, hosts(status=502))
    assert len(played.asked) == 1 + 5
    assert Counter(played.ends().values())["put_off"] >= 48
    assert "5 failures in a row" in made.notes[0].note


def test_a_host_that_the_last_run_gave_up_gets_one_try_after_the_usual_gap() -> None:
    def met(**status: int) -> Played:
        made = frontier(*(page(f"{A}{n}") for n in range(9)))
        held = HostNote("a.example", "5 failures in a row", START + 3_000)
        copy = RobotsCopy(b"User-agent: *\nCrawl-delay: 7", START - 5)
        made.meet("a.example", {"https://a.example": copy}, held, START)
        return play(made, hosts(None, "User-agent: *\nDisallow: /x", **status))

    bad = met(status=502)
    assert bad.asked == [ROBOTS, A + "0"]
    assert bad.starts() == [7, 9]
    assert len(met().asked) == 1 + 9


def test_a_host_that_is_given_up_is_told_with_the_reason_for_an_hour() -> None:
    made = frontier(*(page(f"{A}{n}") for n in range(9)))
    play(made, hosts(status=502))
    (hold,) = made.holds()
    assert (hold.host, hold.note) == ("a.example", "5 failures in a row")
    assert 3_000 < hold.until - START < 4_000


def test_a_redirect_is_settled_with_the_hop_that_takes_its_place() -> None:
    answer = hosts({A + "1": lambda fetch: reply(fetch, 301, Location="https://b.example/2")})
    played = play(frontier(page(A + "1")), answer)
    assert played.asked == [ROBOTS, A + "1", "https://b.example/robots.txt", "https://b.example/2"]
    assert played.ends() == {A + "1": "moved", "https://b.example/2": "fetched"}
    assert played.requests[-1][2].due.via == (A + "1",)


def test_the_hop_of_a_redirect_obeys_the_new_hosts_robots_txt() -> None:
    answer = hosts(
        {
            A + "1": lambda fetch: reply(fetch, 301, Location="https://b.example/2"),
            "https://b.example/robots.txt": lambda f: reply(f, 200, b"User-agent: *\nDisallow: /"),
        }
    )
    assert "https://b.example/2" not in play(frontier(page(A + "1")), answer).asked


def test_a_redirect_loop_ends() -> None:
    answer = hosts(
        {
            A + "1": lambda fetch: reply(fetch, 302, Location="/2"),
            A + "2": lambda fetch: reply(fetch, 302, Location="/1"),
        }
    )
    played = play(frontier(page(A + "1")), answer)
    assert played.asked == [ROBOTS, A + "1", A + "2"]
    assert played.reason(A + "2") == "redirect loop"


def test_ten_redirects_are_followed_and_no_more() -> None:
    def onward(fetch: Fetch) -> Outcome:
        number = int(fetch.due.url.removeprefix(A))
        return reply(fetch, 302, Location=f"/{number + 1}")

    played = play(frontier(page(A + "0")), hosts({f"{A}{n}": onward for n in range(30)}))
    assert played.asked == [ROBOTS, *(f"{A}{n}" for n in range(11))]
    assert played.reason(A + "10") == "more than 10 redirects"


@pytest.mark.parametrize(
    "location", ["", "javascript:alert(1)", "http://user:pw@b.example/", "http://[::1"]
)
def test_a_redirect_that_leads_nowhere_is_not_asked_again_soon(location: str) -> None:
    answer = hosts({A + "1": lambda fetch: reply(fetch, 302, Location=location)})
    assert play(frontier(page(A + "1")), answer).ends() == {A + "1": "shut"}


def test_404_and_410_are_gone_and_304_without_validators_is_a_failure() -> None:
    statuses = {A + "1": 404, A + "2": 410, A + "3": 304}

    def answer(fetch: Fetch) -> Outcome:
        return reply(fetch, statuses[fetch.due.url])

    played = play(frontier(*map(page, statuses)), hosts(dict.fromkeys(statuses, answer)))
    assert played.ends() == {A + "1": "gone", A + "2": "gone", A + "3": "failed"}


def test_a_source_gets_its_budget_and_listings_are_not_counted() -> None:
    made = frontier(sources={"s": Allowance(3)})
    made.add(Due(A + "feed", "feed", "s"))
    added = [made.add(page(f"{A}{n}", float(n))) for n in range(10)]
    assert added == [True] * 3 + [False] * 7
    assert len(play(made, hosts()).asked) == 2 + 3


def test_retries_and_redirects_of_a_page_count_once() -> None:
    made = frontier(sources={"s": Allowance(1)})
    made.add(page(A + "1"))
    answer = hosts({A + "1": lambda fetch: reply(fetch, 301, Location="/2")})
    assert play(made, answer).ends() == {A + "1": "moved", A + "2": "fetched"}


def test_a_refused_page_leaves_room_for_another() -> None:
    made = frontier(page(A + "no"), sources={"s": Allowance(1)})
    play(made, hosts(robots="User-agent: *\nDisallow: /no"))
    assert made.add(page(A + "yes"))


def test_max_pages_ends_the_run() -> None:
    manners = msgspec.structs.replace(MANNERS, max_pages=2)
    played = play(frontier(*(page(f"{A}{n}") for n in range(5)), manners=manners), hosts())
    assert len(played.asked) == 1 + 2
    assert played.done == Done("max_pages")


def test_the_deadline_ends_the_run_without_waiting_for_it() -> None:
    manners = msgspec.structs.replace(MANNERS, deadline=START + 5)
    played = play(frontier(*(page(f"{A}{n}") for n in range(5)), manners=manners), hosts())
    assert played.starts() == [0, 2, 4]
    assert played.done == Done("max_runtime")


def test_a_limit_that_nothing_was_left_for_is_no_stop() -> None:
    manners = msgspec.structs.replace(MANNERS, max_pages=1)
    assert play(frontier(page(A + "1"), manners=manners), hosts()).done == Done()


def test_after_a_stop_nothing_starts() -> None:
    made = frontier(page(A + "1"))
    fetch = made.next(START)
    assert isinstance(fetch, Fetch)
    made.stop()
    assert made.next(START) == Wait(math.inf)
    made.record(reply(fetch, 404), START + 1)
    assert made.next(START + 100) == Done("stopped")


def test_a_url_is_held_once() -> None:
    made = frontier(page(A + "1"))
    assert not made.add(page(A + "1"))
    assert made.queued == 1


def test_a_private_network_may_be_asked_as_fast_as_its_owner_says() -> None:
    manners = msgspec.structs.replace(MANNERS, delay=0.05)

    def near(fetch: Fetch) -> Outcome:
        return reply(fetch, 404 if fetch.due.kind == "robots" else 200, took=0.01, private=True)

    assert play(frontier(page(A + "1"), manners=manners), near).starts()[1] == near_enough(0.05)
    assert play(frontier(page(A + "1"), manners=manners), hosts()).starts()[1] == near_enough(0.5)


# ----------------------------------------------------------------------------------------- laws

_STATUS = st.sampled_from([200, 200, 200, 200, 301, 304, 403, 404, 410, 429, 500, 503])
_FAULT = st.sampled_from(["", "", "", "", "", "timeout", "dns", "disconnected", "too_large", "tls"])
_ROBOTS = st.sampled_from(["", "User-agent: *\nDisallow: /1", "User-agent: *\nCrawl-delay: 3"])


@st.composite
def webs(draw: st.DrawFn) -> tuple[dict[str, tuple[int, str, float, str]], dict[str, str]]:
    """A few hosts with pages, what each page answers, and each host's robots.txt."""
    names = [f"h{n}.example" for n in range(draw(st.integers(1, 4)))]
    urls = [f"https://{name}/{n}" for name in names for n in range(draw(st.integers(1, 6)))]
    answer = st.tuples(_STATUS, _FAULT, st.floats(0.01, 9), st.sampled_from(["", "3", "500"]))
    return {url: draw(answer) for url in urls}, {name: draw(_ROBOTS) for name in names}


@settings(max_examples=60, deadline=None)
@given(web=webs(), per_host=st.integers(1, 3), concurrency=st.integers(1, 5), delay=st.floats(0, 3))
def test_whatever_hosts_answer_the_manners_are_kept_and_every_url_ends(
    web: tuple[dict[str, tuple[int, str, float, str]], dict[str, str]],
    per_host: int,
    concurrency: int,
    delay: float,
) -> None:
    pages, robots = web
    manners = msgspec.structs.replace(
        MANNERS, per_host=per_host, concurrency=concurrency, delay=delay
    )

    def answer(fetch: Fetch) -> Outcome:
        url = fetch.due.url
        if fetch.due.kind == "robots":
            return reply(fetch, 200, robots.get(fetch.host, "").encode())
        status, fault, took, retry_after = pages.get(url, (200, "", 0.1, ""))
        return reply(fetch, status, fault=fault, took=took, Location="/0", Retry_After=retry_after)

    made = frontier(*map(page, pages), manners=manners)
    played = play(made, answer)
    again = play(frontier(*map(page, pages), manners=manners), answer)
    assert again == played, "same inputs, same order"
    assert (made.in_flight, made.queued) == (0, 0)
    assert played.done == Done()
    firsts = (s for s in played.settled if not s.due.via and s.due.kind != "robots")
    ends = Counter(s.due.url for s in firsts)
    assert set(ends) == set(pages)
    assert set(ends.values()) == {1}
    _check_manners(played.requests, robots, manners.delay, per_host, concurrency)


def _check_manners(
    requests: list[tuple[float, float, Fetch]],
    robots: dict[str, str],
    delay: float,
    per_host: int,
    concurrency: int,
) -> None:
    lanes: dict[str, list[tuple[float, float, Fetch]]] = defaultdict(list)
    for row in requests:
        lanes[row[2].host].append(row)
        assert sum(start <= row[0] < end for start, end, _ in requests) <= concurrency
    for host, rows in lanes.items():
        assert rows[0][2].due.kind == "robots"
        gap = max(delay, 0.5, 3.0 if "Crawl-delay" in robots[host] else 0.0)
        starts = [start for start, _, _ in rows]
        assert all(b - a >= gap - 1e-6 for a, b in pairwise(starts))
        for start in starts:
            assert sum(s <= start < end for s, end, _ in rows) <= per_host
        if "Disallow" in robots[host]:
            assert f"https://{host}/1" not in [fetch.due.url for _, _, fetch in rows]
