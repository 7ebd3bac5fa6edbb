"""A changed text is a new version of its page; a known text is none."""

import sqlite3
from pathlib import Path

import msgspec
import pytest

from corpus import store
from corpus.records import Article, Extraction, Http, article_id
from corpus.versions import StaleVersions, Versions, open_versions


def article(url: str, text: str, fetched_at: str = "2026-11-23T06:00:00Z") -> Article:
    return Article(
        id=article_id(url),
        capture_id="x_" + text,
        url=url,
        canonical_url=url,
        final_url=url,
        text=text,
        text_sha256=store.digest(text),
        fetched_at=fetched_at,
    )


def shard(path: Path, *articles: Article | None) -> Path:
    with store.ShardWriter(path) as writer:
        for one in articles:
            if one:
                writer.write(one)
        writer.seal(store.Recipe("extract", "1", "", ""))
    return path


def test_the_first_text_of_a_page_is_version_one_seen_when_fetched(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "versions.sqlite")
    with versions.extend("1"):
        first = versions.next_version(article("https://a.example/1", "one"))
    versions.close()
    assert first
    assert (first.version, first.prev_text_sha256) == (1, "")
    assert first.first_seen_at == first.fetched_at


def test_a_known_text_is_no_new_version_and_a_changed_one_names_its_predecessor(
    tmp_path: Path,
) -> None:
    versions = Versions(tmp_path / "versions.sqlite")
    url = "https://a.example/1"
    with versions.extend("1"):
        versions.next_version(article(url, "one"))
        again = versions.next_version(article(url, "one", "2026-11-24T06:00:00Z"))
        second = versions.next_version(article(url, "two", "2026-11-25T06:00:00Z"))
    versions.close()
    assert again is None
    assert second
    assert (second.version, second.prev_text_sha256) == (2, store.digest("one"))
    assert second.first_seen_at == "2026-11-23T06:00:00Z"


def test_what_a_failed_block_learned_is_forgotten(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "versions.sqlite")
    url = "https://a.example/1"
    try:
        with versions.extend("1"):
            versions.next_version(article(url, "one"))
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    with versions.extend("1"):
        again = versions.next_version(article(url, "one"))
    versions.close()
    assert again
    assert again.version == 1


def test_the_table_is_rebuilt_from_the_shards_when_it_is_lost_or_of_another_chain(
    tmp_path: Path,
) -> None:
    url = "https://a.example/1"
    table = tmp_path / "versions.sqlite"
    versions = Versions(table)
    with versions.extend("1"):
        one = versions.next_version(article(url, "one"))
    with versions.extend("2"):
        two = versions.next_version(article(url, "two"))
    versions.close()
    links = [("1", shard(tmp_path / "1.jsonl", one)), ("2", shard(tmp_path / "2.jsonl", two))]

    table.unlink()
    for before, expected in ((links, 3), (links[:1], 2), ([], 1)):
        versions = Versions(table)
        versions.follow(before)
        with versions.extend("next"):
            three = versions.next_version(article(url, "three"))
        versions.close()
        assert three
        assert three.version == expected


def test_a_page_that_an_import_saw_earlier_was_first_seen_then(tmp_path: Path) -> None:
    with open_versions(tmp_path / "versions.sqlite") as versions, versions.extend("1"):
        url = "https://a.example/1"
        versions.next_version(article(url, "new", "2026-11-24T06:00:00Z"))
        old = versions.next_version(article(url, "old", "2026-11-20T06:00:00Z"))
    assert old
    assert old.first_seen_at == "2026-11-20T06:00:00Z"


@pytest.mark.parametrize("keep", [0, 4096])
def test_a_damaged_table_is_removed_and_can_be_made_anew(tmp_path: Path, keep: int) -> None:
    table = tmp_path / "versions.sqlite"
    with open_versions(table) as versions, versions.extend("1"):
        for n in range(500):
            versions.next_version(article(f"https://a.example/{n}", "one"))
    table.write_bytes(table.read_bytes()[:keep] + b"no database" * 4000)
    with pytest.raises(StaleVersions), open_versions(table) as versions, versions.extend("2"):
        for n in range(500):
            versions.next_version(article(f"https://a.example/{n}", "two"))
    with open_versions(table) as versions, versions.extend("1"):
        again = versions.next_version(article("https://a.example/1", "one"))
    assert again
    assert again.version == 1


def test_how_a_page_was_read_is_known_of_the_runs_before_alone(tmp_path: Path) -> None:
    def read(text: str, method: str, *warnings: str) -> Article:
        extraction = Extraction(method=method, warnings=warnings)
        return msgspec.structs.replace(article(url, text), extraction=extraction)

    versions, url = Versions(tmp_path / "versions.sqlite"), "https://a.example/1"
    told = []
    for n, one in enumerate(
        (
            read("one", "full", "charset_guessed"),
            read("two", "profile:p"),
            read("three", "full"),
            read("four", "full", "profile_refused: title"),
        )
    ):
        with versions.extend(str(n)):
            versions.next_version(one)
            told.append(versions.was_read_alone(url))
    told.append(versions.was_read_alone(url))
    assert told == [False, True, False, True, False]
    assert not versions.was_read_alone("https://a.example/2")
    versions.close()


def test_a_table_of_an_older_layout_is_made_again(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "versions.sqlite")
    old.executescript("CREATE TABLE page (id TEXT); CREATE TABLE chain (place INTEGER, link TEXT);")
    old.execute("INSERT INTO chain VALUES (1, '1')")
    old.commit()
    old.close()
    known = shard(tmp_path / "a.jsonl", article("https://a.example/1", "one"))
    with open_versions(tmp_path / "versions.sqlite") as versions:
        versions.follow([("1", known)])
        with versions.extend("2"):
            assert versions.next_version(article("https://a.example/1", "one")) is None


def test_the_same_bytes_read_otherwise_are_no_new_version_even_after_a_rebuild(
    tmp_path: Path,
) -> None:
    url = "https://a.example/1"
    fetched = [
        msgspec.structs.replace(article(url, text), http=Http(sha256=body))
        for text, body in (("one", "aa"), ("one, read otherwise", "aa"), ("two", "bb"))
    ]
    with open_versions(tmp_path / "versions.sqlite") as versions, versions.extend("1"):
        found = [versions.next_version(one) for one in fetched]
    assert [one and one.version for one in found] == [1, None, 2]
    taken = shard(tmp_path / "articles.jsonl", found[0])
    with open_versions(tmp_path / "rebuilt.sqlite") as versions:
        versions.follow([("1", taken)])
        with versions.extend("2"):
            assert versions.next_version(fetched[1]) is None
