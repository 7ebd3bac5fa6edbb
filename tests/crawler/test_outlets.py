from pathlib import Path

import pytest

from crawler.config import load
from crawler.errors import ConfigError
from crawler.outlets import add, outlets, search
from crawler.urls import UrlRules, canonical_url

SMALL = '[crawl]\ncontact = "desk@gazette.example"\n'


def config_file(folder: Path, more: str = "") -> Path:
    path = folder / "wirecorpus.toml"
    path.write_text(more + SMALL, encoding="utf-8")
    return path


def test_every_outlet_of_the_catalogue_can_be_a_source(tmp_path: Path) -> None:
    every = outlets()
    assert len(every) == len({one.id for one in every}) == 175
    path = config_file(tmp_path)
    path.write_text(SMALL + "".join(one.row() for one in every), encoding="utf-8")
    assert len(load(path).sources) == 175
    for one in every:
        for url in (one.home, *one.feeds, *one.sitemaps, *one.news_sitemaps):
            assert isinstance(canonical_url(url, UrlRules()), str), url


def test_an_outlet_is_found_by_name_without_accents_country_or_language() -> None:
    assert "osterreichischer-rundfunk" in {one.id for one in search("osterreich")}
    assert {one.country for one in search("gb")} == {"GB"}
    assert search("no such paper") == ()


def test_an_added_outlet_is_a_source_and_comments_stay(tmp_path: Path) -> None:
    path = config_file(tmp_path, "# ours\n")
    outlet = add("der-standard", path)
    assert path.read_text(encoding="utf-8").startswith("# ours\n")
    (source,) = load(path).sources
    assert (source.id, source.country, source.feeds) == (outlet.id, "AT", outlet.feeds)
    assert source.sitemaps == outlet.news_sitemaps
    with pytest.raises(ConfigError, match="already"):
        add("Der Standard", path)


def test_what_is_not_in_the_catalogue_is_told_with_the_likely_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="der-standard"):
        add("standard", config_file(tmp_path))


def test_a_configuration_that_cannot_take_a_table_is_left_as_it_was(tmp_path: Path) -> None:
    path = config_file(tmp_path, 'source = [{id = "x", home = "https://x.example/"}]\n')
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"\[\[source\]\]"):
        add("der-standard", path)
    assert path.read_bytes() == before
