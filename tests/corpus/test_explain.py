import base64
import hashlib
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.explain import LONG_LINES, render
from corpus.records import (
    Article,
    Dateline,
    Evidence,
    Extraction,
    Http,
    Outlet,
    Rejection,
    Rights,
    Stripped,
    Wire,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=\"alert('2')\">"
OPENING = "LISBON (AP) — The council opened its second bridge on Monday."
PARAGRAPHS = (OPENING, "A baker was glad.", "It cost 212 million euros.")
VOID = ("meta", "br", "input", "img", "link")


def article(*paragraphs: str, **more: object) -> Article:
    spans, at = [], 0
    for paragraph in paragraphs:
        spans.append((at, at + len(paragraph)))
        at += len(paragraph) + 2
    text = "\n\n".join(paragraphs)
    made = Article(
        id="a_1",
        capture_id="x_1",
        url="https://post.example/bridge",
        canonical_url="https://post.example/bridge",
        final_url="https://post.example/bridge",
        headline="A second bridge",
        text=text,
        text_sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        paragraphs=tuple(spans),
    )
    return msgspec.structs.replace(made, **more)


def evidence(where: str, text: str, start: int, agency: str = "AP") -> Evidence:
    return Evidence(agency, "dateline", where, start, start + len(text), text, "AP/datelines/1")


def credited(*found: Evidence) -> Wire:
    return Wire(True, ("AP",), "sole", 0.97, (), found)


class Element:
    """An element of a page, with the text in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.text = ""

    def has(self, **wanted: str) -> bool:
        """Whether it is of these classes, and has these values."""
        held = {**self.attributes, "class": self.attributes.get("class", "").split()}
        return all(
            value in held.get(name.strip("_").replace("_", "-"), ())
            if name == "class_"
            else held.get(name.replace("_", "-")) == value
            for name, value in wanted.items()
        )


class View(HTMLParser):
    """A view as a browser sees it: its elements in the order of their opening, each with its text."""

    def __init__(self, answer: Article | Rejection) -> None:
        super().__init__()
        self.html = render(answer)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(self.html)
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **wanted: str) -> list[Element]:
        return [e for e in self.elements if e.tag == tag and e.has(**wanted)]

    @property
    def text(self) -> str:
        return self.elements[0].text

    @property
    def blocks(self) -> list[Element]:
        return self.all("section", class_="block")

    def inside(self, element: Element, *ends: str) -> list[Element]:
        """The elements from this one's opening to the next of these (of a block, without any)."""
        after = self.elements[self.elements.index(element) + 1 :]
        found = (n for n, e in enumerate(after) if e.tag in (*(ends or ("section",)), "footer"))
        return after[: next(found)]

    def shown(self, block: Element) -> str:
        """The block's own text, without gutter, label and opening."""
        return "\n".join(
            e.text for e in self.inside(block) if e.tag == "p" and "dir" in e.attributes
        )

    def fact(self, name: str) -> str:
        after = self.elements[[e.text for e in self.elements].index(name) :]
        return next(e.text for e in after if e.tag == "dd")


def dropped(kind: str, text: str, after: int, rule: str = "some-rule") -> Stripped:
    return Stripped(kind, rule, text, after)


# ---------------------------------------------------------------------------------------- the page


def test_the_page_stands_in_reading_order() -> None:
    stripped = (
        dropped("related", "Read also: the audit", 0),
        dropped("navigation", "Home\nWorld", -1),
        dropped("tags", "#bridge", 2),
        dropped("caption", "The bridge at noon", 0),
    )
    view = View(article(*PARAGRAPHS, stripped=stripped))
    assert [b.attributes["id"] for b in view.blocks] == ["s1", "p0", "s0", "s3", "p1", "p2", "s2"]
    assert [view.shown(b) for b in view.blocks] == [
        "Home\nWorld", PARAGRAPHS[0], "Read also: the audit", "The bridge at noon",
        PARAGRAPHS[1], PARAGRAPHS[2], "#bridge",
    ]  # fmt: skip


visible = st.text(st.sampled_from("aB <&>\"'é字ש."), min_size=1, max_size=12)


@given(
    st.lists(visible, max_size=4),
    st.lists(st.tuples(st.lists(visible, min_size=1, max_size=9), st.integers(-3, 6)), max_size=6),
)
def test_kept_and_dropped_in_turn_are_the_page(
    paragraphs: list[str], blocks: list[tuple[list[str], int]]
) -> None:
    stripped = tuple(dropped(f"kind{n % 3}", "\n".join(x), a) for n, (x, a) in enumerate(blocks))
    view = View(article(*paragraphs, stripped=stripped))
    last = len(paragraphs) - 1
    wanted = [b.text for b in stripped if b.after_paragraph < 0 or last < 0]
    for n, paragraph in enumerate(paragraphs):
        wanted += [paragraph, *(b.text for b in stripped if min(b.after_paragraph, last) == n)]
    assert [view.shown(b) for b in view.blocks] == wanted


def test_a_kept_paragraph_says_its_number_and_offsets() -> None:
    view = View(article(*PARAGRAPHS))
    start = len(OPENING) + 2
    assert f"¶ 1[{start}, {start + len(PARAGRAPHS[1])})" in view.blocks[1].text
    assert "label" not in [e.attributes.get("class") for e in view.elements]


def test_a_dropped_block_says_its_kind_and_rule_and_place_in_the_record() -> None:
    stripped = (dropped("tags", "#bridge", 1, "hashtags"), dropped("ornament", "***", -1, ""))
    view = View(article(*PARAGRAPHS, stripped=stripped))
    first, second = view.all("section", class_="dropped")
    assert "ornament · (no rule)" in first.text
    assert "stripped[1]before ¶ 0" in first.text
    assert "tags · hashtags" in second.text
    assert "stripped[0]after ¶ 1" in second.text
    assert "7 characters" in second.text


def test_kinds_have_colours_of_their_own_which_do_not_depend_on_the_page() -> None:
    def colour(view: View, kind: str) -> set[str]:
        found = view.all("section", data_kind=kind)
        return {c for b in found for c in b.attributes["class"].split() if re.fullmatch(r"c\d+", c)}

    kinds = [f"kind-{n}" for n in range(20)]
    stripped = tuple(dropped(kind, "x", n % 3) for n, kind in enumerate(kinds * 2))
    view = View(article(*PARAGRAPHS, stripped=stripped))
    colours = [colour(view, kind) for kind in kinds]
    assert all(len(c) == 1 for c in colours)
    assert len(set().union(*colours)) == 20
    assert all(f".{c} " in view.html or f".{c}," in view.html for c in set().union(*colours))
    alone = View(article(*PARAGRAPHS, stripped=(dropped("related", "x", 0),)))
    other = View(article("Else.", stripped=(dropped("tags", "y", 0), dropped("related", "z", 0))))
    assert colour(alone, "related") == colour(other, "related")


def test_more_kinds_than_colours_still_make_a_view() -> None:
    stripped = tuple(dropped(f"kind-{n}", "x", 0) for n in range(50))
    assert len(View(article(*PARAGRAPHS, stripped=stripped)).blocks) == 53


def test_long_furniture_is_folded_and_says_how_long_it_is() -> None:
    menu = "\n".join(f"Section {n}" for n in range(34))
    short = "\n".join("abcd"[:LONG_LINES])
    stripped = (dropped("navigation", menu, -1), dropped("share", short, -1))
    view = View(article(*PARAGRAPHS, stripped=stripped))
    (fold,) = view.all("details")
    assert "open" not in fold.attributes
    assert "34 lines" in fold.text
    assert view.all("span", class_="opening")[0].text == "Section 0"
    assert "4 lines" in view.blocks[1].text


def test_furniture_that_credits_an_agency_is_shown_unfolded() -> None:
    footer = "\n".join(["Imprint", "Terms", "Jobs", "Contact", "© 2026 The Associated Press"])
    found = evidence("stripped[0]", "The Associated Press", footer.index("The"))
    view = View(article(OPENING, stripped=(dropped("footer", footer, 0),), wire=credited(found)))
    assert "open" in view.all("details")[0].attributes
    (mark,) = view.all("mark", class_="evidence")
    assert mark.text == "The Associated Press"


def test_the_legend_counts_blocks_lines_and_characters_by_kind_and_rule() -> None:
    stripped = (
        dropped("related", "Read also: x", 0, "read-also"),
        dropped("related", "one\ntwo", 1, "one-link"),
        dropped("related", "Read also: yz", 1, "read-also"),
        dropped("tags", "#bridge", 2, "hashtags"),
    )
    view = View(article(*PARAGRAPHS, stripped=stripped))
    rows = [[e.text for e in view.inside(r, "tr", "div") if e.tag == "td"] for r in view.all("tr")]
    assert [row for row in rows if row] == [
        ["related", "3", "4", "32"],
        ["read-also", "2", "2", "25"],
        ["one-link", "1", "2", "7"],
        ["tags", "1", "1", "7"],
        ["hashtags", "1", "1", "7"],
    ]
    kept = sum(map(len, PARAGRAPHS))
    assert f"{kept} characters kept, 39 dropped" in view.text


def test_a_name_in_the_legend_leads_to_its_first_block_also_without_the_script() -> None:
    stripped = (dropped("tags", "#a", 2), dropped("related", "x", 1), dropped("tags", "#b", 0))
    view = View(article(*PARAGRAPHS, stripped=stripped))
    (name,) = view.all("a", data_kind="tags", data_rule="")
    assert name.attributes["href"] == "#s2"
    assert "hidden" in view.all("div", class_="tools")[0].attributes


def test_the_map_shows_neighbours_of_one_kind_as_one() -> None:
    stripped = (dropped("tags", "#a", 2), dropped("tags", "#b", 2), dropped("related", "x", 2))
    view = View(article(*PARAGRAPHS, stripped=stripped))
    titles = [a.attributes["title"] for a in view.all("a") if "style" in a.attributes]
    kept = sum(map(len, PARAGRAPHS))
    assert titles == [
        f"kept: 3 blocks, {kept} characters",
        "tags: 2 blocks, 4 characters",
        "related: 1 block, 1 character",
    ]


# ------------------------------------------------------------------------------------- attribution


def test_evidence_is_highlighted_where_it_stands_and_listed() -> None:
    stripped = (dropped("byline", "By Jo Meadow, AP", -1),)
    wire = credited(evidence("text", "AP", 8), evidence("stripped[0]", "AP", 14))
    view = View(article(*PARAGRAPHS, stripped=stripped, wire=wire))
    marks = view.all("mark", class_="evidence")
    assert [m.text for m in marks] == ["AP", "AP"]
    assert {m.attributes["title"] for m in marks} == {"AP · dateline · AP/datelines/1"}
    assert {m.attributes["data-tag"] for m in marks} == {"AP"}
    assert marks[0] in view.inside(view.blocks[0])
    assert marks[1] in view.inside(view.blocks[1])
    assert [q.text for q in view.all("q")] == ["AP", "AP"]
    assert [a.text for a in view.all("a", href="#e0")] == ["text"]
    assert [a.text for a in view.all("a", href="#e1")] == ["stripped[0]"]


def test_evidence_of_the_byline_and_the_address_is_highlighted_in_the_head() -> None:
    wire = credited(evidence("byline", "AP", 4), evidence("url", "post.example", 8))
    view = View(article(OPENING, byline="Jo, AP", wire=wire))
    assert [m.text for m in view.all("mark", class_="evidence")] == ["AP", "post.example"]
    assert view.fact("Byline") == "Jo, AP"


def test_evidence_whose_offsets_are_of_another_text_is_found_by_its_words() -> None:
    stripped = (dropped("tail", "Reporting by AP.", 0),)
    view = View(
        article(OPENING, stripped=stripped, wire=credited(evidence("stripped[0]", "AP", 2)))
    )
    assert [m.text for m in view.all("mark")] == ["AP"]


@pytest.mark.parametrize("where", ["json_ld", "meta", "stripped[7]", "stripped[x]", "text"])
def test_evidence_that_the_view_cannot_show_is_listed_without_a_link(where: str) -> None:
    view = View(article(OPENING, wire=credited(evidence(where, "Reuters", 999))))
    assert not view.all("mark", class_="evidence")
    assert not view.all("a", href="#e0")
    assert f"{where} [999, 1006)" in view.text
    assert view.all("q")[0].text == "Reuters"


def test_the_dateline_is_framed_with_the_agency_in_it() -> None:
    line = Dateline("LISBON (AP) —", "LISBON", "AP", "", 0, 13)
    view = View(article(OPENING, dateline=line, wire=credited(evidence("text", "AP", 8))))
    marks = [m for m in view.all("mark", class_="dateline") if m in view.inside(view.blocks[0])]
    assert "".join(m.text for m in marks) == line.text
    assert [m.text for m in marks if m.has(class_="evidence")] == ["AP"]
    assert marks[0].attributes["title"] == "dateline: place LISBON; agency AP"


def test_what_can_be_said_of_no_agency_is_said() -> None:
    assert "no ground to call it a wire story" in View(article(OPENING)).text
    assert "No wire story" in View(article(OPENING, wire=Wire(is_wire=False))).text


# -------------------------------------------------------------------------------------------- head


def test_the_head_says_what_the_record_says() -> None:
    view = View(
        article(
            *PARAGRAPHS,
            byline="By Jo Meadow",
            authors=("Jo Meadow", "Al Vane"),
            date_published="2026-11-03T09:12:00Z",
            date_source="json_ld",
            date_precision="minute",
            date_flags=("conflict",),
            language="en",
            language_declared="en-GB",
            language_confidence=0.5,
            section="Local",
            outlet=Outlet("post", "The Post", "PT"),
            body_status="teaser",
            extraction=Extraction(
                "tool", "1", "d1g3st", "profile:p_1", 0.871, ("charset_guessed",)
            ),
            rights=Rights("© The Post", "CC BY", False, "Disallow: /", ("noai",)),
        )
    )
    assert view.all("h1")[0].text == "A second bridge"
    assert view.fact("Published") == "2026-11-03T09:12:00Z minute, from json_ld, conflict"
    assert view.fact("Language") == "en declared en-GB; confidence 0.50"
    assert view.fact("Authors") == "Jo MeadowAl Vane"
    assert view.fact("Outlet") == "The PostpostPT"
    assert view.fact("Body").startswith("teaser")
    assert view.fact("Extraction").startswith("profile:p_1")
    assert view.fact("Quality").startswith("0.871")
    assert view.fact("Warnings") == "charset_guessed"
    assert view.fact("Section") == "Local"
    assert view.fact("Canonical URL") == "https://post.example/bridge"
    assert view.fact("text_sha256") == article(*PARAGRAPHS).text_sha256
    for said in ("© The Post", "CC BY", "disallowed by robots.txt (Disallow: /)", "noai"):
        assert said in view.fact("Rights")
    names = [e.text for e in view.elements if e.tag == "dt"]
    warned = [
        n for n in names if any(e.text.startswith(n) for e in view.all("div", class_="beware"))
    ]
    assert warned == ["Published", "Body", "Warnings"]


def test_what_the_record_lacks_is_said_to_be_none() -> None:
    view = View(article(OPENING, headline=""))
    assert {view.fact(n) for n in ("Byline", "Authors", "Published", "Rights", "Section")} == {
        "none"
    }
    assert "(no headline)" in view.text
    assert not {"Asked for", "Response", "Fetched", "In the archive"} & {
        e.text for e in view.all("dt")
    }


def test_the_head_says_where_the_page_came_from() -> None:
    http = Http(status=200, content_type="text/html", bytes=48211, warc_file="warc/a.warc.gz")
    view = View(
        article(
            OPENING,
            url="https://post.example/b?utm=1",
            fetched_at="2026-11-23T06:00:00Z",
            run_id="20261123T060000Z-0001",
            http=msgspec.structs.replace(http, warc_offset=88),
            version=2,
        )
    )
    assert view.fact("Asked for") == "https://post.example/b?utm=1"
    assert view.fact("Response") == "200 text/html, 48,211 bytes"
    assert view.fact("Fetched") == "2026-11-23T06:00:00Z run 20261123T060000Z-0001"
    assert view.fact("In the archive") == "warc/a.warc.gz byte 88"
    assert view.fact("Article") == "a_1 version 2"


def test_an_empty_article_has_a_view() -> None:
    view = View(article())
    assert view.blocks == []
    assert "Nothing of this page was kept, and nothing was dropped." in view.text


def test_a_text_without_paragraph_spans_is_shown_whole() -> None:
    view = View(article(*PARAGRAPHS, paragraphs=()))
    assert [view.shown(b) for b in view.blocks] == ["\n\n".join(PARAGRAPHS)]


def test_a_rejection_says_reason_detail_and_place() -> None:
    view = View(
        Rejection(
            record_id="x_1",
            stage="extract",
            reason="too_short",
            url="https://post.example/brief",
            place="warc/a.warc.gz, byte 12",
            detail="11 words,\nfewer than 25",
        )
    )
    assert view.fact("Reason") == "too_short"
    assert view.fact("Detail") == "11 words,\nfewer than 25"
    assert view.fact("Place") == "warc/a.warc.gz, byte 12"
    assert view.fact("URL") == "https://post.example/brief"
    assert not view.blocks


# ------------------------------------------------------------------------------------ odd and hostile


def hostile_article() -> Article:
    return article(
        OPENING + HOSTILE,
        headline=HOSTILE,
        byline=HOSTILE,
        url="javascript:alert(1)",
        final_url="javascript:alert(1)",
        canonical_url="https://x.example/\"><script>alert(1)</script>",
        language='"><script>',
        section='"><b onclick=x>',
        dateline=Dateline(HOSTILE, HOSTILE, '"', "'>", 0, 6),
        stripped=(dropped('"><i>', HOSTILE, -1, HOSTILE), dropped("x", HOSTILE * 20, 0)),
        wire=Wire(True, (HOSTILE,), story_ids=(HOSTILE,), evidence=(evidence("text", "AP", 8, HOSTILE),)),
    )  # fmt: skip


def test_hostile_words_of_a_page_stay_words() -> None:
    rejected = Rejection(
        record_id=HOSTILE,
        stage=HOSTILE,
        reason="crashed",
        url=HOSTILE,
        place=HOSTILE,
        detail=HOSTILE,
    )
    for answer in (hostile_article(), rejected):
        view = View(answer)
        assert len(view.all("script")) == 1
        assert not view.all("img")
        assert not [e for e in view.elements if {"onerror", "onclick", "src"} & set(e.attributes)]
        assert not [e for e in view.all("a") if not re.match("#|https?:", e.attributes["href"])]
        assert HOSTILE in view.text


def test_characters_that_turn_the_direction_are_shown_and_not_sent() -> None:
    turned = "price\u202e001\u202c \u2066x\u2069 \x00end"
    view = View(
        article(turned, headline=turned, stripped=(dropped("related", turned, 0),), section=turned)
    )
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", view.html)
    codes = [
        e.attributes["data-code"]
        for e in view.inside(view.blocks[0])
        if "data-code" in e.attributes
    ]
    assert codes == ["202E", "202C", "2066", "2069", "0000"]
    assert all(
        "dir" in e.attributes
        for b in view.blocks
        for e in view.inside(b)
        if e.tag == "p" and not e.has(class_="gutter") and not e.has(class_="over")
    )


def test_a_lone_surrogate_breaks_nothing() -> None:
    html = render(article("a\ud800b", headline="\udfff", stripped=(dropped("x", "\udc80", 0),)))
    assert html.encode("utf-8")


def test_a_paragraph_of_a_hundred_thousand_characters_is_shown_whole() -> None:
    long = "wort" * 25_000
    view = View(article(long, stripped=(dropped("related", long, 0),)))
    assert [view.shown(b) for b in view.blocks] == [long, long]
    assert "[0, 100000)" in view.text


def test_every_link_inside_the_page_leads_somewhere_and_ids_are_given_once() -> None:
    wire = credited(evidence("text", "AP", 8), evidence("text", "AP", 8, "DPA"))
    stripped = tuple(dropped(f"k{n}", "AP\n" * n, n - 2) for n in range(6))
    line = Dateline("LISBON (AP) —", "LISBON", "AP", "", 0, 13)
    view = View(article(*PARAGRAPHS, stripped=stripped, wire=wire, dateline=line))
    ids = [e.attributes["id"] for e in view.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    links = {e.attributes["href"][1:] for e in view.all("a") if e.attributes["href"][0] == "#"}
    assert links <= set(ids)
    assert {"dateline", "e0", "e1", "p0", "s5"} <= links


def test_the_policy_allows_the_one_script_and_no_network() -> None:
    view = View(article(*PARAGRAPHS))
    script = re.search(r"<script>(.*?)</script>", view.html, re.DOTALL)
    assert script
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    policy = next(e.attributes["content"] for e in view.all("meta") if "http-equiv" in e.attributes)
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'sha256-{digest}'" in policy
    assert "url(" not in view.html
    assert "@import" not in view.html
    assert not view.all("link")


def test_the_same_record_gives_the_same_bytes() -> None:
    assert render(hostile_article()) == render(hostile_article())
