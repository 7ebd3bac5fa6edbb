"""Which lines the rows of configs/boilerplate.toml mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.config import default_file
from corpus.errors import RuleError
from corpus.wordings import BoilerplateRules, load_boilerplate, words_in

RULES = load_boilerplate(default_file("boilerplate.toml").read_text(encoding="utf-8"))
WRITTEN = [line for row in RULES.rows for line in (*row.examples, *row.near_misses)]


def rule(**changes: str) -> str:
    row = {
        "id": '"signup"',
        "kind": '"newsletter"',
        "at": '"anywhere"',
        "max_words": "9",
        "pattern": "'Sign up .*'",
        "examples": '["Sign up now"]',
        "near_misses": '["They sign up"]',
    }
    return "[[rule]]\n" + "\n".join(f"{k} = {v}" for k, v in (row | changes).items() if v)


def phrases(*items: str, **changes: str) -> BoilerplateRules:
    """One row of phrases, which marks alone or, if it says so, a colon and more may follow."""
    table = "[follows]\nnothing = '[\\W_]*'\ncolon = ': .+'\n\n"
    listed = ", ".join(f"'''{item}'''" for item in items)
    row = {"pattern": "", "phrases": f"[{listed}]", "examples": f"['''{items[0]}''']"}
    return load_boilerplate(table + rule(**row | changes))


def found(rules: BoilerplateRules, line: str, *, head: bool = False, tail: bool = False) -> str:
    row = rules.first(line, head=head, tail=tail)
    return row.id if row else ""


def test_a_phrase_is_found_in_any_case_and_behind_marks() -> None:
    rules = phrases("lesen sie auch")
    for line in ("Lesen Sie auch", "LESEN SIE AUCH:", "» lesen sie auch »", "(Lesen Sie auch)"):
        assert found(rules, line) == "signup", line


def test_what_somebody_says_is_prose() -> None:
    rules = phrases("read more")
    for line in ("“Read more!”", "„Read more“", "« Read more »", "「Read more」"):
        assert not found(rules, line), line


def test_what_may_follow_a_phrase_has_a_name() -> None:
    rules = phrases("read more", follows='"colon"', examples='["Read more: X"]')
    assert found(rules, "Read more: The mill is sold")
    assert not found(rules, "Read more")


def test_what_a_line_must_hold_is_found_whichever_way_a_letter_is_written() -> None:
    row = rule(
        contains='["kayıt", "μέλος"]',
        pattern="'(?i)(?:kayıt|μέλος) .*'",
        examples='["kayıt ol", "ΜΈΛΟΣ τώρα"]',
        near_misses='["ol kayıt"]',
    )
    for line in ("KAYIT OL", "Kayıt ol", "μέλος τώρα"):
        assert found(load_boilerplate(row), line) == "signup", line


def test_a_phrase_can_be_a_choice_and_have_an_optional_end() -> None:
    rules = phrases("(?:read|see (?:this|that)) alsos?", examples='["read also"]')
    for line in ("Read also", "See that also", "see this alsos"):
        assert found(rules, line), line
    assert not found(rules, "see also")


def test_letters_that_a_search_takes_for_one_another_are_found() -> None:
    assert found(phrases("ilgili haber"), "İLGİLİ HABER")
    assert found(
        phrases("d['’]autres articles", examples='["D’autres articles"]'), "D’AUTRES ARTICLES"
    )
    assert found(phrases("σχετικές"), "ΣΧΕΤΙΚΈΣ")


def test_a_row_can_ask_for_a_string_that_the_line_holds() -> None:
    rules = load_boilerplate(
        rule(contains='["newsletter"]', examples='["Sign up for our Newsletter"]')
    )
    assert found(rules, "Sign up for the newsletter")
    assert not found(rules, "Sign up for the army")


def test_a_row_is_asked_only_about_lines_at_its_place() -> None:
    places = {"head": (True, False), "tail": (False, True), "anywhere": (False, False)}
    for at in places:
        for rules in (load_boilerplate(rule(at=f'"{at}"')), phrases("Sign up now", at=f'"{at}"')):
            for place, (head, tail) in places.items():
                says = found(rules, "Sign up now", head=head, tail=tail)
                assert bool(says) == (at in ("anywhere", place)), (at, place)


def test_the_first_row_in_the_file_names_the_line() -> None:
    second = rule(id='"second"')
    assert found(load_boilerplate(rule() + "\n" + second), "Sign up now") == "signup"
    assert found(load_boilerplate(second + "\n" + rule()), "Sign up now") == "second"


def test_a_line_of_more_words_is_prose() -> None:
    rules = load_boilerplate(rule(max_words="3"))
    assert found(rules, "Sign up now")
    assert not found(rules, "Sign up now please")
    assert not found(rules, "Sign up " + "n" * 80)


def test_words_of_chinese_and_japanese_are_counted_by_characters() -> None:
    assert words_in("大橋が月曜日に開通") == 7
    assert words_in("Die Brücke ist offen") == 4


@given(
    line=st.sampled_from(WRITTEN).flatmap(
        lambda line: st.sampled_from(
            [line, line.upper(), line.lower(), f"» {line}", f"({line})", line[2:], f"{line} x"]
        )
    )
    | st.text(max_size=40),
    head=st.booleans(),
    tail=st.booleans(),
)
def test_asking_a_few_rows_finds_what_asking_all_would(line: str, head: bool, tail: bool) -> None:
    here = {"anywhere": True, "head": head, "tail": tail, "edge": head or tail}
    asked = (r.row for r in RULES.rules if here[r.row.at] and r.matches(line))
    assert RULES.first(line, head=head, tail=tail) == next(asked, None)


def test_without_rows_nothing_is_found() -> None:
    assert BoilerplateRules().first("Advertisement", head=True, tail=True) is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"examples": ""}, "has no examples; add one line that it should match"),
        ({"near_misses": "[]"}, "has no near misses; add one line that it must leave alone"),
        ({"examples": '["Subscribe"]'}, "does not match its example 'Subscribe'"),
        ({"near_misses": '["Sign up there"]'}, "matches its near miss 'Sign up there'"),
        ({"pattern": "'(Sign'"}, "the pattern is wrong"),
        ({"phrases": '["sign up"]'}, "give either phrases or a pattern"),
        ({"pattern": ""}, "give either phrases or a pattern"),
        ({"pattern": "", "phrases": '["(?:please )?sign up"]'}, "does not begin with letters"),
        ({"pattern": "", "phrases": "['\\d+ comments']"}, "does not begin with letters"),
        ({"pattern": "", "phrases": '["sign up|log in"]'}, "holds two phrases"),
        ({"pattern": "", "phrases": '["sign up"]'}, "nothing in [follows] is called 'nothing'"),
    ],
)
def test_a_row_that_does_not_prove_itself_does_not_load(row: dict[str, str], message: str) -> None:
    with pytest.raises(RuleError, match=r"boilerplate\.toml: rule 'signup'") as error:
        load_boilerplate(rule(**row))
    assert message in str(error.value)


def test_unknown_keys_and_doubled_ids_do_not_load() -> None:
    with pytest.raises(RuleError, match="colour"):
        load_boilerplate(rule(colour='"red"'))
    with pytest.raises(RuleError, match="stands twice"):
        load_boilerplate(rule() + "\n" + rule())
    with pytest.raises(RuleError, match=r"boilerplate\.toml"):
        load_boilerplate("[[rule")
