"""What a page's JSON-LD says of its article."""

import json
from typing import Any

from corpus.dom import parse
from corpus.json_ld import article_node, body_of, read_nodes, text_of, truth_of

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


def test_sloppy_json_ld_is_read_and_broken_one_is_a_warning() -> None:
    sloppy = '\n//<![CDATA[\n{"@type":"Article","headline":"Two\nlines"};\n//]]>\n'
    assert headline(sloppy) == "Two lines"
    assert nodes('{"@type": ') == ([], ("json_ld_broken",))


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
