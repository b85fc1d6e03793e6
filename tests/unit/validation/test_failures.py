"""The scoreboard of failures: numbers pinned, and no held-out row in what is said of it."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import failure_rates
from compute_scaling.failure_rates import published_rates
from compute_scaling.validation import failures
from compute_scaling.validation.board import summary

BOARD = failures.rows().set_index("row")
HELD_OUT = BOARD[BOARD["sample"] == "held out"]


def test_one_row_is_fitted_and_exact():
    fitted = BOARD[BOARD["sample"] == "fitted"]
    assert fitted.index.tolist() == ["llama-3-405b, interruptions, 16,384 accelerators"]
    assert fitted["predicted"].iloc[0] == pytest.approx(3.093, abs=5e-4)
    assert fitted["error"].abs().max() < 1e-12


@pytest.mark.parametrize(
    ("row", "predicted", "measured"),
    [
        ("bloom-176b, interruptions, 384 accelerators", 131.97, 112.0),
        ("byterobust-dense, interruptions, 9,600 accelerators", 5.279, 13.935),
        ("byterobust-moe, interruptions, 9,600 accelerators", 5.279, 7.660),
        ("megascale, interruptions, 10,000 accelerators", 5.068, 6.72),
        ("opt-175b, interruptions, 992 accelerators", 51.09, 13.943),
        ("rsc-1, failure rate, 16,000 accelerators", 3.167, 1.846),
        ("rsc-1, mean time to failure, 8 accelerators", 6_334.6, 1_144.8),
        ("rsc-1, mean time to failure, 1,024 accelerators", 49.49, 7.9),
        ("rsc-2, failure rate, 8,000 accelerators", 6.335, 10.256),
    ],
)
def test_predicted_and_measured_hours(row, predicted, measured):
    assert BOARD.loc[row, ["predicted", "measured"]].tolist() == pytest.approx([predicted, measured], rel=1e-3)
    assert BOARD.loc[row, "sample"] == "held out"
    assert BOARD.loc[row, "unit"] == "hours"


def test_the_two_job_counts_of_rsc_1_fall_outside():
    assert HELD_OUT.index[~HELD_OUT["covered"].astype(bool)].tolist() == [
        "rsc-1, mean time to failure, 8 accelerators",
        "rsc-1, mean time to failure, 1,024 accelerators",
    ]


def test_the_summary_by_generation():
    lines = summary(failures.rows()).set_index(["quantity", "sample"])
    ampere = lines.loc[("mean time between failures, Ampere", "held out")]
    hopper = lines.loc[("mean time between failures, Hopper", "held out")]
    assert ampere[["rows", "median_abs_error", "baseline_median_abs_error", "coverage"]].tolist() == pytest.approx(
        [7, 0.716, 0.956, 5 / 7], abs=1e-3
    )
    assert hopper[["rows", "median_abs_error", "baseline_median_abs_error", "coverage"]].tolist() == pytest.approx(
        [2, 0.466, 0.510, 1], abs=1e-3
    )


def test_a_range_by_hand():
    rates = published_rates()
    sites = rates.groupby("site")["failures_per_gpu_hour"].agg(lambda site: np.exp(np.log(site).mean()))
    low, _, high = failure_rates.rate_at_new_site(sites[sites.index != "rsc-1"])
    row = BOARD.loc["rsc-1, failure rate, 16,000 accelerators"]
    assert row["low"] == pytest.approx(1 / (16_000 * high))
    assert row["high"] == pytest.approx(1 / (16_000 * low))
    assert row["baseline"] == pytest.approx(1 / (16_000 * sites.drop("rsc-1").median()))


def test_counting_noise_alone_would_cover_almost_nothing():
    inside = []
    for _, row in published_rates().query("quantity == 'interruptions' and system != 'llama-3-405b'").iterrows():
        low, _, high = failure_rates.failure_rate(419, gpu_hours=54 * 24 * 16_384)
        inside.append(low <= row["failures_per_gpu_hour"] <= high)
    assert sum(inside) == 0
    assert len(inside) == 5


@pytest.mark.parametrize("site", ["rsc-1", "bytedance-hopper", "jean-zay"])
def test_what_is_said_of_a_site_does_not_depend_on_it(monkeypatch, site):
    rates = published_rates()
    moved = rates.assign(failures_per_gpu_hour=rates["failures_per_gpu_hour"].mask(rates["site"] == site, 1e-9))
    monkeypatch.setattr(failures, "published_rates", lambda: moved)
    changed = failures.rows().set_index("row")
    said, its = ["predicted", "low", "high", "baseline"], (rates["site"] == site).to_numpy()
    pd.testing.assert_frame_equal(changed.loc[its, said], BOARD.loc[its, said])
    assert (changed.loc[~its, "low"] != BOARD.loc[~its, "low"]).all()
    assert (changed["predicted"] == BOARD["predicted"]).all()
