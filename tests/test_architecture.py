"""The house stands as docs/architecture.md says: who may import what, and which module is which.

import-linter checks the two packages against each other (pyproject.toml); here each module is looked
at by itself.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpus
import crawler

PACKAGES = {package.__name__: Path(str(package.__file__)).parent for package in (crawler, corpus)}
PAGE = Path(__file__).parent.parent / "docs" / "architecture.md"

DOORS = {
    "httpx": {"crawler.fetch"},
    "httpcore": {"crawler.fetch", "crawler.network"},
    "protego": {"crawler.robots"},
    "feedparser": {"crawler.feeds"},
    "tldextract": {"crawler.hosts"},
    "warcio": {"crawler.recorder"},
    "fastwarc": {"crawler.archive"},
    "selectolax": {"crawler.links", "corpus.dom"},
    "trafilatura": {"corpus.extractors"},
    "resiliparse": {"corpus.extractors"},
    "datasketch": {"corpus.minhash"},
    "pyarrow": {"corpus.formats"},
    "jinja2": {"corpus.htmlfile"},
}
"""The modules through which each library is reached."""

WORLD = {
    "asyncio", "datetime.now", "duckdb", "fcntl", "httpx", "random", "secrets", "shutil", "signal", "socket",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time",
}  # fmt: skip
"""What a core module has no business with: network, disk, clock, chance, other processes."""

NEEDED_AT_ONCE = {"click", "msgspec"}
"""Libraries that `wirecorpus --help` may wait for."""


def modules() -> Iterator[tuple[str, Path]]:
    for name, folder in PACKAGES.items():
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            yield ".".join((name, *(p for p in parts if p != "__init__"))), file


def imported(file: Path) -> set[str]:
    """All that a module imports when it runs, at its top or inside a function."""
    tree = ast.parse(file.read_text("utf-8"))
    tree.body = [n for n in tree.body if not _is_for_types(n)]
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def kinds() -> dict[str, str]:
    """The kind ("core" or "edge") that the architecture page gives each module."""
    found = {}
    package = ""
    for line in PAGE.read_text("utf-8").splitlines():
        heading = re.match(r"## (crawler|corpus)/", line)
        package = heading[1] if heading else package
        row = re.match(r"\| (`[^|]+`) \| (core|edge) \|", line)
        if row:
            names = re.findall(r"`([a-z_]+)`", row[1])
            found.update({f"{package}.{name}": row[2] for name in names})
    return found


MODULES = dict(modules())


def test_every_module_has_its_row_and_every_row_its_module() -> None:
    have = {".".join(name.split(".")[:2]) for name in MODULES} - set(PACKAGES)
    assert set(kinds()) == have


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_library_is_reached_by_its_door_only(name: str) -> None:
    roots = {i.split(".")[0] for i in imported(MODULES[name])}
    for library, doors in DOORS.items():
        assert library not in roots or name in doors, f"{name} imports {library}"


@pytest.mark.parametrize("name", sorted(n for n, kind in kinds().items() if kind == "core"))
def test_a_core_module_reaches_nothing_of_the_world(name: str) -> None:
    text = MODULES[name].read_text("utf-8")
    assert not {i.split(".")[0] for i in imported(MODULES[name])} & WORLD
    assert not re.search(r"\bopen\(|datetime\.now\(|os\.environ|\.read_text\(|\.write_", text) or (
        "resources.files" in text
    ), "a core module opens no file and looks at no clock"


@pytest.mark.parametrize("name", sorted(n for n in MODULES if n.startswith("corpus")))
def test_corpus_knows_of_the_crawler_its_records_and_archive_alone(name: str) -> None:
    allowed = {"crawler.records", "crawler.archive", "crawler"}
    if name.startswith("corpus.cli"):
        allowed.add("crawler.cli")
    reached = {
        ".".join(i.split(".")[:2]) for i in imported(MODULES[name]) if i.startswith("crawler")
    }
    assert reached <= allowed


def test_the_command_starts_without_the_heavy_libraries() -> None:
    import subprocess

    program = "import sys, corpus.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {m.split(".")[0] for m in done.stdout.split()}
    assert not loaded & {*DOORS, "numpy", "lxml", "rich", "selectolax"}
