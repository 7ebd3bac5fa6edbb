"""Texts that somebody else extracted: the story is kept whole, and nothing else."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract import load_rules
from corpus.pages import TextPage, page_of_text, page_of_text_line
from corpus.plaintext import extract_text
from corpus.records import Article, Rejection, TextLine
from corpus.rulebook import load_rulebook
from corpus.story import visible_text
from crawler.archive import load_url_rules

FILES = load_rulebook().files
RULES = load_rules(FILES, 20)
EVERY_LENGTH = load_rules(FILES, 0)
URLS = load_url_rules(FILES["urls.toml"], "urls.toml")
# In each file "+ " marks a line of the story, "- " one that is none. The rules were tried on those of
# the folder itself while they were written; those of held-out/ were looked at when they stood.
TEXTS = sorted((Path(__file__).parent / "texts").rglob("*.txt"))
LAYOUTS: dict[str, Callable[[str], str]] = {
    "as written": lambda text: text,
    "a line each": lambda text: re.sub(r"\n+", "\n", text),
    "blank lines between": lambda text: re.sub(r"\n+", "\n\n", text),
    "wrapped": lambda text: "\n\n".join(textwrap.fill(x, 72) for x in text.split("\n") if x),
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
}


def article(text: str, headline: str = "", url: str = "") -> Article:
    page = TextPage(capture_id="t1", text=text, headline=headline, url=url, final_url=url)
    answer = extract_text(page, RULES, URLS)
    assert isinstance(answer, Article)
    return answer


def paragraphs(told: Article) -> list[str]:
    return [told.text[start:end] for start, end in told.paragraphs]


def marked(path: Path, mark: str) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line[2:] for line in lines if line.startswith(f"{mark} ")]


def plain(path: Path) -> str:
    return "\n".join(line[2:] for line in path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_story_is_kept_and_the_rest_is_stripped(path: Path, layout: str) -> None:
    told = article(LAYOUTS[layout](plain(path)))
    assert paragraphs(told) == marked(path, "+")
    assert told.language in (path.stem[:2], "")


STORY = (
    "The council of Eastport voted on Thursday to close the old drawbridge for two winters. "
    "Cracks were found in both of its towers."
)
MORE = (
    "Lorries have not been allowed on the drawbridge since spring, and the ferry that replaced them "
    "carries twice as many as it was built for."
)


def test_the_headline_is_the_first_line_about_the_story() -> None:
    text = f"News\n9 C\nCouncil votes to close the old drawbridge\nA night of debate\n\n{STORY}\n{MORE}"
    assert article(text).headline == "Council votes to close the old drawbridge"
    assert article(f"{STORY}\n{MORE}").headline == ""


def test_the_headline_that_the_line_states_counts() -> None:
    told = article(f"Old bridge to close\n{STORY}\n{MORE}", headline="Old  bridge to close")
    assert told.headline == "Old bridge to close"
    assert [s.kind for s in told.stripped] == ["headline"]
    assert (
        article(f"{STORY}\n{MORE}", headline="Old bridge to close").headline
        == "Old bridge to close"
    )


def test_the_day_of_rendering_above_the_headline_is_no_date() -> None:
    above = f"2026-11-20\nCouncil votes to close the old drawbridge\n{STORY}\n{MORE}"
    below = f"Council votes to close the old drawbridge\n2026-11-20 10:20\n{STORY}\n{MORE}"
    assert article(above).date_published is None
    told = article(below)
    assert (told.date_published, told.date_source, told.date_precision) == (
        "2026-11-20",
        "text",
        "day",
    )
    assert told.date_flags == ("no_zone",)


def test_the_date_of_the_line_is_believed_before_the_text() -> None:
    line = TextLine(
        id="x",
        text=f"Council votes to close the bridge\n2026-11-20\n{STORY}\n{MORE}",
        published="2026-11-19T08:00:00Z",
        first_seen_at="soon",
    )
    told = extract_text(page_of_text_line(line), RULES, URLS)
    assert isinstance(told, Article)
    assert (told.date_published, told.date_source) == ("2026-11-19T08:00:00Z", "line")
    assert told.fetched_at == told.first_seen_at == ""


def test_agencies_are_read_from_dateline_byline_and_tail_but_not_from_pictures() -> None:
    dateline = article(f"EASTPORT, Nov 20 (Reuters) - {STORY}\n{MORE}")
    assert (dateline.dateline.place, dateline.wire.agencies) == ("EASTPORT", ("REUTERS",))
    assert dateline.text[dateline.dateline.start : dateline.dateline.end].endswith("-")
    byline = article(f"Council votes to close the bridge\nBy Press Association\n{STORY}\n{MORE}")
    assert (byline.byline, byline.wire.agencies) == ("By Press Association", ("PA",))
    tail = article(f"{STORY}\n{MORE}\nWith information from AFP and EFE")
    assert tail.wire.agencies == ("AFP", "EFE")
    picture = article(f"{STORY}\nThe bridge at night. Picture: PA\n{MORE}")
    assert picture.wire.agencies == ()


def test_what_the_record_says_of_its_making() -> None:
    told = article(f"{STORY}\n{MORE}", url="https://a.example/x")
    assert (told.extraction.method, told.extraction.tool) == ("text", "wirecorpus")
    assert told.canonical_url == "https://a.example/x"
    assert "trafilatura" not in told.extraction.version


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "no_text"), ("\0\n \n", "no_text"), ("A line.\nAnother line.", "too_short")],
)
def test_a_text_without_a_story_is_rejected(text: str, reason: str) -> None:
    answer = extract_text(TextPage(capture_id="t1", text=text), RULES, URLS)
    assert isinstance(answer, Rejection)
    assert (answer.record_id, answer.reason) == ("t1", reason)


def test_files_are_decoded_as_pages_are() -> None:
    page = page_of_text("a.txt", "Brücke\n".encode("utf-16"))
    assert (page.capture_id, page.text, page.warnings) == ("a.txt", "Brücke\n", ())
    line = page_of_text_line(TextLine(id="a", text="x\ud800y"))
    assert (line.text, line.warnings) == ("x\ufffdy", ("charset_errors",))


POOL = sorted({line for path in TEXTS for line in plain(path).splitlines()} - {""})


@given(st.lists(st.sampled_from([*POOL, "", "  ", "\tx", "x­y z"]), max_size=40))
def test_text_and_stripped_give_the_lines_back_in_order(lines: list[str]) -> None:
    told = extract_text(
        TextPage(capture_id="t", text="\n".join([*lines, STORY, MORE])), EVERY_LENGTH, URLS
    )
    assert isinstance(told, Article)
    wanted = "".join("".join(lines).split()) + "".join((STORY + MORE).split())
    assert "".join("".join(visible_text(told)).split()) == wanted.replace("\u00ad", "")


@given(st.text(max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    answer = extract_text(TextPage(capture_id="t", text=text), RULES, URLS)
    assert isinstance(answer, Article | Rejection)
