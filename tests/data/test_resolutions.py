"""What came of it, how long machines took and what was said of compute: that the tables agree with the others."""

import pandas as pd
import pytest

from compute_scaling import data

CAME = data.load("resolutions").set_index("resolution_id")
BUILT = data.load("build_times")
ESTIMATES = data.load("compute_estimates")
CLOUDS = ["Alphabet", "Amazon", "Meta", "Microsoft"]


def test_every_row_has_an_outcome_and_none_was_known_in_may_2024():
    dates = CAME["unit"] == "date"
    numbers = ["value", "value_low", "value_high"]
    assert CAME.loc[dates, "value_on"].notna().all()
    assert CAME.loc[dates, numbers].isna().all(axis=None)
    assert CAME.loc[~dates, ["value_on", "value_on_low", "value_on_high"]].isna().all(axis=None)
    assert CAME.loc[~dates, numbers].notna().any(axis=1).all()
    assert (CAME["known_on"] > "2024-05-31").all()


def test_quarters_and_years_are_those_of_the_companies():
    quarters = data.load("company_quarters").query("~is_plan and months == 3")
    nvidia = quarters[quarters["company"] == "Nvidia"].set_index(["quantity", "period_end"])["value_usd"]
    rows = CAME[CAME["unit"] == "USD per quarter"]
    for words, quantity in (("data-centre", "data-centre revenue"), ("total", "revenue"), ("net", "net income")):
        mine = rows[rows["quantity"].str.startswith(words)]
        assert not mine.empty
        assert mine["value"].tolist() == [nvidia[quantity, day] for day in mine["target_on"]]
    spent = quarters[(quarters["quantity"] == "capital spending") & (quarters["basis"] == "cash paid")]
    by_year = spent[spent["company"].isin(CLOUDS)].groupby(spent["period_end"].dt.year)["value_usd"].sum()
    assert CAME.at["R49", "value"] == by_year[2024]
    assert CAME.at["R60", "value"] == by_year[2025]


def test_shares_and_the_lead_of_grok_2_are_counted_in_the_tables():
    scores = data.load("benchmarks").query("table_id == 'grok-2'")
    wide = scores.pivot_table(index="benchmark", columns="model", values="score_percent")
    for row, model in {
        "R15": "GPT-4o (May 2024)",
        "R61": "GPT-4 Turbo (April 2024)",
        "R62": "Claude 3 Opus",
        "R63": "Gemini 1.5 Pro (May 2024)",
    }.items():
        assert CAME.at[row, "value"] == (wide["Grok-2"] > wide[model]).mean(), row
    lists = data.load("arena_ratings").query("snapshot_on < '2025-01-01'")
    board = lists.pivot_table(index="snapshot_id", columns="model", values="rating")
    lead = (board["Grok-2"] - board["GPT-4o (May 2024)"]).dropna()
    assert CAME.loc["R64", ["value", "value_low", "value_high"]].tolist() == [lead.iloc[0], lead.min(), lead.max()]


def test_ranges_of_the_machine_are_those_of_its_sources():
    first = data.load("clusters").query("cluster_id == 'colossus-1-phase-1'")
    assert CAME.loc["R07", ["value_low", "value_high"]].tolist() == [first["power_mw"].min(), first["power_mw"].max()]
    costs = first["capital_cost_usd"].astype(float)
    assert CAME.loc["R09", ["value_low", "value_high"]].tolist() == [costs.min(), costs.max()]
    starts = BUILT[BUILT["machine"] == "Colossus 1, first phase (Memphis)"]["operational_on"].dropna()
    assert CAME.at["R05", "value_on_low"] == starts.min() == first["first_operational"].min()
    assert CAME.at["R05", "value_on_high"] - starts.max() == pd.Timedelta(days=2)  # middle of the week against Monday


@pytest.mark.parametrize(("row", "model"), [("R12", "Grok-2"), ("R17", "Grok-3")])
def test_ranges_of_compute_are_those_of_the_estimates(row, model):
    said = ESTIMATES[ESTIMATES["model"] == model]
    span = said[["training_flop", "training_flop_low", "training_flop_high"]]
    assert CAME.loc[row, ["value_low", "value_high"]].tolist() == [span.min(axis=None), span.max(axis=None)]
    assert CAME.at[row, "value"] in set(said["training_flop"])


def test_the_ratio_of_valuations_is_that_of_its_parts():
    openai, xai = CAME.at["R35", "value"], CAME.loc["R37", ["value_low", "value_high"]].astype(float)
    assert CAME.loc["R41", ["value_low", "value_high"]].tolist() == pytest.approx((xai / openai).tolist(), abs=5e-4)


def test_a_building_time_counts_from_one_announcement():
    assert BUILT.groupby("machine")["announced_on"].nunique(dropna=False).max() == 1
    assert BUILT.groupby("machine")["planned_on"].nunique(dropna=False).max() == 1
    known = data.load("build_times", as_of="2024-05-31")
    assert (known["operational_on"].dropna() <= "2024-05-31").all()
    named = set(data.load("clusters")["name"])
    assert len(set(BUILT["machine"]) & named) > 20


def test_estimates_of_may_2024_leave_out_what_came_later():
    then = set(data.load("compute_estimates", as_of="2024-05-31")["model"])
    assert {"GPT-4", "Gemini 1.0 Ultra", "Inflection-2", "PaLM 2", "Claude 2", "Grok-1", "Llama 3 70B"} <= then
    assert not then & {"Claude 3 Opus", "GPT-4o (May 2024)", "Grok-2", "Grok-3", "Llama 3.1 405B"}
    assert ESTIMATES[["training_flop", "training_flop_low", "training_flop_high"]].notna().any(axis=1).all()
