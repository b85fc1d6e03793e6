import json

import numpy as np
import pandas as pd
import pytest

from book_figures import more_compute as shown
from book_figures import text_running_out as text
from book_figures.readers import now, then
from compute_scaling.scaling_laws import published

FIGURES = [
    shown.loss_map, shown.published_ratios, shown.fit_cloud, shown.score_slopes, text.need_and_stock, text.wall,
]  # fmt: skip


@pytest.mark.parametrize("make", FIGURES)
def test_a_figure_is_strict_json_and_light(make):
    spec = json.dumps(make().spec(), allow_nan=False)
    assert len(spec) < 120_000


def test_every_setting_has_one_sentence():
    for make, settings in ((shown.loss_map, 33), (shown.published_ratios, 11), (shown.fit_cloud, 2), (text.wall, 5)):
        rows = make().readout.rows
        assert len(rows) == len(rows.drop(columns="text").drop_duplicates()) == settings


def test_each_line_of_the_map_has_one_loss_and_lies_in_the_window():
    lines = shown._contours()
    for (law, label), part in lines.groupby(["law", "label"]):
        assert published(law).loss(part["y"], part["x"]) == pytest.approx(np.full(len(part), float(label)))
        assert part["x"].is_monotonic_increasing
    assert lines["x"].between(*shown.TOKENS).all()
    assert lines["y"].between(*shown.PARAMETERS).all()
    assert lines.groupby("line")["law"].nunique().eq(1).all()


def test_lines_of_equal_compute_begin_and_end_at_the_edge():
    for _, part in shown._diagonals().groupby("line"):
        assert (6 * part["x"] * part["y"]).nunique() <= 2  # equal but for the last digit
        at_edge = np.isclose(part["x"], shown.TOKENS[0]) | np.isclose(part["y"], shown.PARAMETERS[1])
        assert at_edge.tolist() == [True, False]


def test_sliders_start_at_runs_known_by_name():
    start = {control.name: control for control in shown.loss_map().controls}
    assert start["law"].default == "besiroglu-2024"
    assert start["compute"].choices[start["compute"].default] == "3.5\xa0×\xa010²⁶ FLOP, Grok-3"
    (ratio,) = shown.published_ratios().controls
    assert ratio.choices[ratio.default].endswith("Chinchilla")


def test_models_are_marked_by_the_day_of_the_article():
    known = shown._known_models().set_index("label")["series"]
    assert known[known == shown.AFTER].index.tolist() == ["Llama 3.1 405B"]


def test_what_was_bought_follows_the_law_and_its_inputs():
    def one(**changes):
        middle = {"law": 1, "flop": 3.5e26, "factor": 5.0, "tokens": 6e13, "alpha": 0.3478, "beta": 0.3658}
        return float(shown.bought(**{name: np.array([value]) for name, value in (middle | changes).items()})[0])

    steps = shown.steps_by_law().set_index("law")["gain"]
    assert one() == pytest.approx(steps["besiroglu-2024"], abs=1e-6)
    assert one(law=2) == pytest.approx(steps["krajewski-2024-dense"], rel=0.01)
    assert one(factor=10) > one() > one(factor=2)
    assert one(tokens=5e12) < one()


def test_no_assumption_turns_the_verdict():
    table = shown.moved()
    assert table["input"].iloc[0] == "law"
    assert table["flips_at"].isna().all()
    assert (table[["at_low", "at_mid", "at_high"]] > 0).all(axis=None)
    assert shown.tornado(table).alt_text.endswith("No input alone turns the verdict.")


def test_the_losses_held_out_are_predicted_better_than_by_any_guess():
    table = shown.held_out()
    assert (table["error"].abs() < table["next_error"].abs()).all()
    assert (table["next_error"].abs() < table["median_error"].abs()).all()
    assert len(shown.shown_held_out()) == 4


def test_the_reader_of_the_day_knows_no_estimate_of_grok_3():
    assert shown.grok_3(now()) == (2.5e26, 3.5e26, 4.6e26)
    low, mid, high = shown.grok_3(then())
    assert low < mid < high
    assert mid == pytest.approx(2.15e26, rel=0.01)


def test_slopes_are_all_above_zero():
    rows = shown.slopes()
    assert rows["kind"].tolist() == ["all"] * 2 + ["one left out"] * 6
    assert rows["models"].tolist() == [5, 6] + [5] * 6
    assert (rows["low"] > 0).all()


def test_reading_again_costs_less_than_reading_once():
    rows = text.with_limited_text().pivot_table(index=["step", "flop"], columns="series", values="loss")
    assert (rows[text.FREE] <= rows[text.AGAIN] + 1e-9).all()
    assert (rows[text.AGAIN] <= rows[text.ONCE] + 1e-6).all()


def test_a_range_alone_has_no_dot():
    rows = text.needs_and_stocks().set_index("name")
    assert pd.isna(rows.at["all text, any quality", "mid"])
    assert rows.at["posts on X", "mid"] == 1.1e13
    dots = [data for data in text.need_and_stock().spec()["datasets"].values() if "value" in data[0]]
    assert {len(data) for data in dots} == {7}
