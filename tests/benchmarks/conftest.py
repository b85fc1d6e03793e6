"""How the benchmarks measure: pytest-benchmark's clock, the peak of memory, and a size n that a case grows with."""

import tracemalloc

import pytest


@pytest.fixture
def measured(benchmark):
    """Time a call: `measured("case", n, call)`. Nothing is asserted; `report.py` prints the ratios of the run."""

    def measure(case, n, call, *, rounds=None, warmup=True):
        benchmark.group = case
        benchmark.extra_info["n"] = n
        if rounds is None:
            result = benchmark(call)
        else:
            result = benchmark.pedantic(call, rounds=rounds, warmup_rounds=int(warmup))
        tracemalloc.start()
        call()
        benchmark.extra_info["megabytes"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        return result

    return measure
