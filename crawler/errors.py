"""What can stop a crawl, named by what the user does next.

    CrawlerError
    ├── ConfigError      fix the configuration               exit 2
    ├── DamagedArchive   set the file aside, run again       exit 5
    ├── DiskFull         make room, run again                exit 6
    └── Locked           another run is at work: wait        exit 75

A fetch that fails is no exception: it is an outcome, archived or counted (see `crawler.frontier`).
"""


class CrawlerError(Exception):
    """Something the user can mend; `exit_code` is the process's exit status (docs/cli.md)."""

    exit_code = 1


class ConfigError(CrawlerError):
    """The configuration is wrong; the message names file, key and remedy."""

    exit_code = 2


class DamagedArchive(CrawlerError):
    """An archive or state file cannot be read on; the message names the file and the place."""

    exit_code = 5


class DiskFull(CrawlerError):
    """The disk is full (ENOSPC or EDQUOT); everything committed before is safe."""

    exit_code = 6


class Locked(CrawlerError):
    """Another run holds the data folder's lock."""

    exit_code = 75
