"""Cost to build, to use up and to rent, against published figures and arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.cost import (
    INTERCONNECT_SHARE,
    VALUE_DECLINE_OOM_PER_YEAR,
    affordable_accelerators,
    amortised_cost_usd,
    capital_cost_usd,
    electricity_cost_usd,
    rental_cost_usd,
    straight_line_cost_usd,
)
from compute_scaling.energy import input_range

DAYS = st.floats(1, 1_000)
YEAR = 365.25


def test_the_constants_are_those_of_cottier():
    assert input_range("interconnect share", "2024-05-31") == (INTERCONNECT_SHARE, INTERCONNECT_SHARE)
    assert input_range("value decline") == (VALUE_DECLINE_OOM_PER_YEAR, VALUE_DECLINE_OOM_PER_YEAR)


def test_hardware_is_servers_and_their_network():
    assert capital_cost_usd(1, server_usd=81) == pytest.approx(100)
    assert capital_cost_usd(10, server_usd=80, interconnect_share=0.2) == pytest.approx(1_000)
    assert capital_cost_usd(10, server_usd=80, interconnect_share=0) == 800
    assert capital_cost_usd(10, server_usd=80, interconnect_share=0.2, site_usd=5) == pytest.approx(1_050)


def test_the_machine_of_gpt_4_cost_what_cottier_found():
    assert capital_cost_usd(25_000, server_usd=199_000 / 8) == pytest.approx(800e6, rel=0.05)


def test_value_falls_to_72_percent_in_a_year():
    assert amortised_cost_usd(1.0, days=YEAR) == pytest.approx(1 - 10**-0.14)
    assert amortised_cost_usd(1.0, days=YEAR, age_years=1) == pytest.approx(10**-0.14 - 10**-0.28)
    assert amortised_cost_usd(100.0, days=YEAR, decline_oom_per_year=1) == pytest.approx(90)


def test_a_short_run_costs_the_first_term_of_cottier():
    first = 3e9 * 10 ** (-0.14 * 0.5) * (1 / YEAR) * 0.14 * np.log(10)
    assert amortised_cost_usd(3e9, days=1, age_years=0.5) == pytest.approx(first, rel=1e-3)


@given(DAYS, DAYS, st.floats(0, 5))
def test_two_runs_cost_as_much_as_one_of_both_lengths(first, second, age):
    parts = amortised_cost_usd(1e9, days=first, age_years=age) + amortised_cost_usd(
        1e9, days=second, age_years=age + first / YEAR
    )
    assert parts == pytest.approx(amortised_cost_usd(1e9, days=first + second, age_years=age))


@given(st.lists(DAYS, min_size=1, max_size=5), st.floats(0.01, 5))
def test_a_run_never_costs_more_than_the_hardware_and_older_hardware_costs_less(days, age):
    new = amortised_cost_usd(1e9, days=days)
    assert (new < 1e9).all()
    assert (amortised_cost_usd(1e9, days=days, age_years=age) < new).all()
    np.testing.assert_allclose(new, [float(amortised_cost_usd(1e9, days=day)) for day in days])
    np.testing.assert_allclose(amortised_cost_usd(2e9, days=days), 2 * new)


def test_straight_line_writes_off_evenly_and_no_further():
    assert straight_line_cost_usd(500.0, days=YEAR, lifetime_years=5) == pytest.approx(100)
    assert straight_line_cost_usd(500.0, days=5 * YEAR, lifetime_years=5) == 500
    with pytest.raises(ValueError, match=r"^days over lifetime_years = 1\.2; expected a number from 0 to 1$"):
        straight_line_cost_usd(500.0, days=6 * YEAR, lifetime_years=5)


def test_the_power_bill_of_20_480_h100s():
    assert electricity_cost_usd(249_185, usd_per_kwh=0.083) == pytest.approx(20.7e6, rel=2e-3)


def test_published_rents():
    assert rental_cost_usd(440, hours=9.5 * 24, usd_per_hour=2) == pytest.approx(200_640)  # MPT-7B: about 200,000
    assert rental_cost_usd(2_048, hours=2_788_000 / 2_048, usd_per_hour=2) == pytest.approx(5.576e6)  # DeepSeek-V3


def test_what_six_billion_dollars_buy():
    each_usd = capital_cost_usd(1, server_usd=33_750)
    assert affordable_accelerators(6e9, usd_each=each_usd) == pytest.approx(144_000)
    month = rental_cost_usd(1, hours=730.5, usd_per_hour=np.array([2, 4]))
    np.testing.assert_allclose(affordable_accelerators(6e9, usd_each=12 * month), [342_231, 171_116], rtol=1e-5)


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=5), st.floats(100, 1e5), st.floats(0, 0.9), st.floats(0, 1e5))
def test_what_a_machine_costs_buys_it_again(counts, server_usd, share, site_usd):
    words = {"server_usd": server_usd, "interconnect_share": share, "site_usd": site_usd}
    budget = capital_cost_usd(counts, **words)
    np.testing.assert_allclose(affordable_accelerators(budget, usd_each=capital_cost_usd(1, **words)), counts)
    np.testing.assert_allclose(budget, [float(capital_cost_usd(count, **words)) for count in counts])


def build(**change):
    words = {"accelerators": 8, "server_usd": 30_000.0, "interconnect_share": 0.2, "site_usd": 0.0} | change
    return capital_cost_usd(words.pop("accelerators"), **words)


def use(**change):
    words = {"capital_usd": 1e9, "days": 100.0, "age_years": 0.0, "decline_oom_per_year": 0.14} | change
    return amortised_cost_usd(words.pop("capital_usd"), **words)


def write_off(**change):
    words = {"capital_usd": 1e9, "days": 100.0, "lifetime_years": 5.0} | change
    return straight_line_cost_usd(words.pop("capital_usd"), **words)


def let(**change):
    words = {"accelerators": 8, "hours": 1.0, "usd_per_hour": 2.0} | change
    return rental_cost_usd(words.pop("accelerators"), **words)


def bill(**change):
    words = {"energy_mwh": 1.0, "usd_per_kwh": 0.1} | change
    return electricity_cost_usd(words.pop("energy_mwh"), **words)


def buy(**change):
    words = {"budget_usd": 6e9, "usd_each": 4e4} | change
    return affordable_accelerators(words.pop("budget_usd"), **words)


@pytest.mark.parametrize(
    ("function", "field"),
    [
        *((build, field) for field in ("accelerators", "server_usd")),
        *((use, field) for field in ("capital_usd", "days", "decline_oom_per_year")),
        *((write_off, field) for field in ("capital_usd", "days", "lifetime_years")),
        *((let, field) for field in ("accelerators", "hours", "usd_per_hour")),
        *((bill, field) for field in ("energy_mwh", "usd_per_kwh")),
        *((buy, field) for field in ("budget_usd", "usd_each")),
    ],
)
@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, [1, -1]])
def test_what_must_be_above_zero(function, field, value):
    with pytest.raises(ValueError, match=rf"^{field} = (0|-1|nan|inf); expected a number above 0$"):
        function(**{field: value})


@pytest.mark.parametrize(
    ("function", "field", "value", "expected"),
    [
        (build, "interconnect_share", 1, "from 0 below 1"),
        (build, "interconnect_share", -0.1, "from 0 below 1"),
        (build, "site_usd", -1, "of 0 or more"),
        (build, "site_usd", np.inf, "of 0 or more"),
        (use, "age_years", -0.5, "of 0 or more"),
        (use, "age_years", np.inf, "of 0 or more"),
    ],
)
def test_what_may_be_zero(function, field, value, expected):
    with pytest.raises(ValueError) as caught:
        function(**{field: value})
    assert str(caught.value) == f"{field} = {value:g}; expected a number {expected}"
