import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from crawler.codings import ACCEPTED, decode

CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda body: brotli.compress(body, quality=4),
    "zstd": zstandard.ZstdCompressor().compress,
}


def _bare_deflate(body: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(body) + coder.flush()


@given(body=st.binary(max_size=3000), coding=st.sampled_from(sorted(CODERS)))
def test_what_was_coded_comes_back(body: bytes, coding: str) -> None:
    assert decode(CODERS[coding](body), coding, 10_000).body == body


def test_every_coding_that_we_ask_for_is_understood() -> None:
    assert {name.strip() for name in ACCEPTED.split(",")} == set(CODERS)


def test_bare_deflate_is_taken_too() -> None:
    assert decode(_bare_deflate(b"hello"), "deflate", 100).body == b"hello"


def test_several_gzip_members_are_one_body_and_what_follows_is_ignored() -> None:
    body = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + b"trailing junk"
    assert decode(body, "GZIP ", 100).body == b"one two"


def test_a_body_of_very_many_empty_members_is_given_up_early() -> None:
    members = gzip.compress(b"story", mtime=0) + gzip.compress(b"", mtime=0) * 150_000
    decoded = decode(members, "gzip", 10_000_000)
    assert (decoded.body, decoded.fault) == (b"story", "corrupt")


def test_a_body_in_many_blocks_is_read_whole() -> None:
    block = bytes(range(256)) * 200
    body = b"".join(gzip.compress(block, mtime=0) for _ in range(300))
    decoded = decode(body, "gzip", 100_000_000)
    assert (decoded.fault, decoded.body) == ("", block * 300)


@pytest.mark.parametrize("coding", ["", "identity", "utf-8"])
def test_a_body_without_a_coding_stays_as_it_is(coding: str) -> None:
    assert decode(b"plain", coding, 100).body == b"plain"


@pytest.mark.parametrize("coding", ["GZIP", "gzip, identity", "identity,gzip", " x-gzip , utf-8"])
def test_a_coding_beside_what_is_none_is_undone(coding: str) -> None:
    assert decode(gzip.compress(b"plain"), coding, 100).body == b"plain"


@pytest.mark.parametrize("coding", ["", *sorted(CODERS)])
def test_a_body_is_cut_at_the_limit(coding: str) -> None:
    raw = CODERS[coding](b"x" * 5_000_000) if coding else b"x" * 5_000_000
    decoded = decode(raw, coding, 1_000)
    assert (decoded.body, decoded.truncated) == (b"x" * 1_000, True)


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_a_body_of_just_the_limit_is_not_cut(coding: str) -> None:
    assert not decode(CODERS[coding](b"x" * 1_000), coding, 1_000).truncated


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_a_body_that_breaks_off_is_corrupt(coding: str) -> None:
    raw = CODERS[coding](bytes(range(256)) * 40)
    assert decode(raw[: len(raw) // 2], coding, 100_000).fault == "corrupt"


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_what_is_not_coded_as_it_says_is_corrupt(coding: str) -> None:
    assert decode(b"<html>not coded at all</html>" * 9, coding, 10_000).fault == "corrupt"


@pytest.mark.parametrize("coding", ["gzip, gzip", "compress", "x-unheard-of"])
def test_other_codings_and_several_at_once_are_not_undone(coding: str) -> None:
    assert (
        decode(gzip.compress(gzip.compress(b"x"), mtime=0), coding, 100).fault == "unknown coding"
    )


_BOMB = """
import resource, sys
from crawler.codings import decode
limit = 120 << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
raw = sys.stdin.buffer.read()
assert decode(raw, sys.argv[1], 10_000_000).truncated
"""


@pytest.mark.parametrize("coding", sorted(CODERS))
def test_a_bomb_costs_no_more_than_its_limit(coding: str) -> None:
    bomb = CODERS[coding](bytes(120 << 20))
    done = subprocess.run(
        [sys.executable, "-c", _BOMB, coding], input=bomb, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
