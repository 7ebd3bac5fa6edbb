"""What can stop a build, named by what the user does next.

    CorpusError
    ├── RuleError     fix a row of configs/*.toml, or an option   exit 2
    ├── DamagedData   set the named file aside, run again         exit 5
    │   └── DamagedShard    (a build does that by itself)
    ├── DiskFull      make room, run again                        exit 6
    └── WorkerLost    give it memory, or fewer processes          exit 6

A page that yields no article is no exception: it is a `corpus.records.Rejection`.
"""

from pathlib import Path


class CorpusError(Exception):
    """Something the user can mend; `exit_code` is the process's exit status (docs/cli.md)."""

    exit_code = 1


class RuleError(CorpusError):
    """A rule file or an input file's name is wrong; the message names file, row and remedy."""

    exit_code = 2


class DamagedData(CorpusError):
    """A shard, snapshot or data folder is not as it was written; the message names the place."""

    exit_code = 5


class DamagedShard(DamagedData):
    """A shard that cannot be read, or is not what was sealed; the archive can make it again."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"{path}: {fault}; delete this file and run `wirecorpus build`, which makes it again"
        )
        self.path = path
        self.fault = fault


class Busy(CorpusError):
    """Another process is at work on the same folder: wait."""

    exit_code = 75


class DiskFull(CorpusError):
    """The disk is full (ENOSPC or EDQUOT); every sealed shard is safe."""

    exit_code = 6


class WorkerLost(CorpusError):
    """A process of the pool was killed from outside, as happens where memory runs out."""

    exit_code = 6
