"""The engine of one machine: answers in order, few parts ahead, and what a lost process says."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from corpus.engines import refuse_unbuilt
from corpus.engines.local import LocalEngine
from corpus.errors import RuleError, WorkerLost


def squared(n: int) -> int:
    return n * n


def place(n: int) -> int:
    return os.getpid() + 0 * n


def slow_place(n: int) -> int:
    time.sleep(0.3)
    return place(n)


def nothing() -> None:
    return None


def killed(parent: int) -> int:
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return parent


def test_answers_come_in_the_order_of_the_parts() -> None:
    with LocalEngine(2, here_first=0) as engine:
        assert list(engine.each(squared, range(40))) == [n * n for n in range(40)]
        assert list(engine.each(squared, [])) == []


def test_little_work_is_done_in_this_process() -> None:
    with LocalEngine(2) as engine:
        assert set(engine.each(place, range(5))) == {os.getpid()}


def test_more_work_is_shared_with_others_unless_there_is_one_process_only() -> None:
    with LocalEngine(3, here_first=0) as engine:
        places = set(engine.each(slow_place, range(12)))
        assert os.getpid() in places
        assert 2 <= len(places) <= 3
    with LocalEngine(1, here_first=0) as engine:
        assert set(engine.each(place, range(8))) == {os.getpid()}


def test_of_two_parts_each_of_two_processes_does_one() -> None:
    with LocalEngine(2, here_first=0) as engine:
        assert len(set(engine.each(place, range(2)))) == 2


def test_a_part_that_stands_alone_is_done_here() -> None:
    with LocalEngine(2, here_first=0) as engine:
        assert list(engine.each(place, [0])) == [os.getpid()]


def test_others_that_are_begun_share_work_from_its_first_part_on() -> None:
    with LocalEngine(2) as engine:
        engine.begin(nothing)
        assert len(set(engine.each(place, range(2)))) == 2


def test_parts_are_taken_as_they_are_needed() -> None:
    taken = []

    def parts() -> Iterator[int]:
        for n in range(100):
            taken.append(n)
            yield n

    with LocalEngine(2, here_first=0) as engine:
        answers = engine.each(squared, parts())
        next(answers)
        assert len(taken) <= 12


def test_a_process_that_is_killed_is_told_with_the_remedy() -> None:
    with (
        LocalEngine(2, here_first=0) as engine,
        pytest.raises(WorkerLost, match=r"memory runs out; use --workers 1"),
    ):
        list(engine.each(killed, [os.getpid()] * 3))


def test_an_engine_that_is_not_there_yet_is_refused() -> None:
    with pytest.raises(RuleError, match="spark: comes later"):
        refuse_unbuilt("spark")
    refuse_unbuilt("local")
