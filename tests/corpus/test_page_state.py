"""The state of a page's scripts: whose names count, and whose do not."""

import json

from corpus.page_state import state_names

URL = "https://news.example/world/bridge-opens-after-nine-years"
TITLE = "Bridge opens after nine years"


def names(html: str) -> list[tuple[str, str]]:
    found = state_names(html, URL, [TITLE], lambda text: "Example" in text)
    return [(name.field, name.name) for name in found]


def script(state: object) -> str:
    return f'<script id="__NEXT_DATA__" type="application/json">{json.dumps(state)}</script>'


def test_the_articles_own_source_counts() -> None:
    state = {"props": {"article": {"headline": TITLE, "source": "Example Agency", "id": 7}}}
    assert names(script(state)) == [("source", "Example Agency")]


def test_an_article_is_known_by_its_address_too() -> None:
    state = {"url": "/world/bridge-opens-after-nine-years", "content_source": "Example Ready"}
    assert names(script(state)) == [("content_source", "Example Ready")]


def test_a_distributor_or_a_credit_is_a_thing_with_a_name() -> None:
    state = {
        "headlines": {"basic": TITLE},
        "distributor": {"name": "Example Agency", "mode": "reference"},
        "credits": {"by": [{"type": "author", "name": "Ann Sample"}]},
    }
    assert names(script(state)) == [
        ("distributor", "Example Agency"),
        ("credits", "Ann Sample"),
    ]


def test_a_things_name_may_stand_behind_other_texts_of_it() -> None:
    sent = {"additional_properties": {}, "category": "wires", "rank": 1, "name": "Example Agency"}
    state = {"headlines": {"basic": TITLE}, "distributor": sent}
    assert names(script(state)) == [("distributor", "Example Agency")]
    assert names(script({"headline": TITLE, "source": {"slug": "Ann", "id": "Ann"}})) == []


def test_several_agencies_of_an_article_are_read() -> None:
    state = {"headline": TITLE, "agencies": ["Example Agency", "Example Wire"]}
    assert names(script(state)) == [("agencies", "Example Agency"), ("agencies", "Example Wire")]


def test_state_that_is_text_in_a_script_is_read() -> None:
    inner = json.dumps({"title": TITLE, "source": "Example Agency"}, separators=(",", ":"))
    html = f"<script>self.__next_f.push([1,{json.dumps(inner)}])</script>"
    assert names(html) == [("source", "Example Agency")]


def test_other_stories_and_pictures_and_settings_do_not_count() -> None:
    state = {
        "headline": TITLE,
        "lead": {"caption": "The bridge", "source": "Example Agency"},
        "related": [{"headline": "Rain in Ostby", "source": "Example Agency"}],
        "filters": {"byline": "Example Agency"},
    }
    assert names(script(state)) == []


def test_a_picture_that_bears_the_headline_does_not_count() -> None:
    assert names(script({"title": TITLE, "width": 640, "source": "Example Agency"})) == []


def test_what_stands_in_a_pictures_field_does_not_count() -> None:
    lead = {"title": TITLE, "source": "Example Agency", "uri": "a.jpg"}
    assert names(script({"headline": TITLE, "leadImage": lead})) == []
    assert names(script({"headline": TITLE, "photos": [lead]})) == []


def test_what_is_no_json_is_passed_over() -> None:
    assert names(f"<script>a = {{title: '{TITLE}', \"source\": 'Example Agency'}}</script>") == []
    assert names('<script>"source": "Example Agency"') == []
