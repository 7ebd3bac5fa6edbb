"""A valid line is what this program would write, and what it says of itself is true."""

import hashlib

import msgspec
import pytest

from corpus.records import (
    Article,
    Cluster,
    Dateline,
    Evidence,
    Member,
    Representative,
    Story,
    StoryLink,
    Stripped,
    Wire,
    article_id,
)
from corpus.validate import SCHEMAS, json_schema, line_faults

TEXT = "HARBOUR CITY (AP) — The bridge opened.\n\nIt is long."
URL = "https://gazette.example/bridge"


def article(**changes: object) -> Article:
    plain = Article(
        id=article_id(URL),
        capture_id="x_1",
        url=URL,
        canonical_url=URL,
        final_url=URL,
        text=TEXT,
        text_sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        char_count=len(TEXT),
        word_count=9,
        paragraphs=((0, 38), (40, 51)),
        dateline=Dateline("HARBOUR CITY (AP) —", "HARBOUR CITY", "AP", "", 0, 19),
        stripped=(Stripped("tagline", "agency-tail", "Copyright AP", 1),),
        wire=Wire(
            is_wire=True,
            agencies=("AP",),
            evidence=(
                Evidence("AP", "dateline", "text", 14, 16, "AP", "ap-dateline"),
                Evidence("AP", "copyright", "stripped[0]", 10, 12, "AP", "ap-copyright"),
            ),
        ),
    )
    return msgspec.structs.replace(plain, **changes)


def line(record: msgspec.Struct) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def test_a_line_of_ours_is_valid() -> None:
    assert line_faults(line(article())) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text_sha256": "0" * 64}, "text_sha256"),
        ({"char_count": 1}, "char_count"),
        ({"paragraphs": ((0, 10),)}, "paragraphs"),
        ({"dateline": Dateline("HARBOUR", "HARBOUR", "", "", 1, 8)}, "dateline"),
        ({"id": "a_0"}, "canonical_url"),
        ({"version": 0}, "version"),
        ({"word_count": -1}, "word_count"),
        ({"fetched_at": "yesterday"}, "RFC 3339"),
        ({"first_seen_at": "2026-11-23T06:00:00Z"}, "later than fetched_at"),
        (
            {"wire": Wire(evidence=(Evidence("AP", "tail", "stripped[x]", 0, 2, "AP", "r"),))},
            "evidence",
        ),
        (
            {"wire": Wire(evidence=(Evidence("AP", "tail", "stripped[-1]", 10, 12, "AP", "r"),))},
            "evidence",
        ),
        (
            {
                "wire": Wire(
                    evidence=(Evidence("AP", "tail", "stripped[7]", 0, 2, "AP", "ap-tail"),)
                )
            },
            "evidence",
        ),
    ],
)
def test_what_an_article_says_of_itself_is_checked(changes: dict[str, object], fault: str) -> None:
    faults = line_faults(line(article(**changes)))
    assert len(faults) == 1
    assert fault in faults[0]


def test_a_missing_key_an_unknown_key_and_another_order_are_faults() -> None:
    whole = msgspec.json.decode(line(article()))
    missing = {k: v for k, v in whole.items() if k != "section"}
    turned = dict(reversed(whole.items()))
    for changed in (missing, whole | {"extra": 1}, turned):
        faults = line_faults(msgspec.json.encode(changed) + b"\n")
        assert faults == ["keys are missing, unknown, or not in their order"]


def test_a_wrong_type_names_the_key() -> None:
    whole = msgspec.json.decode(line(article())) | {"authors": None}
    assert "authors" in line_faults(msgspec.json.encode(whole) + b"\n")[0]


def test_a_torn_line_and_a_foreign_one_are_faults() -> None:
    assert "torn" in line_faults(line(article())[:-20])[0]
    assert "not known" in line_faults(b'{"schema":"other/1"}\n')[0]


def test_a_cluster_that_counts_wrongly_is_a_fault() -> None:
    member = Member("a_1", 1, "gazette", None, "", "exact", 1.0, 1.0, 1.0, False)
    good = Cluster(
        snapshot="s",
        id="c_1",
        story_id="s_1",
        size=1,
        outlet_count=1,
        owner_count=1,
        representative=Representative("a_1", 1, "only one"),
        members=(member,),
    )
    assert line_faults(line(good)) == []
    for changes in ({"size": 2}, {"outlet_count": 3}, {"members": (member, member), "size": 2}):
        assert line_faults(line(msgspec.structs.replace(good, **changes)))
    stranger = msgspec.structs.replace(good, representative=Representative("a_9", 1, ""))
    assert line_faults(line(stranger)) == ["the representative is no member"]


def test_earlier_ids_of_a_cluster_are_in_order_and_not_its_own() -> None:
    cluster = Cluster(
        snapshot="s", id="c_2", story_id="s_1", size=0, outlet_count=0, owner_count=0,
        representative=Representative("", 1, ""), merged_from=("c_3", "c_1"),
    )  # fmt: skip
    for ids in (("c_3", "c_1"), ("c_1", "c_1"), ("c_1", "c_2")):
        line = msgspec.json.encode(msgspec.structs.replace(cluster, merged_from=ids)) + b"\n"
        assert any("merged_from" in fault for fault in line_faults(line))


def test_the_links_of_a_story_begin_in_it_and_lead_out_of_it_only_where_it_contains() -> None:
    links = {
        StoryLink("c_1", "c_9", "contains", ""): 0,
        StoryLink("c_1", "c_2", "rewritten", ""): 0,
        StoryLink("c_9", "c_1", "rewritten", ""): 1,
        StoryLink("c_1", "c_2", "contains", ""): 1,
        StoryLink("c_1", "c_9", "update", ""): 1,
    }
    for link, faults in links.items():
        story = Story(snapshot="s", id="s_1", clusters=("c_1", "c_2"), links=(link,))
        assert len(line_faults(msgspec.json.encode(story) + b"\n")) == faults


@pytest.mark.parametrize("name", [tag.split("/")[0] for tag in SCHEMAS])
def test_every_record_has_a_json_schema_that_requires_every_key(name: str) -> None:
    parts = json_schema(name)["$defs"].values()
    assert all(part["required"] == list(part["properties"]) for part in parts)
