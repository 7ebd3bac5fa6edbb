"""Texts for the clustering tests, made up here: stories of nonsense, cut, extended and restyled."""

import random

from corpus.config import default_file
from corpus.plan import DedupSettings, Document, load_dedup_settings

SETTINGS: DedupSettings = load_dedup_settings(default_file("dedup.toml").read_text(), "dedup.toml")

_SYLLABLES = (
    "ba",
    "den",
    "fo",
    "gri",
    "hal",
    "ko",
    "lum",
    "mer",
    "no",
    "pra",
    "sel",
    "tor",
    "vi",
    "wen",
)
_SMALL = ("the", "of", "and", "in", "after", "said", "with", "on", "for", "its")


def paragraph(seed: int, words: int = 45) -> str:
    """A paragraph that shares no run of words with one of another seed."""
    source = random.Random(seed)
    made = []
    for n in range(words):
        word = "".join(source.choices(_SYLLABLES, k=3)) if n % 3 else source.choice(_SMALL)
        made.append(word.capitalize() if source.random() < 0.15 else word)
    made[words // 2] = str(source.randint(2, 900))
    return " ".join(made) + "."


def story(seed: int, paragraphs: int = 8) -> list[str]:
    """The paragraphs of a story."""
    return [paragraph(seed * 1000 + n) for n in range(paragraphs)]


def document(name: str, paragraphs: list[str] | str, **more: object) -> Document:
    """A document of these paragraphs; every further field as given."""
    text = paragraphs if isinstance(paragraphs, str) else "\n\n".join(paragraphs)
    fields = {"article_id": name, "text": text, "host": f"{name}.example", "outlet": name}
    return Document(**{**fields, **more})  # type: ignore[arg-type]  # the caller's fields
