"""What was worked out once is kept, and given out only as it was put."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpus.workbook import Workbook, open_workbook


def test_what_was_put_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "index" / "workbook.sqlite"
    with open_workbook(path, "1") as book:
        book.put(b"a", b"first")
        book.put(b"a", b"second")
    with open_workbook(path, "1") as book:
        assert (book.get(b"a"), book.get(b"b"), book.damaged) == (b"second", b"", 0)


def test_what_another_recipe_made_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "workbook.sqlite"
    for recipe in ("1", "2", "1"):
        with open_workbook(path, recipe) as book:
            assert book.get(b"a") == b""
            book.put(b"a", recipe.encode())
            assert book.get(b"a") == recipe.encode()
            assert book.damaged == 0


def test_a_table_of_another_layout_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "workbook.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE content (x); PRAGMA user_version = 99")
    with open_workbook(path, "1") as book:
        book.put(b"a", b"one")
        assert book.get(b"a") == b"one"


@pytest.mark.parametrize("wrong", ["x'00'", "x''", "'text'", "content || x'00'"])
def test_a_content_that_was_changed_is_counted_and_never_given_out(
    tmp_path: Path, wrong: str
) -> None:
    path = tmp_path / "workbook.sqlite"
    with open_workbook(path, "1") as book:
        book.put(b"a", b"one")
        book.put(b"b", b"two")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE content SET content = {wrong} WHERE key = x'61'")
    with open_workbook(path, "1") as book:
        assert [book.get(b"a"), book.get(b"a"), book.get(b"b")] == [b"", b"", b"two"]
        assert book.damaged == 1
        book.put(b"a", b"one")
        assert book.get(b"a") == b"one"


@pytest.mark.parametrize("keep", [0, 100, 4096, 40960])
def test_a_damaged_file_is_counted_and_begun_anew(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "workbook.sqlite"
    contents = {bytes((n,)) * 16: os.urandom(3000) for n in range(200)}
    with open_workbook(path, "1") as book:
        for key, content in contents.items():
            book.put(key, content)
    path.write_bytes(path.read_bytes()[:keep] + b"no database" * 4000)
    with open_workbook(path, "1") as book:
        assert all(book.get(key) in (b"", content) for key, content in contents.items())
        for key, content in contents.items():
            book.put(key, content)
        assert book.damaged
    with open_workbook(path, "1") as book:
        assert all(book.get(key) == content for key, content in contents.items())


def test_what_was_put_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "workbook.sqlite"
    program = (
        "import os, pathlib, signal, sys; from corpus.workbook import Workbook;"
        "book = Workbook(pathlib.Path(sys.argv[1]), '1');"
        "[book.put(bytes((n,)), b'content') for n in range(200)];"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    book = Workbook(path, "1")
    assert [book.get(bytes((n,))) for n in range(200)] == [b"content"] * 200
    book.close()
