"""The answers of chapter 6, worked out a second time from the raw table and by hand."""

import csv
import math
from pathlib import Path

import gates
import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.outlook import failure_free_hours
from compute_scaling.reader import Reader

ROOT = Path(__file__).resolve().parents[2]
SAID = gates.said(ROOT / "notebooks" / "06_can_it_stay_up.ipynb")
LLAMA_RATE = 419 / (54 * 24 * 16_384)


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


FACTS = raw("reliability")


def number(text):
    value, unit = text.split()
    return float(value) * {"hours": 1, "minutes": 1 / 60, "seconds": 1 / 3600}[unit]


def share(text):
    return float(text.split("\u00a0")[0]) / 100


def useful(mean_s, work, write, restart, detection=0):
    return work / ((mean_s + detection) * math.exp(restart / mean_s) * math.expm1((work + write) / mean_s))


def best(mean_s, write, restart, detection=0):
    return max(useful(mean_s, work, write, restart, detection) for work in np.geomspace(1, 20_000, 20_000))


@pytest.fixture(scope="module")
def mean_s():
    """Seconds between failures of 100,000 chips, the middle of what is known today."""
    return float(np.median(failure_free_hours(Reader(data.updated_on()), 1.0))) / 100_000 * 3600


def test_three_sites_were_public_by_the_article():
    interruptions = {
        row["source_id"]: row for row in FACTS if row["quantity"] == "interruptions" and row["known_on"] <= "2024-05-31"
    }
    assert SAID["early"] == str(len(interruptions)) == "3"
    megascale = 100 / (28 * 10_000) * 1000
    opt = (70 + 35) / (61 * 992) * 1000
    assert SAID["early_factor"] == f"{opt / megascale:.2f}"


def test_the_time_between_failures(mean_s):
    for name, chips in (("llama_planned", 100_000), ("llama_million", 1_000_000)):
        assert number(SAID[name]) == pytest.approx(1 / (chips * LLAMA_RATE), rel=0.05)
    assert SAID["llama_hours"] == f"{1 / (16_384 * LLAMA_RATE):.3g}"
    assert number(SAID["every_now"]) == pytest.approx(mean_s / 3600, rel=0.03)
    assert number(SAID["million"]) == pytest.approx(mean_s / 36_000, rel=0.05)
    low, mid, high = np.quantile(failure_free_hours(Reader(pd.Timestamp("2024-05-31")), 1e5), [0.05, 0.5, 0.95])
    for name, value in (("every_low", low), ("every", mid), ("every_high", high)):
        assert number(SAID[name]) == pytest.approx(value, rel=0.05)
    assert mid < 1


def test_the_misprint():
    causes = {row["item"]: float(row["value"]) for row in FACTS if row["quantity"] == "interruptions by cause"}
    assert (SAID["faulty"], SAID["all_failures"]) == (f"{causes['faulty GPU']:.0f}", f"{sum(causes.values()):.0f}")
    assert SAID["faulty_share"] == f"{100 * 148 / 419:.1f}\u00a0%"
    assert SAID["printed"] != SAID["faulty_share"]
    gpu = sum(float(row["value"]) for row in FACTS if row["component"] == "GPU")
    assert share(SAID["gpu_share"]) == pytest.approx(gpu / 419, abs=0.005)


def test_the_best_interval_and_what_is_left(mean_s):
    assert share(SAID["best"]) == pytest.approx(best(mean_s, 40, 300), abs=0.006)
    assert share(SAID["fast_best"]) == pytest.approx(best(mean_s, 1, 60), abs=0.006)
    assert share(SAID["small_best"]) == pytest.approx(best(mean_s * 100_000 / 16_384, 40, 300), abs=0.006)
    assert share(SAID["million_fast"]) == pytest.approx(best(mean_s / 10, 1, 60), abs=0.006)
    works = np.geomspace(10, 5_000, 20_000)
    top = works[np.argmax([useful(mean_s, work, 40, 300) for work in works])] / 60
    assert float(SAID["best_minutes"]) == pytest.approx(top, rel=0.02)
    assert float(SAID["exact"]) == pytest.approx(top, rel=0.01)
    assert float(SAID["young"]) == pytest.approx(math.sqrt(2 * 40 * mean_s) / 60, rel=0.01)


def test_the_simulation_agrees_and_clusters_leave_more(mean_s):
    assert share(SAID["closed"]) == pytest.approx(useful(mean_s, 320, 40, 300), abs=0.006)
    assert abs(share(SAID["random"]) - share(SAID["closed"])) < 0.011
    assert share(SAID["clustered"]) > share(SAID["closed"])


def test_breaking_sizes(mean_s):
    practices = {"slow": (40, 900, 600), "quick": (10, 180, 0), "quickest": (1, 60, 0)}
    for name, (write, restart, detection) in practices.items():
        size = float(SAID[name].replace(",", ""))
        assert best(mean_s * 100_000 / size, write, restart, detection) == pytest.approx(0.5, abs=0.02)
    size = float(SAID["tenths"].replace(",", ""))
    assert best(mean_s * 100_000 / size, 1, 60) == pytest.approx(0.9, abs=0.01)


def test_what_operators_told():
    told = {(row["system"], row["item"]): float(row["value"]) for row in FACTS if row["quantity"] == "goodput"}
    assert share(SAID["meta_all"]) == told["meta-100k", "all replicas stop"]
    assert share(SAID["meta_part"]) == told["meta-100k", "one replica stops"]


def test_the_model_is_little_better_than_the_guess():
    assert share(SAID["error"]) < share(SAID["baseline"]) < share(SAID["error"]) + 0.1
    assert int(SAID["covered"]) < int(SAID["held_out"])


def test_stops_and_what_they_cost(mean_s):
    for name, days in (("stops_low", 60), ("stops_high", 120)):
        assert float(SAID[name].replace(",", "")) == pytest.approx(100_000 * LLAMA_RATE * 24 * days, rel=0.02)
    low = 100_000 * 24 * float(SAID["rent_low"].strip("$")) * (1 - best(mean_s, 1, 60))
    high = 100_000 * 24 * float(SAID["rent_high"].strip("$")) * (1 - best(mean_s, 40, 300))
    assert float(SAID["lost_low"].strip("$").replace(",", "")) == pytest.approx(low, rel=0.05)
    assert float(SAID["lost_high"].strip("$").split()[0]) * 1e6 == pytest.approx(high, rel=0.05)


def test_five_years_divided_by_a_hundred_thousand():
    assert number(SAID["five_years"]) == pytest.approx(5 * 8766 / 100_000, rel=0.02)
