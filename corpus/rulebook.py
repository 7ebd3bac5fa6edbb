"""The rule files that a build or a filter works by, and the digests that stamps carry.

In: `configs/` as installed. Out: the files' texts, and one digest for each stage that reads them, so
that a changed rule makes due what was made by the old one. Loading and proving a rule is the affair
of the module that uses it.
"""

from importlib.metadata import version
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from corpus.config import CorpusSettings, default_file
from corpus.profiles import VERSION as PROFILE_VERSION
from corpus.stages import ANSWERS_VERSION, EXTRACT_VERSION
from corpus.store import digest
from crawler.archive import default_file as crawler_file
from crawler.records import Record

if TYPE_CHECKING:
    from corpus.plan import DedupSettings

EXTRACTS_WITH = (
    "trafilatura",
    "resiliparse",
    "lxml",
    "lxml_html_clean",
    "justext",
    "courlan",
    "charset-normalizer",
    "selectolax",
)
"""Libraries whose version can change an extracted text."""

CLUSTERS_WITH = ("datasketch", "numpy", "pyarrow", "jinja2")
"""And with them the bytes of a snapshot's files."""


class Rulebook(Record):
    """The texts of the rule files by name, as `extract` and `cluster` are told them."""

    files: dict[str, str]
    dedup_text: str

    def extract_digest(self, settings: CorpusSettings) -> str:
        """Of all that decides what a capture's article is."""
        limits = (settings.min_words, settings.page_seconds, settings.page_megabytes)
        profiles = PROFILE_VERSION if settings.site_profiles else 0
        return digest(
            EXTRACT_VERSION,
            self.files,
            limits,
            profiles,
            [version(name) for name in EXTRACTS_WITH],
        )

    def answers_digest(self) -> str:
        """Of all but the page itself that decides what extractors answer: no rule is among it."""
        return digest(ANSWERS_VERSION, [version(name) for name in EXTRACTS_WITH])

    def lessons_digest(self, settings: CorpusSettings) -> str:
        """Of what decides, besides its pages, what a lesson or check of a site comes to.

        Who is credited with a story and how URLs are spelled is not among it.
        """
        rules = (self.files["boilerplate.toml"], self.files["votes.toml"])
        return digest(
            EXTRACT_VERSION, PROFILE_VERSION, rules, settings.min_words, self.answers_digest()
        )

    def cluster_digest(self, settings: CorpusSettings) -> str:
        """Of all that decides how articles are clustered."""
        return digest(
            self.dedup_text, settings.window_days, [version(name) for name in CLUSTERS_WITH]
        )

    def dedup(self) -> "DedupSettings":
        """configs/dedup.toml, decoded; loads NumPy."""
        from corpus.plan import load_dedup_settings

        return load_dedup_settings(self.dedup_text, "dedup.toml")


def load_rulebook() -> Rulebook:
    """The rule files that came with this installation."""
    return Rulebook(
        files={
            "boilerplate.toml": _text(default_file("boilerplate.toml")),
            "agencies.toml": _text(default_file("agencies.toml")),
            "votes.toml": _text(default_file("votes.toml")),
            "urls.toml": _text(crawler_file("urls.toml")),
        },
        dedup_text=_text(default_file("dedup.toml")),
    )


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
