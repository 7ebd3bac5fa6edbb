from pathlib import Path

import pytest

from crawler.config import load, seconds
from crawler.errors import ConfigError

SOURCE = '[[source]]\nid = "times"\nhome = "https://times.example/"\n'


def written(tmp_path: Path, text: str, **files: str) -> Path:
    for name, content in files.items():
        path = tmp_path / "sources" / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    path = tmp_path / "wirecorpus.toml"
    path.write_text(text)
    return path


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    config = load(written(tmp_path, SOURCE))
    assert config.data == tmp_path / "data"
    assert (config.crawl.delay, config.crawl.per_host) == (2.0, 1)
    assert [source.id for source in config.sources] == ["times"]


def test_sources_come_from_the_file_and_then_from_files_by_name(tmp_path: Path) -> None:
    row = 'id = "{0}"\nhome = "https://{0}.example/"\n'
    path = written(
        tmp_path,
        'sources = ["sources/*.toml"]\n' + SOURCE,
        b=row.format("b"),
        a="[[source]]\n" + row.format("a"),
    )
    assert [source.id for source in load(path).sources] == ["times", "a", "b"]


def test_tables_of_others_are_handed_on_unread(tmp_path: Path) -> None:
    assert load(written(tmp_path, "[corpus]\nworkers = 3\n")).tables["corpus"] == {"workers": 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[crawl]\ndelya = 2\n", ["wirecorpus.toml: [crawl]", "'delya'", "did you mean 'delay'"]),
        ("[crwal]\n", ["wirecorpus.toml", "'crwal'", "'crawl'"]),
        ('[crawl]\ndelay = "2"\n', ["[crawl]", "'delay' must be a number, not text"]),
        ("[crawl]\nper_host = 0\n", ["per_host must be at least 1"]),
        ("[crawl]\ndelay = -1\n", ["delay must not be negative"]),
        ('[crawl]\nmax_runtime = "soon"\n', ["max_runtime", "'soon' is no duration"]),
        ('[crawl]\nrevisit = ["1h", "x"]\n', ["revisit", "'x' is no duration"]),
        ('[crawl]\nrevisit_unchanged = "x"\n', ["[crawl]", "revisit_unchanged", "'x'"]),
        ('[[source]]\nid = "x"\n', ["(x)", "names no feeds"]),
        ('[[source]]\nhome = "https://x.example/"\n', ["'id' is missing"]),
        ('[[source]]\nid = "The Times"\nhome = "https://x.example/"\n', ["lower-case"]),
        ('[[source]]\nid = "x"\nfeeds = ["ftp://x.example/"]\n', ["feeds", "no http or https URL"]),
        ('[[source]]\nid = "x"\nhome = "x.example"\n', ["home", "no http or https URL"]),
        ('[[source]]\nid = "x"\nfeeds = ["http://u:p@x.example/"]\n', ["feeds", "credentials"]),
        ("[crawl]\ndelay = nan\n", ["delay must be a number up to"]),
        ("[crawl]\ndelay = inf\n", ["delay must be a number up to"]),
        ("[crawl]\nmax_retry_after = -1\n", ["max_retry_after must not be negative"]),
        ("[crawl]\ntotal_timeout = nan\n", ["total_timeout must be a number"]),
        ("[crawl]\nmax_age_days = -3\n", ["max_age_days must not be negative"]),
        ("[crawl]\nmax_warc_bytes = 0\n", ["max_warc_bytes must be at least 1"]),
        (SOURCE + "delay = nan\n", ["(times): delay must be a number up to"]),
        (SOURCE + "max_pages = -1\n", ["(times): max_pages must not be negative"]),
        (SOURCE + 'include = ["("]\n', ["include", "no regular expression"]),
        (SOURCE + SOURCE, ["'times' is taken by"]),
        ('sources = ["sources/none.toml"]\n', ["sources/none.toml, which does not exist"]),
        ("delay = \n", ["is not valid TOML"]),
        ('[crawl]\nallow_networks = ["all"]\n', ["allow_networks", "'all'"]),
        ('[crawl]\nresolve = { "a.example" = "127.0.0.1:http" }\n', ["resolve", "a.example"]),
    ],
)
def test_what_does_not_hold_is_named_with_file_key_and_remedy(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    assert [word for word in words if word not in str(caught.value)] == []
    assert caught.value.exit_code == 2


def test_urls_of_sources_are_read_in_any_script_and_spelling(tmp_path: Path) -> None:
    row = 'id = "b"\nhome = "http://Bücher.example:80"\nfeeds = ["http://bücher.example/rss"]\n'
    (source,) = load(written(tmp_path, "[[source]]\n" + row)).sources
    assert source.home == "http://xn--bcher-kva.example/"
    assert source.feeds == ("http://xn--bcher-kva.example/rss",)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="wirecorpus init"):
        load(tmp_path / "none.toml")


def test_a_folder_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path)
    path = tmp_path / "w.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(path)


@pytest.mark.parametrize(
    ("text", "value"), [("50m", 3000), ("1h30m", 5400), ("7d", 604_800), ("90s", 90), ("0s", 0)]
)
def test_durations_are_days_hours_minutes_seconds(text: str, value: float) -> None:
    assert seconds(text, "here") == value


@pytest.mark.parametrize("text", ["", "5", "m", "1.5h", "1h 30m", "-1h"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no duration"):
        seconds(text, "here")
