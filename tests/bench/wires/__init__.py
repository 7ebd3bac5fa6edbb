"""Made-up wire stories with what newsrooms make of them, and real pairs that we read.

In: the TOML files of this folder, written by us; and `fnc1-dev` beside the project. Out: texts and
labels. Nothing is measured here.
"""

import gzip
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent


class Text(NamedTuple):
    """A text: the wire that it belongs to, its form, whether it descends from that wire, and when.

    `copy` says that it is a near copy of the wire as filed.
    """

    wire: str
    form: str
    same: bool
    copy: bool
    published: str
    language: str
    text: str

    @property
    def story(self) -> str:
        """The story that it belongs to, one of its own where it is no retelling."""
        return self.wire if self.same else f"{self.wire} {self.form} {self.published}"


def load(*names: str) -> list[Text]:
    """The texts of these files, each wire before what was made of it."""
    found = []
    for name in names:
        for row in tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))["story"]:
            own = {"form": "wire", "same": True, "copy": True, **row}
            found += [_text(row["id"], told) for told in (own, *row["retold"])]
    return found


def _text(wire: str, told: Mapping[str, Any]) -> Text:
    return Text(
        wire=wire,
        form=told["form"],
        same=told["same"],
        copy=told.get("copy", False),
        published=told["published"],
        language=told.get("language", "en"),
        text=told["text"].strip().replace("\n", "\n\n"),
    )


def rumours(folder: Path) -> tuple[dict[str, str], dict[frozenset[str], str]]:
    """The texts of fnc1-dev by id, and its verdicts."""
    with gzip.open(folder / "fnc1-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    rows = (folder / "fnc1-dev.pairs.jsonl").read_text("utf-8").splitlines()
    judged = {frozenset((row["a"], row["b"])): row["judged"] for row in map(json.loads, rows)}
    return texts, judged


def read_by_us() -> Mapping[frozenset[str], str]:
    """Pairs of fnc1-dev that we read: "same" story reworded, "apart", or "open"."""
    rows = (FOLDER / "fnc1-read.jsonl").read_text("utf-8").splitlines()
    return {frozenset((row["a"], row["b"])): row["read"] for row in map(json.loads, rows)}
