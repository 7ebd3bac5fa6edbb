"""A small made-up news web for tests and the demo: its stories, pages, server, truth and scorer."""

from tests.newsweb.server import NewsWeb

__all__ = ["NewsWeb"]
