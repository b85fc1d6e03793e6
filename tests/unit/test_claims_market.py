from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, check, market
from compute_scaling.claims.verdict import Reader

IDS = ["C06", "C07", "C08", "C28", "C29", "C30", "C31", "C43"]
UNITS = ["owners", "times", "times", "accelerators", "share", "accelerators", "accelerators", "times a year"]
THEN, TODAY = Reader(pd.Timestamp(ARTICLE_DAY)), Reader(data.updated_on())


@pytest.mark.parametrize(
    ("claim_id", "day", "word", "low", "mid", "high"),
    [
        ("C06", ARTICLE_DAY, "holds", 2, 5, 14),
        ("C06", None, "holds", 2, 8, 14),
        ("C07", ARTICLE_DAY, "holds", 26_044 / 7_192, 22_563 / 4_284, 14_881 / 2_043),
        ("C07", None, "holds", 96_221 / 46_743, 89_023 / 41_096, 58_321 / 18_775),
        ("C08", ARTICLE_DAY, "holds", 3_000 / 2_857, 2_300 / 1_295, 4),
        ("C08", None, "holds", 5.1 / 4.13, 6.7 / 3.24, 16.7 / 5.2),
        ("C28", ARTICLE_DAY, "holds if", 15_000 + 10_000, 35_000, 35_000 + 20_000),
        ("C28", None, "holds", 200_000, 230_000 + 65_760, 440_000 + 65_760),
        ("C29", ARTICLE_DAY, "holds", 300 / 1_200, 300 / 650, 300 / 550),
        ("C29", None, "holds", 709 / 3_000, None, 709 / 1_500),
        ("C30", ARTICLE_DAY, "holds", 150_000, 150_000, 150_000),
        ("C30", None, "holds", 485_000, 485_000, 485_000 + 96_000),
        ("C31", ARTICLE_DAY, "holds", 150_000, 150_000, 150_000),
        ("C31", None, "holds", 224_000, 224_000, 224_000 + 173_000),
        ("C43", ARTICLE_DAY, "holds if", 0.955, 1.074, 1.208),
        ("C43", None, "holds", 1.638, 1.751, 1.871),
    ],
)
def test_word_and_range(claim_id, day, word, low, mid, high):
    verdict = check(claim_id, day)
    assert verdict.word == word
    assert (verdict.condition != "") == (word == "holds if")
    assert (verdict.low, verdict.high) == pytest.approx((low, high), abs=5e-4)
    assert mid is None or verdict.mid == pytest.approx(mid, abs=5e-4)


@pytest.mark.parametrize(("claim_id", "unit"), list(zip(IDS, UNITS, strict=True)))
@pytest.mark.parametrize("day", [ARTICLE_DAY, None])
def test_a_verdict_has_its_unit_and_sources_of_the_day(claim_id, unit, day):
    verdict = check(claim_id, day)
    assert verdict.unit == unit
    assert verdict.low <= verdict.mid <= verdict.high
    told = [
        data.load(table, as_of=day)
        for table in ("company_quarters", "chip_purchases", "clusters", "outcomes", "valuations")
    ]
    assert set(verdict.sources) <= set().union(*(table["source_id"] for table in told))
    assert verdict.sources == tuple(sorted(set(verdict.sources)))


def test_the_sentences_name_what_was_computed():
    assert "22.6 billion dollars, was 5.3 times" in check("C07", ARTICLE_DAY).why
    assert "Intel 1.05 times (data-centre revenue)" in check("C08", ARTICLE_DAY).why
    assert check("C28", ARTICLE_DAY).condition == "tens of thousands are very many, where others took 10 times that"
    assert "36 to 52 (2023-11), 8 to 12 (2024-04)" in check("C29", ARTICLE_DAY).why
    assert "150,000 H100 in 2023, 12 to 27 % of what Nvidia shipped and 1.5 times" in check("C31", ARTICLE_DAY).why
    assert "581,000 with chips of other makers" in check("C30").why
    assert "spent 157.6 billion dollars, 1.05 times" in check("C43", ARTICLE_DAY).why
    assert check("C43", ARTICLE_DAY).why.endswith("the largest sum raised at once was 10.0 billion dollars.")
    assert check("C43").why.endswith("the largest sum raised at once was 122.0 billion dollars.")
    assert check("C43", ARTICLE_DAY).condition == "the growth of compute and power is enough to call it one"


def test_quarters_a_year_apart_are_compared():
    for reader in (THEN, TODAY):
        rows = market.year_on_year(reader)
        assert not rows.duplicated(["company", "quantity", "basis"]).any()
        assert (rows["period_end"] <= reader.as_of).all()
        assert rows["times"].to_numpy() == pytest.approx((rows["value_usd"] / rows["value_usd_before"]).to_numpy())
    assert market.year_on_year(THEN)["period_end"].max() == pd.Timestamp("2024-04-28")


def test_a_restated_quarter_is_compared_in_its_new_segments():
    rows = market.year_on_year(Reader(pd.Timestamp("2025-06-30"))).set_index("company")
    assert rows.at["Intel", "times"] == pytest.approx(1.08, abs=0.001)


def test_demand_leaves_out_plans_sums_and_groups():
    then, today = market.demand(THEN), market.demand(TODAY)
    assert set(then["year"]) == {2023}
    assert set(today["year"]) == {2023, 2024}
    assert then.equals(today[today["year"] == 2023].reset_index(drop=True))
    assert not set(today["buyer"]) & {"all", "four US clouds"}
    assert today.loc[today["buyer"] == "Tesla", "mid"].tolist() == [15_000]  # neither 35,000 installed nor the 85,000
    assert market.taken(then[then["seller"] == "Nvidia"])["mid"] == 650_000


def test_totals_of_a_year_are_one_row_a_source():
    assert market.totals(THEN, 2023)["high"].tolist() == [550_000, 650_000, 1_200_000]
    assert market.totals(THEN, 2024)["source_id"].tolist() == [
        "longport-ft-h100-2024-plan",
        "semianalysis-datacenter-energy-2024",
    ]
    assert market.totals(TODAY, 2024)[["low", "high"]].to_numpy().tolist() == [
        [1_500_000, 2_000_000],
        [1_734_000, 1_734_000],
        [3_000_000, 3_000_000],
    ]


def test_draws_of_a_share_are_the_quotients_of_the_sources():
    rows = market.newest_year(market.demand(THEN), ["Meta"])
    draws = market.share_of_year(THEN, rows, market.totals(THEN, 2023))
    assert draws.shape == (THEN.draws,)
    shares, counts = np.unique(draws, return_counts=True)
    assert shares == pytest.approx([150 / 1_200, 150 / 650, 150 / 550])
    assert counts / THEN.draws == pytest.approx(1 / 3, abs=0.01)


def test_the_arms_race_has_a_row_a_quantity():
    then, today = market.arms_race(THEN), market.arms_race(TODAY)
    for race in (then, today):
        assert race["quantity"].tolist() == ["compute", "power", "capital spending"]
        assert (race["low"] < race["mid"]).all()
        assert (race["mid"] < race["high"]).all()
    assert then["mid"].to_numpy() == pytest.approx([2.09, 1.42, 1.07], abs=0.01)
    assert today["mid"].to_numpy() == pytest.approx([2.71, 2.03, 1.75], abs=0.01)
    assert (today["mid"] > then["mid"]).all()


def test_power_records_rise_and_stay_as_they_were():
    then, today = market.record_power(THEN), market.record_power(TODAY)
    assert then["value"].is_monotonic_increasing
    assert today.head(len(then)).equals(then)
    assert today["value"].max() == pytest.approx(200_000 * 1_389 / 1e6, rel=1e-3)  # an H100 with its part of the server


def test_no_fact_of_a_later_day_changes_what_was_known_then(folder, read_from):
    functions: list[Callable[[Reader], Any]] = [
        market.year_on_year,
        market.demand,
        market.record_power,
        market.arms_race,
        lambda reader: market.totals(reader, 2023),
    ]
    tables, verdicts = [function(THEN) for function in functions], [check(name, ARTICLE_DAY) for name in IDS]
    forget_after(folder, ARTICLE_DAY)
    read_from(folder)
    for function, expected in zip(functions, tables, strict=True):
        pd.testing.assert_frame_equal(function(Reader(THEN.as_of)), expected)
        pd.testing.assert_frame_equal(function(Reader(TODAY.as_of)), expected)  # nothing later is left to read
    assert [check(name, ARTICLE_DAY) for name in IDS] == verdicts


def change(folder: Path, table: str, factor: float, /, column: str = "value", **where: str) -> None:
    """Multiply a column of some rows of a copy of a table."""
    path = folder / f"{table}.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = (rows[list(where)] == pd.Series(where)).all(axis=1)
    assert chosen.any()
    rows.loc[chosen, column] = [str(round(float(value) * factor)) for value in rows.loc[chosen, column]]
    rows.to_csv(path, index=False, lineterminator="\n")


def test_half_of_the_newest_quarter_halves_the_gain(folder, read_from):
    before = check("C07", ARTICLE_DAY)
    change(
        folder,
        "company_quarters",
        0.5,
        "value_usd",
        company="Nvidia",
        quantity="data-centre revenue",
        period="FY2025 Q1",
    )
    read_from(folder)
    assert check("C07", ARTICLE_DAY).mid == pytest.approx(before.mid / 2, rel=1e-3)


def test_a_profit_below_the_year_before_is_no_gain(folder, read_from):
    change(folder, "company_quarters", 0.1, "value_usd", company="Nvidia", quantity="net income", period="FY2025 Q1")
    read_from(folder)
    assert check("C07", ARTICLE_DAY).word == "holds if"


def test_one_follower_that_lost_leaves_the_others(folder, read_from):
    change(folder, "company_quarters", 0.9, "value_usd", company="Intel", period="2024 Q1", value_usd="3000000000")
    read_from(folder)
    verdict = check("C08", ARTICLE_DAY)
    assert (verdict.word, verdict.condition) == ("holds if", "only AMD and Broadcom are meant")


@pytest.mark.parametrize(("factor", "word"), [(0.6, "holds if"), (0.04, "does not hold"), (1.5, "holds")])
def test_the_share_of_the_two_follows_the_buyers(folder, read_from, factor, word):
    for buyer in ("Microsoft", "Meta"):
        change(folder, "chip_purchases", factor, buyer=buyer, chips="Hopper")
    read_from(folder)
    assert check("C29").word == word


def test_a_buyer_of_less_than_a_machine_takes_no_large_volume(folder, read_from):
    change(folder, "chip_purchases", 0.4, buyer="Meta", chips="Hopper")
    read_from(folder)
    verdict = check("C31")
    assert (verdict.word, verdict.condition) == ("holds if", "the chips of all makers count")


@pytest.mark.parametrize(("factor", "word"), [(0.6, "holds"), (0.4, "holds if"), (0.04, "does not hold")])
def test_musk_is_measured_by_two_yardsticks(folder, read_from, factor, word):
    change(folder, "chip_purchases", factor, buyer="Tesla and xAI", chips="Hopper")
    read_from(folder)
    assert check("C28").word == word


def test_spending_decides_on_the_arms_race(folder, read_from):
    change(folder, "company_quarters", 2, "value_usd", quantity="capital spending", period_end="2024-03-31", months="3")
    change(folder, "company_quarters", 2, "value_usd", quantity="capital spending", period_end="2023-12-31", months="3")
    read_from(folder)
    verdict = check("C43", ARTICLE_DAY)
    assert (verdict.word, verdict.condition) == ("holds", "")
    assert verdict.low > 1


def test_a_contest_needs_two(folder, read_from):
    path = folder / "clusters.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows[rows["owner"].isin(["Meta", "Oracle"])].to_csv(path, index=False, lineterminator="\n")
    read_from(folder)
    verdict = check("C06", ARTICLE_DAY)
    assert (verdict.word, verdict.low, verdict.high) == ("holds if", 1, 2)


def test_seed_and_draws_decide_on_the_draws():
    assert check("C29", ARTICLE_DAY, seed=1) == check("C29", ARTICLE_DAY, seed=1)
    assert check("C29", seed=2, draws=1_024).mid == pytest.approx(check("C29").mid, abs=0.05)
