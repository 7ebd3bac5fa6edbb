"""Every agency of configs/agencies.toml on a page of ours: credited where it is, and nowhere else.

The pages are made of the rows' own examples and near misses, each at the place that its signal names, in
a story of words that no language has: which language the page is in is what it declares.
"""

import html
import json

import pytest

from corpus.agencies import load_agencies
from corpus.agency_rows import AgencyRow, Example
from corpus.config import default_file
from corpus.extract import extract
from corpus.pages import Page
from corpus.records import Article, Wire
from corpus.validate import article_faults
from tests.corpus.test_extract import RULES, URLS

AGENCIES = load_agencies(default_file("agencies.toml").read_text(encoding="utf-8")).agencies
STORY = (
    "Zorvel mantik brusolam tredifon, klamor vintesk ordalum prishnat zevolik umbretan.",
    "Krapistol venduram oskelit, brantivo malzek ferduin clastomer vidanesk quorblin.",
    "Trovanik elsumbra dornikel, paskevun ridolast embrikon zultavar menk ostrivel.",
    "Glandivor kestrun abelmat, vornikas delumbre sintokel pravestin moldark uzenfil.",
    "Farnuvel dristokam ilbernat, quasmeril tovandik esprulon kaminvor bedrustel ank.",
    "Mordavin ulsteker brankolit, zimnodar feltrumas ochrivan stelpunor kavidrel orm.",
)


def wire_of(line: Example, language: str) -> Wire:
    """The attribution of a page on which the line stands where its signal says."""
    text = html.escape(line.text)
    first = text if line.signal == "dateline" else ""
    marked = f'<p class="{line.signal}">{text}</p>' if line.signal in ("byline", "source") else ""
    last = f"<p>{text}</p>" if line.signal in ("tail", "copyright", "story_id") else ""
    node = {"@type": "NewsArticle", "author": {"@type": "Organization", "name": line.text}}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    meta = f'<meta name="author" content="{text}">' if line.signal == "meta" else ""
    body = "".join(f"<p>{p}</p>" for p in (first, *STORY) if p)
    source = (
        f'<!DOCTYPE html><html lang="{language}"><head><title>Zorvel mantik</title>{meta}'
        f"{head if line.signal == 'json_ld' else ''}</head><body><article><h1>Zorvel mantik</h1>"
        f"{marked}{body}{last}</article></body></html>"
    )
    return read(source)


def read(source: str, url: str = "https://news.example/zorvel-mantik") -> Wire:
    page = Page(capture_id="k_1", url=url, final_url=url, source_id="example", html=source)
    article = extract(page, RULES, URLS, ask=said)
    assert isinstance(article, Article), article
    assert not [fault for fault in article_faults(article) if "wire" in fault]
    return article.wire


def said(_page: Page, _nested: int) -> dict[str, str]:
    """What extractors find on each of these pages: the story, and nothing beside it."""
    return dict.fromkeys(("trafilatura", "resiliparse"), "\n".join(STORY))


def language_of(agency: AgencyRow) -> str:
    return next(iter(agency.acronym_languages or agency.languages), "en")


def lines(kind: str) -> list[object]:
    return [
        pytest.param(agency, line, id=f"{agency.code}-{line.signal}-{n}")
        for agency in AGENCIES
        for n, line in enumerate(getattr(agency, kind))
    ]


@pytest.mark.parametrize(("agency", "line"), lines("examples"))
def test_a_page_with_the_agencys_credit_is_credited_to_it(agency: AgencyRow, line: Example) -> None:
    wire = wire_of(line, language_of(agency))
    assert agency.code in wire.agencies
    assert wire.is_wire is not False
    assert all(proof.text for proof in wire.evidence)


@pytest.mark.parametrize(("agency", "line"), lines("near_misses"))
def test_a_page_with_a_near_miss_is_not_credited_to_the_agency(
    agency: AgencyRow, line: Example
) -> None:
    assert agency.code not in wire_of(line, language_of(agency)).agencies


@pytest.mark.parametrize(
    ("agency", "host"), [(agency, host) for agency in AGENCIES for host in agency.hosts]
)
def test_a_page_on_the_agencys_own_host_is_the_agencys(agency: AgencyRow, host: str) -> None:
    body = "".join(f"<p>{p}</p>" for p in STORY)
    page = f"<html><head><title>Zorvel</title></head><body><article>{body}</article></body></html>"
    assert read(page, f"https://www.{host}/zorvel").agencies == (agency.code,)


def test_every_agency_has_examples_of_several_kinds_and_near_misses() -> None:
    for agency in AGENCIES:
        assert len({line.signal for line in agency.examples}) >= 2, agency.code
        assert agency.near_misses, agency.code
