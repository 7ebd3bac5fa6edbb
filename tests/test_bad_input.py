"""Bad input gives a clear message and the right exit code, and nothing is lost."""

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import (
    SMALL_CONFIG,
    Done,
    arguments,
    articles,
    corpus_of,
    partition,
    read_one_by_one,
    tree,
    wirecorpus,
    write_config,
)
from tests.corpus.made_up import story
from tests.newsweb import NewsWeb


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a configuration and the data of one short run on two outlets."""
    folder = tmp_path_factory.mktemp("crawled")
    with NewsWeb() as web:
        text = write_config(folder, web).read_text("utf-8")
        head, *sources = text.split("[[source]]")
        (folder / "wirecorpus.toml").write_text("[[source]]".join([head, *sources[:2]]), "utf-8")
        done = wirecorpus("run", "--config", folder / "wirecorpus.toml")
        assert done.code == 0, done.err
        yield folder


@pytest.fixture
def folder(crawled: Path, tmp_path: Path) -> Path:
    """A copy of it to do damage to."""
    return Path(shutil.copytree(crawled, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("contact", "contakt"), r"[crawl]: unknown key 'contakt'; did you mean 'contact'?"),
        (("data =", "dta ="), "unknown key 'dta'; did you mean 'data'?"),
        (('"desk@gazette.example"', "7"), "'contact' must be text in quotes, not a whole number"),
        (("[crawl]", "[crawl]\ndelay = 'slow'"), "'delay' must be a number, not text in quotes"),
        (("[crawl]", "[corpus]\nworker = 2\n[crawl]"), "did you mean 'workers'?"),
        (("[crawl]", "[crawl]\nmax_runtime = 'soon'"), "'soon' is no duration"),
        (('"http://www', '"gopher://www'), "is no http or https URL"),
        (("home", "include = ['(']\nhome"), "is no regular expression"),
        (('contact = "desk@gazette.example"', ""), "contact"),
        (('data = "data"', "data = "), "is not valid TOML"),
        (('data = "data"', 'sources = ["missing.toml"]'), "missing.toml, which does not exist"),
    ],
)
def test_a_wrong_configuration_names_the_key_and_exits_2(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    config = tmp_path / "wirecorpus.toml"
    config.write_text(SMALL_CONFIG.replace(*change, 1), encoding="utf-8")
    done = wirecorpus("run", "--config", config)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "data" / "warc").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--config", "nowhere.toml"),
        ("extract", "nowhere.jsonl"),
        ("cluster", "nowhere.jsonl"),
        ("validate", "nowhere"),
        ("import", "nowhere.warc.gz"),
    ],
)
def test_a_missing_file_is_named_and_exits_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "wirecorpus.toml").write_text(SMALL_CONFIG, encoding="utf-8")
    done = wirecorpus(*words, cwd=tmp_path)
    assert done.code == 2
    assert "nowhere" in done.err
    assert "Traceback" not in done.err


def test_an_unknown_verb_and_option_exit_2() -> None:
    assert wirecorpus("crwal").code == 2
    assert wirecorpus("run", "--fast").code == 2


def test_a_source_that_answers_500_is_reported_and_the_others_are_done(tmp_path: Path) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
        web.break_host("www.stanwickpost.example", 500)
        done = wirecorpus("run", "--config", config, "--json")
        asked = list(web.requests("www.stanwickpost.example"))
    assert done.code == 3
    failed = [s for s in done.json["crawl"]["sources"] if s["failed_source"]]
    assert [s["id"] for s in failed] == ["stanwick-post"]
    assert "500" in failed[0]["error"]
    assert {a.path for a in asked} == {"/robots.txt"}, "an unreachable robots.txt closes the host"
    assert len({a["outlet"]["id"] for a in articles(tmp_path / "data")}) == len(web.resolve) - 1


def test_when_every_source_fails_the_exit_code_is_4(tmp_path: Path) -> None:
    with NewsWeb() as web:
        config = write_config(tmp_path, web)
        for host in web.resolve:
            web.break_host(host.removesuffix(":80"), 500)
        assert wirecorpus("run", "--config", config).code == 4


def test_a_truncated_warc_gives_what_stands_before_and_exits_5(folder: Path) -> None:
    whole = min(folder.glob("data/warc/*/*.warc.gz"))
    cut = folder / "cut.warc.gz"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    done = wirecorpus("extract", cut)
    assert done.code == 5
    assert "cut.warc.gz" in done.err
    assert "1 damaged" in done.err
    assert 0 < len(done.out.splitlines()) < len(articles(folder / "data"))

    imported = wirecorpus("import", cut, "--config", folder / "wirecorpus.toml")
    assert imported.code == 0, imported.err
    built = wirecorpus("build", "--config", folder / "wirecorpus.toml")
    assert built.code == 5
    assert "damaged" in built.out
    assert (folder / "data" / "rejections").exists()
    assert "nothing new" in wirecorpus("build", "--config", folder / "wirecorpus.toml").out


def test_a_file_that_is_no_warc_is_refused_by_import(folder: Path) -> None:
    (folder / "page.warc.gz").write_bytes(gzip.compress(b"<html>no archive</html>"))
    done = wirecorpus("import", folder / "page.warc.gz", "--config", folder / "wirecorpus.toml")
    assert done.code == 5
    assert "page.warc.gz" in done.err


def test_a_torn_shard_is_kept_aside_and_made_again(folder: Path) -> None:
    shard = min(folder.glob("data/articles/date=*/*.jsonl"))
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-40])
    found = wirecorpus("validate", folder / "data")
    assert found.code == 5
    assert "torn" in found.out
    done = wirecorpus("build", "--config", folder / "wirecorpus.toml")
    assert done.code == 5
    assert f"kept as {shard.name}.damaged-1" in done.out
    assert shard.read_bytes() == whole
    assert shard.with_name(shard.name + ".damaged-1").read_bytes() == whole[:-40]
    assert wirecorpus("build", "--config", folder / "wirecorpus.toml").code == 0


def test_a_torn_last_line_costs_a_filter_that_line_only(folder: Path) -> None:
    text = "".join(
        json.dumps({"id": str(n), "text": f"The ferry to island {n} was late again. " * 20}) + "\n"
        for n in range(3)
    )
    torn = folder / "torn.jsonl"
    torn.write_text(text[:-60], encoding="utf-8")
    done = wirecorpus("cluster", torn, "--rejections", folder / "rejected.jsonl")
    assert done.code == 5
    assert len(done.out.splitlines()) == 2
    assert "torn.jsonl:3" in done.err
    assert "torn" in done.err
    assert json.loads((folder / "rejected.jsonl").read_text())["reason"] == "not_json"


def test_what_is_no_page_line_is_a_rejection_with_its_place(tmp_path: Path) -> None:
    story = "".join(
        f"<p>Ferry {n} left the harbour at {n} o'clock, as on any day.</p>" for n in range(12)
    )
    page = {"id": "p", "url": "http://a.example/news/1", "html": f"<article>{story}</article>"}
    rows = [b"not json", b'{"id":"x"}', b'{"id":5,"html":""}', b'{"id":"","html":"x"}', b""]
    stdin = b"\n".join([*rows, json.dumps(page).encode()]) + b"\n"
    done = wirecorpus("extract", "-", "--rejections", tmp_path / "r.jsonl", stdin=stdin)
    assert done.code == 5
    assert [json.loads(x)["capture_id"] for x in done.out.splitlines()] == ["p"]
    rejected = [json.loads(x) for x in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [(r["place"], r["reason"]) for r in rejected] == [
        ("standard input:1", "not_json"),
        ("standard input:2", "bad_record"),
        ("standard input:3", "bad_record"),
        ("standard input:4", "bad_record"),
    ]


def test_a_data_folder_of_a_newer_format_is_refused_untouched(folder: Path) -> None:
    (folder / "data" / "format.json").write_text('{"format":99,"written_by":"9.0.0"}')
    before = tree(folder, "data")
    for verb in ("run", "crawl", "build", "status"):
        done = wirecorpus(verb, "--config", folder / "wirecorpus.toml")
        assert done.code == 5, verb
        assert "upgrade" in done.err
    assert tree(folder, "data") == before


def test_a_state_of_a_newer_schema_is_refused(folder: Path) -> None:
    import sqlite3

    db = sqlite3.connect(folder / "data" / "state.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    done = wirecorpus("crawl", "--config", folder / "wirecorpus.toml")
    assert done.code == 5
    assert "state.sqlite" in done.err
    assert "99" in done.err


FULL_DISK = """
set -e
mount -t tmpfs -o size={size}k tmpfs {folder}
cp {config} {folder}/wirecorpus.toml
set +e
{command} run --config {folder}/wirecorpus.toml >{folder}.out 2>{folder}.err
echo "code $?"
rm -f {folder}/ballast
mount -o remount,size=200m {folder}
{command} run --config {folder}/wirecorpus.toml >>{folder}.out 2>>{folder}.err
echo "code $?"
cp -R {folder}/data {folder}-data
umount {folder}
"""


@pytest.mark.parametrize("size", [300, 2500])
def test_a_full_disk_exits_6_and_the_next_run_goes_on(tmp_path: Path, size: int) -> None:
    """On a small tmpfs, in a mount namespace of its own, at sizes that fill in different places."""
    full, calm = tmp_path / "full", tmp_path / "calm"
    full.mkdir()
    calm.mkdir()
    with NewsWeb() as web:
        config = read_one_by_one(write_config(tmp_path, web))
        text = config.read_text("utf-8")
        config.write_text(text.replace("[crawl]\n", "[crawl]\nmin_free_bytes = 0\n", 1), "utf-8")
        script = FULL_DISK.format(
            size=size, folder=full, config=config, command=" ".join(arguments())
        )
        as_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        done = subprocess.run(
            ["unshare", "--mount", *as_user, "bash", "-c", script],
            capture_output=True, check=False, timeout=240, text=True,
        )  # fmt: skip
        said = Path(f"{full}.err").read_text() if Path(f"{full}.err").exists() else done.stderr
        assert done.stdout.splitlines() == ["code 6", "code 0"], said
        assert "the disk is full" in said
        assert "Traceback" not in said
        wirecorpus("run", "--config", config, "--data", calm / "data")
    assert corpus_of(Path(f"{full}-data")) == corpus_of(calm / "data")


FULL_INDEX = """
set -e
mount -t tmpfs -o size=300k tmpfs {folder}
mkdir {folder}/tmp
set +e
TMPDIR={folder}/tmp {command} cluster {texts} >/dev/null 2>{folder}.plain
echo "code $? left $(ls {folder}/tmp | wc -l)"
{command} cluster --index {folder}/index {texts} >/dev/null 2>{folder}.err
echo "code $?"
mount -o remount,size=50m {folder}
{command} cluster --quiet --index {folder}/index {texts} >{folder}.out
echo "code $?"
umount {folder}
"""


def test_a_disk_that_is_full_for_an_index_is_named_and_the_next_run_goes_on(tmp_path: Path) -> None:
    full, texts = tmp_path / "full", tmp_path / "texts.jsonl"
    full.mkdir()
    rows = ({"id": f"{n}", "text": "\n\n".join(story(n // 3)[: 5 + n % 3])} for n in range(90))
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    script = FULL_INDEX.format(folder=full, texts=texts, command=" ".join(arguments()))
    as_user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", "--mount", *as_user, "bash", "-c", script],
        capture_output=True, check=False, timeout=240, text=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["code 6 left 0", "code 6", "code 0"], done.stderr
    for said in (Path(f"{full}.plain").read_text(), Path(f"{full}.err").read_text()):
        assert said.startswith(f"wirecorpus: the disk is full ({full}/")
        assert said.count("\n") == 1
    assert Path(f"{full}.out").read_text() == wirecorpus("cluster", texts).out


# ------------------------------------------------------------- what was written is damaged later


def build(folder: Path) -> Done:
    return wirecorpus("build", "--config", folder / "wirecorpus.toml")


def test_a_shard_edited_in_its_length_is_never_published(folder: Path) -> None:
    shard = min(folder.glob("data/articles/date=*/*.jsonl"))
    whole = shard.read_bytes()
    shard.write_bytes(
        whole.replace(b'"headline":"', b'"headline":"Z', 1).replace(b"  ", b" ", 1)[: len(whole)]
    )
    shutil.rmtree(folder / "data" / "snapshots")
    done = build(folder)
    assert done.code == 5
    assert f"{shard.name}.damaged-1" in done.out
    assert shard.read_bytes() == whole
    assert wirecorpus("validate", folder / "data").code == 0


@pytest.mark.parametrize("column", ["documents/key", "nodes/sample", "pairs/key"])
def test_damage_in_what_clustering_kept_is_told_and_made_again(folder: Path, column: str) -> None:
    before = partition(folder / "data")
    kept = folder / "data" / "index" / "clusters"
    file = kept / column
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    (kept / "before.npz").unlink()  # so that all is looked up
    table = file.parent.name
    found = wirecorpus("doctor", "--config", folder / "wirecorpus.toml")
    assert f"{table}/{file.name} is not as it was written" in found.out
    shutil.rmtree(folder / "data" / "snapshots")
    done = build(folder)
    assert done.code == 5
    assert f"{file.name} is not as it was written" in done.out
    assert f"kept as {table}.damaged-1" in done.out
    assert partition(folder / "data") == before
    assert build(folder).code == 0


@pytest.mark.parametrize("name", ["clusters.jsonl", "members.parquet", "report.html"])
def test_a_snapshot_that_lost_a_file_is_set_aside_and_made_again(folder: Path, name: str) -> None:
    snapshot = next(folder.glob("data/snapshots/*"))
    before = tree(folder, f"data/snapshots/{snapshot.name}")
    (snapshot / name).unlink()
    found = wirecorpus("validate", folder / "data")
    assert found.code == 5
    assert name in found.out
    done = build(folder)
    assert done.code == 5
    assert name in done.out
    assert tree(folder, f"data/snapshots/{snapshot.name}") == before
    assert build(folder).code == 0


def test_validate_finds_what_no_line_shows(folder: Path) -> None:
    snapshot = next(folder.glob("data/snapshots/*"))
    shard = min(folder.glob("data/articles/date=*/*.jsonl"))
    parquet = snapshot / "pairs.parquet"
    parquet.write_bytes(parquet.read_bytes()[:-1] + b"X")
    shard.with_name(shard.name + ".stamp").unlink()
    done = wirecorpus("validate", folder / "data", "--json")
    assert done.code == 5
    assert "pairs.parquet: was changed" in done.out
    assert "has no stamp" in done.out
    assert json.loads(done.err)["faults"] == 2


def test_a_run_that_left_the_archive_leaves_the_corpus(folder: Path) -> None:
    for warc in folder.glob("data/warc/*/*.warc.gz"):
        warc.unlink()
    done = build(folder)
    assert done.code == 0
    assert "0 article versions" in done.out
    assert (
        wirecorpus("status", "--config", folder / "wirecorpus.toml", "--json").json["unbuilt_runs"]
        == 0
    )


# ------------------------------------------------------------------------- odd input of the filters

TEXTS = "".join(
    json.dumps(
        {"id": str(n), "text": f"The ferry to island {n} was late again. " * 20, "url": None}
    )
    + "\n"
    for n in range(3)
)


def test_optional_keys_may_be_null_and_a_byte_order_mark_is_no_harm() -> None:
    done = wirecorpus("cluster", "-", stdin=b"\xef\xbb\xbf" + TEXTS.encode())
    assert (done.code, len(done.out.splitlines())) == (0, 3)


ROW = '{"id": "odd", "text": "The ferry was late again."'


@pytest.mark.parametrize(
    ("row", "reason", "said"),
    [
        (ROW + ', "version": 0}', "bad_record", "Expected `int` >= 1 - at `$.version`"),
        (ROW + ', "version": 123456789012345678901}', "bad_record", "Expected `int` <= 999999999"),
        (ROW + ', "version": NaN}', "not_json", "JSON is malformed"),
        (ROW + ', "more": ' + "[" * 99_999 + "]" * 99_999 + "}", "not_json", "nested too deeply"),
        (ROW + ', "published": 20261123}', "bad_record", "Expected `str | null`, got `int`"),
        ('{"id": "odd"}', "bad_record", "missing required field `text`"),
        ('{"id": "", "text": "x"}', "bad_record", 'the key "id" is empty'),
        ('{"id": "0", "text": "x"}', "duplicate_id", "stood at standard input:1 already"),
    ],
)
def test_a_line_that_cluster_cannot_take_is_counted_and_told_and_the_others_are_clustered(
    row: str, reason: str, said: str
) -> None:
    done = wirecorpus("cluster", "-", "--json", stdin=(TEXTS + row + "\n").encode())
    assert done.code == (0 if reason == "duplicate_id" else 5)
    assert len(done.out.splitlines()) == 3
    told, summary = done.err.splitlines()
    assert told.startswith("wirecorpus: standard input:4: ")
    assert said in told
    assert json.loads(summary)["reasons"] == [{"name": reason, "count": 1}]


@pytest.mark.parametrize("day", ["yesterday", "1985-03-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_day_that_does_not_count_is_told(day: str) -> None:
    row = json.dumps({"id": "x", "text": "The ferry was late again.", "published": day})
    done = wirecorpus("cluster", "-", stdin=(TEXTS + row).encode())
    assert (done.code, len(done.out.splitlines())) == (0, 4)
    assert f"standard input:4: {day[:40]!r} counts as no day of publication" in done.err


def test_standard_input_is_read_once_only() -> None:
    done = wirecorpus("cluster", "-", "-", stdin=TEXTS.encode())
    assert (done.code, done.out) == (2, "")
    assert "was read already; name it (-) once" in done.err


@pytest.mark.parametrize("limit", ["-n 24", "-f 40"])
def test_a_limit_of_the_shell_is_told_and_exits_6(tmp_path: Path, limit: str) -> None:
    texts = tmp_path / "texts.jsonl"
    rows = ({"id": f"{n}", "text": " ".join(story(n))} for n in range(60))
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = " ".join(arguments())
    done = subprocess.run(
        ["bash", "-c", f"ulimit {limit}; {command} cluster --workers 1 {texts} >/dev/null"],
        capture_output=True, check=False, timeout=120, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)
    assert "raise the limit" in done.stderr


def test_a_name_that_leads_round_in_circles_is_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").symlink_to("a.jsonl")
    done = wirecorpus("cluster", tmp_path / "a.jsonl")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "a.jsonl" in done.err


def test_cluster_explains_a_pair_of_its_input_and_refuses_an_unknown_one() -> None:
    said = "".join(f"The ferry to Aldmoor left {n} minutes late on that day. " for n in range(9))
    rows = ({"id": name, "text": f"{said}{name} saw it."} for name in ("one", "two"))
    texts = "".join(json.dumps(row) + "\n" for row in rows).encode()
    done = wirecorpus("cluster", "--explain", "one", "two", "--json", "-", stdin=texts)
    assert done.code == 0
    assert (done.json["a"], done.json["b"], done.json["verdict"]) == ("one", "two", "copy")
    assert done.json["spans"][0]["a_start"] == 0
    shown = wirecorpus("cluster", "--explain", "one", "two", "-", stdin=texts)
    assert shown.out.startswith("one and two: copy\n")
    refused = wirecorpus("cluster", "--explain", "one", "none", "-", stdin=texts)
    assert (refused.code, refused.out) == (2, "")
    assert "no article of the input has the id 'none'" in refused.err


def test_cluster_explains_a_pair_that_only_its_index_has(tmp_path: Path) -> None:
    said = "".join(f"The ferry to Aldmoor left {n} minutes late on that day. " for n in range(9))
    rows = ({"id": name, "text": f"{said}{name} saw it."} for name in ("one", "two"))
    texts = "".join(json.dumps(row) + "\n" for row in rows).encode()
    index = ("cluster", "--index", str(tmp_path / "index"))
    assert wirecorpus(*index, "-", stdin=texts).code == 0
    shown = wirecorpus(*index, "--explain", "one", "two", stdin=b"")
    assert shown.out.startswith("one and two: copy\n")
    refused = wirecorpus(*index, "--explain", "one", "none", stdin=b"")
    assert (refused.code, refused.out) == (2, "")
    assert "no article of the index has the id 'none'; it holds 2 articles" in refused.err


def test_damage_in_an_index_ends_a_run_with_5_and_the_doctor_finds_it(tmp_path: Path) -> None:
    rows = ({"id": f"{n}", "text": "\n\n".join(story(n // 3)[: 5 + n % 3])} for n in range(12))
    texts = "".join(json.dumps(row) + "\n" for row in rows).encode()
    index = tmp_path / "index"
    ask = ("doctor", "--index", index, "--data", tmp_path / "data")
    assert wirecorpus("cluster", "--index", index, "-", stdin=texts).code == 0
    assert wirecorpus(*ask).code == 0
    column = index / "documents" / "digest"
    content = bytearray(column.read_bytes())
    content[9] ^= 64
    column.write_bytes(content)
    done = wirecorpus("cluster", "--index", index, "-", stdin=b"")
    assert (done.code, done.out, done.err.count("\n")) == (5, "", 1)
    assert "documents: digest is not as it was written" in done.err
    found = wirecorpus(*ask)
    assert found.code == 5
    assert (
        "documents/digest is not as it was written, at byte 0 or behind -> put it back" in found.out
    )
    told = [line for line in wirecorpus(*ask, "--json").json if line["name"] == "index"]
    assert [(line["verdict"], line["damage"]) for line in told] == [("fault", True)]


def test_a_compressed_file_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    packed = gzip.compress((TEXTS * 1).encode() + os.urandom(90_000).hex().encode() + b"\n")
    cut.write_bytes(packed[:-2000])
    done = wirecorpus("cluster", cut)
    assert done.code == 5
    assert len(done.out.splitlines()) == 3
    assert "cut.jsonl.gz:" in done.err
    assert "breaks off" in done.err


def test_rejections_are_never_written_over_an_input(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text(TEXTS)
    done = wirecorpus("cluster", texts, "--rejections", texts)
    assert done.code == 2
    assert texts.read_text() == TEXTS


def test_a_folder_without_pages_is_an_error_and_one_with_warcs_is_read(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert wirecorpus("extract", folder / "empty").code == 2
    done = wirecorpus("extract", folder / "data" / "warc")
    assert done.code == 0
    assert len(done.out.splitlines()) >= len(articles(folder / "data"))


STORY = "<p>" + "The ferry to the outer islands was late again on Monday. " * 9 + "</p>"
PAGES = "".join(json.dumps({"id": i, "html": f"<html>{STORY}"}) + "\n" for i in "abc").encode()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--explain", "one.html", "two.html"), "one FILE or URL"),
        (("--explain", "https://a.example/story"), "never fetched; name the folder with --data"),
        (("--explain", "https://a.example/story", "--data", "."), "has no archive"),
        (("--explain", "nowhere.html"), "nowhere.html: no such file"),
        (("--explain", "-", "--id", "z"), "no page has the id 'z'; there: 3 pages (a, b, c)"),
        (("--explain", "-", "--workers", "2"), "--workers is not for --explain"),
        (("--explain", "-", "--data", "."), "are for --explain URL"),
        (("--explain", "-", "--out", "no/such/folder.html"), "no/such/folder.html"),
        (("-", "--out", "view.html"), "--out is for --explain only"),
    ],
)
def test_what_cannot_be_explained_says_why_and_exits_2(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = wirecorpus("extract", *words, stdin=PAGES, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_of_several_pages_one_is_explained_and_the_others_are_told() -> None:
    done = wirecorpus("extract", "--explain", "-", stdin=PAGES)
    assert done.code == 0
    assert done.err.splitlines() == [
        "a: 1 paragraph kept, 0 blocks dropped",
        "the input holds more, to be named with --id: 2 pages (b, c)",
    ]
    done = wirecorpus("extract", "--explain", "-", "--id", "b", "--json", stdin=PAGES)
    assert ">b</span>" in done.out
    assert json.loads(done.err)["done"] == 1


def test_a_line_that_is_no_page_is_explained_as_what_it_is() -> None:
    done = wirecorpus("extract", "--explain", stdin=b'{"id": \n' + PAGES)
    assert done.code == 5
    assert "not_json" in done.out


def test_a_view_is_never_written_over_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(STORY)
    done = wirecorpus("extract", "--explain", page, "--out", page)
    assert done.code == 2
    assert page.read_text() == STORY


def test_logs_and_messages_are_json_lines_when_asked_for(tmp_path: Path) -> None:
    done = wirecorpus("run", "--log", "json", "--config", tmp_path / "nowhere.toml")
    assert done.code == 2
    assert "no such file" in json.loads(done.err)["message"]


def test_numbers_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for line in ("window_days = -3", "workers = -1", "page_megabytes = 1", "page_seconds = 0"):
        (tmp_path / "wirecorpus.toml").write_text(f"{SMALL_CONFIG}\n[corpus]\n{line}\n")
        done = wirecorpus("build", cwd=tmp_path)
        assert done.code == 2
        assert line.split()[0] in done.err


def test_init_writes_what_is_missing_and_overwrites_nothing(tmp_path: Path) -> None:
    assert wirecorpus("init", tmp_path / "my").code == 0
    config = tmp_path / "my" / "wirecorpus.toml"
    assert "contact" in wirecorpus("run", "--config", config).err
    config.write_text("mine")
    (tmp_path / "my" / "sources" / "example.toml").unlink()
    assert wirecorpus("init", tmp_path / "my").code == 0
    assert config.read_text() == "mine"
    assert (tmp_path / "my" / "sources" / "example.toml").exists()
    assert wirecorpus("init", tmp_path / "my").code == 2


def test_cluster_obeys_a_file_of_corrections_and_tells_what_it_cannot_obey(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text('{"must": ["one", "two"]}\n{"cannot": ["one", "gone"], "by": "desk"}\n')
    rows = ({"id": name, "text": f"{name} alone was seen here"} for name in ("one", "two"))
    texts = "".join(json.dumps(row) + "\n" for row in rows).encode()
    done = wirecorpus("cluster", "--corrections", file, "-", stdin=texts)
    assert done.code == 0
    assert len({json.loads(line)["cluster_id"] for line in done.out.splitlines()}) == 1
    assert f"{file}: 1 id is of no article here, and not obeyed: gone" in done.err
    file.write_text('{"must": ["one", "two"]}\n{"must": ["one"\n')
    refused = wirecorpus("cluster", "--corrections", file, "-", stdin=texts)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file}:2: " in refused.err
    missing = wirecorpus("cluster", "--corrections", tmp_path / "none.jsonl", "-", stdin=texts)
    assert missing.code == 2


def test_a_build_obeys_the_data_folders_corrections_and_stops_at_a_bad_line(folder: Path) -> None:
    ids = [article["id"] for article in articles(folder / "data")][:2]
    file = folder / "data" / "corrections.jsonl"
    file.write_text(json.dumps({"must": [*ids, "a_gone"]}) + "\n")
    build = ("build", "--config", folder / "wirecorpus.toml")
    done = wirecorpus(*build)
    assert done.code == 0
    assert "! " in done.out
    assert "corrections.jsonl: 1 id is of no article here" in done.out
    assert any(set(ids) <= {name for name, _ in part} for part in partition(folder / "data"))
    assert wirecorpus("validate", "--config", folder / "wirecorpus.toml").code == 0
    file.write_text("together, please\n")
    refused = wirecorpus(*build)
    assert refused.code == 2
    assert "corrections.jsonl:1: " in refused.err
