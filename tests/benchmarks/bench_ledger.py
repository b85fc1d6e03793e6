"""How long the ledger of 49 claims takes: `python tests/benchmarks/bench_ledger.py`.

Prints milliseconds, the median of several runs, and each as a multiple of reading every table once. Nothing is
asserted. Tables are in memory after the first run.
"""

from timing import milliseconds

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, ledger
from compute_scaling.forecasts import scored

DRAWS = 100_000


def main() -> None:
    """Print a line a case."""
    cases = {
        "every table, as of the article": lambda: [data.load(name, as_of=ARTICLE_DAY) for name in DATED],
        "the ledger of May 2024": lambda: ledger(as_of=ARTICLE_DAY, draws=DRAWS),
        "the ledger of May 2024, 1,000 draws": lambda: ledger(as_of=ARTICLE_DAY, draws=1_000),
        "the ledger of today": lambda: ledger(draws=DRAWS),
        "the forecasts, scored": lambda: scored(draws=DRAWS),
    }
    times = {name: milliseconds(call) for name, call in cases.items()}
    for name, taken in times.items():
        print(f"{name:36} {taken:8.1f} ms  {taken / times['every table, as of the article']:6.1f} x")


DATED = [name for name in data.tables() if name != "sources"]

if __name__ == "__main__":
    main()
