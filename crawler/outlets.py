"""The catalogue of news outlets that comes with the program, and how one becomes a source.

In: `configs/outlets/*.toml`, a word to look for, a configuration file. Out: the outlets that match; the
configuration with one more `[[source]]` table. The addresses are facts that somebody collected and nobody
here has verified: `sources check` asks the site. Nothing is fetched here.
"""

import json
import tomllib
import unicodedata
from pathlib import Path

from crawler.config import default_file, load
from crawler.errors import ConfigError
from crawler.records import Record, decode_strict


class Outlet(Record, forbid_unknown_fields=True):
    """A news outlet and where it announces its stories; `news_sitemaps` hold the last two days."""

    id: str
    name: str
    country: str
    language: str
    home: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()

    def row(self) -> str:
        """The `[[source]]` table; whole sitemaps only where there is nothing quicker."""
        sitemaps = self.news_sitemaps or (() if self.feeds else self.sitemaps)
        lines = [
            "[[source]]  # from the catalogue of outlets, not verified",
            f"id = {_text(self.id)}",
        ]
        lines += [f"{key} = {_text(getattr(self, key))}" for key in ("name", "country", "home")]
        for key, urls in (("feeds", self.feeds), ("sitemaps", sitemaps)):
            if urls:
                lines.append(f"{key} = [{', '.join(map(_text, urls))}]")
        return "\n".join(lines) + "\n"


class _OutletFile(Record, forbid_unknown_fields=True):
    """A file of the catalogue."""

    outlet: tuple[Outlet, ...]


def outlets() -> tuple[Outlet, ...]:
    """The whole catalogue, by id."""
    found: list[Outlet] = []
    for file in default_file("outlets").iterdir():
        if file.name.endswith(".toml"):
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            found += decode_strict(table, _OutletFile, file.name).outlet
    return tuple(sorted(found, key=lambda one: one.id))


def search(word: str) -> tuple[Outlet, ...]:
    """The outlets whose id, name or home has the word, or whose country or language it is."""
    wanted = _folded(word)
    every = outlets()
    spoken = [one for one in every if wanted in (one.country.lower(), one.language.lower())]
    named = [one for one in every if wanted in _folded(f"{one.id} {one.name} {one.home}")]
    return tuple(spoken or named)


def add(name: str, config_file: Path) -> Outlet:
    """Write the outlet of this id, or name, into the configuration as its last source.

    Raises `ConfigError` where there is none or more than one of it, or the configuration has it already.
    """
    outlet = _only(name)
    known = load(config_file)
    if any(source.id == outlet.id for source in known.sources):
        raise ConfigError(f"{config_file.name}: has a source '{outlet.id}' already")
    before = config_file.read_text(encoding="utf-8")
    _write(config_file, before.rstrip("\n") + "\n\n" + outlet.row())
    try:
        load(config_file)
    except ConfigError as error:
        _write(config_file, before)
        raise ConfigError(
            f"{error}; {config_file.name} was left as it was. Paste this into a file of its own"
            f" that `sources` names:\n\n{outlet.row()}"
        ) from None
    return outlet


def _only(name: str) -> Outlet:
    every = outlets()
    exact = [one for one in every if name == one.id] or [
        one for one in every if _folded(name) == _folded(one.name)
    ]
    if len(exact) == 1:
        return exact[0]
    near = exact or search(name)
    hint = f"; did you mean {', '.join(one.id for one in near[:8])}?" if near else "."
    raise ConfigError(
        f"'{name}' is no outlet of the catalogue{hint} See `wirecorpus sources search`"
    )


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _folded(text: str) -> str:
    """The text without case and accents, as people type names."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _text(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)
