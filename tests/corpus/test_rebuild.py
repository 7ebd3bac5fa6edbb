"""After a change of rules a build does again what the change touches, to the bytes of a first build."""

import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from corpus.build import BuildReport, build
from corpus.config import CorpusSettings
from corpus.rulebook import Rulebook, load_rulebook
from corpus.workbook import WORKBOOK
from tests.commands import SMALL_CONFIG, arguments, tree
from tests.corpus import made_up_site as site
from tests.corpus.made_up_archive import new_make, old_make, write_run

RULES = load_rulebook()
SETTINGS = CorpusSettings(workers=1)
BELOW = ("articles", "rejections", "index/sites")
# One more phrase for what the made-up site's letter says; one more name of an agency.
PHRASE = """
[[rule]]
id = "milk"
kind = "newsletter"
at = "anywhere"
max_words = 30
phrases = ["Get the morning letter"]
follows = "anything"
examples = ["Get the morning letter of the Gazette"]
near_misses = ["The morning letter was late"]
"""


def archive(data: Path) -> Path:
    """A site that is learned, one page of it read in full by itself, and a redesign."""
    write_run(data, "a", old_make(range(1, 12)))
    lone = (20, site.page(20, container="other"))
    write_run(data, "b", [*old_make(range(12, 14)), lone, *new_make(range(21, 28))], "2026-11-21")
    return data


def changed(name: str) -> Rulebook:
    """The rules with a change in one file."""
    added = PHRASE if name == "boilerplate.toml" else "\n# changed\n"
    return msgspec.structs.replace(RULES, files={**RULES.files, name: RULES.files[name] + added})


def built(data: Path, rules: Rulebook = RULES, least: int = 15) -> BuildReport:
    settings = msgspec.structs.replace(SETTINGS, min_words=least)
    return build(data, (), settings, lambda _what, _n: None, rules)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = archive(tmp_path_factory.mktemp("first") / "data")
    assert built(data).pages_asked > 15
    return data


@pytest.fixture
def own(first: Path, tmp_path: Path) -> Path:
    """A copy of the built folder."""
    return shutil.copytree(first, tmp_path / "data")


@pytest.mark.parametrize("name", ["agencies.toml", "boilerplate.toml", "votes.toml"])
def test_a_change_of_rules_gives_what_a_new_folder_gives_and_asks_no_extractor(
    own: Path, tmp_path: Path, name: str
) -> None:
    again = built(own, changed(name))
    anew = built(archive(tmp_path / "new"), changed(name))
    assert tree(own, *BELOW) == tree(tmp_path / "new", *BELOW)
    assert (again.runs_built, again.pages_asked) == (2, 0)
    assert anew.pages_asked > 15


def test_another_least_number_of_words_asks_no_extractor(own: Path, tmp_path: Path) -> None:
    assert built(own, least=40).pages_asked == 0
    built(archive(tmp_path / "new"), least=40)
    assert tree(own, *BELOW) == tree(tmp_path / "new", *BELOW)


def test_without_what_was_kept_everything_is_made_again_to_the_same_bytes(
    own: Path, first: Path
) -> None:
    shutil.rmtree(own / "index")
    assert built(own).pages_asked > 15
    assert tree(own, *BELOW) == tree(first, *BELOW)


def test_what_is_damaged_is_told_and_asked_for_again(own: Path, first: Path) -> None:
    shutil.rmtree(own / "articles")
    with closing(sqlite3.connect(own / WORKBOOK)) as db, db:
        db.execute("UPDATE content SET content = x'00' WHERE rowid % 2")
    report = built(own)
    assert len(report.damaged) == 1
    assert report.damaged[0].startswith(WORKBOOK)
    assert report.pages_asked
    assert tree(own, *BELOW) == tree(first, *BELOW)
    shutil.rmtree(own / "articles")
    assert (built(own).damaged, tree(own, *BELOW)) == ((), tree(first, *BELOW))


def test_a_file_that_is_no_database_is_told_and_made_again(own: Path, first: Path) -> None:
    shutil.rmtree(own / "articles")
    (own / WORKBOOK).write_bytes(b"no database" * 4000)
    assert built(own).damaged
    assert tree(own, *BELOW) == tree(first, *BELOW)


def test_a_killed_build_keeps_what_it_was_told_and_the_next_gives_the_same_bytes(
    first: Path, tmp_path: Path
) -> None:
    config = tmp_path / "wirecorpus.toml"
    config.write_text(SMALL_CONFIG + "[corpus]\nworkers = 1\n", "utf-8")
    data = archive(tmp_path / "data")
    building = subprocess.Popen(
        arguments("build", "--config", config), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not kept(data):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    building.kill()
    building.wait()
    pages = kept(data)
    assert 0 < built(data).pages_asked <= kept(first) - pages
    assert tree(data, *BELOW) == tree(first, *BELOW)


def kept(data: Path) -> int:
    """How many contents the workbook of a folder has, while others may write it."""
    if not (data / WORKBOOK).is_file():
        return 0
    with closing(sqlite3.connect(data / WORKBOOK, timeout=10)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM content").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not made yet
