"""Days and accelerator-hours of published runs: the numbers of the scoreboard, and that nothing held out is seen."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.validation import runs
from compute_scaling.validation.board import board, summary

STATED = "accelerator-hours, stated"


@pytest.fixture(scope="module")
def scored():
    return board(runs.rows())


def test_the_days_of_table_2_follow_from_its_speeds(scored):
    exact = scored[scored["quantity"] == "days, equation 3"]
    short = scored[scored["quantity"] == "days, equation 4"]
    assert len(exact) == len(short) == 12
    assert exact["error"].abs().max() == pytest.approx(0.0119, abs=5e-4)
    assert short["error"].abs().max() == pytest.approx(0.0302, abs=5e-4)
    assert (short["error"].to_numpy() < exact["error"].to_numpy()).all()
    of_384 = exact.set_index("row").loc["narayanan-2021-t2-ptd-175b-384"]
    assert of_384["predicted"] == pytest.approx(84.75, abs=0.01)
    assert of_384["measured"] == 84
    assert exact["low"].isna().all() and exact["high"].isna().all()


def test_the_baseline_of_the_days_is_the_median_speed_of_the_others(scored):
    table = data.load("step_times")
    table = table[table["run_days"].notna()]
    exact = scored[scored["quantity"] == "days, equation 3"].reset_index(drop=True)
    for row in range(len(table)):
        guess = table["achieved_flop_per_s"].drop(table.index[row]).median()
        ratio = table["achieved_flop_per_s"].iloc[row] / guess
        assert exact.at[row, "baseline"] == pytest.approx(exact.at[row, "predicted"] * ratio)


def test_every_prediction_is_held_out_and_sourced(scored):
    assert set(scored["sample"]) == {"held out"}
    assert set(scored["unit"]) == {"days", "hours"}
    assert scored["source_id"].isin(data.load("sources")["source_id"]).all()
    assert not scored.duplicated(["table", "row", "quantity"]).any()


def test_hours_beside_the_baseline_and_their_coverage(scored):
    lines = summary(scored).set_index("quantity")
    stated = lines.loc[STATED]
    assert stated["rows"] == stated["ranged"] == 41
    assert stated["median_abs_error"] == pytest.approx(0.159, abs=0.002)
    assert stated["baseline_median_abs_error"] == pytest.approx(0.166, abs=0.002)
    hours = scored[scored["quantity"] == STATED]
    assert (hours["baseline_error"].abs() < hours["error"].abs()).sum() == 22
    missed = set(hours.loc[~hours["covered"], "row"])
    assert missed == {"falcon-180b", "llama-1-13b", "llama-1-33b", "llama-1-65b"}
    assert lines.loc[STATED, "coverage"] == pytest.approx(37 / 41)
    assumed = lines.loc["accelerator-hours, assumed"]
    assert assumed["rows"] == 5
    assert assumed["winner"] == "baseline"
    assert lines.loc["accelerator-hours, left out", "coverage"] == pytest.approx(3 / 9)


def test_the_runs_that_are_asked_for_are_there(scored):
    hours = scored[scored["quantity"].str.startswith("accelerator-hours")].set_index("row")
    names = [f"llama-1-{size}" for size in ("7b", "13b", "33b", "65b")]
    names += [f"llama-2-{size}" for size in ("7b", "13b", "34b", "70b")]
    names += [f"llama-3-1-{size}" for size in ("8b", "70b", "405b")]
    names += [f"pythia-{size}" for size in ("70m", "160m", "410m", "1b", "1-4b", "2-8b", "6-9b", "12b")]
    names += ["bloom-176b", "opt-175b", "deepseek-v3", "mpt-7b"]
    asked = hours.loc[names]
    assert asked["covered"].sum() == 19
    assert asked.at["bloom-176b", "predicted"] == pytest.approx(1.18e6, rel=0.01)
    assert asked.at["llama-3-1-405b", "predicted"] == pytest.approx(36.9e6, rel=0.01)
    assert asked.at["llama-3-1-405b", "measured"] == 30.84e6
    assert asked.loc["llama-3-1-405b", ["low", "high"]].tolist() == pytest.approx([23.7e6, 57.4e6], rel=0.01)
    assert set(asked.index[~asked["covered"].astype(bool)]) == {
        "llama-1-13b",
        "llama-1-33b",
        "llama-1-65b",
        "llama-3-1-8b",
    }


def test_a_range_by_hand():
    known = pd.DataFrame({"family": ["a", "b", "c", "c"], "utilisation": [0.2, 0.4, 0.3, 0.5]})
    families = np.array([np.log(0.2), np.log(0.4), np.log(0.3 * 0.5) / 2])
    inside2 = 2 * (np.log(0.5 / 0.3) / 2) ** 2  # two values around one mean, one degree of freedom
    mean, t_of_2 = families.mean(), 2.919986
    reach = t_of_2 * np.sqrt(families.var(ddof=1) * (1 + 1 / 3) + inside2)
    np.testing.assert_allclose(runs.utilisation_range(known), np.exp([mean - reach, mean, mean + reach]), rtol=1e-5)


def test_eight_equal_sizes_of_one_model_move_the_middle_as_little_as_one():
    known = pd.DataFrame({"family": ["a", "b", "c"], "utilisation": [0.2, 0.4, 0.3]})
    eight = pd.concat([known, *[known[known["family"] == "c"]] * 7])
    np.testing.assert_allclose(runs.utilisation_range(eight), runs.utilisation_range(known))


def change(folder, run_id, column, value):
    path = folder / "training_runs.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["run_id"] == run_id, column] = value
    table.to_csv(path, index=False, lineterminator="\n")


def predicted():
    return runs.hours_of_runs().set_index("row")[["predicted", "low", "high"]]


def test_a_family_takes_no_part_in_the_fit_for_its_own_hours(folder, read_from, scored):
    before = predicted()
    change(folder, "llama-2-7b", "gpu_hours", "284320")
    read_from(folder)
    after = predicted()
    own = before.index.str.startswith("llama")
    pd.testing.assert_frame_equal(after[own], before[own])
    assert (after.loc[~own, "predicted"] != before.loc[~own, "predicted"]).all()


@pytest.mark.parametrize(
    ("run_id", "column", "value"),
    [
        ("opt-175b", "training_days", "68"),
        ("llama-3-8b", "gpu_hours", "650000"),
        ("glm-130b", "training_days", "30"),
        ("gpt-3-175b", "training_days", "29.6"),
        ("switch-1-57t", "training_days", "54"),
    ],
)
def test_what_is_assumed_left_out_or_circular_moves_no_prediction(folder, read_from, run_id, column, value):
    before = predicted()
    change(folder, run_id, column, value)
    read_from(folder)
    pd.testing.assert_frame_equal(predicted(), before)


def test_a_row_that_turns_circular_leaves_the_fit_and_the_board(folder, read_from):
    before = predicted()
    change(folder, "titan-200b", "circular", "true")
    read_from(folder)
    after = predicted()
    assert set(before.index) - set(after.index) == {"titan-200b"}
    assert (after["predicted"] != before.loc[after.index, "predicted"]).all()


def test_what_was_known_by_a_day():
    early = runs.runs_with_time(as_of="2024-05-31")
    assert early["known_on"].max() <= pd.Timestamp("2024-05-31")
    assert "llama-3-70b" in set(early["run_id"])
    assert "llama-3-1-405b" not in set(early["run_id"])


def test_utilisation_and_hours_of_single_runs():
    table = runs.runs_with_time().set_index("run_id")
    assert table.at["deepseek-v3", "flop"] == pytest.approx(6 * 37e9 * 14.8e12)
    assert table.at["deepseek-v3", "utilisation"] == pytest.approx(0.346, abs=5e-4)
    assert table.at["mpt-7b", "hours"] == pytest.approx(440 * 9.5 * 24)
    assert table.at["bloom-176b", "hours"] == 1_082_990
    assert table.at["palm-540b", "utilisation"] == pytest.approx(0.304, abs=5e-4)
    assert table["kind"].value_counts().to_dict() == {"stated": 41, "left out": 9, "assumed": 5}
    assert table.at["opt-175b", "kind"] == "assumed"
    assert table.at["llama-3-1-8b", "kind"] == "left out"
    assert table.at["falcon-180b-epoch", "kind"] == "left out"
