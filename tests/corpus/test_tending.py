"""The profiles that a run is served with, and what builds remember, on archives of the made-up site."""

import shutil
from pathlib import Path

import msgspec

from corpus.build import BuildReport, build
from corpus.config import CorpusSettings
from corpus.records import Article
from corpus.sitebook import FOLDER, read_states
from corpus.store import read_shard, shards
from corpus.upkeep import SiteState
from tests.commands import tree
from tests.corpus import made_up_site as site
from tests.corpus.made_up_archive import new_make, old_make, write_run

SETTINGS = CorpusSettings(workers=1)
BELOW = ("articles", "rejections", "index/sites", "snapshots")


def built(data: Path, **settings: object) -> BuildReport:
    told = msgspec.structs.replace(SETTINGS, **settings)
    return build(data, (), told, lambda _what, _n: None)


def methods(data: Path, run: str) -> dict[str, str]:
    """How each page of a run was read: "full" or the profile's id."""
    (shard,) = data.glob(f"articles/*/{run}.jsonl")
    return {
        a.final_url: a.extraction.method.removeprefix("profile:")
        for a in read_shard(shard, Article)
    }


def state(data: Path) -> SiteState:
    return read_states(shards(data / FOLDER))[site.HOST]


def test_a_host_is_learned_and_served_in_the_run_that_shows_enough_of_it(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 13)))
    built(tmp_path)
    known = state(tmp_path)
    assert known.profile_id
    assert set(methods(tmp_path, "a").values()) == {known.profile_id}
    assert (known.upkeep.served, known.learned_from, known.pages) == (12, 8, 12)
    assert known.learned_at == known.seen_at == "2026-11-20T12:11:00Z"


def test_a_host_of_four_pages_is_read_in_full_until_there_are_more(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 5)))
    write_run(tmp_path, "b", old_make(range(5, 7)))
    built(tmp_path)
    assert set(methods(tmp_path, "a").values()) == {"full"}
    assert set(methods(tmp_path, "b").values()) == {state(tmp_path).profile_id}
    assert state(tmp_path).learned_from == 6


def test_a_page_that_was_read_in_full_before_makes_no_version_when_it_comes_again(
    tmp_path: Path,
) -> None:
    write_run(tmp_path, "a", old_make(range(1, 5)))
    write_run(tmp_path, "b", old_make(range(1, 9)), "2026-11-21")
    built(tmp_path)
    assert set(methods(tmp_path, "b")) == {site.url(n) for n in range(5, 9)}


def test_a_new_profile_is_audited_in_the_runs_that_follow(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 9)))
    write_run(tmp_path, "b", old_make(range(9, 15)), "2026-11-21")
    built(tmp_path)
    upkeep = state(tmp_path).upkeep
    assert upkeep.audited == 6
    assert min(upkeep.audits) > 0.9


def test_a_redesign_is_told_and_its_pages_are_served_by_what_was_learned_anew(
    tmp_path: Path,
) -> None:
    write_run(tmp_path, "a", old_make(range(1, 13)))
    assert built(tmp_path).site_alerts == ()
    before = state(tmp_path).profile_id
    write_run(tmp_path, "b", new_make(range(13, 25)), "2026-11-21")
    report = built(tmp_path)
    (alert,) = report.site_alerts
    assert alert.startswith(f"{site.HOST}: template_changed: ")
    assert "a new profile was learned (run b)" in alert
    after = state(tmp_path).profile_id
    assert after not in ("", before)
    assert set(methods(tmp_path, "b").values()) == {after}


def test_after_a_redesign_few_pages_are_read_in_full_and_remembered(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 13)))
    write_run(tmp_path, "b", new_make(range(13, 17)), "2026-11-21")
    write_run(tmp_path, "c", new_make(range(17, 21)), "2026-11-22")
    report = built(tmp_path)
    (alert,) = report.site_alerts
    assert "its pages are read in full (run b)" in alert
    assert set(methods(tmp_path, "b").values()) == {"full"}
    assert set(methods(tmp_path, "c").values()) == {state(tmp_path).profile_id}
    assert state(tmp_path).learned_from == 8


def test_what_was_not_seen_for_thirty_days_is_learned_again(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 13)))
    write_run(tmp_path, "b", old_make(range(13, 16)), "2026-12-22")
    built(tmp_path)
    assert set(methods(tmp_path, "b").values()) == {"full"}
    assert state(tmp_path).pages == 3


def test_more_pages_make_a_better_profile(tmp_path: Path) -> None:
    write_run(tmp_path, "a", old_make(range(1, 7)))
    write_run(tmp_path, "b", old_make(range(7, 13)), "2026-11-21")
    built(tmp_path)
    first = state(tmp_path)
    write_run(tmp_path, "c", old_make(range(13, 19)), "2026-11-22")
    built(tmp_path)
    second = state(tmp_path)
    assert (first.learned_from, second.learned_from) == (6, 13)
    assert second.profile_id != first.profile_id


def three_runs(data: Path) -> None:
    write_run(data, "a", old_make(range(1, 5)))
    write_run(data, "b", old_make(range(5, 14)), "2026-11-21")
    write_run(data, "c", new_make(range(14, 26)), "2026-11-22")


def test_the_same_archive_gives_the_same_bytes_run_by_run_and_whatever_was_deleted(
    tmp_path: Path,
) -> None:
    three_runs(tmp_path / "all")
    built(tmp_path / "all")
    whole = tree(tmp_path / "all", *BELOW)
    for name in ("index", "articles"):
        shutil.rmtree(tmp_path / "all" / name)
        built(tmp_path / "all", workers=2)
        assert tree(tmp_path / "all", *BELOW) == whole
    for warc in sorted((tmp_path / "all").glob("warc/*/*")):
        place = tmp_path / "one" / warc.relative_to(tmp_path / "all")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(warc, place)
        built(tmp_path / "one")
    assert tree(tmp_path / "one", *BELOW[:3]) == tree(tmp_path / "all", *BELOW[:3])


def test_a_shard_of_sites_that_is_lost_is_made_again_with_its_run(tmp_path: Path) -> None:
    three_runs(tmp_path)
    built(tmp_path)
    whole = tree(tmp_path, *BELOW)
    (lost,) = (tmp_path / FOLDER).glob("*/b.jsonl")
    lost.unlink()
    assert built(tmp_path).runs_built == 1
    assert tree(tmp_path, *BELOW) == whole


def test_profiles_can_be_done_without(tmp_path: Path) -> None:
    three_runs(tmp_path)
    built(tmp_path, site_profiles=False)
    assert all(set(methods(tmp_path, run).values()) == {"full"} for run in "abc")
    assert read_states(shards(tmp_path / FOLDER)) == {}
    assert built(tmp_path, site_profiles=True).runs_built == 3
