import pandas as pd
import pytest

from book_figures import charts_waterfall, readers, six_billion
from book_figures.sensitivity import moved
from compute_scaling.claims import check


def test_each_part_starts_where_the_one_before_it_ends():
    rows = six_billion.steps(readers.then())
    parts = rows[rows["series"] == six_billion.PART]
    assert parts["start"].iloc[0] == 0
    assert parts["start"].iloc[1] == parts["end"].iloc[0]
    sums = rows[rows["series"] == six_billion.SUM]
    assert (sums["start"] == 0).all()
    assert parts["end"].iloc[-1] == pytest.approx(sums["end"].iloc[-1], rel=1e-3)


def test_the_figure_shows_what_others_said_only_today():
    made = six_billion.machine_cost()
    shown = made.table.groupby("known")["kind"].agg(set)
    assert six_billion.STATED not in shown["public by 31 May 2024"]
    assert six_billion.STATED in shown["public today"]
    assert made.readout.rows.set_index("known").at["then", "text"].endswith("No figure of others was public.")
    assert (made.readout.rows["verdict"] == ["holds if", "holds"]).all()


def test_every_figure_of_others_lies_below_the_sum():
    assert (six_billion.stated(readers.now())["usd"] < 6e9).all()
    assert six_billion.stated(readers.then()).empty


def test_the_plan_lies_inside_what_the_sum_builds_and_above_what_it_rents_for_life():
    table = six_billion.what_it_buys(readers.then()).table.set_index("way")
    assert table.at["built, with its site", "low"] < 100_000 < table.at["built, with its site", "high"]
    assert table.at["rented for the life of a server", "high"] < 100_000


def test_the_assumptions_start_at_the_verdict_of_the_day():
    table = moved(six_billion.share_covered, six_billion.inputs(), word=six_billion.word, threshold=1)
    assert table["at_mid"].iloc[0] == pytest.approx(check("C45", "2024-05-31").mid, rel=1e-3)
    turning = set(table.loc[table["flips"] != "–", "input"])
    assert turning == {"server_usd", "discount", "share", "sum_usd"}


def test_runs_are_a_small_part_of_the_sum():
    assert (six_billion.runs()["mid"] < 0.1 * 6e9).all()


def test_a_waterfall_marks_the_ends_of_its_bars():
    rows = pd.DataFrame(
        {
            "row": [0, 1], "label": ["+ a", "= b"], "start": [0.0, 0.0], "end": [2.0, 2.0], "low": [1.0, 1.0],
            "high": [3.0, 3.0], "series": [six_billion.PART, six_billion.SUM], "text": ["a", "b"],
        }
    )  # fmt: skip
    spec = charts_waterfall.waterfall(
        rows, value_title="dollars", styles=six_billion.STYLES, line=(2.5, "sum")
    ).to_dict()
    marks = [layer["mark"]["type"] for layer in spec["layer"] if "mark" in layer]
    assert marks == ["bar", "rule", "point", "text"]
    assert [layer["mark"]["type"] for layer in spec["layer"][0]["layer"]] == ["rule", "text"]
    assert "'right'" in spec["layer"][0]["layer"][1]["mark"]["align"]["expr"]  # the line is in the right half
