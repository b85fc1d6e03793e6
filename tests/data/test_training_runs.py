"""The table of training runs: its conventions, and that what measures nothing is marked."""

import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.training import campaign_utilisation, model_flop
from compute_scaling.validation.runs import runs_with_time

RUNS = data.load("training_runs").set_index("run_id")


def test_nothing_that_is_only_worked_out_is_stored():
    assert RUNS.loc[RUNS["hours_basis"] == "count x days", "gpu_hours"].isna().all()
    assert RUNS.loc[RUNS["hours_basis"] == "measured", "gpu_hours"].notna().all()
    assert RUNS.loc[RUNS["hours_basis"].isna(), ["gpu_hours", "training_days"]].isna().all(axis=None)
    assert RUNS.loc[RUNS["training_flop"].isna(), "training_flop_basis"].isna().all()


def test_rows_whose_time_and_flop_are_one_number_are_marked():
    circular = set(RUNS.index[RUNS["circular"]])
    assert {"gpt-3-175b", "t5-11b", "gshard-600b", "switch-1-57t", "lamda-137b", "minerva-540b", "grok-3"} <= circular
    product = RUNS["training_flop_basis"] == "speed x time"
    assert RUNS.loc[product, "circular"].all()
    assert not circular & set(runs_with_time()["run_id"])
    assert RUNS.loc[RUNS["circular"] & RUNS["hours_basis"].eq("measured")].empty


def test_hardware_flop_is_not_model_flop():
    hardware = RUNS[RUNS["training_flop_basis"] == "reported hardware FLOP"]
    ratio = hardware["training_flop"] / model_flop(hardware["parameters"], tokens=hardware["tokens"])
    assert set(hardware.index) == {"opt-175b", "bloomberggpt-50b", "gopher-280b", "mt-nlg-530b"}
    assert ratio.between(1.2, 1.4).all()
    model = RUNS[(RUNS["training_flop_basis"] == "reported model FLOP") & (RUNS["parameters"] > 5e9)]
    active = model["active_parameters"].fillna(model["parameters"])
    same = (model["training_flop"] / (6 * active * model["tokens"])).dropna()
    assert same.drop("hunyuan-large").between(0.97, 1.24).all()
    assert same.drop(["hunyuan-large", "cerebras-gpt-6-7b", "cerebras-gpt-13b"]).between(0.97, 1.03).all()


def test_a_product_of_counts_does_not_overflow():
    """Whole numbers of 64 bits would: 4e11 parameters x 1.5e13 tokens are 6e24."""
    assert ((RUNS["parameters"] * RUNS["tokens"]).dropna() > 0).all()
    assert RUNS["parameters"].dtype == RUNS["tokens"].dtype == float


def test_no_campaign_uses_more_than_its_steps_do():
    timed = runs_with_time()
    steps = timed.dropna(subset=["step_mfu"])
    assert len(steps) >= 5
    assert (steps["utilisation"] <= steps["step_mfu"] * 1.01).all()
    assert timed["utilisation"].between(0.05, 0.52).all()


def test_the_rule_for_anomalous_rows_is_kept_to():
    """Under 60 % of the utilisation of the next larger model of the release, where hours hold no other work."""
    use = runs_with_time().set_index("run_id")["utilisation"]
    next_larger = {
        "llama-2-13b": "llama-2-34b",
        "llama-2-34b": "llama-2-70b",
        "llama-2-7b": "llama-2-13b",
        "llama-3-1-70b": "llama-3-1-405b",
        "llama-3-1-8b": "llama-3-1-70b",
        "llama-3-8b": "llama-3-70b",
    }
    found = {small for small, large in next_larger.items() if use[small] < 0.6 * use[large]}
    assert found == set(RUNS.index[RUNS["left_out"] == "anomalous"]) == {"llama-3-8b", "llama-3-1-8b"}


def test_the_gpt_3_assumption_gives_back_the_speed_it_was_made_from():
    row = RUNS.loc["gpt-3-175b"]
    hours = row["accelerator_count"] * row["training_days"] * 24
    share = campaign_utilisation(row["training_flop"], peak_flop_per_s=125e12, gpu_hours=hours)
    assert share * 125e12 == pytest.approx(row["achieved_flop_per_s"], rel=0.002)


def test_the_corrections_of_the_audit_are_in():
    assert RUNS.loc["megatron-gpt-2-8-3b", ["training_days", "gpu_hours", "training_flop"]].isna().all()
    assert RUNS.loc["gpt-j-6b", ["step_mfu", "hfu"]].tolist() == [0.4, 0.6]
    assert pd.isna(RUNS.at["lamda-137b", "tokens"])
    assert RUNS.loc[["grok-2", "grok-2-april"], "accelerator_count"].tolist() == [24_000, 20_000]
    grok_3 = RUNS.loc["grok-3", ["training_flop_low", "training_flop", "training_flop_high"]]
    assert grok_3.tolist() == [2.5e26, 4.64e26, 4.64e26]
    assert pd.isna(RUNS.at["intellect-1", "step_mfu"])
    assert pd.isna(RUNS.at["switch-1-57t", "active_parameters"])
    assert pd.isna(RUNS.at["minerva-540b", "tokens"])
    assert RUNS.at["galactica-120b", "tokens"] == 450_000_000_000
    assert pd.isna(RUNS.at["falcon-180b", "left_out"])
    assert RUNS.at["falcon-180b-epoch", "left_out"] == "contradicted"
    assert RUNS.at["deepseek-v2", "gpu_hours"] == pytest.approx(172_800 * 8.1)
    assert RUNS.at["nemotron-4-15b", "gpu_hours"] == pytest.approx(
        (768 * 0.8 + 1536 * 0.4 + 2304 * 11.9) * 24, rel=1e-3
    )
