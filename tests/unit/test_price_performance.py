import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data
from compute_scaling import price_performance as prices

DAY = "2024-05-31"


def test_the_h100_as_priced_by_may_2024():
    h100 = prices.by_chip(prices.facts(DAY)).set_index("accelerator").loc["H100 SXM"]
    assert (h100["price_usd_low"], h100["price_usd_high"]) == (25_000, 50_000)
    assert h100["low"] == pytest.approx(989.4e12 / 50_000)
    assert h100["high"] == pytest.approx(989.4e12 / 25_000)
    assert h100["low"] < h100["mid"] < h100["high"]


def test_mid_is_at_the_geometric_mean_of_the_prices():
    rows = prices.facts(DAY)
    asked = rows[rows["accelerator"] == "K80"]
    both = np.sqrt(asked["price_usd_low"] * asked["price_usd_high"])
    k80 = prices.by_chip(rows).set_index("accelerator").loc["K80"]
    assert k80["mid"] == pytest.approx(8.73e12 / np.sqrt(5_000 * 3_700))
    assert k80["prices"] == len(both) == 2


def test_a_chip_is_new_for_two_years():
    rows = prices.facts()
    k80 = rows[rows["accelerator"] == "K80"]
    assert set(k80["price_usd_low"]) == {5_000, 3_700}  # not the 435 dollars of 2022
    assert (rows["date"] >= "2014-11-17").all()


def test_chips_that_are_not_sold_have_no_price():
    assert not prices.facts()["accelerator"].str.startswith("TPU").any()
    assert "B100" not in set(prices.facts()["accelerator"])  # announced, never documented as sold


def test_nothing_known_or_sold_later_counts():
    rows = prices.facts(DAY)
    assert (rows["known_on"] <= DAY).all()
    assert (rows["date"] <= DAY).all()
    assert "B200 SXM" not in set(rows["accelerator"])  # its price was told in March 2024, it was sold in November
    assert set(prices.later(DAY)["accelerator"]).isdisjoint(rows["accelerator"])


@pytest.mark.parametrize("day", ["2019-12-31", "2022-06-30", DAY])
def test_forgetting_what_came_later_changes_nothing(day, folder, read_from):
    before = prices.facts(day)
    assert forget_after(folder, day)
    read_from(folder)
    pd.testing.assert_frame_equal(before, prices.facts(day))


def test_rates():
    def peaks(rate):
        return prices.by_chip(prices.facts(DAY, rate=rate)).set_index("accelerator")["peak_flop_per_s"]

    assert (peaks("32-bit") <= peaks("16-bit")).all()
    assert (peaks("16-bit") <= peaks("best")).all()
    assert peaks("16-bit")["K80"] == 8.73e12  # no 16-bit unit: its 32-bit peak
    assert peaks("best")["H100 SXM"] == 1_978.9e12


def test_growth_is_in_short_numbers_and_not_in_ordinary_cores():
    factors = {rate: prices.trend(prices.by_chip(prices.facts(DAY, rate=rate))) for rate in prices.RATES}
    assert factors["16-bit"].factor_per_year == pytest.approx(1.28, abs=0.005)
    assert factors["32-bit"].factor_per_year == pytest.approx(1.04, abs=0.005)
    assert factors["32-bit"].factor_interval()[0] < 1 < factors["16-bit"].factor_interval()[0]


def test_bare_chips_cost_less_than_their_share_of_a_server():
    assert prices.price_range_usd("H100 SXM", DAY, servers=False) == (25_000, 40_000)
    assert prices.price_range_usd("H100 SXM", DAY, servers=True) == (33_750, 50_000)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prices.facts(rate="8-bit"), r"^rate = '8-bit'; expected one of 16-bit, 32-bit, best"),
        (lambda: prices.facts("May 2024"), r"^as_of = 'May 2024'; "),
        (lambda: prices.price_range_usd("TPU v4", servers=False), r"^name = 'TPU v4'; expected a chip with a price"),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_tables_have_what_the_module_counts_on():
    assert prices.NOT_A_PRICE in set(data.load("accelerator_prices")["basis"])
    assert set(data.load("accelerator_prices")["priced_on_precision"]) <= set(prices.DAYS_TO_MIDDLE)
