"""Forecasts of a year ahead, against fits made by hand on what was known a year before."""

import numpy as np
import pytest

from compute_scaling import data
from compute_scaling.trends import fit_growth
from compute_scaling.validation import growth
from compute_scaling.validation.board import summary

RECORDS = "Largest cluster by peak, each record"
QUARTERS = "Largest cluster by count, each quarter"
CHIPS = "New chips, price-performance"


@pytest.fixture(scope="module")
def rows():
    return growth.rows()


def of(rows, table, row):
    return rows[(rows["table"] == table) & (rows["row"] == row)].iloc[0]


def test_every_row_is_held_out_and_has_a_source(rows):
    assert set(rows["sample"]) == {"held out"}
    assert list(dict.fromkeys(rows["table"])) == list(growth.SERIES)
    assert rows["source_id"].isin(data.load("sources")["source_id"]).all()
    assert (rows["low"] < rows["predicted"]).all()
    assert (rows["predicted"] < rows["high"]).all()


def test_colossus_from_a_year_before_it(rows):
    row = of(rows, RECORDS, "2024-07-22 from 2023-07-23")
    days = ["2020-05-19", "2020-11-16", "2021-06-22", "2022-01-24", "2023-05-18"]
    known = [10_000 * 125, 4_480 * 312, 5_760 * 312, 6_080 * 312, 16_000 * 312]  # chips x TFLOP/s: V100, then A100
    low, mid, high = fit_growth(days, np.divide(known, 989.4)).predict(["2024-07-22"])
    assert row[["low", "predicted", "high"]].tolist() == pytest.approx([low[0], mid[0], high[0]], rel=1e-6)
    assert row["baseline"] == pytest.approx(16_000 * 312 / 989.4)
    assert row["measured"] == 100_000
    assert row["unit"] == "H100e"
    assert not row["covered"]


def test_the_largest_by_count_stood_still_then_jumped(rows):
    first = of(rows, QUARTERS, "2022-06-30 from 2021-06-30")
    assert (first["baseline"], first["measured"], first["unit"]) == (10_000, 10_000, "accelerators")
    assert first["covered"]
    jump = of(rows, QUARTERS, "2024-09-30 from 2023-10-01")
    assert (jump["baseline"], jump["measured"]) == (16_000, 100_000)
    assert not jump["covered"]


def test_a_chip_by_its_own_price(rows):
    row = of(rows, CHIPS, "2024-11-01 from 2023-11-02")
    assert row["unit"] == "FLOP/s/USD"
    assert row["measured"] == pytest.approx(5.55e10, rel=0.01)
    assert row["covered"]


def test_what_the_scoreboard_says(rows):
    lines = summary(rows).set_index("table")
    assert lines["rows"].tolist() == [19, 19, 7, 10]
    # growth was taken for steady and was not: ranges of 90 % hold far less, of the records nothing
    assert lines["coverage"].round(2).tolist() == [0.42, 0.37, 0, 0.8]
    assert lines.loc[RECORDS, "winner"] == "model"
    assert lines.loc[CHIPS, "winner"] == "baseline"


def test_a_longer_horizon_leaves_fewer_forecasts():
    lines = summary(growth.rows(horizon_years=2)).set_index("table")
    assert lines["rows"].tolist() == [15, 15, 3, 10]
