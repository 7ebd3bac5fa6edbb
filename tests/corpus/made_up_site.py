"""A made-up site for the tests of profiles: one template, with as many stories as wanted."""

from collections.abc import Sequence

from corpus.furniture import learn
from corpus.profiles import LearningPage, Profile
from tests.corpus.made_up import paragraph, story

HOST = "gazette.example"
STANDING = "The Gazette is made by the people of Ostby and has been for a hundred years."
NEWSLETTER = "Get the morning letter of the Gazette into your box before the milk arrives."


def headline(n: int) -> str:
    """The title of the n-th story: words of its first paragraph, in another order."""
    return " ".join(paragraph(n * 1000).split()[8::-1])


def page(
    n: int,
    *,
    body: Sequence[str] = (),
    title: str = "",
    container: str = "story-text",
    more: str = "",
    before: str = "",
) -> str:
    """The n-th page; `more` is HTML at the story's end, `before` at its start."""
    told = title or headline(n)
    paragraphs = "".join(f"<p>{text}</p>" for text in body or story(n, 6))
    return f"""<!DOCTYPE html><html><head><title>{told} | Ostby Gazette</title></head><body>
<nav class="menu"><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<div class="page"><h1>{told}</h1>
<div class="{container}">{before}{paragraphs}
<div class="box box-{n}"><p>{paragraph(n * 1000 + 500, 12)}</p></div>
<p class="letter">{NEWSLETTER}</p>{more}</div>
<aside><p>{STANDING}</p><a href="/x">{paragraph(n * 1000 + 600, 8)}</a></aside></div>
<footer><p>{STANDING}</p></footer></body></html>"""


def url(n: int) -> str:
    """The n-th page's address."""
    return f"https://{HOST}/{n}"


def learning_page(n: int, html: str = "", texts: Sequence[str] = ()) -> LearningPage:
    """The n-th page, with two extractors that agree on its story and on nothing else."""
    told = "\n".join(story(n, 6))
    return LearningPage(
        url=url(n), html=html or page(n), texts=tuple(texts) or (f"{told}\n{STANDING}", told)
    )


def learned(pages: Sequence[LearningPage] = ()) -> Profile:
    """The profile of six pages, or of these."""
    profile = learn(HOST, pages or [learning_page(n) for n in range(1, 7)], "extractors 1")
    assert profile is not None
    return profile
