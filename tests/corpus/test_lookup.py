from pathlib import Path

import msgspec
import pytest

from corpus import store
from corpus.errors import DamagedShard, RuleError
from corpus.lookup import captures_of
from corpus.records import Article, Http, Outlet, Rejection, Rights
from crawler.archive import default_file, load_url_rules, read_captures
from crawler.recorder import Recorder
from crawler.records import Capture
from tests.crawler.test_recorder import outcome

URLS = load_url_rules(default_file("urls.toml").read_text(encoding="utf-8"), "urls.toml")
PAGE = "http://a.example/bridge"
FIRST, SECOND = "20261122T060000Z-0001", "20261123T060000Z-0001"
RECIPE = store.Recipe("extract", "1", "", "")


class Folder:
    """A data folder with an archive; how many captures a look-up had to go through is counted."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.read = 0

    def archive(
        self, run: str, *pages: tuple[str, bytes], at: float = 0, status: int = 200
    ) -> None:
        day = f"{run[:4]}-{run[4:6]}-{run[6:8]}"
        written = Recorder(self.data, run, day, 1_000_000, {})
        for url, body in pages:
            one = outcome(url, status, body)
            moved = msgspec.structs.replace(one, started_at=one.started_at + at)
            written.write(moved)
        written.close()

    def captures(self, run: str) -> list[Capture]:
        files = sorted(self.data.glob(f"warc/*/{run}*"))
        found = [r for f in files for r in read_captures(f, str(f.relative_to(self.data)))]
        return [r for r in found if isinstance(r, Capture)]

    def shard(self, part: str, run: str, *records: Article | Rejection) -> Path:
        path = self.data / part / f"date={run[:4]}-{run[4:6]}-{run[6:8]}" / f"{run}.jsonl"
        with store.ShardWriter(path) as shard:
            for record in records:
                shard.write(record)
            shard.seal(RECIPE)
        return path

    def build(self, run: str) -> Path:
        """Every capture of the run as an article."""
        self.shard("rejections", run)
        return self.shard("articles", run, *map(article, self.captures(run)))

    def find(self, url: str = PAGE) -> list[bytes]:
        return [capture.body for capture in self.look_up(url)]

    def look_up(self, url: str = PAGE) -> list[Capture]:
        return list(captures_of(url, self.data, URLS, self._count))

    def _count(self, _what: str, n: int) -> None:
        self.read += n


def article(capture: Capture) -> Article:
    return Article(
        id="a",
        capture_id=capture.id,
        url=capture.url,
        canonical_url=capture.final_url,
        final_url=capture.final_url,
        outlet=Outlet(capture.source_id),
        fetched_at=capture.fetched_at,
        rights=Rights(robots_allowed=capture.robots.allowed, robots_rule=capture.robots.rule),
        http=Http(
            warc_file=capture.warc_file,
            warc_offset=capture.warc_offset,
            warc_length=capture.warc_length,
        ),
        run_id=capture.run_id,
        text="",
        text_sha256="",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_an_article_leads_to_its_capture_and_nothing_else_is_read(folder: Folder) -> None:
    folder.archive(
        FIRST, ("http://a.example/1", b"<p>1"), (PAGE, b"<p>2"), ("http://b.example/", b"<p>3")
    )
    folder.build(FIRST)
    (found,) = folder.look_up()
    (wanted,) = (c for c in folder.captures(FIRST) if c.final_url == PAGE)
    robots = msgspec.structs.replace(wanted.robots, checked_at="")
    assert found == msgspec.structs.replace(wanted, robots=robots, kind="")
    assert found.source_id == "times"
    assert folder.read == 0


def test_versions_come_newest_first(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>old"))
    folder.archive(SECOND, (PAGE, b"<p>new"), at=86_400)
    for run in (FIRST, SECOND):
        folder.build(run)
    assert folder.find() == [b"<p>new", b"<p>old"]


@pytest.mark.parametrize(
    "spelling", ["HTTP://A.Example:80/bridge#top", "http://a.example/bridge?utm_source=mail"]
)
def test_any_spelling_of_the_address_will_do(folder: Folder, spelling: str) -> None:
    folder.archive(FIRST, (PAGE, b"<p>2"))
    assert folder.find(spelling) == [b"<p>2"]
    folder.build(FIRST)
    assert folder.find(spelling) == [b"<p>2"]


def test_the_address_that_redirected_to_the_page_will_do(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>2"))
    (capture,) = folder.captures(FIRST)
    assert capture.url != capture.final_url
    assert folder.find(capture.url) == [b"<p>2"]


def test_a_run_that_is_not_built_is_looked_through(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>old"), ("http://a.example/1", b"<p>1"))
    folder.archive(SECOND, (PAGE, b"<p>new"), at=86_400)
    assert folder.find() == [b"<p>new"]
    assert folder.read == 1


def test_the_run_in_which_the_page_was_rejected_is_looked_through_first(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>short"))
    folder.archive(SECOND, *((f"http://a.example/{n}", b"<p>other") for n in range(9)))
    folder.build(SECOND)
    refused = Rejection(record_id="x", stage="extract", reason="too_short", url=PAGE)
    folder.shard("rejections", FIRST, refused)
    assert folder.find() == [b"<p>short"]
    assert folder.read == 1


def test_a_page_that_no_record_speaks_of_is_found_all_the_same(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>unchanged"))
    folder.shard("articles", FIRST)
    folder.shard("rejections", FIRST)
    assert folder.find() == [b"<p>unchanged"]


def test_an_article_whose_capture_left_the_archive_is_looked_for_elsewhere(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>old"))
    folder.build(FIRST)
    folder.archive(SECOND, (PAGE, b"<p>new"), at=86_400)
    next(folder.data.glob(f"warc/*/{FIRST}*")).unlink()
    assert folder.find() == [b"<p>new"]


@pytest.mark.parametrize("url", ["http://a.example/other", "http://nowhere.example/bridge"])
def test_an_address_that_is_not_in_the_archive_says_what_to_do(folder: Folder, url: str) -> None:
    folder.archive(FIRST, (PAGE, b"<p>2"))
    folder.build(FIRST)
    with pytest.raises(
        RuleError, match=r"not in the archive .*warc.* nothing is fetched .* import"
    ):
        folder.find(url)


def test_a_redirect_or_a_listing_is_no_page(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>moved"), status=301)
    with pytest.raises(RuleError, match="not in the archive"):
        folder.find()


def test_what_is_no_address_is_refused(folder: Folder) -> None:
    with pytest.raises(RuleError, match="is no address of a page"):
        folder.find("http://user:secret@a.example/")


def test_a_damaged_line_that_speaks_of_the_host_is_told(folder: Folder) -> None:
    folder.archive(FIRST, (PAGE, b"<p>2"))
    shard = folder.build(FIRST)
    shard.write_bytes(shard.read_bytes()[:-20])
    with pytest.raises(DamagedShard, match="line 1 cannot be read"):
        folder.find()
