import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.trends import fit_growth, years_since

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


def test_doubling_time():
    assert fit_growth(DAYS, 4.0 ** years_since(DAYS, DAYS[0])).doubling_time_years == pytest.approx(0.5)
    assert fit_growth(DAYS, 0.5 ** years_since(DAYS, DAYS[0])).doubling_time_years == pytest.approx(-1)
    assert fit_growth(DAYS, np.ones(7)).doubling_time_years == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_growth(DAYS[:2], [1, 2]), r"values = 2 points; expected 3 or more"),
        (lambda: fit_growth(DAYS, [1, 2, 3]), r"dates = 7 days for 3 values"),
        (lambda: fit_growth([DAYS[0]] * 3, [1, 2, 3]), r"dates = 3 days for 3 values; .* two days or more"),
        (lambda: fit_growth(DAYS[:3], [1, 0, 3]), r"values = 0; "),
        (lambda: fit_growth(DAYS[:3], [1, np.nan, 3]), r"values = nan; "),
        (lambda: fit_growth([DAYS[0], DAYS[1], pd.NaT], [1, 2, 3]), r"dates = NaT; "),
        (lambda: fit_growth(DAYS, noisy()).predict([pd.NaT]), r"dates = NaT; "),
        (lambda: fit_growth(DAYS, noisy()).predict(["2026-01-01"], level=1.2), r"level = 1.2; "),
        (lambda: fit_growth(DAYS, noisy()).factor_interval(0), r"level = 0; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
