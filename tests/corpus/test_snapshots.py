import json
import shutil
from pathlib import Path

import pytest

from corpus.doctor import examine
from corpus.errors import RuleError
from corpus.snapshots import newest_snapshot
from tests.corpus.made_up import story
from tests.corpus.made_up_data import article, clusters, manifest, snapshot, stories, write_day


def members(data: Path, name: str) -> set[frozenset[str]]:
    return {frozenset(m.article_id for m in c.members) for c in clusters(data, name)}


def two_strangers(data: Path) -> None:
    write_day(data, article("one", story(1), "20"), article("two", story(2), "20"))


# ------------------------------------------------------------------------------------ corrections


def test_a_correction_makes_a_new_snapshot_that_obeys_it_and_says_so(tmp_path: Path) -> None:
    two_strangers(tmp_path)
    first = snapshot(tmp_path)
    (tmp_path / "corrections.jsonl").write_text('{"must": ["one", "two", "gone"]}\n')
    second = snapshot(tmp_path)
    assert (first.is_new, second.is_new) == (True, True)
    assert members(tmp_path, first.name) == {frozenset({"one"}), frozenset({"two"})}
    assert members(tmp_path, second.name) == {frozenset({"one", "two"})}
    told = manifest(tmp_path, second.name)["corrections"]
    assert (told["lines"], told["applied"], told["unknown"]) == (1, 1, ["gone"])
    file = tmp_path / "corrections.jsonl"
    assert second.warnings == (f"{file}: 1 id is of no article here, and not obeyed: gone",)


def test_the_same_corrections_make_no_second_snapshot_and_the_warnings_are_told_again(
    tmp_path: Path,
) -> None:
    two_strangers(tmp_path)
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"must": ["one", "gone"]}\n')
    first = snapshot(tmp_path)
    assert first.warnings
    file.write_text('{"must":["one","gone"],"note":"?"}')
    assert snapshot(tmp_path) == first._replace(is_new=False)
    file.unlink()
    assert snapshot(tmp_path).is_new


def test_a_correction_that_is_taken_back_is_obeyed_no_more(tmp_path: Path) -> None:
    two_strangers(tmp_path)
    first = snapshot(tmp_path)
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"must": ["one", "two"]}\n')
    snapshot(tmp_path)
    file.unlink()
    third = snapshot(tmp_path)
    assert third.is_new
    assert newest_snapshot(tmp_path) == tmp_path / "snapshots" / third.name
    assert members(tmp_path, third.name) == members(tmp_path, first.name)
    assert aliases(tmp_path, third.name) == {}
    assert snapshot(tmp_path) == third._replace(is_new=False)


def test_a_snapshot_is_named_after_those_of_its_minute_though_the_first_is_gone(
    tmp_path: Path,
) -> None:
    two_strangers(tmp_path)
    shutil.rmtree(tmp_path / "snapshots" / snapshot(tmp_path).name)
    names = []
    for ids in (["one", "two"], ["one", "two", "gone"]):
        (tmp_path / "corrections.jsonl").write_text(json.dumps({"must": ids}) + "\n")
        names.append(snapshot(tmp_path).name)
    shutil.rmtree(tmp_path / "snapshots" / names[0])
    (tmp_path / "corrections.jsonl").unlink()
    last = snapshot(tmp_path).name
    assert newest_snapshot(tmp_path) == tmp_path / "snapshots" / last


def test_a_malformed_correction_stops_before_a_snapshot_is_made(tmp_path: Path) -> None:
    two_strangers(tmp_path)
    (tmp_path / "corrections.jsonl").write_text('{"must": ["one", "two"]}\n{"must": "one"}\n')
    with pytest.raises(RuleError, match=r"corrections\.jsonl:2: Expected `array`, got `str`"):
        snapshot(tmp_path)
    assert not list(tmp_path.glob("snapshots/*"))


def test_doctor_says_how_the_corrections_stand(tmp_path: Path) -> None:
    def said() -> tuple[str, str]:
        (found,) = [f for f in examine(tmp_path, None) if f.name == "corrections"]
        return found.verdict, found.detail

    two_strangers(tmp_path)
    file = tmp_path / "corrections.jsonl"
    assert said() == ("ok", "none")
    file.write_text('{"must": ["one", "two"]}\n')
    assert said() == ("ok", "1 line, for the next snapshot")
    name = snapshot(tmp_path).name
    assert said() == ("ok", f"1 line, obeyed by snapshot {name}")
    file.write_text('{"must": ["one", "gone"]}\n')
    snapshot(tmp_path)
    assert said()[0] == "warning"
    file.write_text("must\n")
    assert said()[0] == "fault"
    assert said()[1].startswith(f"{file}:1: ")


# ------------------------------------------------------------------------------------------- links


def test_a_compilation_has_its_links_in_stories_jsonl(tmp_path: Path) -> None:
    texts = {f"story{n}": story(n + 1, 4) for n in range(4)}
    leads = [text[0] for text in texts.values()]
    write_day(
        tmp_path,
        *(article(name, text, "20") for name, text in texts.items()),
        article("roundup", leads, "20"),
    )
    name = snapshot(tmp_path).name
    ids = {c.representative.article_id: c.id for c in clusters(tmp_path, name)}
    (found,) = [one for one in stories(tmp_path, name) if one.links]
    assert found.clusters == (ids["roundup"],)
    assert [link.to for link in found.links] == sorted(ids[n] for n in texts)
    assert {link.from_ for link in found.links} == {ids["roundup"]}


# ------------------------------------------------------------------------------------------- ids

WHOLE = story(1)


def grown_together(data: Path) -> tuple[str, str]:
    """Two strangers, and a day later a correction that says that they are copies."""
    two_strangers(data)
    first = snapshot(data).name
    (data / "corrections.jsonl").write_text('{"must": ["one", "two"]}\n')
    return first, snapshot(data).name


def ids(data: Path, name: str) -> dict[str, str]:
    return {m.article_id: c.id for c in clusters(data, name) for m in c.members}


def aliases(data: Path, name: str) -> dict[str, tuple[str, ...]]:
    return {c.id: c.merged_from for c in clusters(data, name) if c.merged_from}


def test_a_cluster_that_took_up_another_has_its_id_among_its_earlier_ones(tmp_path: Path) -> None:
    first, second = grown_together(tmp_path)
    before = ids(tmp_path, first)
    assert aliases(tmp_path, first) == {}
    assert aliases(tmp_path, second) == {before["one"]: (before["two"],)}


def test_earlier_ids_are_handed_on_from_snapshot_to_snapshot(tmp_path: Path) -> None:
    first, second = grown_together(tmp_path)
    write_day(tmp_path, article("three", story(3), "21"))
    third = snapshot(tmp_path).name
    assert aliases(tmp_path, third) == aliases(tmp_path, second)
    (tmp_path / "corrections.jsonl").write_text('{"must": ["one", "two", "three"]}\n')
    found = aliases(tmp_path, snapshot(tmp_path).name)
    before = ids(tmp_path, first) | ids(tmp_path, third)
    assert found == {before["one"]: tuple(sorted((ids(tmp_path, first)["two"], before["three"])))}


def test_a_cluster_that_is_one_again_is_no_alias(tmp_path: Path) -> None:
    first, _ = grown_together(tmp_path)
    (tmp_path / "corrections.jsonl").unlink()
    write_day(tmp_path, article("three", story(3), "21"))
    third = snapshot(tmp_path).name
    assert aliases(tmp_path, third) == {}
    assert ids(tmp_path, third).items() >= ids(tmp_path, first).items()


def test_an_earlier_id_goes_where_its_founder_went_when_clusters_part(tmp_path: Path) -> None:
    days = {"one": "20", "two": "20", "three": "20", "four": "20"}
    write_day(tmp_path, *(article(n, story(k), d) for k, (n, d) in enumerate(days.items())))
    first = snapshot(tmp_path).name
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"must": ["one", "two", "three", "four"]}\n')
    snapshot(tmp_path)
    file.write_text('{"must": ["one", "two"]}\n{"must": ["three", "four"]}\n')
    last = snapshot(tmp_path).name
    now, before = ids(tmp_path, last), ids(tmp_path, first)
    expected = {now[n]: (was,) for n, was in before.items() if was not in now.values()}
    assert len(expected) == 2
    assert aliases(tmp_path, last) == expected


def test_a_founder_that_was_seen_earlier_gives_a_new_id_and_leaves_the_old_one(
    tmp_path: Path,
) -> None:
    write_day(tmp_path, article("late", WHOLE, "20"))
    before = ids(tmp_path, snapshot(tmp_path).name)
    write_day(tmp_path, article("early", WHOLE, "10"), article("new", story(4), "21"))
    name = snapshot(tmp_path).name
    now = ids(tmp_path, name)
    assert now["late"] == now["early"] != before["late"]
    assert aliases(tmp_path, name) == {now["early"]: (before["late"],)}


def test_an_id_goes_with_most_of_the_members_not_with_the_founder(tmp_path: Path) -> None:
    write_day(tmp_path, *(article(n, WHOLE, d) for n, d in (("a", "20"), ("b", "21"), ("c", "22"))))
    write_day(tmp_path, article("x", story(2), "10"), article("y", story(3), "10"))
    first = snapshot(tmp_path).name
    (tmp_path / "corrections.jsonl").write_text(
        '{"must": ["b", "c", "x"]}\n{"must": ["a", "y"]}\n{"cannot": ["a", "b"]}\n'
    )
    second = snapshot(tmp_path).name
    was, now = ids(tmp_path, first), ids(tmp_path, second)
    assert aliases(tmp_path, second) == {now["b"]: (was["a"],)}


def test_without_earlier_snapshots_there_are_no_aliases(tmp_path: Path) -> None:
    _, second = grown_together(tmp_path)
    shutil.rmtree(tmp_path / "snapshots")
    again = snapshot(tmp_path).name
    assert aliases(tmp_path, again) == {}
    assert again != second  # the first of its minute, now
