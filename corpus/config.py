"""The `[corpus]` table of the configuration, and where the rule files are.

In: the table as `crawler.config` read it. Out: `CorpusSettings`. Rule files come from the wheel, or
from the checkout's `configs/`.
"""

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from corpus.errors import RuleError
from crawler.records import Record, decode_strict


class CorpusSettings(Record, forbid_unknown_fields=True):
    """The `[corpus]` table. Limits are for one page in a worker process."""

    workers: int = 0
    window_days: int = 14
    page_seconds: float = 10.0
    page_megabytes: int = 2048
    min_words: int = 15
    site_profiles: bool = True


LEAST = {"workers": 0, "window_days": 0, "page_seconds": 0.1, "page_megabytes": 256, "min_words": 0}
"""The least that each number may be; an extraction library alone takes some 150 MB of address space."""


def corpus_settings(table: Mapping[str, Any], where: str) -> CorpusSettings:
    """The settings in a `[corpus]` table, or a configuration error that names the key."""
    settings = decode_strict(table, CorpusSettings, f"{where}: [corpus]")
    for key, least in LEAST.items():
        if getattr(settings, key) < least:
            raise RuleError(f"{where}: [corpus] {key} must be at least {least}")
    return settings


def default_file(name: str) -> Traversable:
    """A file of `configs/`: from the wheel where it was installed, else from the checkout."""
    packaged = resources.files("corpus") / "configs" / name
    if packaged.is_file():
        return packaged
    return Path(__file__).parent.parent / "configs" / name
