"""The step from Grok-2 to Grok-3: what the table of steps holds, and which assumptions turn the word."""

import numpy as np
import pytest

from book_figures import five_times
from book_figures.readers import now
from compute_scaling.claims import check, models


@pytest.fixture(scope="module")
def steps():
    return five_times.steps()


def test_the_steps_are_those_of_the_ledger(steps):
    then = steps.iloc[five_times.BOTH_THEN]
    assert f"{then['mid']:.2g} times ({then['low']:.2g} to {then['high']:.2g})" in check("C26", "2024-05-31").why
    today = steps.iloc[five_times.BOTH_NOW]
    assert f"{today['mid']:.2g} times ({today['low']:.2g} to {today['high']:.2g})" in check("C26").why
    counted = steps.iloc[4]
    assert (counted["low"], counted["mid"], counted["high"]) == (check("C26").low, 5, check("C26").high)


def test_both_factors_unknown_are_wider_than_each_alone(steps):
    widths = (steps["high"] / steps["low"]).to_numpy()
    assert widths[five_times.BOTH_THEN] > widths[2] > widths[1] > widths[0] == 1


def test_8_bits_move_the_whole_range_up(steps):
    plain, eight = steps.iloc[five_times.BOTH_NOW], steps.iloc[five_times.BOTH_NOW + 1]
    gain = models.eight_bit_gains(now())["gain"].median()
    assert eight["mid"] == pytest.approx(plain["mid"] * gain, rel=0.01)
    assert (eight["low"] > plain["low"]) and (eight["high"] > plain["high"])


def test_the_step_is_a_product():
    assert five_times.step(*np.array([[2.0], [10.0], [1.2], [0.5], [1.5]])).tolist() == [pytest.approx(4.5)]


def test_the_tornado_names_every_assumption_that_turns_the_word():
    table = five_times.assumptions()
    turning = [row.label for row in table.itertuples() if {row.word_low, row.word_high} != {row.word_mid}]
    assert len(turning) == 4
    text = five_times.tornado(table).alt_text
    assert all(label in text for label in turning)
    assert dict(zip(table["input"], table["flips"], strict=True))["used"] == "0.80; 1.25"


def test_the_alt_text_has_both_ranges(steps):
    text = five_times.steps_figure(steps).alt_text
    assert "2.57 to 9.74 as known in May 2024" in text
    assert "2.20 to 11.4 as known today" in text


def test_utilisation_carries_most_of_the_scatter():
    assert 0.6 < five_times.share_of_scatter(now()) < 0.8
