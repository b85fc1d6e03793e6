"""Outlooks against fits, closed forms and plain loops over the tables."""

import csv
from datetime import date, timedelta
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past import forget_after
from scipy.stats import spearmanr, t, ttest_1samp

from compute_scaling import data, outlook
from compute_scaling.distributions import one_of
from compute_scaling.energy import NETWORK_SHARE
from compute_scaling.failure_rates import published_rates
from compute_scaling.reader import Reader
from compute_scaling.register import outlooks
from compute_scaling.series import RECORDS, SERIES
from compute_scaling.trends import fit_growth

DAY, LATER = "2024-05-31", "2025-09-22"
THEN = Reader(pd.Timestamp(DAY))
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
TRENDS = [name for name in SERIES if name not in ("power of the largest AI site",)]
H100_PEAK, H100_TDP = 989.4e12, 700
DECLINE = 0.14


def rents() -> list[dict[str, str]]:
    """Return the rows of the file of rents of an H100 that a reader of the day knew."""
    with (data.FOLDER / "rental_prices.csv").open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["accelerator"] == "H100 SXM" and row["known_on"] <= DAY]


# ------------------------------------------------------------------------------------------------- trends and damping


@pytest.mark.parametrize("name", TRENDS)
@pytest.mark.parametrize("level", [0.5, 0.9])
def test_a_trend_has_the_quantiles_of_its_prediction(name: str, level: float) -> None:
    known = SERIES[name](THEN)
    expected = fit_growth(known["date"], known["value"]).predict([LATER], level)
    found = np.quantile(outlook.trend(THEN, name, LATER), [(1 - level) / 2, 0.5, (1 + level) / 2])
    np.testing.assert_allclose(found, np.ravel(expected), rtol=2e-3)


def test_three_values_are_no_trend() -> None:
    message = "^name = 'power of the largest AI site', of which 0 values are known; expected 4 or more$"
    with pytest.raises(ValueError, match=message):
        outlook.trend(THEN, "power of the largest AI site", LATER)


def test_four_values_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    days = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01"])
    known = pd.DataFrame({"date": days, "value": [1, 2.2, 3.9, 8.1], "sources": "s"})
    monkeypatch.setitem(SERIES, "four", lambda reader: known)
    assert np.median(outlook.trend(THEN, "four", "2024-01-01")) == pytest.approx(16, rel=0.05)


@pytest.mark.parametrize("name", TRENDS)
def test_damped_growth_by_monte_carlo(name: str) -> None:
    known = SERIES[name](THEN)
    growth = fit_growth(known["date"], known["value"])
    years = (pd.Timestamp("2030-12-31") - known["date"].iloc[-1]).days / 365.25
    full = growth.rate * 2 / log(2) * (1 - 0.5 ** (years / 2))
    residuals = np.log(known["value"]) - [log(growth.predict([day])[1][0]) for day in known["date"]]
    scatter = np.sqrt((residuals**2).sum() / (len(known) - 2))
    rng = np.random.default_rng(1)
    logs = full * rng.uniform(size=400_000) + rng.normal(0, scatter, 400_000)
    logs = np.maximum(logs, 0) if name in RECORDS else logs
    drawn = np.log(outlook.damped(THEN, name, "2030-12-31") / known["value"].iloc[-1])
    np.testing.assert_allclose(
        np.quantile(drawn, QUANTILES), np.quantile(logs, QUANTILES), atol=0.02 * (full + scatter)
    )


def test_without_scatter_damped_growth_lies_between_none_and_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    days = pd.date_range("2016-01-01", "2024-01-01", freq="YS")
    years = (days - days[0]) / pd.Timedelta(days=365.25)
    doubling = pd.DataFrame({"date": days, "value": 3 * 2.0**years, "sources": "s"})
    monkeypatch.setitem(SERIES, "doubling", lambda reader: doubling)
    drawn = np.log2(outlook.damped(THEN, "doubling", "2028-01-01") / doubling["value"].iloc[-1])
    full = 2 / log(2) * (1 - 2 ** (-1461 / 365.25 / 2))
    assert drawn.min() == pytest.approx(0, abs=1e-3)
    assert drawn.max() == pytest.approx(full, abs=1e-3)
    np.testing.assert_allclose(np.quantile(drawn, QUANTILES), np.multiply(full, QUANTILES), rtol=1e-3)


def test_share_and_scatter_are_independent() -> None:
    """The variance of the logarithm is the sum of the two: of a uniform, and of the residuals."""
    name = "Nvidia's data-centre revenue in a quarter"
    known = SERIES[name](THEN)
    growth = fit_growth(known["date"], known["value"])
    full = growth.rate * outlook.fading((pd.Timestamp(LATER) - known["date"].iloc[-1]).days / 365.25)
    logs = np.log(outlook.damped(THEN, name, LATER))
    assert logs.var() == pytest.approx(full**2 / 12 + float(growth.line.scale) ** 2, rel=1e-3)


def test_fading() -> None:
    assert outlook.fading(0) == 0
    assert outlook.fading(1e3) == pytest.approx(2 / log(2))
    assert outlook.fading(2) == pytest.approx(1 / log(2))  # half of it in the first half-life
    assert outlook.fading(1e-6) == pytest.approx(1e-6)


@given(st.floats(0, 30), st.floats(0.01, 30))
def test_fading_is_the_sum_of_a_rate_that_halves_every_two_years(years: float, more: float) -> None:
    steps = (np.arange(20_000) + 0.5) / 20_000 * years
    assert outlook.fading(years) == pytest.approx(years * np.mean(0.5 ** (steps / 2)), rel=1e-6)
    assert outlook.fading(years) < outlook.fading(years + more)
    assert outlook.fading(years) <= years


def test_the_newest_value_is_that_of_the_last_day() -> None:
    assert outlook.newest(THEN, "Nvidia's data-centre revenue in a quarter") == 22.563e9
    assert outlook.newest(Reader(pd.Timestamp("2024-02-29")), "largest AI cluster") == 14_400


def test_years_between_days() -> None:
    assert outlook.years_between("2024-05-31", "2025-05-31") == pytest.approx(365 / 365.25)
    assert outlook.years_between(pd.Timestamp("2024-05-31"), "2024-05-31") == 0
    assert outlook.years_between("2025-05-31", "2024-05-31") == pytest.approx(-365 / 365.25)


# -------------------------------------------------------------------------------------------------------------- rents


def test_quotes_are_offers_of_the_last_year_that_were_known() -> None:
    first = date.fromisoformat(DAY) - timedelta(days=365.25)
    expected = [
        row for row in rents()
        if row["terms"] in ("on demand", "contract") and date.fromisoformat(row["priced_on"]) > first
    ]  # fmt: skip
    found = outlook.rent_quotes(THEN)
    assert found["usd_per_hour_low"].tolist() == [float(row["usd_per_hour_low"]) for row in expected]
    assert found["provider"].tolist() == [row["provider"] for row in expected]
    assert len(found) == 6


def test_a_quote_a_year_old_is_out(folder, read_from) -> None:
    path = folder / "rental_prices.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = (rows["provider"] == "CoreWeave") & (rows["accelerator"] == "H100 SXM")
    assert chosen.sum() == 1
    read_from(folder)
    for day, kept in (("2023-06-02", True), ("2023-06-01", True), ("2023-05-31", False), ("2023-05-30", False)):
        rows.loc[chosen, "priced_on"] = day
        rows.to_csv(path, index=False, lineterminator="\n")
        assert ("CoreWeave" in set(outlook.rent_quotes(Reader(THEN.as_of))["provider"])) == kept, day
    whole = outlook.rent_quotes(Reader(THEN.as_of), years=2)
    assert "CoreWeave" in set(whole["provider"])


def test_the_newest_rent_is_the_middle_of_its_range(folder, read_from) -> None:
    path = folder / "rental_prices.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    chosen = (rows["provider"] == "CoreWeave") & (rows["accelerator"] == "H100 SXM")
    rows.loc[chosen, ["usd_per_hour_low", "usd_per_hour_high"]] = ["3", "6"]
    rows.to_csv(path, index=False, lineterminator="\n")
    read_from(folder)
    assert outlook.newest_rent_usd(Reader(THEN.as_of)) == 4.5
    assert outlook.newest_rent_usd(Reader(pd.Timestamp("2024-05-23"))) == 2  # the best large deal, of December


def test_a_rent_ages_at_a_share_of_the_decline() -> None:
    """Logarithms: a normal one from the lowest to the highest quote, less a uniform one."""
    for function, low, high in ((outlook.rent_usd, 2, 12.29), (outlook.swinging_rent_usd, 1.99, 5)):
        years = (pd.Timestamp("2026-05-31") - THEN.as_of).days / 365.25
        decline = DECLINE * log(10) * years
        logs = np.log(function(THEN, "2026-05-31"))
        sigma = log(high / low) / 2 / 1.6448536
        assert logs.mean() == pytest.approx(log(low * high) / 2 - decline / 2, abs=1e-3)
        assert logs.var() == pytest.approx(sigma**2 + decline**2 / 12, rel=2e-3)
        now = np.quantile(function(THEN, DAY), [0.05, 0.95])
        np.testing.assert_allclose(now, [low, high], rtol=2e-3)


def test_swinging_rents_leave_out_lists_of_the_largest_clouds_alone() -> None:
    asked = {row["provider"] for row in rents() if row["terms"] in ("on demand", "contract")}
    assert {"Amazon", "Amazon, 1 year", "Amazon, 3 years", "CoreWeave", "clouds other than the largest"} <= asked
    today = Reader(data.updated_on())
    low, high = np.quantile(outlook.swinging_rent_usd(today, today.as_of), [0.05, 0.95])
    assert (low, high) == pytest.approx((1.7, 5), rel=2e-3)  # largest clouds asked up to 12.29 in 2025


# --------------------------------------------------------------------------------------------------- runs and failures


def test_a_run_by_hand_where_no_input_has_a_range(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"interconnect share": 0.2, "PUE": 1.25, "draw share": 0.8, "electricity price": 0.1}
    monkeypatch.setattr(outlook, "published", lambda quantity, as_of: one_of(values[quantity]))
    monkeypatch.setattr(outlook, "utilisation_odds", lambda reader: one_of(log(0.4 / 0.6)))
    monkeypatch.setattr(outlook, "server_usd", lambda names, as_of, level: np.full((1, level.size), 40_000.0))
    monkeypatch.setattr(outlook, "server_factor", lambda name, as_of: 2.0)
    chip_days = 2e26 / (H100_PEAK * 0.4 * 86_400)
    lost = 40_000 / 0.8 * (1 - 10 ** (-DECLINE / 365.25))
    power_kw = H100_TDP * 2 * (1 + NETWORK_SHARE) * 1.25 * 0.8 / 1_000
    expected = chip_days * (lost + power_kw * 24 * 0.1)
    reader = Reader(THEN.as_of, draws=8)
    np.testing.assert_allclose(outlook.run_cost_usd(reader, 2e26), np.full(8, expected))
    np.testing.assert_allclose(outlook.run_cost_usd(reader, 2e26, years_ahead=2), expected * 10 ** (-2 * DECLINE))


def test_the_cost_is_linear_in_compute_and_falls_with_the_years() -> None:
    one, three = (outlook.run_cost_usd(THEN, flop) for flop in (1e26, 3e26))
    np.testing.assert_allclose(three, 3 * one)
    np.testing.assert_allclose(outlook.run_cost_usd(THEN, 1e26, years_ahead=1 / DECLINE), one / 10)
    assert one.shape == (THEN.draws,)
    np.testing.assert_allclose(outlook.run_cost_usd(THEN, np.full(THEN.draws, 1e26)), one)


def test_the_middle_of_a_cost_by_the_medians_of_its_inputs() -> None:
    """At 1e26 FLOP; the product of medians is near the median of the product."""
    runs = outlook.stated_runs(THEN)
    odds = np.log(runs["utilisation"] / (1 - runs["utilisation"])).groupby(runs["family"]).mean().mean()
    share = 1 / (1 + exp(-odds))
    server = (33_750 * 44_489.88) ** 0.5 / (1 - 0.19)
    power_kw = 10_200 / 8 * (1 + NETWORK_SHARE) * (1 + (0.08 * 0.3) ** 0.5) * 0.5**0.5 / 1_000
    day = server * (1 - 10 ** (-DECLINE / 365.25)) + 24 * power_kw * (0.0667 * 0.0832) ** 0.5
    expected = 1e26 / (H100_PEAK * 86_400 * share) * day
    assert np.median(outlook.run_cost_usd(THEN, 1e26)) == pytest.approx(expected, rel=0.02)


def test_compute_with_a_range_is_independent_of_what_a_run_costs() -> None:
    flop = outlook.damped(THEN, "largest training run", "2030-12-31")
    costs = outlook.run_cost_usd(THEN, flop)
    logs, alone = np.log(costs), np.log(outlook.run_cost_usd(THEN, 1e26))
    assert logs.var() == pytest.approx(np.log(flop).var() + alone.var(), rel=5e-3)
    assert logs.mean() == pytest.approx(np.log(flop).mean() - log(1e26) + alone.mean(), abs=5e-3)
    turned = outlook.run_cost_usd(THEN, flop[::-1])
    np.testing.assert_array_equal(turned, costs)  # the order of draws does not matter


def test_draws_of_one_reader_in_two_calls_go_together() -> None:
    """Why compute is drawn with the rest: both calls follow the same points."""
    first = THEN.draw({"a": t(5), "b": t(5)})["a"]
    assert spearmanr(first, THEN.draw({name: t(5) for name in "abcdef"})["a"]).statistic > 0.5


def test_no_forecast_of_the_register_hangs_on_the_seed() -> None:
    ends = ["low_90", "low_50", "mid", "high_50", "high_90"]
    first, second = (outlooks("2026-11-23", seed=seed)[ends].to_numpy() for seed in (0, 1))
    np.testing.assert_allclose(first, second, rtol=0.03)


def test_runs_are_stated_known_and_below_their_peak() -> None:
    runs = outlook.stated_runs(THEN)
    assert set(runs["kind"]) == {"stated"}
    assert len(runs) == 33
    assert runs["utilisation"].between(0, 1, inclusive="neither").all()
    assert len(outlook.stated_runs(Reader(data.updated_on()))) > len(runs)


def test_the_odds_of_a_new_family_by_hand() -> None:
    shares = pd.Series([0.2, 0.3, 0.3, 0.5], index=[7, 1, 4, 2])
    families = pd.Series(["a", "a", "b", "c"], index=[7, 1, 4, 2])
    odds = {share: log(share / (1 - share)) for share in shares}
    means = np.array([(odds[0.2] + odds[0.3]) / 2, odds[0.3], odds[0.5]])
    inside = ((odds[0.2] - means[0]) ** 2 + (odds[0.3] - means[0]) ** 2) / (4 - 3)
    spread = (means.var(ddof=1) * (1 + 1 / 3) + inside) ** 0.5
    expected = means.mean() + spread * t.ppf(QUANTILES, 2)
    np.testing.assert_allclose(outlook.odds_of_new_family(shares, families).ppf(QUANTILES), expected)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=8), st.floats(1e-6, 1 - 1e-6))
def test_a_share_of_a_new_family_stays_a_share(shares: list[float], quantile: float) -> None:
    odds = outlook.odds_of_new_family(pd.Series(shares), pd.Series(map(str, range(len(shares))), dtype=str))
    assert 0 <= 1 / (1 + np.exp(-np.clip(odds.ppf(quantile), -700, 700))) <= 1
    assert 0.005 < 1 / (1 + exp(-odds.median())) < 0.995


def test_the_odds_of_the_utilisation_are_those_of_the_runs() -> None:
    runs = outlook.stated_runs(THEN)
    odds = np.log(runs["utilisation"] / (1 - runs["utilisation"])).groupby(runs["family"]).mean()
    found = outlook.utilisation_odds(THEN)
    assert found.median() == pytest.approx(odds.mean())
    assert found.args[0] == 15  # of 16 families
    # the prediction for one more family is wider than the range of the mean
    low, high = ttest_1samp(odds, 0).confidence_interval(0.9)
    assert found.ppf(0.05) < low < high < found.ppf(0.95)


def test_hours_without_failure_by_the_rates_of_the_sites() -> None:
    rates = published_rates(DAY)
    logs = np.log(rates["failures_per_gpu_hour"])
    sites = logs.groupby(rates["site"]).mean()
    inside = ((logs - rates["site"].map(sites)) ** 2).sum() / max(1, len(logs) - len(sites))
    spread = (sites.var(ddof=1) * (1 + 1 / len(sites)) + inside) ** 0.5
    expected = 1 / (5_000 * np.exp(sites.mean() + spread * t.ppf(QUANTILES, len(sites) - 1)))
    found = np.quantile(outlook.failure_free_hours(THEN, 5_000), QUANTILES)
    np.testing.assert_allclose(found, expected[::-1], rtol=0.02)
    np.testing.assert_allclose(outlook.failure_free_hours(THEN, 100_000), outlook.failure_free_hours(THEN, 5_000) / 20)


def test_nothing_told_later_changes_an_outlook(folder, read_from) -> None:
    def answers() -> list[np.ndarray]:
        reader = Reader(THEN.as_of, draws=256)
        trends = [outlook.trend(reader, name, LATER) for name in TRENDS]
        return [
            *trends, *(outlook.damped(reader, name, LATER) for name in TRENDS), outlook.rent_usd(reader, LATER),
            outlook.swinging_rent_usd(reader, LATER), outlook.run_cost_usd(reader, 1e26),
            outlook.failure_free_hours(reader, 1e5), np.array([outlook.newest_rent_usd(reader)]),
        ]  # fmt: skip

    expected = answers()
    assert forget_after(folder, DAY) > 100
    read_from(folder)
    for found, before in zip(answers(), expected, strict=True):
        np.testing.assert_array_equal(found, before)
