"""Step times beside their measurements: what is fitted, what is held out, and how well it goes."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.rates import LINK_SHARE, MEMORY_SHARE, NETWORK_SHARE
from compute_scaling.throughput import RANGE, RANGE_SHARDED
from compute_scaling.validation import speed
from compute_scaling.validation.board import summary


@pytest.fixture(scope="module")
def timed():
    return speed.predictions()


@pytest.fixture(scope="module")
def board():
    return speed.rows()


@pytest.fixture(scope="module")
def lines(board):
    return summary(board).set_index("table")


def test_the_shares_of_the_rates_are_those_that_fit_best():
    memory, link, network = speed.fit_shares()
    assert memory == pytest.approx(MEMORY_SHARE, abs=0.002)
    assert link == pytest.approx(LINK_SHARE, abs=0.002)
    assert network == pytest.approx(NETWORK_SHARE, abs=0.01)  # nearly flat there


def test_only_the_two_tables_take_part_in_the_fit(board, monkeypatch):
    fitted = set(board.loc[board["sample"] == "fitted", "table"])
    assert fitted == {"narayanan-2021-t1", "korthikanti-2022-t5"}
    table = data.load("step_times")
    held = ~table["table_id"].isin(fitted)
    table.loc[held, ["step_s", "mfu", "achieved_flop_per_s"]] *= 2
    whole = data.load
    monkeypatch.setattr(
        speed.data, "load", lambda name, as_of=None: table if name == "step_times" else whole(name, as_of=as_of)
    )
    assert speed.fit_shares() == pytest.approx([MEMORY_SHARE, LINK_SHARE, NETWORK_SHARE], abs=0.01)


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ("narayanan-2021-t1", 0.037),
        ("korthikanti-2022-t5", 0.033),
        ("narayanan-2021-t2", 0.051),
        ("korthikanti-2022-530b-2240", 0.02),
        ("llama-3-405b", 0.061),
        ("nemotron-4-340b", 0.025),
        ("palm", 0.028),
        ("megascale", 0.033),
        ("mlperf-gpt3", 0.090),
        ("dgxc-h100-bf16", 0.059),
        ("dgxc-h100-fp8", 0.086),
    ],
)
def test_the_median_error_where_the_model_is_made_for_the_plan(lines, table, error):
    assert lines.at[table, "median_abs_error"] == pytest.approx(error, abs=0.002)


def test_where_the_model_is_poor_the_board_says_so(lines):
    assert lines.at["mt-nlg", "median_abs_error"] == pytest.approx(0.208, abs=0.002)
    assert lines.at["mt-nlg", "winner"] == "baseline"
    assert lines.at["narayanan-2021-t2-zero3", "median_abs_error"] == pytest.approx(0.588, abs=0.01)
    assert lines.at["mosaic-h100", "winner"] == "baseline"


def test_the_printed_ranges_are_those_of_the_held_out_tables(timed):
    held = timed[~timed["table_id"].isin(speed.FITTED)]
    for whole, (low, high) in ((False, RANGE), (True, RANGE_SHARDED)):
        found = speed.range_of_new_table(held[held["shards_all"] == whole])
        assert found[[0, 2]] == pytest.approx([low, high], abs=0.002)


def test_the_range_of_a_row_has_not_seen_its_table(timed, board):
    row = board.set_index("row").loc["mt-nlg-2240"]
    others = timed[~timed["table_id"].isin([*speed.FITTED, "mt-nlg"]) & ~timed["shards_all"]]
    low, _, high = speed.range_of_new_table(others)
    assert row["low"] == pytest.approx(row["predicted"] * low)
    assert row["high"] == pytest.approx(row["predicted"] * high)


def test_coverage_over_the_tables_that_are_held_out(board):
    held = board[board["sample"] == "held out"]
    by_table = held.groupby("table")["covered"].mean().astype(float)
    assert by_table.mean() == pytest.approx(0.922, abs=0.005)


def test_every_row_that_is_left_out_says_why(timed):
    table = data.load("step_times")
    assert len(timed) + table["left_out"].notna().sum() == len(table)
    reasons = table["left_out"].dropna()
    assert reasons.str.len().min() > 10
    speeds = ["step_s", "tokens_per_s_per_accelerator", "tokens_per_s_total", "achieved_flop_per_s", "mfu"]
    assert timed[speeds].notna().any(axis=1).all()


def test_what_is_printed_becomes_seconds(timed):
    rows = timed.set_index("measurement_id")
    assert rows.at["mt-nlg-2240", "measured_s"] == 60.1
    torch = rows[rows["table_id"] == "nemo-24-07-revised"].iloc[0]
    tokens = torch["batch_sequences"] * torch["sequence_length"]
    assert torch["measured_s"] == pytest.approx(tokens / torch["tokens_per_s_per_accelerator"] / torch["accelerators"])
    palm = rows.loc["palm-540b"]
    assert palm["measured_s"] == pytest.approx(2048 * 2048 / 238_300)
    # equation 3 of Narayanan et al. 2021 counts recomputation
    row = rows.loc["narayanan-2021-t1-145-6b"]
    flop = 96 * 2304 * 2048 * 80 * 12_288**2 * (1 + 2048 / (6 * 12_288) + 51_200 / (16 * 80 * 12_288))
    assert row["measured_s"] == pytest.approx(flop / (1536 * 148e12), rel=1e-4)
    llama = rows.loc["llama-3-405b-16384-131072"]
    causal = speed.architecture("Llama 3.1 405B").training_flop_per_token(131_072, causal=True)
    assert llama["measured_s"] == pytest.approx(float(causal) * 128 * 131_072 / (16_384 * 380e12))
    by_mfu = rows.loc["korthikanti-2022-530b-2240-selective"]
    assert by_mfu["measured_s"] == pytest.approx(by_mfu["model_flop"] / (0.542 * 2240 * 312e12))


def test_the_baseline_is_the_median_speed_of_the_other_rows(board, timed):
    rows = timed[timed["table_id"] == "mt-nlg"]
    rate = (rows["model_flop"] / rows["measured_s"] / rows["accelerators"].astype(float)).to_numpy()
    first = board.set_index("row").loc[rows["measurement_id"].iloc[0]]
    expected = rows["model_flop"].iloc[0] / np.median(rate[1:]) / float(rows["accelerators"].iloc[0])
    assert first["baseline"] == pytest.approx(expected)


@pytest.mark.parametrize(("layers", "middle"), [(1, 1), (3, 3), (8, 4), (15, 5), (24, 6), (7, 7)])
def test_the_middle_divisor(layers, middle):
    assert speed._middle_divisor(layers) == middle


def test_a_table_can_be_asked_for_alone():
    assert set(speed.predictions(("palm",))["table_id"]) == {"palm"}
    slower = speed.predictions(("palm",), (MEMORY_SHARE / 2, LINK_SHARE, NETWORK_SHARE))
    assert isinstance(slower, pd.DataFrame)
    assert slower["predicted_s"].iloc[0] > speed.predictions(("palm",))["predicted_s"].iloc[0]


def test_a_guess_from_elsewhere_knows_only_the_other_tables(timed):
    found = speed.for_new_machine(timed)
    assert not set(found["table_id"]) & set(speed.FITTED)
    assert len(found) == (~timed["table_id"].isin(speed.FITTED)).sum()
    share = timed["predicted_mfu"] * timed["predicted_s"] / timed["measured_s"]
    others = share[timed["table_id"] != "palm"].groupby(timed["table_id"]).median()
    palm = found[found["table_id"] == "palm"].iloc[0]
    assert palm["guess_error"] == pytest.approx(abs(0.462 / others.median() - 1), rel=0.01)
    assert palm["model_error"] == pytest.approx(abs(palm["predicted_s"] / palm["measured_s"] - 1))
