import numpy as np
import pandas as pd
import pytest

from book_figures import other_buyers as buyers
from book_figures.readers import now, then
from compute_scaling.claims import market


def test_the_slider_stops_where_a_quarter_became_public_and_on_the_articles_day():
    cuts = buyers.cuts()
    assert cuts.is_monotonic_increasing
    assert pd.Timestamp("2024-05-31") in cuts
    assert set(cuts) - {pd.Timestamp("2024-05-31")} <= set(buyers.quarters()["known_on"])


def test_a_forecast_knows_nothing_later_than_its_day():
    rows = buyers.forecast(pd.Timestamp("2024-05-31"), "all")
    assert rows["date"].min() == pd.Timestamp("2024-07-28")
    assert (rows["low"] < rows["mid"]).all()
    assert (rows["mid"] < rows["high"]).all()


def test_a_shorter_window_gives_another_trend():
    day = pd.Timestamp("2024-02-21")
    assert buyers.forecast(day, "4")["mid"].iloc[-1] > 10 * buyers.forecast(day, "all")["mid"].iloc[-1]


def test_every_setting_has_one_sentence():
    rows = buyers.revenue().readout.rows
    assert len(rows) == len(buyers.cuts()) * len(buyers.WINDOWS)
    assert (rows["day_to"] == rows["day_from"] + 1).all()


def test_totals_are_in_order():
    for year in buyers.YEARS:
        found = buyers.totals(year)
        assert found["low"] < found["mid"] < found["high"]


def test_the_caption_counts_the_buyers_above_the_plan():
    counted = buyers.bought()
    above = (counted[counted["year"] == 2023]["mid"] > 100_000).sum()
    assert f"{above} in 2023" in buyers.who_bought().caption


def test_a_share_turns_where_two_are_no_longer_major():
    table = buyers.moved(now()).set_index("input")
    assert table.at["shipped", "flips_at"] == pytest.approx(300_000 / (2 * market.MAJOR_CUSTOMER))
    assert np.isnan(buyers.moved(then())["flips_at"]).all()


def test_a_day_without_sure_growth_is_passed_over():
    with pytest.raises(StopIteration):
        buyers.sure_from(pd.DatetimeIndex(["2024-05-31"]))
