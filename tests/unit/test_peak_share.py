import pandas as pd
import pytest

from book_figures import numbers, peak_share
from compute_scaling.accelerator import accelerator
from compute_scaling.plan_search import sweep


@pytest.fixture(scope="module")
def grid():
    return peak_share.grid()


@pytest.fixture(scope="module")
def spec(grid):
    return peak_share.step_parts(grid).spec()


def test_the_grid_has_every_setting_of_the_controls_once(grid, spec):
    about = spec["usermeta"]["figure"]
    readout = pd.DataFrame(about["readout"]["rows"], columns=about["readout"]["columns"])
    assert not readout.duplicated(["chips", "model", "batch"]).any()
    assert len(readout) == len(grid) == len(peak_share.CHIPS) * len(peak_share.MODELS) * len(peak_share.BATCHES)
    assert grid["fits"].all()


def test_the_parts_add_up_to_the_peak_in_every_setting(grid):
    for _, row in grid.iterrows():
        shares = peak_share.parts(row)
        assert shares.sum() == pytest.approx(1)
        assert shares.min() >= 0


def test_the_bars_join_and_begin_with_the_model(grid):
    row = pd.concat([peak_share.one(grid), pd.Series({"step": 7, "batch": "17 million"})])
    bars = peak_share._bars(row)
    assert (bars["start"].iloc[1:].to_numpy() == bars["end"].iloc[:-1].to_numpy()).all()
    assert bars["end"].iloc[-1] == pytest.approx(1, abs=1e-4)
    assert bars["label"].iloc[0] == "the model's arithmetic (MFU): 23\xa0%"


def test_the_controls_start_at_the_planned_machine(spec):
    start = {param["name"]: param["value"] for param in spec["params"]}
    assert peak_share.CHIPS[start["chips"]] == 100_000
    assert (start["model"], start["batch"]) == ("1T", "17 million")


def test_more_text_never_lowers_the_share(grid):
    for _, rows in grid.groupby(["model", "count"]):
        assert rows.sort_values("batch_tokens")["mfu"].is_monotonic_increasing


def test_a_plan_in_words():
    plan = pd.Series({"tensor": 8, "pipeline": 1, "context": 1, "data": 1250})
    assert peak_share.split(plan) == "each matrix over 8 chips and the batch over 1,250 copies"
    assert peak_share.split(plan * 0 + 1) == ""


def test_the_curves_hold_both_models_and_the_growing_batch_keeps_its_share(grid):
    grown = peak_share.grown()
    figure = peak_share.mfu_by_size(grid, grown)
    assert set(figure.table["batch"]) == {
        "batch of at most 17 million tokens", "at most 67 million",
        "growing, 839 tokens a chip",
    }  # fmt: skip
    steady = grown[(grown["model"] == "1T") & (grown["count"] >= 20_000)]["mfu"]
    assert steady.max() - steady.min() < 0.01
    assert figure.readout.rows["text"].iloc[0].startswith("5 times the chips train 2.78 times as fast")


def test_memory_of_plans_says_what_fits():
    table = peak_share.memory_of_plans()
    assert (table["fits"] == (table["memory_bytes"] <= 80e9)).all()
    assert table["fits"].tolist() == [False] * 4 + [True] * 3
    shown = peak_share.shown_memory(table)
    assert shown["MFU, if it fits"].tolist()[:4] == ["–"] * 4


def test_mfu_of_the_middle_of_all_inputs_is_that_of_the_grid(grid):
    inputs = peak_share.inputs()
    assert all(given.low <= given.mid <= given.high for given in inputs)
    middle = peak_share.mfu_of(**{given.name: [given.mid] for given in inputs})
    assert middle[0] == pytest.approx(peak_share.one(grid)["mfu"])
    doubled = peak_share.mfu_of(**{given.name: [given.mid] for given in inputs} | {"miss": [2.0]})
    assert doubled[0] == pytest.approx(middle[0] / 2)


def test_the_table_of_plans_has_a_row_for_each_model_machine_and_batch():
    small = sweep(
        {name: peak_share.model(name) for name in peak_share.SIZES}, [20_000, 100_000],
        [peak_share.BATCH, peak_share.LARGE_BATCH], chip=accelerator("H100 SXM"),
    )  # fmt: skip
    table = peak_share.plans(small)
    assert len(table) == 8
    assert table["MFU"].iloc[2].startswith(numbers.percent(0.23))
