"""What `make bench` prints and keeps: `python tests/benchmarks/report.py .bench/run.json` writes book/speed.csv.

A row a case and size: median seconds, peak megabytes of the call where they were measured, seconds of a peer on the
same job, kilobytes of a page. Printed beside: how much longer than the smallest size of the case.
"""

import csv
import json
import os
import platform
import sys
from pathlib import Path

from book_figures.how_fast_is_it import GOALS, MEASURED

COLUMNS = ("case", "n", "seconds", "megabytes", "peer_seconds", "kilobytes")
GOAL_S = {(case, n): most for case, n, _, most in GOALS}


def rows(found):
    """The rows of the table, in the order of the run."""
    for bench in found["benchmarks"]:
        more = bench["extra_info"]
        row = {"case": bench["group"], "n": more["n"], "seconds": more.get("browser_seconds", bench["stats"]["median"])}
        yield row | {name: more.get(name, "") for name in COLUMNS[3:]}


def short(value):
    """A number with four digits, as the table keeps it."""
    return f"{value:.4g}" if isinstance(value, float) else value


def main(path):
    """Print the run, case by case, and write the table."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    table, first = list(rows(found)), {}
    for row in table:
        first.setdefault(row["case"], row["seconds"])
        ratio = f"{row['seconds'] / first[row['case']]:9.1f} x" if row["n"] != 1 else " " * 11
        peer = f"   peer {row['peer_seconds'] / row['seconds']:.3g} x" if row["peer_seconds"] else ""
        goal = GOAL_S.get((row["case"], row["n"]))
        aim = f"   goal {goal:g} s" if goal else ""
        print(f"{row['case']:52} {row['n']:>10,} {row['seconds'] * 1e3:12.3f} ms {ratio}{peer}{aim}")
    machine = f"{found['machine_info']['cpu'].get('brand_raw', platform.machine())}, {os.cpu_count()} cores"
    versions = f"Python {platform.python_version()}"
    with MEASURED.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {found['datetime'][:10]}; {machine}; {versions}\n")
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: short(value) for name, value in row.items()} for row in table)
    print(f"== {machine}; written to {MEASURED.relative_to(MEASURED.parents[1])}")


if __name__ == "__main__":
    main(sys.argv[1])
