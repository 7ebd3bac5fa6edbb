import pytest

from crawler.storytext import Comparison, compared

TEXT = """\
The ferry that links Saltmere with the islands stays in harbour until Thursday, its owners said after
they had met the mayors.

Divers found a crack as long as a hand in the port propeller on Monday, when the crew had felt the deck
tremble for days.

A spare part is on its way from Kirkdrum, where the ship was built in 1998, and will take two tides to
fit, the harbour master said.

Until it arrives a smaller boat carries people and post twice a day, but no cars, and nobody while the
wind is northerly."""
STORY = tuple(TEXT.split("\n\n"))
TEASERS = (
    "A lake behind a glacier has broken its dam and",
    "Every evening at six the blue box behind the",
)


def page(
    *paragraphs: str, headline: str = "Ferry stays in", furniture: str = "", modified: str = ""
) -> bytes:
    meta = f'<meta property="article:modified_time" content="{modified}">' if modified else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html><head><title>Ferry</title>{meta}<script>var a = '<p>x</p>';</script></head><body>"
        f"<h1>{headline}</h1><div>{text}</div><ul>{furniture}</ul></body></html>"
    ).encode()


def rail(*teasers: str) -> str:
    return "".join(f'<li><a href="/x">Somewhere else</a></li><li>{t}…</li>' for t in teasers)


def replaced(old: str, new: str) -> bytes:
    return page(*(paragraph.replace(old, new) for paragraph in STORY))


def test_a_page_with_other_links_teasers_and_scripts_tells_the_same_story() -> None:
    before = page(*STORY, furniture=rail(TEASERS[0]) + "<li>9 °C on Wednesday</li>")
    now = page(*STORY, furniture=rail(*TEASERS) + "<li>13 °C on Thursday</li>")
    assert compared(before, now.replace(b"var a", b"var b")) == "same"


@pytest.mark.parametrize(
    "now",
    [
        replaced("Thursday", "Friday"),
        replaced("1998", "1989"),
        page(*STORY[:-1]),
        page(
            *STORY,
            "On Tuesday the owners said that no date was certain yet, as the weather would have to"
            " hold for a day and the spare part had to be looked at first.",
        ),
        page(*STORY, headline="Ferry sinks"),
        page(*STORY, modified="2026-11-19T04:00:00Z"),
    ],
)
def test_a_story_that_was_edited_is_seen_to_be(now: bytes) -> None:
    assert compared(page(*STORY), now) == "edited"


def test_an_edited_passage_outside_the_story_counts_as_an_edit() -> None:
    note = "<li>Correction of Monday: the ship was built in {}.</li>" + "<li>Sport</li>" * 9
    before, now = (
        page(*STORY, furniture="<li>x</li>" * 9 + note.format(y)) for y in ("1989", "1998")
    )
    assert compared(before, now) == "edited"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (page("Short."), page("Short."), "unsure"),
        (page(), page(*STORY), "unsure"),
        (b"", b"", "unsure"),
        (page("渡船停航。" * 60), page("渡船停航。" * 60), "unsure"),
    ],
)
def test_without_a_story_that_stands_out_nothing_is_certain(
    before: bytes, now: bytes, expected: Comparison
) -> None:
    assert compared(before, now) == expected


def test_the_links_in_a_story_are_no_part_of_it() -> None:
    link = '<p>Read also: <a href="/y">{}</a></p>'
    before, now = (
        page(*STORY).replace(b"<p>A spare", link.format(t).encode() + b"<p>A spare")
        for t in ("Bandstand appeal", "Seven apps for savers")
    )
    assert compared(before, now) == "same"


def test_capitals_and_numbers_are_words_like_others() -> None:
    assert compared(replaced("mayors", "Mayors"), page(*STORY)) == "edited"
    assert compared(replaced("two tides", "2 tides"), page(*STORY)) == "edited"


@pytest.mark.parametrize(
    "piece",
    [
        b"<script>",
        b"<!--",
        b"<a ",
        b"<p>a b c d e f g h i j. ",
        b"<p",
        b"<",
        b"</",
        b'"dateModified":',
    ],
)
def test_a_crowd_of_broken_markup_is_no_story_that_is_told_again(piece: bytes) -> None:
    crowd = piece * (1_000_000 // len(piece))
    assert compared(crowd, crowd) == "unsure"
    assert compared(crowd, page(*STORY)) == "edited"
