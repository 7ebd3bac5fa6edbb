from pathlib import Path

import msgspec

from crawler.recorder import Recorder
from crawler.records import Due, Outcome
from crawler.resume import resume
from crawler.state import State
from tests.crawler.test_recorder import RUN, outcome

URL = "http://a.example/"
NOW = 1_795_500_000.0


def article(name: str, status: int = 200, body: bytes = b"<p>x</p>", **due: object) -> Outcome:
    made = outcome(URL + name, status, body)
    changed = msgspec.structs.replace(made.fetch.due, **due)
    return msgspec.structs.replace(made, fetch=msgspec.structs.replace(made.fetch, due=changed))


def dead_run(data: Path, *outcomes: Outcome) -> Path:
    """A data folder as a run leaves it that died before its first commit of an outcome."""
    state = state_of(data)

    def before(name: str) -> None:
        state.taken(name, 0)
        state.commit()

    recorder = Recorder(data, RUN, "2026-11-24", 10**9, {}, before)
    for one in outcomes:
        recorder.write(one)
    recorder.close()
    state.close()
    return data / recorder.files[0]


def state_of(data: Path) -> State:
    return State(data / "state.sqlite", (3_600.0,))


def asked_again(state: State, name: str) -> bool:
    return state.announce(Due(URL + name, "article", "times"), 0.0, NOW + 1) is not None


def test_what_was_archived_and_not_remembered_is_taken_in(tmp_path: Path) -> None:
    dead_run(tmp_path, article("1"), article("2", 410, b""), article("3", 404, b""))
    state = state_of(tmp_path)
    assert resume(tmp_path, state) == 3
    assert [asked_again(state, name) for name in "1234"] == [False, False, False, True]
    known = state.known(Due(URL + "1"))
    assert (known.etag, known.captured_at) == ('"1"', "2026-11-24T06:00:00Z")
    assert state.unsealed() == ()
    state.close()


def test_a_torn_tail_is_cut_before(tmp_path: Path) -> None:
    path = dead_run(tmp_path, article("1"), article("2"))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 9)
    state = state_of(tmp_path)
    assert resume(tmp_path, state) == 1
    assert [asked_again(state, name) for name in "12"] == [False, True]
    state.close()


def test_listings_redirects_and_failures_are_asked_again(tmp_path: Path) -> None:
    dead_run(
        tmp_path,
        article("rss", kind="feed"),
        article("moved", 301),
        article("broken", 500),
        msgspec.structs.replace(article("endless"), truncated=True),
    )
    state = state_of(tmp_path)
    assert resume(tmp_path, state) == 0
    assert state.known(Due(URL + "rss", "feed")).etag == ""
    assert all(asked_again(state, name) for name in ("moved", "broken", "endless"))
    state.close()


def test_a_file_that_was_never_made_is_no_trouble(tmp_path: Path) -> None:
    state = state_of(tmp_path)
    state.taken("warc/2026-11-24/x-00001.warc.gz", 0)
    assert resume(tmp_path, state) == 0
    assert state.unsealed() == ()
    state.close()


def test_what_was_taken_in_is_not_read_twice(tmp_path: Path) -> None:
    dead_run(tmp_path, article("1"))
    state = state_of(tmp_path)
    assert (resume(tmp_path, state), resume(tmp_path, state)) == (1, 0)
    state.close()


def test_a_page_that_is_forbidden_is_not_asked_again_because_the_run_died(tmp_path: Path) -> None:
    dead_run(tmp_path, article("1", 403))
    state = state_of(tmp_path)
    assert resume(tmp_path, state) == 1
    assert not asked_again(state, "1")
    state.close()


def test_a_state_that_was_lost_is_made_again_from_the_archive(tmp_path: Path) -> None:
    path = dead_run(tmp_path, article("1"), article("2", 410, b""))
    foreign = path.with_name("20261124T060000Z-0123456789ab-CC-NEWS.warc.gz")
    foreign.write_bytes(path.read_bytes()[:-9])
    for file in tmp_path.glob("state.sqlite*"):
        file.unlink()
    state = state_of(tmp_path)
    assert resume(tmp_path, state) == 2
    assert [asked_again(state, name) for name in "123"] == [False, False, True]
    assert state.known(Due(URL + "1")).etag == '"1"'
    assert foreign.stat().st_size == path.stat().st_size - 9, "files of others are left alone"
    state.close()
