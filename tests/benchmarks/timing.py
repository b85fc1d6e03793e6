"""How the benchmarks measure: the median of several calls, after one that warms up."""

import statistics
import time
from collections.abc import Callable


def milliseconds(call: Callable[[], object], *, runs: int = 7) -> float:
    """Return the median time of a call in milliseconds."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)
