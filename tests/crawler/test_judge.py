"""The judge of servers' logs (tests/newsweb/judge.py) finds what it looks for, and nothing else."""

import msgspec
import pytest

from tests.crawler.loopback import Asked
from tests.newsweb.judge import House, violations

MANNERS = {"user-agent": "Bot/1.0 (+https://bot.example/)", "from": "who@bot.example"}


def asked(at: float, path: str, host: str = "a.example", **more: object) -> Asked:
    """A request that nobody could mind, unless `more` says otherwise."""
    made = Asked(at, host, path, dict(MANNERS), ended_at=at + 0.01)
    return msgspec.structs.replace(made, **more)


def house(**rules: object) -> House:
    return House(names=("a.example",), **rules)  # type: ignore[arg-type]  # the rules' own names


GOOD = [asked(0, "/robots.txt"), asked(10, "/1"), asked(20, "/2"), asked(30, "/1")]
VALIDATORS = MANNERS | {"if-none-match": '"1"'}
FOUND: dict[str, tuple[House, list[Asked], str]] = {
    "gap": (house(), [asked(0, "/robots.txt"), asked(0.5, "/1")], "0.500 s after"),
    "own gap": (house(gap=30), [asked(0, "/robots.txt"), asked(10, "/1")], "not 30 s"),
    "robots first": (house(), [asked(0, "/1")], "before robots.txt"),
    "private": (house(private=("a.example/2",)), GOOD, "private"),
    "never": (house(never=("a.example/2",)), GOOD, "private"),
    "shut": (house(shut=True), GOOD[:1], "private"),
    "once": (house(once=("a.example/1",)), GOOD, "2 times in all"),
    "tries": (house(tries=1), GOOD, "2 times in a run"),
    "at most": (house(at_most=3), GOOD, "4 requests"),
    "wanted": (house(wanted=("a.example/3",)), GOOD, "never asked for"),
    "pause": (house(pauses=(("/1", 1, 15.0),)), GOOD, "10.00 s after a plea"),
    "calm": (house(calms=("/2", 15.0)), GOOD, "not 15.0 s"),
    "bytes": (house(most_bytes=9), [asked(0, "/robots.txt", sent=10)], "10 bytes taken"),
    "seconds": (house(most_seconds=2), [asked(0, "/robots.txt", ended_at=3.0)], "for 3.0 s"),
    "crowd": (
        house(counts=True),
        [asked(0, "/robots.txt"), asked(2, "/1", ended_at=5.0), asked(4, "/2")],
        "one of 2 requests",
    ),
    "unconditional": (house(conditional=("a.example/1",)), GOOD, "without validators"),
    "invented": (
        house(plain=("a.example/",)), [asked(0, "/robots.txt", headers=VALIDATORS)], "never gave"
    ),
    "nameless": (
        house(), [asked(0, "/robots.txt", headers=MANNERS | {"user-agent": "curl"})], "without name"
    ),
    "no address": (
        house(), [asked(0, "/robots.txt", headers=MANNERS | {"from": ""})], "no From"
    ),
    "cookie": (
        house(), [asked(0, "/robots.txt", headers=MANNERS | {"cookie": "a=b"})], "with a cookie"
    ),
    "credentials": (
        house(), [asked(0, "/robots.txt", headers=MANNERS | {"authorization": "x"})], "authorization"
    ),
    "method": (house(), [asked(0, "/robots.txt", method="HEAD")], "by HEAD"),
    "fragment": (house(), [asked(0, "/robots.txt"), asked(9, "/1#top")], "no path"),
    "long header": (
        house(), [asked(0, "/robots.txt", headers=MANNERS | {"x": "y" * 2_000})], "2000 bytes of x"
    ),
}  # fmt: skip


def test_the_judge_has_nothing_against_good_manners() -> None:
    patient = house(
        gap=5, tries=2, at_most=4, wanted=("a.example/2",), once=("a.example/2",), most_bytes=9,
        conditional=("a.example/2",), plain=("a.example/",), pauses=(("/1", 2, 5.0),), counts=True,
    )  # fmt: skip
    assert violations([patient], [GOOD], 1.0) == ()
    assert violations([patient], [[], []], 1.0) == ("a.example/2: never asked for",)


@pytest.mark.parametrize("rule", FOUND)
def test_the_judge_sees_what_is_wrong(rule: str) -> None:
    against, log, words = FOUND[rule]
    (found,) = violations([against], [log], 1.0)
    assert words in found


def test_the_judge_sees_what_was_closed_after_the_first_run_and_who_came_inside() -> None:
    later = house(closed_later=("a.example/",))
    first, second = [asked(0, "/robots.txt"), asked(9, "/1")], [asked(99, "/robots.txt")]
    assert violations([later], [first, second], 1.0) == ()
    (found,) = violations([later], [first, [*second, asked(109, "/1")]], 1.0)
    assert "closed by now" in found
    assert violations([], [], 1.0, inside=[5.0]) == ("connected to the inside at 5.000",)
