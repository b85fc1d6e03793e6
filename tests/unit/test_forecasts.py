"""Forecasts of May 2024: nothing in them is of a later day, and their scores by hand."""

import csv
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest
from past import forget_after
from scipy.stats import binomtest

from compute_scaling import data, outlook
from compute_scaling.claims import check, machine, models, money
from compute_scaling.distributions import between
from compute_scaling.forecasts import (
    KEPT,
    NAIVE,
    NOT_FORECAST,
    QUESTIONS,
    forecasts,
    held,
    overall,
    scored,
)
from compute_scaling.reader import Reader
from compute_scaling.scores import crps

DAY = "2024-05-31"
THEN = Reader(pd.Timestamp(DAY))
ENDS = ["low", "low_50", "mid", "high_50", "high"]
SHARES = ("R15", "R47", "R48")


def rows(table: str) -> list[dict[str, str]]:
    with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray]:
    return forecasts()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return scored().set_index("resolution_id")


# ------------------------------------------------------------------------------------------------ which are forecast


def test_each_resolution_is_forecast_or_has_a_reason_and_never_both():
    ids = {row["resolution_id"] for row in rows("resolutions")}
    assert set(QUESTIONS) | set(NOT_FORECAST) == ids
    assert not set(QUESTIONS) & set(NOT_FORECAST)
    assert all(len(reason) > 20 for reason in NOT_FORECAST.values())
    assert (len(QUESTIONS), len(NOT_FORECAST)) == (29, 30)


def test_who_has_no_forecast_for_too_few_deals_has_too_few():
    deals = THEN.table("valuations").query("status in ['closed', 'announced'] and kind.str.startswith('valuation')")
    counted = deals.groupby("company")["deal"].nunique()
    assert (counted["OpenAI"], counted["Anthropic"]) == (2, 2)
    for name in ("R35", "R36", "R39", "R40", "R66"):
        assert NOT_FORECAST[name].startswith("two deals")


def test_quantities_of_questions_fit_the_resolutions():
    quantity = {row["resolution_id"]: row["quantity"] for row in rows("resolutions")}
    words = {
        "R01": "cluster", "R02": "site", "R05": "ran", "R07": "power", "R09": "cost", "R11": "over", "R12": "Grok-2",
        "R15": "benchmarks", "R17": "Grok-3", "R20": "over that", "R26": "Nvidia", "R30": "rent",
        "R42": "largest known", "R45": "cost", "R46": "interruptions", "R47": "useful", "R48": "utilisation",
        "R49": "spending",
    }  # fmt: skip
    for name, word in words.items():
        assert word in quantity[name], name


# --------------------------------------------------------------------------------------------------------- strictness


def test_nothing_of_a_later_day_is_in_a_forecast(folder, read_from):
    """Only the outcomes, and the days for which they are asked, are of later: that table stays as it is."""
    expected = scored(draws=256)
    forget_after(folder, DAY)
    shutil.copy(data.FOLDER / "resolutions.csv", folder)
    read_from(folder)
    pd.testing.assert_frame_equal(scored(draws=256), expected)


def test_no_outcome_moves_a_forecast(folder, read_from):
    before = scored(draws=256).set_index("resolution_id")
    path = folder / "resolutions.csv"
    came = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("resolution_id")
    for name in ("value", "value_low", "value_high"):
        for row in ("R01", "R12", "R21", "R60", "R45"):
            came.loc[row, name] = f"{float(came.at[row, name]) * 3:.10g}" if came.at[row, name] else ""
    came.loc["R05", ["value_on", "value_on_low", "value_on_high"]] = ["2025-01-02", "", ""]
    came.loc["R05", "known_on"] = "2025-01-02"
    came.loc["R48", ["value", "value_low", "value_high"]] = ["0.9", "", ""]
    came.reset_index().to_csv(path, index=False, lineterminator="\n")
    read_from(folder)
    after = scored(draws=256).set_index("resolution_id")
    fixed = [*KEPT[1:7], "rule", *ENDS, *NAIVE]
    pd.testing.assert_frame_equal(after[fixed], before[fixed])
    moved = {"R01", "R12", "R21", "R60", "R45", "R05", "R48"}
    assert set(after.index[after["value"].ne(before["value"]) & after["value"].notna()]) == moved
    assert after.at["R21", "covered"] == "no"
    assert before.at["R21", "covered"] == "yes"
    assert after.at["R05", "value"] == (date(2025, 1, 2) - date(2024, 5, 25)).days
    assert after.at["R48", "covered"] == "no"
    assert after.at["R12", "crps"] > before.at["R12", "crps"]
    untouched = [name for name in before.index if name not in moved]
    pd.testing.assert_frame_equal(after.loc[untouched], before.loc[untouched])


def test_the_same_seed_gives_the_same_bytes_and_another_one_nearly(draws):
    again, other = forecasts(), forecasts(seed=1)
    for name, values in draws.items():
        assert values.tobytes() == again[name].tobytes(), name
        if name != "R15":  # four values, each as often with any seed
            assert values.tobytes() != other[name].tobytes(), name
            np.testing.assert_allclose(np.median(values), np.median(other[name]), rtol=0.02)
    assert {values.shape for values in draws.values()} == {(2**14,)}
    assert {values.shape for values in forecasts(draws=64).values()} == {(64,)}


def test_who_asks_on_a_later_day_forecasts_from_more():
    later = scored("2024-06-30", draws=64).set_index("resolution_id")
    assert later.at["R30", "mid"] != scored(draws=64).set_index("resolution_id").at["R30", "mid"]
    assert later["target_on"].min() == pd.Timestamp("2024-07-28")


# --------------------------------------------------------------------------------------------------------- the table


def test_columns_and_order(table):
    assert list(table.reset_index()) == [
        *KEPT, "rule", "low", "mid", "high", "low_50", "high_50", "stays", "word", "middle",
        "value", "value_low", "value_high", "covered", "covered_50", "crps", "crps_stays", "crps_word", "crps_middle",
    ]  # fmt: skip
    assert table.index.tolist() == list(QUESTIONS)
    assert table["rule"].tolist() == [question.rule for question in QUESTIONS.values()]
    assert (np.diff(table[ENDS].to_numpy(), axis=1) >= 0).all()


def test_ranges_are_the_quantiles_of_the_draws(table, draws):
    for name, values in draws.items():
        found = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        np.testing.assert_allclose(table.loc[name, ENDS].astype(float), found)


def test_outcomes_are_those_of_the_file_and_dates_are_days_since_the_plan(table):
    start = date(2024, 5, 25)
    for row in rows("resolutions"):
        if row["resolution_id"] not in QUESTIONS:
            continue
        is_date = row["unit"] == "date"
        cells = [row[f"value{'_on' if is_date else ''}{end}"] for end in ("", "_low", "_high")]
        value, low, high = (
            np.nan if not cell else (date.fromisoformat(cell) - start).days if is_date else float(cell)
            for cell in cells
        )
        found = table.loc[row["resolution_id"], ["value", "value_low", "value_high"]].astype(float)
        expected = [value, low if cells[1] else value, high if cells[2] else value]
        np.testing.assert_array_equal(found, expected, row["resolution_id"])
    assert table.loc["R05", ["value_low", "value", "value_high"]].tolist() == [58, 100, 123]


def test_words_by_a_loop(table):
    for row in table.to_dict("records"):
        for word, low, high in (("covered", "low", "high"), ("covered_50", "low_50", "high_50")):
            ends = [row["value_low"], row["value_high"]]
            if all(row[low] <= end <= row[high] for end in ends):
                expected = "yes"
            elif ends[1] < row[low] or ends[0] > row[high]:
                expected = "no"
            else:
                expected = "depends"
            assert row[word] == expected, row["quantity"]
    assert set(table["covered"]) == {"yes", "no", "depends"}


def test_scores_are_those_of_logarithms_and_shares_as_they_are(table, draws):
    for name, row in table.iterrows():
        if name == "R47":
            continue
        scale = (lambda value: value) if name in SHARES else np.log
        assert row["crps"] == pytest.approx(float(crps(scale(draws[name]), outcome=scale(row["value"]))))
        for naive in NAIVE:
            off = abs(scale(row[naive]) - scale(row["value"]))
            assert row[f"crps_{naive}"] == pytest.approx(off, nan_ok=True)
    assert table.index[table["unit"] == "share"].tolist() == list(SHARES)


@pytest.mark.parametrize(("name", "outcome"), [("R21", np.log(26.272e9)), ("R48", 0.41), ("R05", np.log(100))])
def test_a_score_from_its_definition(table, draws, name, outcome):
    values = (draws[name] if name == "R48" else np.log(draws[name]))[:1024]  # a balanced part
    pairs = np.abs(values[:, None] - values).mean()
    assert table.at[name, "crps"] == pytest.approx(np.abs(values - outcome).mean() - pairs / 2, rel=0.02)


def test_an_outcome_that_is_only_a_bound_has_no_score(table):
    row = table.loc["R47"]
    assert row[["value_low", "value_high"]].tolist() == [0.9, 1]
    assert row[["value", "crps", "crps_stays", "crps_word", "crps_middle"]].isna().all()
    assert row["covered"] == "depends"
    assert table["crps"].drop("R47").notna().all()


# ---------------------------------------------------------------------------------------------------- rules and rivals


def test_naive_forecasts(table):
    newest = {
        "R01": 24_576, "R11": 100_000 / 24_576, "R15": 3 / 7, "R21": 22.563e9, "R30": 4.25,
        "R42": np.cbrt(5e25 * 5e25 * 9e25), "R12": np.cbrt(5e25 * 5e25 * 9e25), "R17": np.cbrt(5e25 * 5e25 * 9e25),
        "R45": 65e6, "R47": 0.95, "R49": 4 * 44.289e9, "R60": 4 * 44.289e9,
    }  # fmt: skip
    for name, value in newest.items():
        assert table.at[name, "stays"] == pytest.approx(value), name
    words = {
        "R01": 25_000, "R02": 25_000, "R03": 100_000, "R05": 485, "R09": 6e9, "R11": 4, "R15": 0.8, "R20": 5,
    }  # fmt: skip
    assert table["word"].dropna().to_dict() == words
    trends = [name for name in table.index if table.at[name, "rule"].startswith("trend")]
    assert table["middle"].dropna().to_dict() == table.loc[trends, "mid"].to_dict()
    assert table.at["R11", "rule"] == "the plan over the trend: largest AI cluster"
    assert table.loc[["R05", "R07", "R09", "R20"], "stays"].isna().all()


def test_the_newest_utilisation_and_failures_by_a_loop(table):
    told = [row for row in rows("training_runs") if row["step_mfu"] and row["known_on"] <= DAY]
    newest = max(told, key=lambda row: (row["known_on"], row["run_id"]))
    assert table.at["R48", "stays"] == float(newest["step_mfu"])
    failures = [row for row in rows("reliability") if row["known_on"] <= DAY and row["quantity"] == "interruptions"]
    assert failures
    assert table.at["R46", "stays"] == pytest.approx(4.1016, rel=1e-4)


def test_trends_at_their_days(table, draws):
    for name, series in {"R01": "largest AI cluster", "R44": "largest training run"}.items():
        day = table.at[name, "target_on"]
        assert (draws[name] == outlook.trend(THEN, series, day)).all()
    for name in ("R02", "R03"):
        assert (draws[name] == outlook.trend(THEN, "largest AI site", table.at[name, "target_on"])).all()
    np.testing.assert_allclose(
        draws["R11"] * outlook.trend(THEN, "largest AI cluster", table.at["R11", "target_on"]), 100_000
    )


@pytest.mark.parametrize(("name", "year"), [("R49", 2024), ("R60", 2025)])
def test_a_year_of_spending_is_the_sum_of_its_quarters(table, name, year):
    ends = [f"{year}-03-31", f"{year}-06-30", f"{year}-09-30", f"{year}-12-31"]
    quarters = [np.median(outlook.trend(THEN, "capital spending of four clouds in a quarter", end)) for end in ends]
    assert table.at[name, "mid"] == pytest.approx(sum(quarters), rel=2e-3)


def test_forecasts_of_the_claims_are_those_of_their_checks(table, draws):
    for name, claim in {"R12": "C24", "R17": "C25"}.items():
        verdict = check(claim, as_of=DAY)
        assert table.loc[name, ["low", "mid", "high"]].tolist() == [verdict.low, verdict.mid, verdict.high]
    flop = models.generations(THEN)
    np.testing.assert_allclose(draws["R20"], flop["C25"] / flop["C24"])
    np.testing.assert_allclose(draws["R07"], machine.power_mw(THEN))
    np.testing.assert_allclose(draws["R09"], 100_000 * money.ways(THEN)[money.WITH_SITE][0])
    share = check("C16", as_of=DAY)
    assert table.loc["R15", ["low", "mid", "high"]].tolist() == [share.low, share.mid, share.high]
    years = (pd.Timestamp("2025-12-31") - THEN.as_of).days / 365.25
    run = outlook.chip_day_usd(THEN, {"days": between(60, 120)}, years_ahead=years)
    np.testing.assert_allclose(draws["R45"], 100_000 * run["days"] * run["usd"])
    np.testing.assert_allclose(draws["R46"], outlook.failure_free_hours(THEN, 16_384))


def test_days_to_build_agree_with_the_chance_of_autumn(draws):
    chance = machine.chances_of_autumn(THEN).at["building times, for AI", "mid"]
    last = (date(2025, 12, 20) - date(2024, 5, 25)).days
    assert (draws["R05"] <= last).mean() == pytest.approx(chance, abs=0.003)


def test_a_useful_share_lies_between_the_published_ones_and_below_one(draws):
    told = [row for row in rows("reliability") if row["quantity"] == "goodput" and row["known_on"] <= DAY]
    shares = [float(row["value"]) for row in told if row["value"]]
    ends = np.quantile(draws["R47"], [0.05, 0.95])
    np.testing.assert_allclose(ends, [min(shares), max(shares)], rtol=1e-3)
    assert draws["R47"].max() <= 1


def test_a_utilisation_of_steps_by_the_families_before(draws):
    told = pd.DataFrame([row for row in rows("training_runs") if row["step_mfu"] and row["known_on"] <= DAY])
    shares = told["step_mfu"].astype(float)
    odds = np.log(shares / (1 - shares)).groupby(told["family"]).mean().mean()
    assert np.median(draws["R48"]) == pytest.approx(1 / (1 + np.exp(-odds)), rel=1e-3)
    assert 0 < draws["R48"].min() < draws["R48"].max() < 1


# ------------------------------------------------------------------------------------------------------- over them all

SMALL = pd.DataFrame({
    "unit": ["USD", "USD", "share", "USD", "USD"],
    "group": ["a", "a", "b", "b", "b"],
    "covered": ["yes", "yes", "no", "depends", "yes"],
    "covered_50": ["yes", "no", "no", "depends", "no"],
    "crps": [0.1, 0.5, 0.01, 0.3, np.nan],
    "crps_stays": [0.4, 0.4, 0.02, 0.3, np.nan],
    "crps_word": [np.nan, 1.0, np.nan, 0.6, np.nan],
    "crps_middle": [0.05, np.nan, np.nan, 0.15, 9],
})  # fmt: skip


def test_how_forecasts_did_against_each_naive_one_by_hand():
    found = overall(SMALL).set_index("rival")
    assert found.index.tolist() == ["stays", "word", "middle"]
    assert found["forecasts"].tolist() == [4, 2, 2]
    assert found["wins"].tolist() == [2, 2, 0]
    assert found["ties"].tolist() == [1, 0, 0]
    expected = [1 - 0.9 / 1.1, 1 - 0.8 / 1.6, 1 - 0.4 / 0.2]  # shares take no part
    assert found["skill"].tolist() == pytest.approx(expected)
    tests = [binomtest(2, 3).pvalue, binomtest(2, 2).pvalue, binomtest(0, 2).pvalue]
    assert found["p_value"].tolist() == pytest.approx(tests)


def test_how_many_ranges_held_by_hand():
    found = held(SMALL).set_index("level")
    assert found.index.tolist() == [0.5, 0.9]
    assert found["forecasts"].tolist() == [5, 5]
    assert found["held"].tolist() == [1, 3]
    assert found["depends"].tolist() == [1, 1]
    assert found["mid"].tolist() == pytest.approx([0.3, 0.7])
    assert found["effective"].tolist() == pytest.approx([25 / 13] * 2)


def test_the_table_as_a_whole(table):
    whole = table.reset_index()
    found = overall(whole).set_index("rival")
    assert found["forecasts"].to_dict() == {"stays": 24, "word": 8, "middle": 16}
    better = [row for row in whole.to_dict("records") if row["crps"] < row["crps_stays"]]
    assert found.at["stays", "wins"] == len(better)
    ranges = held(whole).set_index("level")
    assert ranges.at[0.9, "held"] == sum(whole["covered"] == "yes")
    assert ranges.at[0.5, "depends"] == sum(whole["covered_50"] == "depends")
    sizes = whole["group"].value_counts()
    assert ranges.at[0.9, "effective"] == pytest.approx(len(whole) ** 2 / (sizes**2).sum())


def test_the_seed_and_the_draws_reach_the_forecasts():
    one, other, more = (scored(seed=seed, draws=draws)["low"] for seed, draws in ((0, 256), (1, 256), (0, 512)))
    assert (one != other).any()
    assert (one != more).any()
    assert scored(seed=1, draws=256)["low"].equals(other)
