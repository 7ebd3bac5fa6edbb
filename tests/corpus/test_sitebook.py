"""What is remembered of sites stands on the disk, run by run."""

from pathlib import Path

import msgspec

from corpus import store
from corpus.sitebook import WHOLE_EVERY, Sitebook, read_states
from corpus.upkeep import NO_PROFILE, SiteState

RECIPE = store.Recipe("extract", "1", "", "")


def state(
    host: str, profile: str = "", seen_at: str = "2026-11-20T12:00:00Z", pages: int = 1
) -> SiteState:
    raw = msgspec.Raw(f'{{"id":"{profile}","made_by":"one"}}'.encode()) if profile else NO_PROFILE
    return SiteState(host=host, profile_id=profile, profile=raw, seen_at=seen_at, pages=pages)


def write(book: Sitebook, path: Path, *changed: SiteState) -> Path:
    with store.ShardWriter(path) as shard:
        book.write(shard, {s.host: s for s in changed})
        shard.seal(RECIPE)
    book.sealed(path)
    return path


def shards(folder: Path, runs: list[list[SiteState]]) -> tuple[Sitebook, list[Path]]:
    book = Sitebook("one")
    return book, [write(book, folder / f"{n:03}.jsonl", *run) for n, run in enumerate(runs)]


def test_the_last_line_of_a_host_counts(tmp_path: Path) -> None:
    runs = [[state("a", "p_1"), state("b")], [state("a", "p_1", pages=7)], [state("b", "p_2")]]
    book, paths = shards(tmp_path, runs)
    read = read_states(paths)
    assert read == book.states
    assert read == {"a": state("a", "p_1", pages=7), "b": state("b", "p_2")}


def test_a_profile_is_written_once(tmp_path: Path) -> None:
    _, paths = shards(tmp_path, [[state("a", "p_1")], [state("a", "p_1")], [state("a", "p_2")]])
    assert [b'"made_by"' in path.read_bytes() for path in paths] == [True, False, True]


def test_folding_begins_at_a_shard_that_holds_all_hosts(tmp_path: Path) -> None:
    runs = [[state("a", "p_1")], *([state("b", "p_2", pages=n)] for n in range(WHOLE_EVERY + 2))]
    book, paths = shards(tmp_path, runs)
    for old in paths[: WHOLE_EVERY - 1]:
        old.write_bytes(b"not to be read")
    assert read_states(paths) == book.states
    assert set(book.states) == {"a", "b"}


def test_what_was_not_seen_for_long_is_left_out_there(tmp_path: Path) -> None:
    late = "2027-03-01T00:00:00Z"
    runs = [[state("a", "p_1")], *([state("b", seen_at=late)] for _ in range(WHOLE_EVERY))]
    book, paths = shards(tmp_path, runs)
    assert set(read_states(paths)) == set(book.states) == {"b"}


def test_following_goes_on_or_begins_again(tmp_path: Path) -> None:
    _, paths = shards(tmp_path, [[state("a", "p_1")], [state("b")], [state("c")]])
    book = Sitebook("one")
    book.follow(paths[:1])
    book.follow(paths)
    assert set(book.states) == {"a", "b", "c"}
    book.follow(paths[1:2])
    assert set(book.states) == {"b"}


def test_a_profile_of_other_extractors_is_left_out(tmp_path: Path) -> None:
    _, paths = shards(tmp_path, [[state("a", "p_1")], [state("a", "p_1", pages=4)]])
    book = Sitebook("two")
    book.follow(paths)
    assert book.states == {"a": state("a", pages=4)}


def test_what_is_not_built_yet_is_not_known(tmp_path: Path) -> None:
    _, paths = shards(tmp_path, [[state("a")], [state("b")], [state("c")]])
    paths[1].unlink()
    assert set(read_states(paths)) == {"a"}
