"""How many threads a model's arithmetic takes. One text is so little that handing it around costs more than it saves.

On two cores one classification took 13 ms of processor time with OpenBLAS's own threads and 4 ms without
(scripts/bench_engine.py); several texts at once are spread over the adapter's threads instead.
"""

from __future__ import annotations

import ctypes
import sys

# mallopt's name for "how many heaps at most" (malloc.h of glibc), and how many: two cores' worth.
_M_ARENA_MAX, _HEAPS = -8, 2


def one_thread_each() -> None:
    """From here on each call of NumPy's BLAS works in the thread that made it. Training is not concerned by it."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")


def few_heaps() -> None:
    """Let all threads share two heaps. glibc gives each thread its own, and sixteen of them fill up with gaps.

    Memory crept up by 16 KB a reply without it, and by a quarter of that, ending, with it. Elsewhere nothing happens.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_ARENA_MAX, _HEAPS)
