"""What a page's JSON-LD says of its article."""

import json
from typing import Any

from corpus.dom import parse
from corpus.json_ld import (
    article_node,
    body_of,
    date_of,
    read_nodes,
    resolved,
    text_of,
    texts_of,
    truth_of,
    types_of,
)

URL = "https://a.example/news/bridge"
ARTICLE = {"@type": ["NewsArticle"], "headline": "Bridge &amp; tunnel open"}


def script(content: str) -> str:
    return f'<script type="application/ld+json">{content}</script>'


def nodes(content: str) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    tree = parse(f"<html><head>{script(content)}</head></html>")
    assert tree is not None
    return read_nodes(tree.css("script"))


def headline(content: str, *titles: str) -> str:
    """The headline of the node about the page at `URL`."""
    return text_of(article_node(nodes(content)[0], URL, titles).get("headline"))


def test_the_article_is_found_in_graphs_lists_and_as_main_entity() -> None:
    for value in (
        {"@graph": [{"@type": "WebSite"}, ARTICLE]},
        [ARTICLE],
        {"@type": "WebPage", "mainEntity": ARTICLE},
    ):
        assert headline(json.dumps(value)) == "Bridge & tunnel open"


def test_of_several_articles_the_one_with_this_address_or_title_counts() -> None:
    other = ARTICLE | {"headline": "Another story", "url": "https://a.example/news/other"}
    this = ARTICLE | {"headline": "This story", "mainEntityOfPage": {"@id": URL}}
    assert headline(json.dumps([other, this])) == "This story"
    titled = ARTICLE | {"headline": "Titled story"}
    assert headline(json.dumps([other, titled]), "Titled story | Example") == "Titled story"


def test_items_of_a_list_of_other_pages_are_not_read() -> None:
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": ARTICLE}]}
    found, _ = nodes(json.dumps(listed))
    assert article_node(found, URL, ()) == {}


def test_a_comma_behind_the_last_item_does_no_harm() -> None:
    found, warnings = nodes(
        '{"@type": "NewsArticle", "headline": "A, b,] \\"c,}", "author": ["AFP", ],\n}'
    )
    assert [node["headline"] for node in found] == ['A, b,] "c,}']
    assert found[0]["author"] == ["AFP"]
    assert warnings == ()
    assert nodes('{"a": "' + '\\"' * 500_000)[1] == ("json_ld_broken",)


def test_sloppy_json_ld_is_read_and_broken_one_is_a_warning() -> None:
    sloppy = '\n//<![CDATA[\n{"@type":"Article","headline":"Two\nlines"};\n//]]>\n'
    assert headline(sloppy) == "Two lines"
    assert nodes('{"@type": ') == ([], ("json_ld_broken",))


def test_marks_inside_a_string_and_commas_before_a_bracket_are_mended() -> None:
    found, warnings = nodes(
        '{"@type":"Article","headline":"She said "no", twice","keywords":["a","b",],'
        '"description":"A \\"good\\" day","isAccessibleForFree":true,}'
    )
    assert warnings == ()
    assert found == [
        {
            "@type": "Article",
            "headline": 'She said "no", twice',
            "keywords": ["a", "b"],
            "description": 'A "good" day',
            "isAccessibleForFree": True,
        }
    ]


def test_of_several_values_in_one_script_each_is_read() -> None:
    found, warnings = nodes(
        '{"@type":"Article","headline":"One"}\n{"@type":"WebSite"},{"@type":"Person"}'
    )
    assert ([types_of(n) for n in found], warnings) == ([{"Article"}, {"WebSite"}, {"Person"}], ())


def test_what_nobody_can_mend_stays_broken() -> None:
    for content in ('{"a":"b', '{"a" "b"}', '{"a":"b" c"}"', '{"a":}', "no"):
        assert nodes(content) == ([], ("json_ld_broken",)), content


def test_a_person_who_is_only_referred_to_has_the_name_of_the_node_with_that_id() -> None:
    ann = {"@type": "Person", "@id": "#ann", "name": "Ann Example"}
    for author in ({"@id": "#ann"}, [{"@id": "#ann"}]):
        whole = resolved({"author": author, "image": {"@id": "#ann"}}, [ann])
        assert texts_of(whole["author"]) == ["Ann Example"]
        assert whole["image"] == {"@id": "#ann"}
    assert texts_of(resolved({"author": {"@id": "#max"}}, [ann])["author"]) == []


def test_types_come_without_their_vocabulary() -> None:
    for name in ("NewsArticle", "schema:NewsArticle", "https://schema.org/NewsArticle"):
        assert types_of({"@type": name}) == {"NewsArticle"}


def test_dates_are_texts_numbers_and_typed_values() -> None:
    assert date_of("2026-11-17") == date_of({"@value": "2026-11-17"}) == "2026-11-17"
    assert date_of(["2026-11-17", "2026-11-18"]) == "2026-11-17"
    assert date_of(1794733200) == "1794733200"
    assert date_of(True) == date_of(None) == date_of({"a": "b"}) == ""


def test_deeply_nested_json_ld_does_no_harm() -> None:
    assert nodes("[" * 100_000)[1] == ("json_ld_broken",)


def test_the_body_is_read_as_lines_without_its_markup() -> None:
    body = "<p>The bridge &amp; the toll.</p><p>Nobody   came.</p>\nRain fell."
    assert body_of({"articleBody": body}) == "The bridge & the toll.\nNobody came.\nRain fell."
    assert body_of({"articleBody": ["x"]}) == ""


def test_truth_is_a_boolean_a_word_or_the_vocabularys_address() -> None:
    assert [truth_of(value) for value in (True, "False", "https://schema.org/True")] == [
        True,
        False,
        True,
    ]
    assert truth_of("perhaps") is truth_of(None) is None
