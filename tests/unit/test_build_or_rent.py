import json

import numpy as np
import pandas as pd
import pytest

from book_figures import build_or_rent
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY
from compute_scaling.reader import Reader

THEN, NOW = Reader(pd.Timestamp(ARTICLE_DAY)), Reader(data.updated_on())
SETTING = {"usd_per_hour": 2.0, "low": 1.0, "mid": 2.0, "high": 3.0}


@pytest.fixture(scope="module")
def chooser():
    return build_or_rent.chooser(THEN)


def test_the_readout_has_one_sentence_for_every_setting(chooser):
    rows = chooser.readout.rows
    assert not rows.duplicated(["rent", "left", "interest", "used"]).any()
    assert len(rows) == len(build_or_rent.RENTS) * 2 * 2 * 2
    assert set(rows["rent"]) == set(range(len(build_or_rent.RENTS)))


def test_the_default_is_the_best_large_deal_of_the_day():
    quotes = THEN.table("rental_prices").set_index("provider")
    assert quotes.at["best large deal", "usd_per_hour_low"] == build_or_rent.DEFAULT_RENT
    assert build_or_rent.controls()[0].start == build_or_rent.RENTS.index(build_or_rent.DEFAULT_RENT)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({}, "after 2.0 years (1.0 to 3.0)"),
        ({"high": np.nan}, "after 2.0 years (1.0 to more than 6)"),
        (
            {"mid": np.nan, "high": np.nan},
            "most likely stays cheaper for all of 6 years; the earliest it is even is 1.0",
        ),
        ({"low": np.nan, "mid": np.nan, "high": np.nan}, "stays cheaper than building for all of 6 years"),
        ({"low": 1 / 12, "mid": 1 / 12}, "from the first month on"),
    ],
)
def test_a_sentence_says_how_long_renting_is_cheaper(ends, said):
    assert said in build_or_rent.sentence(SETTING | ends)


def test_a_dearer_rent_is_even_sooner_and_half_the_hours_later(chooser):
    table = build_or_rent._answers(THEN)
    for _, rows in table.groupby(["left", "interest", "used"]):
        assert rows["mid"].dropna().is_monotonic_decreasing
    wide = table.pivot_table(index=["left", "interest", "rent"], columns="used", values="mid").dropna()
    assert (wide["half"] >= wide["all"]).all()


def test_chart_data_have_no_missing_numbers(chooser):
    assert json.dumps(chooser.spec(), allow_nan=False)


def test_the_talks_cost_more_than_owning_whatever_the_years():
    talks = build_or_rent.talks(THEN)
    for interest in build_or_rent.interest_rates():
        owned = build_or_rent.even_rents(THEN, talks["years"].to_numpy(), left="nothing", interest=interest)
        assert (talks["mid"] > owned["mid"]).all()


def test_no_rent_public_by_the_day_lies_below_owning_and_one_later_clearly_does():
    line = build_or_rent.even_rents(THEN, np.array([5.0]), left="nothing", interest="lent")
    rows = build_or_rent.rents(NOW).groupby("series")["usd_per_hour_low"].min()
    assert rows[build_or_rent.KNOWN_THEN] > line["mid"].iloc[0]
    assert rows[build_or_rent.KNOWN_LATER] < line["low"].iloc[0]
    clearly = build_or_rent.rents(NOW).query("series == 'later'")["usd_per_hour_low"] < line["low"].iloc[0]
    assert clearly.sum() == 1


def test_rents_are_told_in_order_with_their_day_and_price():
    labels = build_or_rent.rents(NOW)["label"].tolist()
    assert labels[0] == "2023, on demand, smaller clouds: $1.99 to $5.00"
    assert "December 2023, cost, of a middling cloud: $1.53" in labels
    assert "October 2025, contract, 1 year, lowest: $1.70" in labels
    assert max(map(len, labels)) < 52  # fits a phone
