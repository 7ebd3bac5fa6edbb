"""Why a named agency is not credited; and the verb that tells it."""

import json
from pathlib import Path

from corpus.dom import parse
from corpus.field_refusals import field_refusals
from corpus.refusals import refusals
from tests.commands import wirecorpus
from tests.corpus.test_extract import PAGE, RULES, STORY, article


def reasons(html: str) -> dict[tuple[str, str], str]:
    found = article(html)
    for refused in refusals(found, RULES.agencies):
        place = found.text if refused.where == "text" else found.byline
        if refused.where.startswith("stripped"):
            place = found.stripped[int(refused.where[9:-1])].text
        assert refused.line in place
    return {(r.agency, r.line[r.start : r.end]): r.why for r in refusals(found, RULES.agencies)}


def test_each_mention_that_does_not_count_is_told_with_its_reason() -> None:
    told = reasons(PAGE)
    assert told["DPA", "dpa"] == "it stands with a picture"
    assert told["REUTERS", "Reuters"] in (
        "it stands beside the story",
        "it stands in the page's footer",
    )


def test_what_is_evidence_is_not_refused() -> None:
    assert not [code for code, _ in reasons(PAGE) if code == "AP"]


def test_mentions_hints_and_homonyms_have_reasons_of_their_own() -> None:
    told = reasons(
        PAGE.replace(
            STORY[1], "The mayor told AFP on Monday that the toll would stay very low."
        ).replace(
            STORY[2], "Reports by Kyodo and by the AA club, which are late, say nothing else."
        )
    )
    assert told["AFP", "AFP"].startswith("somebody told it something")
    assert told["KYODO", "Kyodo"].startswith("a mention in the story's prose")
    assert told["AA", "AA"] == "'AA' is an agency on pages in tr only, and this one is in en"


def test_the_verb_explains_one_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    done = wirecorpus("attribute", "--explain", page)
    assert done.code == 0, done.err
    assert "is_wire: wire copy" in done.out
    found, refused = done.out.split("\nrefused\n")
    assert "AP  dateline, in text at 16, rule dateline-brackets" in found
    assert "DPA  in " in refused
    assert "it stands with a picture" in refused


FIELDS = """<meta name="author" content="Ann Example"><meta name="og:image:alt" content="Bridge, AFP">
<meta property="og:site_name" content="Reuters Connect"><meta name="keywords" content="bridge, Reuters">
<script type="application/ld+json">[{"@type":"NewsArticle","headline":"Ostby opens its second bridge",
"description":"What dpa wrote","publisher":{"@type":"Organization","name":"Kyodo News"},
"image":{"@type":"ImageObject","author":{"@type":"Organization","name":"ANSA"}}},
{"@type":"NewsArticle","headline":"Old mill sold","author":{"@type":"Organization","name":"EFE"}},
{"@type":"WebSite","publisher":{"@type":"Organization","name":"Interfax"}}]</script>
<script>window.settings = {"bylineFilters": "Agence Belga", "theme": "PAP", "agency": "TASS"};</script>"""


def test_fields_that_only_machines_read_are_refused_with_their_reasons() -> None:
    page = PAGE.replace("</head>", f"{FIELDS}</head>").replace(
        '"name":"Associated Press"', '"name":"A"'
    )
    tree = parse(page)
    assert tree is not None
    found = article(page)
    told = {(r.agency, r.where): r.why for r in field_refusals(found, tree, RULES.agencies)}
    for refused in field_refusals(found, tree, RULES.agencies):
        assert refused.line[refused.start : refused.end]
    assert told["AFP", "meta og:image:alt"] == "the field is of a picture"
    assert told["REUTERS", "meta og:site_name"] == "the field is of the site, not of the story"
    assert told["REUTERS", "meta keywords"].startswith("the field tells what the story is about")
    assert told["DPA", "json_ld description"].startswith("the field tells what the story is about")
    assert told["KYODO", "json_ld publisher.name"].startswith(
        "the publisher is who shows the story"
    )
    assert told["ANSA", "json_ld image.author.name"] == "the field is of a picture"
    assert told["EFE", "json_ld author.name"] == "the field is of another story"
    assert told["INTERFAX", "json_ld publisher.name"].startswith("the field is of the site")
    assert told["BELGA", "page_state bylineFilters"].startswith("its object has neither")
    assert told["PAP", "page_state theme"] == "the field does not say who wrote the story"
    assert told["TASS", "page_state agency"].startswith("its object has neither")


def test_a_field_that_is_evidence_is_not_refused() -> None:
    tree = parse(PAGE)
    assert tree is not None
    refused = list(field_refusals(article(PAGE), tree, RULES.agencies))
    assert [(r.agency, r.where) for r in refused] == [("REUTERS", "json_ld image.creditText")]


def test_the_verb_tells_the_fields_too(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    done = wirecorpus("attribute", "--explain", page)
    assert "REUTERS  in json_ld image.creditText: the field is of a picture" in done.out


def test_the_verb_writes_the_attribution_as_json(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    done = wirecorpus("attribute", page)
    assert json.loads(done.out)["wire"]["agencies"] == ["AP"]
    assert wirecorpus("attribute", "https://never.example/x", "--data", tmp_path).code == 2
