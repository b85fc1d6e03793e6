import numpy as np
import pandas as pd
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.trends import backtest, fit_break, fit_growth, records, score, years_since

DAYS = pd.date_range("2018-01-01", periods=7, freq="YS")
NOISE = np.array([0.1, -0.2, 0.15, 0.05, -0.1, 0.2, -0.2])


def noisy(factor=2.0):
    return 100 * factor ** years_since(DAYS, DAYS[0]) * np.exp(NOISE)


@given(st.floats(0.2, 20), st.floats(1e-3, 1e20))
def test_an_exact_exponential_is_recovered(factor, first):
    growth = fit_growth(DAYS, first * factor ** years_since(DAYS, DAYS[0]))
    assert growth.factor_per_year == pytest.approx(factor)
    low, mid, high = growth.predict(["2030-01-01"])
    np.testing.assert_allclose([low, high], [mid, mid], rtol=1e-5)


@given(st.floats(1e-3, 1e12), st.permutations(range(7)))
def test_neither_the_unit_nor_the_order_of_the_points_changes_the_growth(scale, order):
    plain, other = fit_growth(DAYS, noisy()), fit_growth(DAYS[list(order)], scale * noisy()[list(order)])
    assert other.factor_per_year == pytest.approx(plain.factor_per_year)
    assert other.rate_standard_error == pytest.approx(plain.rate_standard_error)


@given(st.floats(0.1, 0.8), st.floats(1.01, 1.2))
def test_a_higher_level_widens_both_intervals(level, more):
    growth = fit_growth(DAYS, noisy())
    for of_level in (growth.factor_interval, lambda x: [end[0] for end in growth.predict(["2026-01-01"], x)]):
        (low, mid, high), (lower, same, higher) = of_level(level), of_level(level * more)
        assert lower < low < mid == same < high < higher


def test_a_forecast_is_less_certain_the_further_it_reaches():
    low, mid, high = fit_growth(DAYS, noisy()).predict(pd.to_datetime(["2021-01-01", "2026-01-01", "2030-01-01"]))
    assert (np.diff(high / low) > 0).all()
    assert (np.diff(mid) > 0).all()


def test_the_prediction_interval_against_a_textbook_computation():
    growth = fit_growth(DAYS, noisy())
    x, y = years_since(DAYS, DAYS[0]), np.log(noisy())
    slope, intercept = np.polyfit(x, y, 1)
    scale = np.sqrt(((y - intercept - slope * x) ** 2).sum() / 5)
    at = years_since(["2026-01-01"], DAYS[0])
    t_90_of_5 = 2.015048
    reach = t_90_of_5 * scale * np.sqrt(1 + 1 / 7 + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum())
    low, mid, high = growth.predict(["2026-01-01"])
    np.testing.assert_allclose(np.log([low, mid, high]), [b + intercept + slope * at for b in (-reach, 0, reach)])


@given(st.floats(0.5, 0.99), st.integers(-400, 4000))
def test_the_distribution_of_a_new_value_has_the_range_that_is_predicted(level, days):
    dates = pd.to_datetime(["2019-03-01", "2020-06-01", "2021-01-01", "2022-01-01", "2022-05-05"])
    growth = fit_growth(dates, [1.0, 1.7, 2.6, 9.0, 7.0])
    date = pd.Timestamp("2020-01-01") + pd.Timedelta(days=days)
    dist = growth.log_distribution(date)
    expected = [float(end[0]) for end in growth.predict([date], level)]
    assert np.exp(dist.ppf([(1 - level) / 2, 0.5, (1 + level) / 2])).tolist() == pytest.approx(expected)
    assert dist.sf(np.log(5)) == pytest.approx(float(growth.chance_above([date], 5)[0]))
    assert dist.args[0] == 3  # degrees of freedom of five points


def test_doubling_time():
    assert fit_growth(DAYS, 4.0 ** years_since(DAYS, DAYS[0])).doubling_time_years == pytest.approx(0.5)
    assert fit_growth(DAYS, 0.5 ** years_since(DAYS, DAYS[0])).doubling_time_years == pytest.approx(-1)
    assert fit_growth(DAYS, np.ones(7)).doubling_time_years == np.inf


def test_the_chance_to_exceed_agrees_with_the_range():
    growth = fit_growth(DAYS, noisy())
    low, mid, high = growth.predict(["2026-01-01", "2028-01-01"])
    np.testing.assert_allclose(growth.chance_above(["2026-01-01", "2028-01-01"], low), 0.95)
    np.testing.assert_allclose(growth.chance_above(["2026-01-01", "2028-01-01"], mid), 0.5)
    np.testing.assert_allclose(growth.chance_above(["2026-01-01", "2028-01-01"], high), 0.05)


def test_the_interval_of_the_factor_by_hand():
    low, mid, high = fit_growth(DAYS, noisy()).factor_interval()
    line = scipy.stats.linregress(years_since(DAYS, DAYS[0]), np.log(noisy()))
    np.testing.assert_allclose([low, mid, high], np.exp(line.slope + np.array([-1, 0, 1]) * 2.015048 * line.stderr))


def test_an_outlier_hardly_moves_the_robust_growth():
    values = noisy() * np.where(np.arange(7) == 6, 100, 1)
    assert fit_growth(DAYS, noisy(), method="robust").factor_per_year == pytest.approx(2, rel=0.05)
    assert fit_growth(DAYS, values, method="robust").factor_per_year == pytest.approx(2, rel=0.1)
    assert fit_growth(DAYS, values).factor_per_year > 3


@pytest.mark.parametrize("method", ["least_squares", "robust"])
def test_a_prediction_at_90_percent_covers_90_percent(method):
    rng = np.random.default_rng(1)
    days = pd.date_range("2015-01-01", periods=13, freq="YS")
    values = np.exp(0.7 * years_since(days, days[0]) + rng.normal(0, 0.4, (600, 13)))
    ranges = [fit_growth(days[:12], row[:12], method=method).predict(days[12:]) for row in values]
    low, _, high = np.array(ranges)[..., 0].T
    assert 0.87 < ((low <= values[:, 12]) & (values[:, 12] <= high)).mean() < 0.93


# -------------------------------------------------------------------------------------------------------------- breaks

QUARTERS = pd.date_range("2015-01-01", periods=24, freq="QS")
SINCE = years_since(QUARTERS, QUARTERS[0])
SCATTER = np.random.default_rng(5).normal(0, 0.2, 24)


@given(st.integers(6, 18), st.floats(1.5, 4))
def test_a_break_is_found_where_it_was_put(cut, steeper):
    rates = np.where(np.arange(24) < cut, 0.3, 0.3 + steeper)
    values = np.exp(rates * (SINCE - SINCE[cut - 1]) + 0.1 * SCATTER)
    found = fit_break(QUARTERS, values, seed=0, resamples=99)
    assert abs(QUARTERS.get_loc(found.date) - cut) <= 1
    assert found.before.rate == pytest.approx(0.3, abs=0.2)
    assert found.after.rate == pytest.approx(0.3 + steeper, abs=0.2)
    assert found.p_value == 0.01


def test_the_two_lines_are_the_fits_of_the_two_parts():
    values = np.exp(np.where(np.arange(24) < 10, 0.2, 2.0) * SINCE + SCATTER)
    found = fit_break(QUARTERS, values, seed=3)
    assert found.date == QUARTERS[10]
    assert found.before == fit_growth(QUARTERS[:10], values[:10])
    assert found.after == fit_growth(QUARTERS[10:], values[10:])


def test_the_p_value_counts_the_orders_that_show_as_strong_a_break():
    values = np.exp(0.7 * SINCE + SCATTER)
    p_value = fit_break(QUARTERS, values, seed=3, resamples=199).p_value
    assert p_value == fit_break(QUARTERS, values, seed=3, resamples=199).p_value
    assert p_value == pytest.approx(fit_break(QUARTERS, 1e9 * values, seed=3, resamples=199).p_value)
    assert round(200 * p_value, 9) % 1 == 0
    assert p_value > 0.05


def test_without_a_break_p_values_are_spread_evenly():
    rng = np.random.default_rng(0)
    values = np.exp(0.7 * SINCE + rng.normal(0, 0.3, (300, 24)))
    p_values = np.array([fit_break(QUARTERS, row, seed=seed, resamples=99).p_value for seed, row in enumerate(values)])
    assert 0.05 < (p_values <= 0.1).mean() < 0.15
    assert 0.4 < (p_values <= 0.5).mean() < 0.6


def test_one_exact_line_has_no_break():
    assert fit_break(QUARTERS, np.exp(SINCE), seed=0, resamples=9).p_value == 1


def test_a_break_leaves_enough_points_and_splits_no_day():
    days = QUARTERS[[0, 1, 2, 3, 4, 4, 5, 6, 7, 8]]
    values = np.exp([0, 0, 0, 0, 0, 5, 5, 5, 5, 5])
    assert fit_break(days, values, seed=0, fewest=4, resamples=9).date in QUARTERS[[4, 5]]
    with pytest.raises(ValueError, match=r"values = 10 points; expected 5 or more, of two days, before and after"):
        fit_break(days, values, seed=0)


# ------------------------------------------------------------------------------------------------------------ backtest


def test_a_steeper_trend_changes_no_p_value():
    values = np.exp(np.random.default_rng(5).normal(0, 0.3, len(QUARTERS)))
    flat, steep = (
        fit_break(QUARTERS, values * np.exp(rate * SINCE), seed=1, resamples=99).p_value for rate in (0.0, 3.0)
    )
    assert flat == steep


def test_two_values_on_the_day_of_the_break_and_one_after_it_are_a_line():
    days = pd.to_datetime(["2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01", "2020-10-01", "2021-01-01"])
    found = fit_break(days, [1.0, 2.0, 4.0, 50.0, 60.0, 70.0], seed=0, fewest=3, resamples=9)
    assert found.date == pd.Timestamp("2020-10-01")


def brute_force(days, values, lead_days, fewest):
    rows = []
    for target, day in enumerate(days):
        known = days <= day - pd.Timedelta(days=lead_days)
        if known.sum() >= fewest:
            ends = fit_growth(days[known], values[known]).predict([day])
            rows.append([known.sum(), *(end[0] for end in ends), values[target], values[known][-1]])
    return rows


@given(st.floats(0.3, 3), st.integers(3, 6))
def test_a_backtest_equals_a_fit_for_each_forecast(horizon_years, fewest):
    values = np.exp(0.7 * SINCE + SCATTER)
    table = backtest(QUARTERS, values, horizon_years=horizon_years, fewest=fewest)
    expected = brute_force(QUARTERS, values, int(horizon_years * 365.25), fewest)
    np.testing.assert_allclose(table[["points", "low", "mid", "high", "actual", "naive"]], expected, rtol=1e-9)
    assert (table["horizon_years"] == horizon_years).all()


def test_what_a_forecast_says_of_itself():
    values = np.exp(0.7 * SINCE + SCATTER)
    table = backtest(QUARTERS, values, horizon_years=1)
    assert table["date"].tolist() == list(QUARTERS[8:])
    assert ((table["date"] - table["origin"]).dt.days == 365).all()
    assert table["covered"].tolist() == ((table["low"] <= values[8:]) & (values[8:] <= table["high"])).tolist()
    np.testing.assert_allclose(np.exp(table["log_error"]), table["mid"] / values[8:])
    np.testing.assert_allclose(np.exp(table["naive_log_error"]), table["naive"] / values[8:])
    narrow = backtest(QUARTERS, values, horizon_years=1, level=0.5)
    assert (narrow["high"] < table["high"]).all()
    assert narrow["covered"].mean() < table["covered"].mean()


def test_the_future_takes_no_part():
    values = np.exp(0.7 * SINCE + SCATTER)
    changed = np.where(np.arange(24) >= 15, 1e9, values)
    forecasts = ["origin", "date", "points", "low", "mid", "high", "naive"]
    first = backtest(QUARTERS, values, horizon_years=1)[forecasts].query("origin < @QUARTERS[15]")
    again = backtest(QUARTERS, changed, horizon_years=1)[forecasts].query("origin < @QUARTERS[15]")
    assert len(first) == 11
    pd.testing.assert_frame_equal(first, again)


def test_several_horizons_equal_one_by_one():
    values = np.exp(0.7 * SINCE + SCATTER)
    both = backtest(QUARTERS, values, horizon_years=[1, 2])
    alone = [backtest(QUARTERS, values, horizon_years=horizon) for horizon in (1.0, 2.0)]
    pd.testing.assert_frame_equal(both, pd.concat(alone, ignore_index=True))


def test_a_series_that_stands_still_is_covered_where_it_goes_on_so():
    table = backtest(QUARTERS, np.where(np.arange(24) < 20, 10_000, 16_000), horizon_years=1)
    assert table["covered"].tolist() == [True] * 12 + [False] * 4


def test_values_of_one_day_forecast_nothing_and_no_forecast_uses_its_own_day():
    days = QUARTERS[[0, 0, 0, 0, 1, 2]]
    table = backtest(days, [1.0, 2.0, 3.0, 4.0, 8.0, 16.0], horizon_years=1e-6, fewest=3)
    assert table["date"].tolist() == [QUARTERS[2]]
    assert table[["points", "naive", "actual"]].to_numpy().tolist() == [[5, 8, 16]]


def test_coverage_of_a_backtest_over_many_series():
    rng = np.random.default_rng(2)
    values = np.exp(0.7 * SINCE + rng.normal(0, 0.3, (200, 24)))
    tables = pd.concat([backtest(QUARTERS, row, horizon_years=1) for row in values])
    line = score(tables).iloc[0]
    assert line["forecasts"] == 3200
    assert 0.88 < line["coverage"] < 0.92
    assert 1.22 < line["off_by"] < 1.4  # e^(0.67 x 0.3) for a line known without error; here 5 to 20 points
    assert 1.9 < line["naive_off_by"] < 2.1  # a year's growth is e^0.7 = 2.01


def test_the_score_by_hand():
    table = pd.DataFrame(
        {
            "horizon_years": [1.0, 1.0, 1.0, 2.0],
            "covered": [True, False, True, False],
            "log_error": np.log([2, 0.25, 1, 3]),
            "naive_log_error": np.log([0.5, 0.5, 0.125, 1]),
        }
    )
    assert list(score(table)) == ["horizon_years", "forecasts", "coverage", "off_by", "naive_off_by"]
    np.testing.assert_allclose(score(table), [[1, 3, 2 / 3, 2, 2], [2, 1, 0, 3, 1]])


@given(st.permutations(range(6)))
def test_records_are_what_exceeds_all_before(order):
    days = QUARTERS[[0, 1, 1, 2, 3, 4]][list(order)]
    values = np.array([4.0, 6.0, 5.0, 6.0, 2.0, 9.0])[list(order)]
    assert records(days, values)["value"].tolist() == [4, 6, 9]
    assert records(days, values)["date"].tolist() == list(QUARTERS[[0, 1, 4]])


def test_a_single_value_is_a_record():
    assert records(DAYS[:1], [3]).to_dict("list") == {"date": [DAYS[0]], "value": [3.0]}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_growth(DAYS[:2], [1, 2]), r"values = 2 points; expected 3 or more"),
        (lambda: fit_growth(DAYS, [1, 2, 3]), r"dates = 7 days for 3 values"),
        (lambda: fit_growth([DAYS[0]] * 3, [1, 2, 3]), r"dates = 3 days for 3 values; .* two days or more"),
        (lambda: fit_growth(DAYS[:3], [1, 0, 3]), r"values = 0; "),
        (lambda: fit_growth(DAYS[:3], [1, np.nan, 3]), r"values = nan; "),
        (lambda: fit_growth([DAYS[0], DAYS[1], pd.NaT], [1, 2, 3]), r"^dates = NaT; expected a day each$"),
        (lambda: fit_growth(DAYS, noisy()).predict([pd.NaT]), r"dates = NaT; "),
        (lambda: fit_growth(DAYS, noisy()).predict(["2026-01-01"], level=1.2), r"level = 1.2; "),
        (lambda: fit_growth(DAYS, noisy()).factor_interval(0), r"level = 0; "),
        (lambda: fit_growth(DAYS, noisy(), method="ridge"), r"method = 'ridge'; .* one of least_squares, robust$"),
        (lambda: fit_growth(DAYS, [[1, 2, 3]]), r"values = 3 points; expected 3 or more"),
        (lambda: fit_growth(DAYS, noisy()).chance_above(DAYS, 0), r"value = 0; "),
        (lambda: records([], []), r"values = 0 points; expected 1 or more"),
        (lambda: fit_break(DAYS, noisy(), seed=0), r"values = 7 points; expected 5 or more, of two days, before"),
        (lambda: fit_break(DAYS, noisy(), seed=0, fewest=2), r"fewest = 2; expected a number of 3 or more"),
        (lambda: fit_break(DAYS, noisy(), seed=0, fewest=3, resamples=0), r"resamples = 0; "),
        (lambda: backtest(DAYS, noisy(), horizon_years=1, fewest=2), r"fewest = 2; expected a number of 3 or more"),
        (lambda: backtest(DAYS, noisy(), horizon_years=[1, -1]), r"horizon_years = -1; "),
        (lambda: backtest(DAYS, noisy(), horizon_years=[4, 3]), r"horizon_years = 3; expected 5 points so long before"),
        (lambda: backtest(DAYS, noisy(), horizon_years=1, level=0), r"level = 0; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
