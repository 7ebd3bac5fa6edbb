"""Readers' comments that no class name tells from the story."""

from corpus.blocks import Block
from corpus.commenting import comments
from corpus.rulebook import load_rulebook
from corpus.wordings import load_boilerplate

RULES = load_boilerplate(load_rulebook().files["boilerplate.toml"])
STORY = [
    f"The council of Ostby opened bridge number {n} after nine years of work." for n in range(6)
]


def section(heading: str, button: str, people: int) -> list[str]:
    said = (
        [f"user {n}", f"I never liked the bridge that they built in the year {n}.", button]
        for n in range(people)
    )
    return [heading, *(line for lines in said for line in lines)]


def found(lines: list[str]) -> list[str]:
    """The lines that are comments, where all of the lines are held to be the story."""
    blocks = [Block(line) for line in lines]
    return [lines[n] for n in comments(blocks, range(len(lines)), RULES)]


def test_what_follows_the_heading_of_comments_is_comments() -> None:
    for heading, button in (
        ("60 Comments", "Reply"),
        ("Comments (3)", "Like"),
        ("3 Kommentare", "Antworten"),
        ("Commentaires (3)", "Répondre"),
    ):
        below = section(heading, button, 3)
        assert found(STORY + below) == below, heading


def test_a_link_to_the_comments_above_the_story_cuts_nothing_of_it() -> None:
    below = section("60 Comments", "Reply", 5)
    assert found([*STORY[:2], "60 Comments", *STORY * 3, *below]) == below


def test_a_heading_without_comments_or_buttons_without_a_heading_are_no_section() -> None:
    assert found([*STORY, "60 Comments", "Photo: Ann Example"]) == []
    assert found([*STORY, "60 Comments", *STORY]) == []
    assert found([*STORY, *section("What people say", "Reply", 5)]) == []
    assert found([*STORY[:3], "60 Comments", *["Advertisement", STORY[4]] * 4]) == []


def test_a_page_of_comments_alone_keeps_them() -> None:
    assert found(section("60 Comments", "Reply", 5)) == []
