"""What a passage of a plain text looks like."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.boilerplate import load_boilerplate
from corpus.config import default_file
from corpus.shapes import look
from corpus.story import KEPT
from corpus.textlines import Passage

RULES = load_boilerplate(default_file("boilerplate.toml").read_text(encoding="utf-8"))
WRITTEN = [line for row in RULES.rows for line in (*row.examples, *row.near_misses)]


def asked_each(line: str) -> tuple[str, str]:
    """The fate by the first row that matches the line, every row asked."""
    return next(((r.row.kind, r.row.id) for r in RULES.rules if r.matches(line)), KEPT)


def test_every_example_and_near_miss_has_the_fate_that_asking_each_row_gives() -> None:
    for line in WRITTEN:
        assert look(Passage(line), RULES).rule == asked_each(line), line


@given(
    st.sampled_from(WRITTEN).flatmap(
        lambda line: st.sampled_from(
            [
                line.upper(),
                line.lower(),
                f"» {line}",
                f"({line})",
                line[2:],
                f"{line} x",
                f"“{line}”",
            ]
        )
    )
    | st.text(max_size=60)
)
def test_any_line_has_the_fate_that_asking_each_row_gives(line: str) -> None:
    assert look(Passage(line), RULES).rule == asked_each(line)
