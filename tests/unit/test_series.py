"""Series as a reader of a day knows them, beside the rows they come from."""

import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data
from compute_scaling.reader import Reader
from compute_scaling.series import CLOUDS, COLUMNS, SERIES, capital_spending, largest_run, largest_site, nvidia_quarters

DAY = "2024-05-31"
THEN, TODAY = Reader(pd.Timestamp(DAY)), Reader(data.updated_on())


@pytest.mark.parametrize("name", list(SERIES))
def test_a_series_is_dated_positive_and_sourced(name):
    sources = set(data.load("sources")["source_id"])
    rows = SERIES[name](TODAY)
    assert list(rows) == COLUMNS
    assert rows["date"].is_monotonic_increasing
    assert (rows["value"] > 0).all()
    assert set(", ".join(rows["sources"]).split(", ")) <= sources


@pytest.mark.parametrize("name", list(SERIES))
def test_a_series_of_then_knows_nothing_later(name, folder, read_from):
    expected = SERIES[name](Reader(THEN.as_of))
    forget_after(folder, DAY)
    read_from(folder)
    pd.testing.assert_frame_equal(SERIES[name](Reader(THEN.as_of)), expected)
    assert expected.empty or expected["date"].max() <= THEN.as_of


@pytest.mark.parametrize("name", [name for name in SERIES if "largest" in name])
def test_records_rise(name):
    assert SERIES[name](TODAY)["value"].is_monotonic_increasing


def test_spending_needs_all_four_clouds():
    spending = capital_spending(THEN)
    assert len(CLOUDS) == 4
    assert spending["date"].iloc[-1] == pd.Timestamp("2024-03-31")
    assert spending["value"].iloc[-1] == pytest.approx(44.289e9)
    before = capital_spending(Reader(pd.Timestamp("2024-04-26")))  # Amazon had not reported yet
    assert (before["date"] < pd.Timestamp("2024-03-31")).all()


def test_the_largest_run_takes_the_geometric_mean_of_its_estimates():
    record = largest_run(THEN).iloc[-1]
    assert record["date"] == pd.Timestamp("2023-12-06")  # Gemini 1.0 Ultra: 5e25 twice, 9e25 once
    assert record["value"] == pytest.approx(np.cbrt(5e25 * 5e25 * 9e25))


def test_the_largest_site_counts_by_peak_or_as_its_source_does():
    rows = largest_site(TODAY).set_index("date")["value"]
    assert rows[pd.Timestamp("2025-02-01")] == 200_000
    assert rows[pd.Timestamp("2026-03-01")] == 685_912  # as Epoch AI counts Trainium2
    assert rows.iloc[-1] == pytest.approx(440_000 * 2.5e15 / 989.4e12, rel=0.02)  # GB300


def test_quarters_of_nvidia():
    rows = nvidia_quarters(THEN)
    assert rows["value"].iloc[-1] == 22.563e9
    assert rows["value"].iloc[0] == 2.048e9
