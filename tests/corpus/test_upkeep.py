"""When a profile is audited, learned again and given up."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from corpus.upkeep import Audit, Upkeep, Use, after_run, audit, first_of, to_audit

DAY = 86_400.0
NEW = Upkeep("p_1", used_at=0.0)
PAGES = [f"k_{n}" for n in range(1000)]


def advice(
    upkeep: Upkeep = NEW, *, learned_from: int = 5, now: float = DAY, **use: object
) -> tuple[str, str, bool]:
    known = msgspec.convert({"served": 10, "refused": 0, "strange": 0, **use}, Use)
    found = after_run(upkeep, known, learned_from, now)[1]
    return found.action, found.reason, found.template_changed


def audits(*agreements: float) -> list[dict[str, object]]:
    return [{"page": f"k_{n}", "agreement": value} for n, value in enumerate(agreements)]


@given(st.permutations(PAGES[:40]))
def test_the_order_of_pages_changes_neither_sample_nor_audits(pages: list[str]) -> None:
    assert first_of(pages, 7) == first_of(PAGES[:40], 7)
    assert to_audit(NEW, pages) == to_audit(NEW, PAGES[:40])


def test_the_first_ten_pages_served_are_audited() -> None:
    assert to_audit(NEW, PAGES[:8]) == frozenset(PAGES[:8])
    assert len(to_audit(Upkeep("p_1", audited=8), PAGES[:40])) >= 2


def test_later_about_one_page_in_fifty_is_audited() -> None:
    assert 8 <= len(to_audit(Upkeep("p_1", audited=10), PAGES)) <= 35


def test_an_audit_tells_how_far_two_texts_agree() -> None:
    text = "The second bridge of Ostby was opened on Monday after nine years of work"
    assert audit("k_1", text, text) == Audit("k_1", 1.0)
    assert audit("k_1", text, "Nothing of this kind was ever said anywhere").agreement == 0.0


def test_a_profile_that_does_well_is_kept() -> None:
    assert advice(audits=audits(1.0, 0.97, 0.99)) == ("keep", "", False)


def test_one_failed_audit_of_five_is_forgiven() -> None:
    assert advice(audits=audits(0.4, 1.0, 1.0, 1.0)) == ("keep", "", False)


def test_two_failed_audits_of_the_last_five_retire_the_profile() -> None:
    before = Upkeep("p_1", audits=(1.0, 1.0, 0.5))
    assert advice(before, audits=audits(0.6)) == ("retire", "audits", True)


def test_failures_far_apart_do_not_retire_it() -> None:
    before = Upkeep("p_1", audits=(0.5, 1.0, 1.0, 1.0, 1.0))
    assert advice(before, audits=audits(0.6)) == ("keep", "", False)


def test_three_pages_without_a_container_are_a_redesign() -> None:
    assert advice(refused=2, strange=2) == ("keep", "", False)
    assert advice(refused=3, strange=3) == ("learn", "strange_pages", True)


def test_pages_without_a_container_add_up_over_runs() -> None:
    first, _ = after_run(NEW, Use(served=9, refused=2, strange=2), 5, DAY)
    assert advice(first, refused=1, strange=1) == ("learn", "strange_pages", True)


def test_a_fifth_of_fifty_pages_refused_means_learning_again() -> None:
    assert advice(served=30, refused=9) == ("keep", "", False)
    assert advice(served=40, refused=10) == ("learn", "refusals", False)
    assert advice(served=400, refused=10) == ("keep", "", False)


def test_the_share_of_refusals_is_counted_anew_once_it_was_judged() -> None:
    after, _ = after_run(NEW, Use(served=60, refused=0, strange=0), 5, DAY)
    assert (after.served, after.refused) == (0, 0)


def test_ten_and_twenty_stories_are_reasons_to_learn_again() -> None:
    assert advice(stories=9) == ("keep", "", False)
    assert advice(stories=10) == ("learn", "more_stories", False)
    assert advice(stories=19, learned_from=10) == ("keep", "", False)
    assert advice(stories=25, learned_from=10) == ("learn", "more_stories", False)
    assert advice(stories=90, learned_from=20) == ("keep", "", False)


def test_a_profile_unused_for_thirty_days_is_forgotten() -> None:
    assert advice(now=31 * DAY, served=0) == ("forget", "unseen", False)
    assert advice(now=29 * DAY, served=0) == ("keep", "", False)
    assert advice(now=31 * DAY, served=1) == ("keep", "", False)
