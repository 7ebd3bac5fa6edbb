"""What is remembered of the crawled sites from run to run, on the disk.

In and out: `index/sites/date=…/<run>.jsonl`, a sealed shard a run, which holds the `SiteState` of each
host of that run as it was after it. What stands before a run is the fold of the shards before it: of a
host the last line counts. A line has a profile where it is new; every so many runs a shard holds all
hosts with their profiles, so that folding begins there.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path

import msgspec

from corpus.store import ShardWriter, read_shard
from corpus.upkeep import NO_PROFILE, SiteState, is_over

FOLDER = "index/sites"

WHOLE_EVERY = 64
"""Of so many runs in a row the first one's shard holds every host."""


class Sitebook:
    """The states of all hosts after a chain of runs.

    Profiles that were not made by `made_by` are left out; "" takes all.
    """

    def __init__(self, made_by: str) -> None:
        self.states: dict[str, SiteState] = {}
        self._made_by = made_by
        self._taken: list[Path] = []
        self._written: dict[str, SiteState] = {}

    def follow(self, shards: Sequence[Path]) -> None:
        """Make the book stand exactly after these shards, those of all runs up to some run."""
        start = len(self._taken)
        if self._taken != list(shards[:start]):
            self.states, start = {}, 0
        if start < len(shards):
            start = max(start, (len(shards) - 1) // WHOLE_EVERY * WHOLE_EVERY)
        for number in range(start, len(shards)):
            if number % WHOLE_EVERY == 0:
                self.states = {}
            for line in read_shard(shards[number], SiteState):
                self.states[line.host] = self._whole(line)
        self._taken = list(shards)

    def write(self, shard: ShardWriter, changed: Mapping[str, SiteState]) -> None:
        """Write the run after those that were followed; `changed` are the states of its hosts."""
        after = {**self.states, **changed}
        whole = len(self._taken) % WHOLE_EVERY == 0
        if whole:
            # The middle one: a page's wrong clock must not make all hosts forgotten.
            seen = sorted(state.seen_at for state in changed.values())
            now = seen[len(seen) // 2] if seen else ""
            after = {host: state for host, state in after.items() if not is_over(state, now)}
        for host in sorted(after if whole else changed):
            state = after[host]
            before = None if whole else self.states.get(host)
            if before and before.profile_id == state.profile_id:
                state = msgspec.structs.replace(state, profile=NO_PROFILE)
            shard.write(state)
        self._written = after

    def sealed(self, shard: Path) -> None:
        """What was written is in place, and belongs to what is followed."""
        self.states = self._written
        self._taken.append(shard)

    def _whole(self, line: SiteState) -> SiteState:
        """The line with the profile that it means."""
        profile = line.profile
        if line.profile_id and _is_none(profile) and line.host in self.states:
            profile = self.states[line.host].profile
        if _is_none(profile) or self._made_by not in ("", _made_by(profile)):
            return msgspec.structs.replace(line, profile_id="", profile=NO_PROFILE)
        # A piece of a line would keep all of it in memory.
        return msgspec.structs.replace(line, profile=profile.copy())


def read_states(shards: Iterable[Path], made_by: str = "") -> dict[str, SiteState]:
    """The states of all hosts after the runs up to the first that is not built."""
    book = Sitebook(made_by)
    book.follow(list(takewhile(Path.is_file, shards)))
    return book.states


class _Maker(msgspec.Struct):
    """Of a profile just what made it."""

    made_by: str = ""


def _is_none(profile: msgspec.Raw) -> bool:
    return bytes(profile) == bytes(NO_PROFILE)


def _made_by(profile: msgspec.Raw) -> str:
    return msgspec.json.decode(profile, type=_Maker).made_by
