"""Calls of many threads as one: everybody gets their own result, batches form, one bad item harms nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatbot.neural.together import Crowd, Together


class Doubling:
    """Doubles numbers, slowly, and keeps the sizes of its batches; 13 is a number it cannot take."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.sizes.append(len(items))
        time.sleep(0.02)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


def test_everybody_gets_their_own_result_in_few_batches() -> None:
    work = Doubling()
    together = Together(work, limit=8)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(together, range(20, 84))) == [2 * n for n in range(20, 84)]
    assert sum(work.sizes) == 64
    assert max(work.sizes) <= 8
    assert max(work.sizes) > 1  # how many batches it takes is the scheduler's affair


def test_alone_nobody_waits() -> None:
    work = Doubling()
    assert Together(work)(4) == 8
    assert work.sizes == [1]


def test_a_bad_item_fails_alone() -> None:
    together = Together(Doubling())
    results: dict[int, int] = {}
    errors: list[int] = []

    def call(number: int) -> None:
        try:
            results[number] = together(number)
        except ValueError:
            errors.append(number)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [13]
    assert results == {number: 2 * number for number in range(8, 18) if number != 13}


def test_after_a_failure_the_next_call_works() -> None:
    together = Together(Doubling())
    with pytest.raises(ValueError, match="13"):
        together(13)
    assert together(1) == 2


def test_a_batch_waits_for_the_crowd_and_no_longer() -> None:
    work, crowd = Doubling(), Crowd()
    together = Together(work, crowd)
    came = threading.Barrier(4)

    def call(number: int) -> int:
        with crowd:
            came.wait()
            time.sleep(0.001 * number)  # the first would be done before the last comes
            return together(number)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(call, range(4))) == [0, 2, 4, 6]
    assert work.sizes[0] > 1
    with crowd, crowd:  # somebody of the crowd never calls
        assert together(5) == 10
    assert crowd.size == 0
