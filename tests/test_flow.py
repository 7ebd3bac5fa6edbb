"""The main job on the made-up web: from sources to a snapshot, again, on the next day, and killed."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.commands import (
    Done,
    arguments,
    articles,
    clusters,
    corpus_of,
    partition,
    read_one_by_one,
    tree,
    wirecorpus,
    write_config,
)
from tests.newsweb import NewsWeb
from tests.newsweb.score import score_folder
from tests.newsweb.truth import truth, url_key

DERIVED = ("articles", "rejections", "snapshots", "index")


class Crawled(NamedTuple):
    """A web, and a data folder that one run made of it."""

    web: NewsWeb
    config: Path
    data: Path
    run: Done


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("first")
    with NewsWeb() as web:
        config = write_config(folder, web)  # where every story is due again in the next run
        run = wirecorpus("run", "--config", config)
        yield Crawled(web, config, folder / "data", run)


@pytest.fixture
def own(first: Crawled, tmp_path: Path) -> Iterator[Crawled]:
    """A copy of the first run's folder, with a web that may be changed; every story is due again."""
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
        shutil.copytree(first.data, tmp_path / "data")
        yield Crawled(web, config, tmp_path / "data", first.run)


def test_a_run_ends_well_and_says_what_it_did(first: Crawled) -> None:
    assert first.run.code == 0, first.run.err
    for words in ("source", "harbour-gazette", "Agencies:", "Largest clusters", "report.html"):
        assert words in first.run.out


def test_copies_stand_together_and_bodies_are_clean(first: Crawled) -> None:
    found = score_folder(first.data, truth())
    assert found.pairs.f1 >= 0.9
    assert found.body_f1 >= 0.95


def test_every_page_ends_as_an_article_or_as_a_rejection_with_a_reason(first: Crawled) -> None:
    stories = {
        url_key(a[k]) for a in articles(first.data) for k in ("url", "final_url", "canonical_url")
    }
    rejected = "".join(f.read_text() for f in first.data.glob("rejections/date=*/*.jsonl"))
    known = {url_key(u): t for t in truth() for u in (t.url, *t.urls)}
    answered = {url_key(f"{a.host}{a.path}") for a in first.web.requests() if a.status == 200}
    missing = [
        k for k in known if k in answered and k not in stories and k.split("?")[0] not in rejected
    ]
    assert missing == []


def test_what_a_run_wrote_is_valid(first: Crawled) -> None:
    done = wirecorpus("validate", first.data)
    assert done.code == 0, done.out
    assert " 0 faults" in done.err


def test_a_second_build_changes_no_byte(first: Crawled) -> None:
    before = tree(first.data, *DERIVED)
    done = wirecorpus("build", "--config", first.config)
    assert done.code == 0
    assert "nothing new" in done.out
    assert tree(first.data, *DERIVED) == before


def test_what_is_derived_can_be_deleted_and_comes_back_byte_for_byte(own: Crawled) -> None:
    before = tree(own.data, "articles", "rejections", "snapshots")
    for name in DERIVED:
        shutil.rmtree(own.data / name)
    assert wirecorpus("build", "--config", own.config).code == 0
    assert tree(own.data, "articles", "rejections", "snapshots") == before


def test_the_second_run_asks_for_no_page_without_validators(first: Crawled, own: Crawled) -> None:
    corpus, known = corpus_of(own.data), {url_key(t.url) for t in truth()}
    done = wirecorpus("run", "--config", own.config)
    assert done.code == 0, done.err
    asked = list(own.web.requests())
    stories = [a for a in asked if url_key(f"{a.host}{a.path}") in known]
    assert len(stories) >= 150
    came = {(a.host, a.path) for a in first.web.requests() if a.status == 200}
    assert [a for a in asked if (a.host, a.path) in came and not a.has_validators] == []
    assert all(a.status == 304 for a in stories if a.has_validators)
    assert corpus_of(own.data) == corpus
    assert len(list(own.data.glob("snapshots/*"))) == 1, "nothing new: no further snapshot"


def test_the_next_day_brings_new_stories_and_new_versions(own: Crawled) -> None:
    before = {a["id"] for a in articles(own.data)}
    own.web.set_day(2)
    done = wirecorpus("run", "--config", own.config)
    assert done.code == 0, done.err
    now = articles(own.data)
    second = [a for a in now if a["version"] == 2]
    assert {a["id"] for a in now} - before
    assert second
    assert all(a["id"] in before and a["prev_text_sha256"] for a in second)
    found = score_folder(own.data, truth(2))
    assert found.pairs.f1 >= 0.9
    assert len(list(own.data.glob("snapshots/*/manifest.json"))) == 2


def test_a_killed_run_followed_by_a_run_gives_the_corpus_of_an_undisturbed_one(
    first: Crawled, tmp_path: Path
) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web, revisit=["1h", "7d"])
        for requests in (40, 120, 200):
            _kill_after(requests, web, config)
        done = wirecorpus("run", "--config", config)
        assert done.code == 0, done.err
        in_flight = 3 * len(web.resolve)
        known = {url_key(t.url) for t in truth()}
        asked = [url_key(f"{a.host}{a.path}") for a in web.requests() if a.status == 200]
        stories = [a for a in asked if a in known]
        assert len(stories) - len(set(stories)) <= in_flight
    assert partition(tmp_path / "data") == partition(first.data)
    # Which run a page came in can decide how it is read, as its run's other pages do.
    alone = [
        _built_one_by_one(tmp_path / n, d) for n, d in (("a", tmp_path / "data"), ("b", first.data))
    ]
    assert alone[0] == alone[1]


def test_a_run_killed_while_it_builds_leaves_no_half_shard(first: Crawled, tmp_path: Path) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
        shutil.copytree(first.data, tmp_path / "data")
        for name in DERIVED:
            shutil.rmtree(tmp_path / "data" / name)
        building = subprocess.Popen(
            arguments("build", "--config", config), stdout=subprocess.DEVNULL
        )
        _wait_for(lambda: list((tmp_path / "data").glob("articles/*/*.tmp")))
        building.kill()
        building.wait()
        assert wirecorpus("build", "--config", config).code == 0
    assert tree(tmp_path / "data", "articles", "snapshots") == tree(
        first.data, "articles", "snapshots"
    )
    assert not list((tmp_path / "data").rglob("*.tmp"))


def test_of_two_runs_at_once_the_second_gives_way(tmp_path: Path) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
        running = subprocess.Popen(arguments("run", "--config", config), stdout=subprocess.DEVNULL)
        try:
            _wait_for(lambda: list(web.requests()))
            for verb in ("run", "crawl", "build"):
                second = wirecorpus(verb, "--config", config)
                assert second.code == 75
                assert "another run" in second.err
        finally:
            running.send_signal(signal.SIGTERM)
            code = running.wait(timeout=30)
        assert code == 143
        assert wirecorpus("status", "--config", config).code == 0


def test_the_filters_stand_in_a_pipe(first: Crawled) -> None:
    archive = sorted(first.data.glob("warc/*/*.warc.gz"))
    extract = subprocess.Popen(
        arguments("extract", *archive), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert extract.stdout
    cluster = subprocess.run(
        arguments("cluster", "-"), stdin=extract.stdout, capture_output=True, check=False
    )
    extract.stdout.close()
    assert (extract.wait(), cluster.returncode) == (0, 0)
    assert len(cluster.stdout.splitlines()) >= 150
    assert "stood at standard input:" in cluster.stderr.decode(), "a page under two addresses"
    largest = max(c["size"] for c in clusters(first.data))
    assert f'"size":{largest},'.encode() in cluster.stdout


def test_the_filter_gives_the_clusters_that_the_run_gave(first: Crawled) -> None:
    shards = sorted(first.data.glob("articles/date=*/*.jsonl"))
    answered = [json.loads(x) for x in wirecorpus("cluster", *shards).out.splitlines()]
    members = {
        (m["article_id"], c["id"], m["relation"])
        for c in clusters(first.data)
        for m in c["members"]
    }
    assert {(a["id"], a["cluster_id"], a["relation"]) for a in answered} == members


def test_a_build_that_is_terminated_says_so_and_the_next_one_finishes(
    first: Crawled, tmp_path: Path
) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
    shutil.copytree(first.data / "warc", tmp_path / "data" / "warc")
    building = subprocess.Popen(arguments("build", "--config", config), stderr=subprocess.PIPE)
    _wait_for(lambda: list((tmp_path / "data").glob("articles/*/*.tmp")))
    building.terminate()
    assert building.stderr
    said = building.stderr.read().decode()
    building.stderr.close()
    assert building.wait(timeout=30) == 143
    assert "run again" in said
    assert wirecorpus("build", "--config", config).code == 0
    assert tree(tmp_path / "data", "articles") == tree(first.data, "articles")


def test_no_hash_seed_and_no_time_zone_changes_a_byte(first: Crawled, tmp_path: Path) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
    shutil.copytree(first.data / "warc", tmp_path / "data" / "warc")
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
    subprocess.run(
        arguments("build", "--config", config), env=elsewhere, check=True, capture_output=True
    )
    below = ("articles", "rejections", "snapshots")
    assert tree(tmp_path / "data", *below) == tree(first.data, *below)


def test_correcting_a_source_makes_its_articles_again(own: Crawled) -> None:
    text = own.config.read_text("utf-8")
    own.config.write_text(
        text.replace('name = "The Harbour Gazette"', 'name = "Harbour Daily"'), "utf-8"
    )
    before = corpus_of(own.data)
    assert wirecorpus("build", "--config", own.config).code == 0
    changed = set(corpus_of(own.data)) - set(before)
    assert changed
    assert all('"name": "Harbour Daily"' in line for line in changed)


def test_a_crawled_page_is_explained_by_its_address_from_the_archive_alone(
    first: Crawled, tmp_path: Path
) -> None:
    article = max(articles(first.data), key=lambda a: len(a["stripped"]))
    before, view = len(list(first.web.requests())), tmp_path / "view.html"
    address = article["canonical_url"] + "?utm_source=mail#top"
    done = wirecorpus("extract", "--explain", address, "--config", first.config, "--out", view)
    assert (done.code, done.out) == (0, "")
    html = view.read_text("utf-8")
    assert article["capture_id"] in html
    assert article["outlet"]["name"] in html
    assert html.count('class="block kept"') == len(article["paragraphs"])
    assert html.count('class="block dropped') == len(article["stripped"])
    assert f"{len(article['paragraphs'])} paragraph" in done.err
    assert len(list(first.web.requests())) == before
    again = wirecorpus("extract", "--explain", address, "--data", first.data, "--quiet")
    assert again.err == ""
    assert article["text_sha256"] in again.out


def test_a_rejected_page_and_one_that_is_not_in_the_archive_are_explained(first: Crawled) -> None:
    shards = first.data.glob("rejections/date=*/*.jsonl")
    rejections = [json.loads(x) for shard in shards for x in shard.read_text("utf-8").splitlines()]
    rejected = next(r for r in rejections if r["stage"] == "extract")
    where = ("--config", first.config)
    done = wirecorpus("extract", "--explain", rejected["url"], *where)
    assert done.code == 0
    assert rejected["reason"] in done.out
    assert rejected["record_id"] in done.out
    unknown = wirecorpus("extract", "--explain", rejected["url"] + "/other", *where)
    assert (unknown.code, unknown.out) == (2, "")
    assert "not in the archive" in unknown.err
    assert "wirecorpus import" in unknown.err


def test_a_reader_that_goes_away_ends_a_filter_quietly(first: Crawled) -> None:
    archive = sorted(first.data.glob("warc/*/*.warc.gz"))
    extract = subprocess.Popen(
        arguments("extract", *archive), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert extract.stdout
    assert extract.stderr
    extract.stdout.readline()
    extract.stdout.close()
    said = extract.stderr.read().decode()
    extract.stderr.close()
    assert extract.wait(timeout=60) == 0
    assert "Traceback" not in said
    assert "rejected" not in said, "it ended early"


def _built_one_by_one(folder: Path, data: Path) -> list[str]:
    """The corpus that a folder's archive gives where no page has to do with another."""
    shutil.copytree(data / "warc", folder / "data" / "warc")
    with NewsWeb() as web:
        config = read_one_by_one(write_config(folder, web))
    assert wirecorpus("build", "--config", config).code == 0
    return corpus_of(folder / "data")


def _kill_after(requests: int, web: NewsWeb, config: Path) -> None:
    """Start a run and kill -9 it once the web has been asked so often in all."""
    running = subprocess.Popen(
        arguments("run", "--config", config),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for(lambda: len(list(web.requests())) >= requests or running.poll() is not None)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def _wait_for(happened: object, seconds: float = 60) -> None:
    assert callable(happened)
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
