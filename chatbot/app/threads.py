"""How many threads a model's arithmetic takes. One text is so little that handing it around costs more than it saves.

On two cores one classification took 13 ms of processor time with OpenBLAS's own threads and 4 ms without
(scripts/bench_engine.py); several texts at once are spread over the adapter's threads instead.
"""

from __future__ import annotations


def one_thread_each() -> None:
    """From here on each call of NumPy's BLAS works in the thread that made it. Training is not concerned by it."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
