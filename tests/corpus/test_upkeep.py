"""When a profile is made, audited, kept and given up."""

import msgspec
import pytest

from corpus.records import Article, Count, Extraction, Rejection
from corpus.survey import Place
from corpus.upkeep import (
    NO_PROFILE,
    Advice,
    Audit,
    Outcomes,
    SiteState,
    Upkeep,
    after_lesson,
    after_serving,
    audit,
    audits_due,
    fails,
    fate_of,
    is_over,
    judged,
    lesson_sizes,
    opened,
    refusal_of,
    retired,
    still_learning,
    was_read_alone,
)

NOON = "2026-11-20T12:00:00Z"
KNOWN = SiteState(
    host="a.example", profile_id="p_1", profile=msgspec.Raw(b"{}"), seen_at=NOON, learned_from=8
)
NEW = SiteState(host="a.example")


def with_upkeep(**fields: object) -> SiteState:
    return msgspec.structs.replace(KNOWN, upkeep=msgspec.convert(fields, Upkeep))


def outcomes(fates: str = "", audits: tuple[float, ...] = ()) -> Outcomes:
    names = {"s": "served", "r": "refused", "x": "strange"}
    told = [{"page": "p", "agreement": a} for a in audits]
    return msgspec.convert({"fates": [names[f] for f in fates], "audits": told}, Outcomes)


def advice(state: SiteState, found: Outcomes, at_hand: int = 8) -> tuple[str, str]:
    given = judged(state, found, at_hand)[1]
    return given.action, given.reason


# ---------------------------------------------------------------------------------------- audits


def test_the_first_ten_pages_served_are_audited_and_then_one_in_fifty() -> None:
    assert audits_due(opened(NEW, 30, NOON), 30) == 10
    known = with_upkeep(audited=10)
    due = []
    for pages in (30, 30, 1, 200):
        known = opened(known, pages, NOON)
        due.append(audits_due(known, pages))
    assert due == [0, 1, 0, 4]


def test_an_audit_tells_how_far_two_texts_agree() -> None:
    text = "The second bridge of Ostby was opened on Monday after nine years of work"
    assert audit("k_1", text, text) == Audit("k_1", 1.0)
    assert audit("k_1", text, "Nothing of this kind was ever said anywhere").agreement == 0.0
    assert audit("k_1", text, "").agreement == 0.0


@pytest.mark.parametrize(
    ("audits", "bad"),
    [
        ((), False),
        ((0.4,), False),
        ((0.4, 1.0, 1.0, 1.0, 0.4), True),
        ((0.4, 1.0, 1.0, 1.0, 1.0, 0.4), False),
        ((1.0, 0.84, 0.84), True),
        ((0.85, 0.85), False),
    ],
)
def test_two_of_five_audits_in_a_row_fail_a_profile(audits: tuple[float, ...], bad: bool) -> None:
    assert fails(audits) is bad


def test_audits_of_earlier_batches_count() -> None:
    before = with_upkeep(audits=[1.0, 1.0, 0.5])
    assert advice(before, outcomes("s", (0.6,))) == ("retire", "audits")
    assert advice(KNOWN, outcomes("s", (0.6,))) == ("keep", "")
    assert judged(before, outcomes("ss", (1.0, 0.9)), 8)[0].upkeep.audits == (
        1.0,
        1.0,
        0.5,
        1.0,
        0.9,
    )


# -------------------------------------------------------------------------------- other reasons


def test_pages_without_a_container_are_a_redesign_when_they_are_half_of_the_last_ten() -> None:
    assert advice(KNOWN, outcomes("xx")) == ("keep", "")
    assert advice(KNOWN, outcomes("xxx")) == ("retire", "strange_pages")
    assert advice(KNOWN, outcomes("sssssxxxx")) == ("keep", "")
    before = with_upkeep(recent=["served"] * 10)
    assert advice(before, outcomes("xxxx")) == ("keep", "")
    assert advice(before, outcomes("xxxxx")) == ("retire", "strange_pages")


def test_a_fifth_of_fifty_pages_refused_means_learning_again() -> None:
    assert advice(with_upkeep(asked=49, refused=20), outcomes()) == ("keep", "")
    assert advice(with_upkeep(asked=50, refused=9), outcomes()) == ("keep", "")
    assert advice(with_upkeep(asked=50, refused=10), outcomes()) == ("learn", "refusals")


def test_the_share_is_counted_anew_once_judged_and_asked_for_less_often_where_it_was_bad() -> None:
    fine = judged(with_upkeep(asked=50, refused=2), outcomes(), 8)[0].upkeep
    poor = judged(with_upkeep(asked=50, refused=20), outcomes(), 8)[0].upkeep
    assert (fine.asked, fine.refused, fine.window) == (0, 0, 50)
    assert (poor.asked, poor.refused, poor.window) == (0, 0, 100)


def test_many_more_pages_than_were_learned_from_mean_learning_again_twice() -> None:
    assert advice(KNOWN, outcomes(), at_hand=14) == ("keep", "")
    assert advice(KNOWN, outcomes(), at_hand=15) == ("learn", "more_pages")
    wider = msgspec.structs.replace(KNOWN, learned_from=10)
    assert advice(wider, outcomes(), at_hand=24) == ("keep", "")
    assert advice(wider, outcomes(), at_hand=25) == ("learn", "more_pages")
    widest = msgspec.structs.replace(KNOWN, learned_from=20)
    assert advice(widest, outcomes(), at_hand=40) == ("keep", "")
    assert (still_learning(wider), still_learning(widest)) == (True, False)


# --------------------------------------------------------------------------------------- lessons


def test_a_new_host_is_learned_from_five_pages_on() -> None:
    four, five = opened(NEW, 4, NOON), opened(NEW, 5, NOON)
    assert lesson_sizes(four, Advice(), 4) == ()
    assert lesson_sizes(five, Advice(), 5) == (5,)
    assert lesson_sizes(opened(four, 1, NOON), Advice(), 5) == (5,)
    assert lesson_sizes(opened(NEW, 300, NOON), Advice(), 40) == (8, 16, 24, 35)
    assert lesson_sizes(opened(NEW, 12, NOON), Advice(), 12) == (8, 12)


def test_after_each_lesson_in_vain_twice_as_many_new_pages_are_waited_for() -> None:
    state, lessons = NEW, []
    for batch in range(40):
        state = opened(state, 5, NOON)
        if lesson_sizes(state, Advice(), 20):
            lessons.append(batch)
            state = after_lesson(state, "", b"", 20, "4 stories")
    assert lessons == [0, 2, 6, 14, 30]
    assert (state.lessons, state.verdict, state.profile_id) == (5, "4 stories", "")


def test_a_profile_is_learned_again_from_all_that_is_at_hand_but_what_it_is_tried_on() -> None:
    again = Advice("learn", "more_pages")
    assert lesson_sizes(KNOWN, again, 40) == (35,)
    assert lesson_sizes(KNOWN, again, 7) == (5,)
    assert lesson_sizes(KNOWN, again, 4) == ()
    assert lesson_sizes(KNOWN, Advice(), 40) == ()


def test_a_new_profile_begins_with_nothing_known_of_how_it_does() -> None:
    before = with_upkeep(audits=[0.5], audited=12, window=100, asked=7, served=3)
    after = after_lesson(before, "p_2", b'{"id":"p_2"}', 15, "")
    assert (after.profile_id, after.learned_from, after.learned_at) == ("p_2", 15, NOON)
    assert after.upkeep == Upkeep(window=100)
    assert bytes(after.profile) == b'{"id":"p_2"}'


def test_a_profile_stays_where_a_lesson_gives_none_and_is_not_tried_on_as_many_again() -> None:
    after = after_lesson(KNOWN, "", b"", 15, "no element holds the stories")
    assert (after.profile_id, after.learned_from) == ("p_1", 15)
    assert advice(after, outcomes(), at_hand=20) == ("keep", "")


def test_a_retired_profile_leaves_nothing_but_the_host() -> None:
    place = Place(b"k", "f", 0)
    gone = retired(msgspec.structs.replace(KNOWN, candidates=(place,), pages=90))
    assert (gone.profile_id, gone.candidates, gone.pages) == ("", (), 90)
    assert bytes(gone.profile) == bytes(NO_PROFILE)
    assert lesson_sizes(gone, Advice("retire", "audits"), 5) == (5,)


# -------------------------------------------------------------------------------- over the batches


def test_a_host_that_was_not_seen_for_thirty_days_is_new() -> None:
    assert opened(KNOWN, 5, "2026-12-20T12:00:00Z").profile_id == "p_1"
    late = opened(KNOWN, 5, "2026-12-20T12:00:01Z")
    assert (late.profile_id, late.pages, late.seen_at) == ("", 5, "2026-12-20T12:00:01Z")
    assert not is_over(NEW, NOON)


def test_an_older_batch_does_not_turn_time_back() -> None:
    assert opened(KNOWN, 1, "2026-10-01T00:00:00Z").seen_at == NOON


def test_what_serving_did_is_added_up() -> None:
    once = after_serving(KNOWN, 7, {"title": 1, "ratio": 2})
    twice = after_serving(once, 3, {"ratio": 1})
    assert (twice.upkeep.served, twice.upkeep.asked, twice.upkeep.refused) == (10, 14, 4)
    assert twice.upkeep.reasons == (Count("ratio", 3), Count("title", 1))


def test_an_article_says_what_the_profile_did() -> None:
    def article(method: str, *warnings: str) -> Article:
        told = Extraction(method=method, warnings=warnings)
        return Article(
            id="a",
            capture_id="c",
            url="",
            canonical_url="",
            final_url="",
            text="",
            text_sha256="",
            extraction=told,
        )

    assert fate_of(article("profile:p_1")) == "served"
    assert fate_of(article("full", "charset_guessed", "profile_refused:title")) == "refused"
    assert fate_of(article("full", "profile_refused:no_container")) == "strange"
    assert fate_of(article("full")) is None
    assert fate_of(Rejection(record_id="r", stage="extract", reason="too_short")) is None
    assert refusal_of(["odd", "profile_refused: title"]) == "title"
    assert was_read_alone("full", ["odd"])
    assert not was_read_alone("full", ["profile_refused:title"])
    assert not was_read_alone("profile:p_1", [])
