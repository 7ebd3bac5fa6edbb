"""What is learned of sites, as the user of the command meets it."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import SMALL_CONFIG, arguments, articles, tree, wirecorpus
from tests.corpus import made_up_site as site
from tests.corpus.made_up_archive import new_make, old_make, write_run

BELOW = ("articles", "rejections", "index/sites")


def folder(path: Path) -> Path:
    """A configuration, and an archive of three runs with a redesign in the last."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "wirecorpus.toml").write_text(SMALL_CONFIG, "utf-8")
    write_run(path / "data", "a", old_make(range(1, 13)))
    write_run(path / "data", "b", old_make(range(13, 40)), "2026-11-21")
    write_run(path / "data", "c", new_make(range(40, 52)), "2026-11-22")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = folder(tmp_path_factory.mktemp("sites"))
    done = wirecorpus("build", "--config", made / "wirecorpus.toml")
    assert done.code == 0, done.err
    assert f"! {site.HOST}: template_changed: " in done.out
    assert "WARNING" in done.err
    assert "run c: gazette.example: template_changed" in done.err
    return made


def test_the_table_names_every_host(built: Path) -> None:
    done = wirecorpus("sites", "--config", built / "wirecorpus.toml")
    assert done.code == 0
    head, row = done.out.splitlines()
    assert head.split()[:3] == ["host", "pages", "templates"]
    assert row.split()[:5] == [site.HOST, "51", "1", "8", "12"]
    assert row.endswith("2026-11-22")


def test_one_host_is_told_in_full(built: Path) -> None:
    done = wirecorpus("sites", site.HOST, "--data", built / "data")
    assert done.code == 0
    for words in (
        "51 pages",
        "(8 stories)",
        "template 1: div.feature-main",
        "kept",
        "dropped",
        "audits",
    ):
        assert words in done.out
    kept = [x.split()[2] for x in done.out.splitlines() if x.strip().startswith("kept")]
    assert kept[0] == "p"


def test_it_is_to_be_had_as_json(built: Path) -> None:
    one = wirecorpus("sites", site.HOST, "--data", built / "data", "--json").json
    (all_,) = wirecorpus("sites", "--data", built / "data", "--json").json
    assert one == all_
    assert one["templates"][0]["selector"] == "div.feature-main"
    assert one["served"] == 12
    methods = {a["extraction"]["method"] for a in articles(built / "data")}
    assert f"profile:{one['profile']}" in methods


def test_an_unknown_host_is_an_error_with_names_that_are_like_it(built: Path) -> None:
    for name in ("www.gazette.example", "gazete.example", "GAZETTE"):
        done = wirecorpus("sites", name, "--data", built / "data")
        assert done.code == 2
        assert f"nothing is known of {name}; did you mean gazette.example?" in done.err
    far = wirecorpus("sites", "xyz", "--data", built / "data")
    assert far.code == 2
    assert "`wirecorpus sites` lists" in far.err


def test_where_nothing_was_built_nothing_is_known(tmp_path: Path) -> None:
    done = wirecorpus("sites", "--data", tmp_path)
    assert (done.code, done.err) == (0, "")
    assert "nothing is known" in done.out
    assert wirecorpus("sites", "--data", tmp_path, "--json").json == []


def test_a_build_killed_between_two_runs_goes_on_and_gives_the_same_bytes(
    built: Path, tmp_path: Path
) -> None:
    for found in (_sealed("a"), _begun("b"), _sealed("b")):
        made = folder(tmp_path / found.__name__)
        building = subprocess.Popen(
            arguments("build", "--config", made / "wirecorpus.toml"), stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while not found(made / "data"):
            assert time.monotonic() < deadline
            time.sleep(0.002)
        building.kill()
        building.wait()
        assert wirecorpus("build", "--config", made / "wirecorpus.toml").code == 0
        assert tree(made / "data", *BELOW) == tree(built / "data", *BELOW)


def _sealed(run: str) -> Callable[[Path], bool]:
    def sites_of_it_are_sealed(data: Path) -> bool:
        return bool(list(data.glob(f"index/sites/*/{run}.jsonl.stamp")))

    sites_of_it_are_sealed.__name__ = f"sealed-{run}"
    return sites_of_it_are_sealed


def _begun(run: str) -> Callable[[Path], bool]:
    def its_articles_are_written(data: Path) -> bool:
        return bool(list(data.glob(f"articles/*/{run}.jsonl.tmp")))

    its_articles_are_written.__name__ = f"begun-{run}"
    return its_articles_are_written


def test_the_filter_serves_and_can_be_told_not_to(built: Path) -> None:
    archive = sorted((built / "data").glob("warc/*/a.warc"))
    read = {
        options: {json.loads(x)["extraction"]["method"][:8] for x in done.out.splitlines()}
        for options in ((), ("--no-profiles",))
        if (done := wirecorpus("extract", *archive, *options)).code == 0
    }
    assert read == {(): {"profile:"}, ("--no-profiles",): {"full"}}


def test_the_filter_gives_the_texts_of_the_build(built: Path) -> None:
    archive = sorted((built / "data").glob("warc/*/a.warc"))
    (shard,) = (built / "data").glob("articles/*/a.jsonl")
    own = {json.loads(x)["text"] for x in shard.read_text("utf-8").splitlines()}
    assert {json.loads(x)["text"] for x in wirecorpus("extract", *archive).out.splitlines()} == own
