"""Scrapy and trafilatura in an environment of their own: never a dependency of the project.

In: nothing. Out: the interpreter of `.venv-bench` in the checkout, made by plain pip where it is not there
yet; a word about its versions, or why there is none.
"""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).parents[2] / ".venv-bench"
SPIDER = Path(__file__).with_name("scrapy_spider.py")
_WANTED = ("scrapy>=2.13", "trafilatura>=2.0", "lxml_html_clean")
_VERSIONS = (
    "import scrapy, trafilatura; print('Scrapy', scrapy.__version__ + ',',"
    " 'trafilatura', trafilatura.__version__)"
)
_INSTALL_SECONDS = 300


class Rival(NamedTuple):
    """Its interpreter ("" where it could not be installed), and its versions or what went wrong."""

    python: str
    words: str


def rival() -> Rival:
    """The environment, made where it is missing."""
    python = HOME / "bin" / "python"
    ready = HOME / ".installed"
    try:
        if not ready.exists():
            _call(sys.executable, "-m", "venv", "--clear", str(HOME))
            _call(str(python), "-m", "pip", "install", "--quiet", *_WANTED)
            ready.touch()
        return Rival(str(python), _call(str(python), "-c", _VERSIONS).strip())
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        return Rival("", f"Scrapy could not be installed: {said.strip()[-300:]}")


def _call(*words: str) -> str:
    return subprocess.run(
        words, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
    ).stdout
