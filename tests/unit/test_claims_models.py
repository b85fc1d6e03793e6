"""Claims about the models: compute by hand, the common scatter by analysis of variance, and other rows, other words."""

import csv
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past import forget_after
from scipy.stats import linregress, spearmanr, t

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, check, models
from compute_scaling.claims.verdict import Reader, claimed
from compute_scaling.distributions import one_of
from compute_scaling.outlook import stated_runs

CLAIMS = ("C14", "C24", "C25", "C26")
THEN = Reader(pd.Timestamp(ARTICLE_DAY))
NOW = Reader(data.updated_on())
PEAK = 989.4e12


def rewritten(folder, table, change):
    """Write a table of the folder again after `change` has seen it, all cells being text."""
    path = folder / f"{table}.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False, lineterminator="\n")


@pytest.mark.parametrize(
    ("claim_id", "day", "word", "numbers", "unit"),
    [
        ("C14", ARTICLE_DAY, "holds", (8.74, 11.99, 15.24), "points"),
        ("C14", None, "holds", (9.89, 11.85, 13.81), "points"),
        ("C24", ARTICLE_DAY, "holds if", (2.28e25, 4.31e25, 7.59e25), "FLOP"),
        ("C24", None, "holds", (2.19e25, 4.26e25, 7.64e25), "FLOP"),
        ("C25", ARTICLE_DAY, "holds if", (1.14e26, 2.16e26, 3.81e26), "FLOP"),
        ("C25", None, "holds", (1.10e26, 2.13e26, 3.81e26), "FLOP"),
        ("C26", ARTICLE_DAY, "holds", (5, 5, 5), "times"),
        ("C26", None, "holds if", (80 / 24, 5, 100 / 16), "times"),
    ],
)
def test_words_and_numbers(claim_id, day, word, numbers, unit):
    verdict = check(claim_id, as_of=day)
    assert (verdict.claim_id, verdict.word, verdict.unit) == (claim_id, word, unit)
    assert (verdict.low, verdict.mid, verdict.high) == pytest.approx(numbers, rel=0.01)


def test_conditions_and_reasons_are_built_from_the_rows():
    then, now = (check("C24", day) for day in (ARTICLE_DAY, None))
    days = "in 60 to 120 days the claimed chips give the compute shown"
    assert then.why == f"No count but the owner's; {days}, and nobody else had an estimate."
    outside = "outside estimates have 1.67\xa0×\xa010²⁵ to 4.64\xa0×\xa010²⁵ FLOP."
    assert now.why == f"Trained on 16,000 to 24,000 chips; {days}, and {outside}"
    assert then.condition == "what its owner says a model uses is what it needs"
    assert now.condition == ""
    assert now.would_change == "a count of chips outside 16,000 to 25,000, or the hours of the run"
    assert "2.5\xa0×\xa010²⁶ to 4.64\xa0×\xa010²⁶ FLOP" in check("C25").why
    assert "80,000 to 100,000 chips" in check("C25").why
    assert check("C25").condition == ""
    ratio = "each run with days and utilisation of its own, they mean 5 times (2.6 to 9.7)."
    assert check("C26", ARTICLE_DAY).why.endswith(ratio)
    assert check("C26").why.endswith("; xAI and Epoch AI, neither of them independent, say 10 to 15.")
    assert check("C14").why.startswith("Over 6 models with a known score on MMLU")


def test_the_compute_hangs_on_the_input_that_scatters_most():
    drawn = models.drawn_runs(THEN)["C24"]
    scatter = {name: np.log(draws).var() for name, draws in drawn.items()}
    share = scatter["utilisation"] / sum(scatter.values())
    assert 0.5 < share < 0.9
    assert check("C24", ARTICLE_DAY).hinges_on == (
        "the owner's word on the chips; for the compute, the utilisation of the run, "
        f"{100 * share:.0f}\xa0% of the scatter"
    )


def test_compute_by_hand(monkeypatch):
    """20,000 H100 at 40 % of their peak for 90 days."""
    monkeypatch.setattr(models, "utilisation_odds", lambda reader: one_of(log(0.4 / 0.6)))
    monkeypatch.setattr(models, "between", lambda low, high: one_of(90))
    flop = models.generations(Reader(THEN.as_of, draws=4))
    assert list(flop) == ["C24", "C25"]
    np.testing.assert_allclose(flop["C24"], np.full(4, 20_000 * PEAK * 0.4 * 90 * 86_400))
    np.testing.assert_allclose(flop["C25"], np.full(4, 100_000 * PEAK * 0.4 * 90 * 86_400))


def odds_of_runs():
    runs = stated_runs(THEN)
    return np.log(runs["utilisation"] / (1 - runs["utilisation"])), runs["family"]


def test_the_range_of_compute_by_brute_force():
    odds, families = odds_of_runs()
    means = odds.groupby(families).mean()
    inside = ((odds - families.map(means)) ** 2).sum() / (len(odds) - len(means))
    spread = (means.var(ddof=1) * (1 + 1 / len(means)) + inside) ** 0.5
    rng = np.random.default_rng(2)
    share = 1 / (1 + np.exp(-means.mean() - spread * t.rvs(len(means) - 1, size=400_000, random_state=rng)))
    days = np.exp(rng.normal(log(60 * 120) / 2, log(2) / 2 / 1.6448536, share.size))
    expected = np.quantile(20_000 * PEAK * share * days * 86_400, [0.05, 0.5, 0.95])
    verdict = check("C24", ARTICLE_DAY)
    np.testing.assert_allclose([verdict.low, verdict.mid, verdict.high], expected, rtol=0.01)


def test_the_two_models_go_together_by_the_share_of_scatter_between_families():
    flop = models.generations(THEN)
    odds, families = odds_of_runs()
    together = models.common_scatter(odds, families)
    ranks = 6 / np.pi * np.arcsin(together / 2)  # Spearman's of a Gaussian copula, for odds and for days alike
    assert spearmanr(flop["C24"], flop["C25"]).statistic == pytest.approx(ranks, abs=0.02)
    ratio = np.log(flop["C25"] / flop["C24"])
    assert np.median(ratio) == pytest.approx(log(5), abs=0.01)
    assert ratio.var() < np.log(flop["C24"]).var() + np.log(flop["C25"]).var()
    assert "5 times (2.6 to 9.7)" in check("C26", ARTICLE_DAY).why
    assert np.exp(np.quantile(ratio, [0.05, 0.95])).round(1).tolist() == [2.6, 9.7]


def test_the_common_scatter_of_balanced_groups_by_analysis_of_variance():
    """With k groups of n: means scatter by MSB / n, values inside by MSW."""
    table = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 4.0], [9.0, 8.0, 4.0], [1.5, 1.0, 2.0]])
    groups, size = table.shape
    between = size * ((table.mean(axis=1) - table.mean()) ** 2).sum() / (groups - 1)
    inside = ((table - table.mean(axis=1, keepdims=True)) ** 2).sum() / (groups * (size - 1))
    expected = (between - inside) / (between + (size - 1) * inside)
    names = pd.Series(np.repeat(list("abcd"), size))
    assert models.common_scatter(pd.Series(table.ravel()), names) == pytest.approx(expected)


def test_the_common_scatter_of_the_runs():
    odds, families = odds_of_runs()
    assert models.common_scatter(odds, families) == pytest.approx(0.393, abs=1e-3)
    assert models.common_scatter(pd.Series([1.0, 3.0, 1.0, 3.0]), pd.Series(list("aabb"))) == 0


@pytest.mark.parametrize(("families", "groups"), [("aaaa", 1), ("abcd", 4)])
def test_a_common_scatter_needs_two_groups_and_two_of_one(families, groups):
    with pytest.raises(ValueError, match=rf"^groups = {groups} of 4 values; expected 2 or more, one with two values$"):
        models.common_scatter(pd.Series([1.0, 2.0, 3.0, 5.0]), pd.Series(list(families)))


@given(
    st.lists(st.floats(-5, 5), min_size=6, max_size=6),
    st.floats(-3, 3),
    st.sampled_from([0.1, 2, -7]),
    st.permutations(range(6)),
)
def test_the_common_scatter_is_a_share_that_no_unit_and_no_order_changes(values, shift, scale, order):
    numbers, names = pd.Series(values), pd.Series(list("aabbcc"))
    if np.ptp(values) < 1e-3:
        return
    found = models.common_scatter(numbers, names)
    assert 0 <= found <= 1
    assert models.common_scatter(numbers * scale + shift, names) == pytest.approx(found, abs=1e-6)
    assert models.common_scatter(numbers[list(order)], names[list(order)]) == pytest.approx(found, abs=1e-9)


# ------------------------------------------------------------------------------------------------ counts and estimates


def test_counts_and_estimates_of_the_day():
    assert models.counted("C24", THEN).empty
    assert models.estimated("C25", THEN).empty
    assert sorted(models.counted("C24", NOW)) == [16_000, 24_000, 24_000]
    assert sorted(models.counted("C25", NOW)) == [80_000, 100_000, 100_000]
    assert set(models.counted("C25", NOW).index) == {"epoch-notable-ai-models"}
    estimates = models.estimated("C24", NOW)
    assert (estimates.min(), estimates.max()) == (1.67e25, 4.64e25)
    assert set(estimates.index) == {"epoch-training-cost-trends", "the-batch-grok-3-2025"}
    assert claimed("C25") == 100_000


@pytest.mark.parametrize(
    ("claim_id", "cells", "word"),
    [
        ("C24", {"value": "30000", "value_low": "30000", "value_high": "40000"}, "does not hold"),
        ("C24", {"value": "15000", "value_low": "", "value_high": ""}, "does not hold"),
        ("C24", {"value": "20000", "value_low": "15000", "value_high": "24000"}, "holds if"),
        ("C24", {"value": "20000", "value_low": "", "value_high": ""}, "holds"),
        ("C24", {"value": "24999", "value_low": "16000", "value_high": "24999"}, "holds"),
        ("C24", {"value": "25000", "value_low": "16000", "value_high": "25000"}, "holds if"),
    ],
)
def test_another_count_gives_another_word(claim_id, cells, word, folder, read_from):
    def change(rows):
        rows.loc[rows["resolution_id"] == models.COUNTS[claim_id], list(cells)] = list(cells.values())
        return rows

    rewritten(folder, "resolutions", change)
    read_from(folder)
    verdict = check(claim_id)
    assert verdict.word == word
    assert bool(verdict.condition) == (word == "holds if")


def test_one_count_is_no_range(folder, read_from):
    def change(rows):
        rows.loc[rows["resolution_id"] == "R13", ["value", "value_low", "value_high"]] = ["20000", "", ""]
        return rows

    rewritten(folder, "resolutions", change)
    read_from(folder)
    assert check("C24").why.startswith("Trained on 20,000 chips; ")
    assert (check("C26").low, check("C26").high) == (4, 5)


# ------------------------------------------------------------------------------------------------- compute and scores


def by_hand(day):
    """Return compute and score of each model by plain loops over the files."""

    def rows(table):
        with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            return [row for row in csv.DictReader(lines) if row["known_on"] <= day]

    methods = {"stated by the developer", "parameters and tokens", "hardware and time"}
    flop, score = {}, {}
    for row in rows("compute_estimates"):
        if row["training_flop"] and row["method"] in methods:
            flop.setdefault(row["model"], []).append(log(float(row["training_flop"])))
    for row in rows("benchmarks"):
        if row["benchmark"] == "MMLU" and row["score_percent"]:
            score[row["model"]] = max(score.get(row["model"], 0), float(row["score_percent"]))
    return {name: (exp(sum(logs) / len(logs)), score[name]) for name, logs in flop.items() if name in score}


@pytest.mark.parametrize("reader", [THEN, NOW])
def test_points_for_ten_times_the_compute_by_a_textbook_fit(reader):
    expected = by_hand(f"{reader.as_of:%Y-%m-%d}")
    table = models.compute_and_score(reader).set_index("model")
    assert set(table.index) == set(expected)
    for name, (flop, score) in expected.items():
        assert table.loc[name, ["flop", "score"]].tolist() == pytest.approx([flop, score])
    fit = linregress(*np.transpose([(np.log10(flop), score) for flop, score in expected.values()]))
    reach = t.ppf(0.95, len(expected) - 2) * fit.stderr
    verdict = check("C14", reader.as_of)
    assert (verdict.low, verdict.mid, verdict.high) == pytest.approx((fit.slope - reach, fit.slope, fit.slope + reach))


def test_an_estimate_made_from_scores_takes_no_part(folder, read_from):
    before = check("C14"), models.compute_and_score(NOW)
    scored = set(data.load("benchmarks").query("benchmark == 'MMLU'")["model"])
    assert not scored <= set(before[1]["model"])

    def change(rows):
        new = rows[rows["model"].isin(scored) & rows["training_flop"].ne("")].drop_duplicates("model").copy()
        new = new.assign(training_flop="1e22", training_flop_low="", training_flop_high="", known_on="2026-11-21")
        parts = [new.assign(method=method, known_on=day) for method, day in (
            ("benchmarks", "2026-11-19"), ("speculative", "2026-11-20"), ("not stated", "2026-11-21"))]  # fmt: skip
        return pd.concat([rows, *parts]).sort_values(["model", "source_id", "known_on"], kind="stable")

    rewritten(folder, "compute_estimates", change)
    read_from(folder)
    reader = Reader(NOW.as_of)
    pd.testing.assert_frame_equal(
        models.compute_and_score(reader)[["model", "flop", "score"]], before[1][["model", "flop", "score"]]
    )
    assert check("C14").mid == before[0].mid
    assert check("C14").sources == before[0].sources


def test_an_estimate_by_parameters_does_take_part(folder, read_from):
    before = check("C14").mid

    def change(rows):
        rows.loc[rows["method"] == "parameters and tokens", "training_flop"] = "1e23"
        return rows.assign(training_flop_low="", training_flop_high="")

    rewritten(folder, "compute_estimates", change)
    read_from(folder)
    assert check("C14").mid != pytest.approx(before, rel=1e-3)


@pytest.mark.parametrize(
    ("scores", "word"), [("falling", "does not hold"), ("rising", "holds"), ("scattered", "holds if")]
)
def test_the_word_hangs_on_the_slope(scores, word, folder, read_from):
    known = models.compute_and_score(NOW).sort_values("flop")["model"].tolist()
    values = {
        "falling": [80, 70.5, 60, 50.2, 40, 30],
        "rising": [30, 40, 50.5, 60, 70.3, 80],
        "scattered": [50, 60, 40, 61, 45, 50],
    }
    by_model = dict(zip(known, values[scores], strict=True))

    def change(rows):
        new = rows["model"].map(by_model)
        chosen = (rows["benchmark"] == "MMLU") & new.notna()
        rows.loc[chosen, "score_percent"] = new[chosen].map("{:g}".format)
        return rows

    rewritten(folder, "benchmarks", change)
    read_from(folder)
    assert check("C14").word == word


# ------------------------------------------------------------------------------------------------- factors of the step


@pytest.mark.parametrize("reader", [THEN, NOW], ids=["then", "now"])
def test_the_step_is_the_product_of_its_factors(reader):
    step = models.step_factors(reader)
    assert set(step) == {"utilisation", "days", "compute"}
    chips = claimed("C25") / claimed("C24")
    assert np.allclose(step["compute"], chips * step["utilisation"] * step["days"])
    assert all(abs(np.median(step[name]) - 1) < 0.01 for name in ("utilisation", "days"))


def test_8_bit_steps_are_paired_with_the_same_step_at_16_bits():
    rows = {row["measurement_id"]: row for row in NOW.table("step_times").to_dict("records")}
    gains = models.eight_bit_gains(NOW)
    grok = gains[gains["model"].str.startswith("Grok-1") & (gains["accelerators"] == 1024)]["gain"].item()
    steps = {
        row["precision"]: row["step_s"]
        for row in rows.values()
        if row["model"].startswith("Grok-1") and row["accelerators"] == 1024
    }
    assert grok == pytest.approx(steps["bf16"] / steps["fp8"])
    assert gains["gain"].between(1, 2).all()  # the peak doubles, and no step gains more
    assert len(models.eight_bit_gains(THEN)) == 1


# -------------------------------------------------------------------------------------------------------- strictness


def test_nothing_told_later_changes_an_answer_of_the_day(folder, read_from):
    verdicts = [check(claim_id, ARTICLE_DAY) for claim_id in CLAIMS]
    assert forget_after(folder, ARTICLE_DAY) > 100
    read_from(folder)
    assert [check(claim_id, ARTICLE_DAY) for claim_id in CLAIMS] == verdicts


@pytest.mark.parametrize("day", [ARTICLE_DAY, None])
def test_sources_were_there_and_known(day):
    published = data.load("sources").set_index("source_id")["published_on"]
    for claim_id in CLAIMS:
        ids = list(check(claim_id, day).sources)
        assert set(ids) <= set(published.index)
        assert ids == sorted(set(ids))
        if day:
            assert not (published[[name for name in ids if name != "generation-nt-2024"]] > day).any()
    assert ("the-batch-grok-3-2025" in check("C26").sources) and len(check("C26", ARTICLE_DAY).sources) == 1
