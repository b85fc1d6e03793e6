"""The answers of chapter 3, worked out a second time: from the raw tables, with loops instead of the census."""

from itertools import product
from pathlib import Path

import gates
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
DAY = "2024-05-31"
PLANNED = 100_000
TRUST = {"low": 0, "medium": 1, "high": 2}
MEASURED = {"public record"}
CONFIRMED = MEASURED | {"paper", "company statement", "datasheet"}
CHOICES = list(
    product(("fabric", "owner"), ("measured", "confirmed", "reported"), ("H100", "any", "H100e"), ("ai", "all"))
)


def raw(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str, keep_default_na=False).to_dict("records")


PEAKS = {row["accelerator"]: float(row["bf16_flop_per_s"] or "nan") for row in raw("accelerators")}
CHIP_KNOWN = {row["accelerator"]: row["known_on"] for row in raw("accelerators")}
TOLD = {}
for cluster in raw("clusters"):
    TOLD[cluster["cluster_id"]] = min(cluster["known_on"], TOLD.get(cluster["cluster_id"], "9999"))


def exists(row, day):
    begun = (row["first_operational"] or row["known_on"]) <= day
    end_told = TOLD.get(row["superseded_by"], row["superseded_on"])
    ended = "" < row["superseded_on"] <= day and end_told <= day
    return begun and not ended and row["known_on"] <= day and row["owner"] != "xAI" and row["count"]


def counts_as(row, evidence):
    if evidence == "reported":
        return row["status"] in ("operational", "offered", "bought")
    allowed = MEASURED if evidence == "measured" else CONFIRMED
    return row["status"] == "operational" and row["evidence"] in allowed


def weight(chip, unit, day):
    if unit == "any":
        return 1.0
    if unit == "H100":
        return 1.0 if chip.startswith("H100") else 0.0
    known = chip == "H100 SXM" or CHIP_KNOWN.get(chip, "9999") <= day
    return PEAKS[chip] / PEAKS["H100 SXM"] if known else 0.0


def machines(evidence, unit, purpose, day):
    """Return cluster id -> (low, mid, high, owner, is one running fabric)."""
    by_id = {}
    for row in raw("clusters"):
        if exists(row, day) and counts_as(row, evidence) and (purpose == "all" or row["purpose"] == "ai"):
            by_id.setdefault(row["cluster_id"], []).append(row)
    found = {}
    for name, rows in by_id.items():
        rows.sort(key=lambda row: (TRUST[row["confidence"]], row["known_on"], row["source_id"]))
        last, each = rows[-1], weight(rows[-1]["accelerator"], unit, day)
        if each > 0:
            low, high = min(int(r["count_low"]) for r in rows), max(int(r["count_high"]) for r in rows)
            size = (low * each, int(last["count"]) * each, high * each)
            found[name] = (*size, last["owner"], last["scope"] == "fabric", last["status"] == "operational")
    return found


def largest(scope, evidence, unit, purpose, day=DAY):
    """Return (low, mid, high) of the largest machine or owner of a definition."""
    found = list(machines(evidence, unit, purpose, day).values())
    if scope == "fabric":
        return max((m[:3] for m in found if m[4]), key=lambda size: size[1], default=None)
    sizes = [m[:3] for m in found if not (m[4] and m[5])]
    for owner in {m[3] for m in found}:
        parts = [m[:3] for m in found if m[3] == owner and m[4] and m[5]]
        sizes += [tuple(map(sum, zip(*parts, strict=True)))] if parts else []
    return max(sizes, key=lambda size: size[1], default=None)


@pytest.fixture(scope="module")
def said():
    """The numbers that chapter 3 hands to its prose."""
    notebook = gates.read(next((ROOT / "notebooks").glob("03_*.ipynb")))
    records = [output for output in gates.outputs(notebook) if "scrapbook" in output.get("metadata", {})]
    return {r["metadata"]["scrapbook"]["name"]: next(iter(r["data"].values())).strip("'\"") for r in records}


def test_the_arithmetic_of_the_article():
    assert round(PLANNED / 24_576, 2) == 4.07
    assert round(PLANNED / 3.5) == 28_571


@pytest.mark.parametrize(
    ("definition", "size", "multiple", "name"),
    [
        (("fabric", "confirmed", "H100", "ai"), 24_576, "4.07", "multiple"),
        (("owner", "confirmed", "H100", "ai"), 49_152, "2.03", "owner"),
        (("fabric", "measured", "H100", "ai"), 14_400, "6.94", "measured"),
        (("fabric", "reported", "H100", "ai"), 26_000, "3.85", "reported"),
    ],
)
def test_the_multiples_of_the_text(said, definition, size, multiple, name):
    _, mid, _ = largest(*definition)
    assert mid == size
    assert f"{PLANNED / mid:.2f}" == multiple == said[name]


def test_all_definitions_together(said):
    sizes = {choice: largest(*choice) for choice in CHOICES}
    assert all(sizes.values())
    times = {choice: [PLANNED / size for size in sizes[choice]] for choice in CHOICES}  # largest multiple first
    four = [choice for choice, (high, _, low) in times.items() if low >= 3.5 and high < 4.5]
    at_least = [choice for choice, (_, _, low) in times.items() if low >= 3.5]
    mids = [mid for _, mid, _ in times.values()]
    assert (said["definitions"], len(CHOICES)) == ("36", 36)
    assert (said["four_holds"], len(four)) == ("7", 7)
    assert (said["at_least_holds"], len(at_least)) == ("15", 15)
    assert (said["smallest"], f"{min(mids):.2f}") == ("0.66", "0.66")
    assert (said["largest"], f"{max(mids):.2f}") == ("6.94", "6.94")


def test_aurora_and_the_fleet_that_was_bought(said):
    aurora = machines("reported", "H100e", "all", DAY)["aurora"]
    assert 53_500 < aurora[1] < 54_500
    assert said["aurora_size"] == "54,000"
    assert said["aurora_times"] == f"{PLANNED / aurora[2]:.2f} to {PLANNED / aurora[0]:.2f}" == "1.85 to 2.13"
    bought = max(float(row["count"]) for row in raw("clusters") if row["status"] == "bought" and row["known_on"] <= DAY)
    assert (bought, said["bought"], said["bought_times"]) == (150_000, "150,000", "0.67")


def test_how_long_it_stayed_true(said):
    months = pd.date_range("2023-09-30", "2025-12-31", freq="ME").strftime("%Y-%m-%d")
    multiples = {month: PLANNED / largest("fabric", "confirmed", "H100", "ai", month)[1] for month in months}
    first_below = next(month for month, multiple in multiples.items() if multiple < 3.5)
    assert first_below == "2024-10-31"
    assert (said["below"], said["below_times"]) == ("October 2024", f"{multiples[first_below]:.2f}")
    autumn = PLANNED / largest("owner", "reported", "H100e", "ai", "2025-10-31")[1]
    assert said["autumn_times"] == f"{autumn:.2f}" == "0.30"


def test_the_exercises(said):
    on_fabric = machines("measured", "any", "ai", DAY)
    sizes = sorted(((m[1], name) for name, m in on_fabric.items() if m[4]), reverse=True)
    chips = {row["cluster_id"]: row["accelerator"] for row in raw("clusters")}
    assert [chips[name].startswith("H100") for _, name in sizes[:2]] == [True, True]
    assert said["threshold"] == "28,571"
    assert PLANNED / 28_572 < 3.5 < PLANNED / 28_571
