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

COLUMNS = ("case", "n", "seconds", "megabytes", "peer_seconds", "kilobytes", "milliseconds")
OUT = Path(__file__).resolve().parents[2] / "book" / "speed.csv"
GOALS = {  # case, size -> seconds
    ("step time of plans", 10**6): 1.0,
    ("best plan that divides a machine", 100_000): 1.0,
    ("best use of a machine", 100_000): 1.0,
    ("fit of a scaling law, 240 runs", 1): 0.005,
    ("bootstrap of a scaling law", 4_000): 2.0,
    ("ledger of 49 claims", 100_000): 1.0,
    ("import compute_scaling.throughput", 1): 0.3,
    ("import compute_scaling.claims", 1): 0.3,
    ("make book, one page changed", 1): 15.0,
    ("make book, nothing built yet", 1): 60.0,
}


def rows(found):
    """The rows of the table, in the order of the run."""
    for bench in found["benchmarks"]:
        more = bench["extra_info"]
        row = {"case": bench["group"], "n": more["n"], "seconds": bench["stats"]["median"]}
        row |= {name: more.get(name, "") for name in COLUMNS[3:]}
        if row["milliseconds"]:  # clocked in the browser, without the way there
            row["seconds"] = row["milliseconds"] / 1e3
        yield row


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
        goal = GOALS.get((row["case"], row["n"]))
        aim = f"   goal {goal:g} s" if goal else ""
        print(f"{row['case']:52} {row['n']:>10,} {row['seconds'] * 1e3:12.3f} ms {ratio}{peer}{aim}")
    machine = f"{found['machine_info']['cpu'].get('brand_raw', platform.machine())}, {os.cpu_count()} cores"
    versions = f"Python {platform.python_version()}"
    with OUT.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {found['datetime'][:10]}; {machine}; {versions}\n")
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: short(value) for name, value in row.items() if name in COLUMNS} for row in table)
    print(f"== {machine}; written to {OUT.relative_to(OUT.parents[1])}")


if __name__ == "__main__":
    main(sys.argv[1])
